using Itsm.Platform.Access;

namespace Itsm.Directory;

/// <summary>What the routes of this service ask for.</summary>
internal static class Permissions
{
    public static readonly Permission Read = new("directory.read", KnownRoles.Requester, KnownRoles.Agent, KnownRoles.MajorIncidentManager,
        KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission ReadAll = new("directory.read-all", KnownRoles.Agent, KnownRoles.MajorIncidentManager,
        KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission ReadHistory = new("directory.read-history", KnownRoles.Administrator);
    public static readonly Permission Manage = new("directory.manage", KnownRoles.Administrator);
    public static readonly Permission Appoint = new("directory.appoint-substitutes", KnownRoles.Requester, KnownRoles.Agent,
        KnownRoles.MajorIncidentManager, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission Prefer = new("directory.set-preferences", KnownRoles.Requester, KnownRoles.Agent,
        KnownRoles.MajorIncidentManager, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission[] All = [Read, KnownPermissions.ReadContacts, ReadAll, ReadHistory, Manage, Appoint, Prefer];
}
