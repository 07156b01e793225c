using Itsm.Platform.Access;

namespace Itsm.Notifications;

/// <summary>What the routes of this service ask for.</summary>
internal static class Permissions
{
    public static readonly Permission Stream = new("notifications.stream", KnownRoles.Requester, KnownRoles.Agent,
        KnownRoles.MajorIncidentManager, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission Operate = new("operations.manage", KnownRoles.Administrator);
    public static readonly Permission[] All = [Stream, Operate];
}
