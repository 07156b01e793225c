using Itsm.Contracts.ServiceLevels;
using Itsm.Notifications.Live;
using Itsm.Platform.Messaging;

namespace Itsm.Notifications.Subscriptions;

/// <summary>What a clock measures was done in time.</summary>
internal sealed class TellKeptPromise(ServiceLevelEvents events) : IHandle<ServiceLevelMet>
{
    public Task HandleAsync(ServiceLevelMet message, CancellationToken ct) => events.TellAsync(
        "met", "", new(message.ClockId, message.Ticket, message.Kind, message.Number, message.Readers, message.NoticedAt, false),
        new PromiseDetails(message.Agreement, message.Target, message.Metric, message.At), ct);
}
