using Itsm.Platform.Access;

namespace Itsm.ServiceLevels;

/// <summary>What the routes of this service ask for.</summary>
internal static class Permissions
{
    public static readonly Permission Read = new("service-levels.read", KnownRoles.Requester, KnownRoles.Agent,
        KnownRoles.MajorIncidentManager, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission Report = new("service-levels.report", KnownRoles.Agent, KnownRoles.MajorIncidentManager,
        KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission Configure = new("service-levels.configure", KnownRoles.Administrator);
    public static readonly Permission[] All = [Read, Report, Configure];
}
