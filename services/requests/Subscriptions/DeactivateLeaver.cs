using Itsm.Platform.Aggregates;
using Itsm.Platform.Timers;
using Itsm.Requests.Domain;
using Itsm.Requests.Fulfilling;
using Microsoft.Extensions.Options;

namespace Itsm.Requests.Subscriptions;

/// <summary>The last working moment of a leaver: their access ends. Safe to run twice: the task of that name ends once.</summary>
internal sealed class DeactivateLeaver(AggregateStore<ServiceRequest> requests, Fulfillment fulfillment, IOptions<RequestSettings> settings)
    : ITimerHandler
{
    public Task RunAsync(Guid id, CancellationToken ct)
    {
        var audit = fulfillment.OwnAct("deactivate-leaver");
        return requests.UpdateAsync(id, audit, request => request.Deactivate(settings.Value.CloseAfter, audit), ct);
    }
}
