using Itsm.Contracts.ServiceLevels;
using Itsm.Notifications.Live;
using Itsm.Platform.Messaging;

namespace Itsm.Notifications.Subscriptions;

/// <summary>The time of a clock is up.</summary>
internal sealed class TellBreach(ServiceLevelEvents events) : IHandle<ServiceLevelBreached>
{
    public Task HandleAsync(ServiceLevelBreached message, CancellationToken ct) => events.TellAsync(
        "breached", "",
        new(message.ClockId, message.Ticket, message.Kind, message.Number, message.Readers, message.NoticedAt, message.OnAttach),
        new PromiseDetails(message.Agreement, message.Target, message.Metric, message.At), ct);
}
