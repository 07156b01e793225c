using Itsm.Contracts;
using Itsm.Contracts.Ticketing;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Messaging;
using Itsm.Ticketing;

namespace Itsm.Incidents.Subscriptions;

/// <summary>Does what a step of an agreement asks for, while there is still something to hurry: raise the priority, hand over, bring to
/// somebody's attention. Safe to run twice: the incident remembers the request.</summary>
internal sealed class FollowAgreement(AggregateStore<Incident> incidents, People people, TimeProvider clock) : IHandle<TicketEscalationRequested>
{
    public async Task HandleAsync(TicketEscalationRequested message, CancellationToken ct)
    {
        if (message.Kind != "incident" || await incidents.FindAsync(message.Ticket, ct) is not { } found)
        {
            return;
        }

        var group = message.AssignTo is { } id && await people.FindGroupAsync(id, ct) is { Active: true } ? message.AssignTo : null;
        var surroundings = await people.SurroundingsAsync(found.Requester, group ?? found.AssignmentGroup, ct);
        var act = new Act
        {
            By = new Actor(null, "service-levels"), Action = "follow-agreement", Reason = message.Reason, At = clock.GetUtcNow().ToMilliseconds(), Cause = new Cause($"agreement:{message.Id}", 1),
        };
        await incidents.UpdateAsync(message.Ticket, act, incident =>
        {
            if (incident.State is IncidentState.Resolved or IncidentState.Closed or IncidentState.Cancelled)
            {
                return;
            }

            if (message.RaisePriority && incident.Priority > 1)
            {
                incident.OverridePriority(incident.Priority - 1, message.Reason, act);
            }

            if (group is { } other && other != incident.AssignmentGroup && incident.Names(other, null))
            {
                incident.Escalate(other, null, message.Reason, act);
                incident.Surround(surroundings);
            }

            foreach (var person in message.Notify)
            {
                incident.Escalate(null, person, message.Reason, act);
            }
        }, ct);
    }
}
