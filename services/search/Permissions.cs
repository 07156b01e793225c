using Itsm.Platform.Access;

namespace Itsm.Search;

/// <summary>What the routes of this service ask for.</summary>
internal static class Permissions
{
    public static readonly Permission Search = new("search.use", KnownRoles.Requester, KnownRoles.Agent, KnownRoles.MajorIncidentManager,
        KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission Explain = new("search.explain", KnownRoles.Agent, KnownRoles.MajorIncidentManager,
        KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission Operate = new("search.operate", KnownRoles.Administrator);
    public static readonly Permission[] All = [Search, Explain, Operate, KnownPermissions.ReadContacts];
}
