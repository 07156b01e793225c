using Itsm.Contracts;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Messaging;
using Itsm.Requests.Domain;
using Itsm.Ticketing;

namespace Itsm.Requests.Subscriptions;

/// <summary>Does what a step of an agreement asks for, while there is still something to hurry: raise the priority, hand over, bring to
/// somebody's attention. Safe to run twice: the request remembers what asked for it.</summary>
internal sealed class FollowAgreement(AggregateStore<ServiceRequest> requests, People people, TimeProvider clock) : IHandle<TicketEscalationRequested>
{
    public async Task HandleAsync(TicketEscalationRequested message, CancellationToken ct)
    {
        if (message.Kind != "request" || await requests.FindAsync(message.Ticket, ct) is not { } found)
        {
            return;
        }

        var group = message.AssignTo is { } id ? await people.FindGroupAsync(id, ct) : null;
        var surroundings = await people.SurroundingsAsync(found.Requester, group?.Id ?? found.AssignmentGroup, ct);
        var act = new Act
        {
            By = new Actor(null, "service-levels"), Action = "follow-agreement", Reason = message.Reason, At = clock.GetUtcNow().ToMilliseconds(), Cause = new Cause($"agreement:{message.Id}", 1),
        };
        await requests.UpdateAsync(message.Ticket, act, request =>
        {
            if (request.State is RequestState.Fulfilled or RequestState.Closed or RequestState.Cancelled or RequestState.Rejected)
            {
                return;
            }

            if (message.RaisePriority && request.Priority > 1)
            {
                request.OverridePriority(request.Priority - 1, message.Reason, act);
            }

            if (group is { Active: true } && group.Id != request.AssignmentGroup)
            {
                request.Assign(group.Id, group.Name, null);
                request.Surround(surroundings);
            }

            foreach (var person in message.Notify)
            {
                request.Watch(person, true);
            }
        }, ct);
    }
}
