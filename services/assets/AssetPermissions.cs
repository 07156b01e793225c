using Itsm.Platform.Access;
using Itsm.Ticketing;

namespace Itsm.Assets;

/// <summary>What the routes of assets ask for.</summary>
internal static class AssetPermissions
{
    public static readonly Permission Read = new("assets.read", KnownRoles.Agent, KnownRoles.MajorIncidentManager,
        KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission ReadOwn = new("assets.read-own", TicketPermissions.Everybody);
    public static readonly Permission Manage = new("assets.manage", KnownRoles.Agent, KnownRoles.Administrator);
    public static readonly Permission ReadHistory = new("assets.read-history", KnownRoles.Agent, KnownRoles.SecurityAnalyst,
        KnownRoles.Administrator);
    public static readonly Permission ReportSoftware = new("assets.report-software", KnownRoles.Agent, KnownRoles.Administrator);
    public static readonly Permission[] All = [Read, ReadOwn, Manage, ReadHistory, ReportSoftware];
}
