using Itsm.Ticketing;
using static Itsm.Incidents.Domain.IncidentState;

namespace Itsm.Incidents.Domain;

/// <summary>The life cycle of incidents. What is not here is refused.</summary>
internal static class IncidentLifeCycle
{
    public const string Start = "start";
    public const string Hold = "hold";
    public const string Resume = "resume";
    public const string Resolve = "resolve";
    public const string Reopen = "reopen";
    public const string Close = "close";
    public const string Cancel = "cancel";

    /// <summary>The states in which somebody must have it.</summary>
    public static readonly IncidentState[] Open = [New, InProgress, OnHold, Resolved];

    /// <summary>What is no move, and not for those who work on it alone.</summary>
    private static readonly HashSet<string> ForReaders =
        ["watch", "unwatch", "mark-security", "propose-major", "accept-major", "reject-major", "demote-major", "plan-communication", "publish-update", "write-report"];

    /// <summary>Who may do this to an incident, beside the permission.</summary>
    public static Doer DoerOf(string action) => Table.DoerOf(action) ?? (ForReaders.Contains(action) ? Doer.Reader : Doer.Worker);

    public static readonly LifeCycle<IncidentState> Table = new("incident",
        new(Start, Permissions.Work, [New], InProgress),
        new(Hold, Permissions.Work, [New, InProgress, OnHold], OnHold),
        new(Resume, Permissions.Work, [OnHold], InProgress),
        new(Resolve, Permissions.Work, [New, InProgress, OnHold], Resolved),
        new(Reopen, Permissions.Reopen, [Resolved], InProgress) { By = Doer.Owner },
        new(Close, Permissions.Close, [Resolved], Closed) { By = Doer.Owner },
        new(Cancel, Permissions.Cancel, [New, InProgress, OnHold], Cancelled) { By = Doer.Owner });
}
