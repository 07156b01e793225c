using Itsm.Platform.Access;
using Itsm.Ticketing;

namespace Itsm.Requests;

/// <summary>What the routes of this service ask for.</summary>
internal static class Permissions
{
    public static readonly TicketPermissions OfTickets = new("requests", KnownRoles.Agent, KnownRoles.SecurityAnalyst,
        KnownRoles.Administrator) { Edit = new("requests.edit", TicketPermissions.Everybody) };
    public static readonly Permission Order = new("requests.order", TicketPermissions.Everybody);
    public static readonly Permission OrderForOthers = new("requests.order-for-others", KnownRoles.Agent, KnownRoles.Administrator);
    public static readonly Permission Approve = new("requests.approve", TicketPermissions.Everybody);
    public static readonly Permission ReadAccess = new("access-grants.read", TicketPermissions.Everybody);
    public static readonly Permission ManageAccess = new("access-grants.manage", KnownRoles.SecurityAnalyst, KnownRoles.Administrator);

    /// <summary>Those beside what tickets of any kind have.</summary>
    public static readonly Permission[] Own = [Order, OrderForOthers, Approve, ReadAccess, ManageAccess];
}
