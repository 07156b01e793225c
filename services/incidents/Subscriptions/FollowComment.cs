using Itsm.Contracts.Ticketing;
using Itsm.Incidents.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Messaging;

namespace Itsm.Incidents.Subscriptions;

/// <summary>The caller's comment resumes an incident that waits for them, and reopens a resolved one; an agent's first public comment
/// counts as the first answer. Safe to run twice: what was written before the incident got into its state changes nothing.</summary>
internal sealed class FollowComment(AggregateStore<Incident> incidents, TimeProvider clock) : IHandle<TicketCommented>
{
    public Task HandleAsync(TicketCommented message, CancellationToken ct)
    {
        if (message.Kind != "incident" || message.Internal)
        {
            return Task.CompletedTask;
        }

        var act = new Act { By = message.By, Action = "comment", Reason = "A comment.", At = clock.GetUtcNow().ToMilliseconds(), Cause = new Cause($"comment:{message.Id}", message.Version) };
        return incidents.UpdateAsync(message.Ticket, act, incident =>
        {
            if (message.By.Person != incident.Requester)
            {
                if (message is not { FromWorker: false })
                {
                    incident.NoteAnswer(message.At);
                }
            }
            else if (message.At > incident.StateSince && incident is { State: IncidentState.OnHold, HoldReason: HoldReason.Caller })
            {
                incident.Resume(act);
            }
            else if (message is not { Reopens: false } && message.At > incident.StateSince && incident.State == IncidentState.Resolved)
            {
                incident.Reopen(act);
            }
        }, ct);
    }
}
