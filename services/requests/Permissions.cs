using Itsm.Platform.Access;

namespace Itsm.Requests;

/// <summary>What the routes of this service ask for.</summary>
internal static class Permissions
{
    private static readonly string[] Everybody = [KnownRoles.Requester, KnownRoles.Agent, KnownRoles.MajorIncidentManager, KnownRoles.SecurityAnalyst, KnownRoles.Administrator];
    private static readonly string[] Workers = [KnownRoles.Agent, KnownRoles.Administrator];

    public static readonly Permission Read = new("requests.read", Everybody);
    public static readonly Permission Order = new("requests.order", Everybody);
    public static readonly Permission OrderForOthers = new("requests.order-for-others", Workers);
    public static readonly Permission Approve = new("requests.approve", Everybody);
    public static readonly Permission Comment = new("requests.comment", Everybody);
    public static readonly Permission Edit = new("requests.edit", Everybody);
    public static readonly Permission Reopen = new("requests.reopen", Everybody);
    public static readonly Permission Close = new("requests.close", Everybody);
    public static readonly Permission Cancel = new("requests.cancel", Everybody);
    public static readonly Permission Work = new("requests.work", KnownRoles.Agent, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission WriteNotes = new("requests.write-notes", KnownRoles.Agent, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission OverridePriority = new("requests.override-priority", Workers);
    public static readonly Permission ReadHistory = new("requests.read-history", KnownRoles.Agent, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission ReadAccess = new("access-grants.read", Everybody);
    public static readonly Permission ManageAccess = new("access-grants.manage", KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission Configure = new("requests.configure", KnownRoles.Administrator);

    public static readonly Permission[] All =
    [
        Read, Order, OrderForOthers, Approve, Comment, Edit, Reopen, Close, Cancel, Work, WriteNotes, OverridePriority, ReadHistory, ReadAccess, ManageAccess, Configure,
    ];
}
