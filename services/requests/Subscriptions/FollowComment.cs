using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Messaging;
using Itsm.Requests.Domain;
using Microsoft.Extensions.Options;

namespace Itsm.Requests.Subscriptions;

/// <summary>The requester's comment ends a wait for them; somebody else's first public comment counts as the first answer. Safe to run twice:
/// what was written before the request got into its state changes nothing.</summary>
internal sealed class FollowComment(AggregateStore<ServiceRequest> requests, IOptions<RequestSettings> settings, TimeProvider clock) : IHandle<TicketCommented>
{
    public Task HandleAsync(TicketCommented message, CancellationToken ct)
    {
        if (message.Kind != "request" || message.Internal)
        {
            return Task.CompletedTask;
        }

        var act = new Act { By = message.By, Action = "comment", Reason = "A comment.", At = clock.GetUtcNow().ToMilliseconds(), Cause = new Cause($"comment:{message.Id}", message.Version) };
        return requests.UpdateAsync(message.Ticket, act, request =>
        {
            if (message.By.Person != request.Requester)
            {
                if (message is not { FromWorker: false })
                {
                    request.NoteAnswer(message.At);
                }
            }
            else if (message.At > request.StateSince && request is { State: RequestState.OnHold, HoldReason: RequestHoldReason.Requester })
            {
                request.Resume(settings.Value.CloseAfter, act);
            }
        }, ct);
    }
}
