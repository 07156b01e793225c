using Itsm.Platform.Access;

namespace Itsm.Assets;

/// <summary>What the routes of this service ask for.</summary>
internal static class Permissions
{
    public static readonly Permission ReadItems = new("configuration.read", KnownRoles.Requester, KnownRoles.Agent,
        KnownRoles.MajorIncidentManager, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission ReadHistory = new("configuration.read-history", KnownRoles.Agent, KnownRoles.MajorIncidentManager,
        KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission EditItems = new("configuration.edit", KnownRoles.Agent, KnownRoles.Administrator);
    public static readonly Permission ReportItems = new("configuration.report", KnownRoles.Administrator);
    public static readonly Permission DefineClasses = new("configuration.define", KnownRoles.Administrator);
    public static readonly Permission ManageOutages = new("outages.manage", KnownRoles.Agent, KnownRoles.MajorIncidentManager,
        KnownRoles.Administrator);

    public static readonly Permission[] All = [ReadItems, ReadHistory, EditItems, ReportItems, DefineClasses, ManageOutages];
}
