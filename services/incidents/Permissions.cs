using Itsm.Platform.Access;
using Itsm.Ticketing;

namespace Itsm.Incidents;

/// <summary>What the routes of this service ask for.</summary>
internal static class Permissions
{
    public static readonly TicketPermissions OfTickets = new("incidents", KnownRoles.Agent, KnownRoles.MajorIncidentManager,
        KnownRoles.SecurityAnalyst, KnownRoles.Administrator) { Edit = new("incidents.edit", TicketPermissions.Everybody) };
    public static readonly Permission Open = new("incidents.open", KnownRoles.Requester, KnownRoles.Agent, KnownRoles.SecurityAnalyst,
        KnownRoles.Administrator);
    public static readonly Permission OpenForOthers = new("incidents.open-for-others", KnownRoles.Agent, KnownRoles.SecurityAnalyst,
        KnownRoles.Administrator);
    public static readonly Permission ProposeMajor = new("incidents.propose-major", KnownRoles.Agent, KnownRoles.MajorIncidentManager,
        KnownRoles.SecurityAnalyst);
    public static readonly Permission DecideMajor = new("incidents.decide-major", KnownRoles.MajorIncidentManager);
    public static readonly Permission HandleSecurity = new("incidents.handle-security", KnownRoles.SecurityAnalyst);
    public static readonly Permission Import = new("incidents.import", KnownRoles.Administrator);

    /// <summary>Those beside what tickets of any kind have.</summary>
    public static readonly Permission[] Own = [Open, OpenForOthers, ProposeMajor, DecideMajor, HandleSecurity, Import];
}
