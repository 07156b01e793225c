using Itsm.Contracts.Ticketing;
using Itsm.Ticketing;
using static Itsm.Incidents.Domain.IncidentState;

namespace Itsm.Incidents.Domain;

/// <summary>The life cycle of incidents. What is not here is refused.</summary>
internal static class IncidentLifeCycle
{
    public const string Resolve = "resolve";

    public static readonly TicketLifeCycle<IncidentState> Table = new("incident", Permissions.OfTickets,
        state => state switch
        {
            OnHold => StateCategory.Paused,
            Resolved => StateCategory.Resolved,
            Closed or Cancelled => StateCategory.Closed,
            _ => StateCategory.Open,
        },
        new(Moves.Start, Permissions.OfTickets.Work, [New], InProgress),
        new(Moves.Hold, Permissions.OfTickets.Work, [New, InProgress, OnHold], OnHold),
        new(Moves.Resume, Permissions.OfTickets.Work, [OnHold], InProgress),
        new(Resolve, Permissions.OfTickets.Work, [New, InProgress, OnHold], Resolved),
        new(Moves.Reopen, Permissions.OfTickets.Reopen, [Resolved], InProgress) { By = Doer.Owner, NeedsReason = true },
        new(Moves.Close, Permissions.OfTickets.Close, [Resolved], Closed) { By = Doer.Owner },
        new(Moves.Cancel, Permissions.OfTickets.Cancel, [New, InProgress, OnHold], Cancelled) { By = Doer.Owner, NeedsReason = true })
    {
        Others = new Dictionary<string, Doer>(new[]
        {
            "mark-security", "propose-major", "accept-major", "reject-major", "demote-major", "plan-communication", "publish-update",
            "write-report", "publish-notice", "withdraw-notice",
        }
            .Select(action => KeyValuePair.Create(action, Doer.Reader)))
        {
            ["update"] = Doer.OwnerUntilBegun, ["follow-up"] = Doer.Owner,
        },
    };
}
