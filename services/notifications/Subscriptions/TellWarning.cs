using Itsm.Contracts.ServiceLevels;
using Itsm.Notifications.Live;
using Itsm.Platform.Messaging;

namespace Itsm.Notifications.Subscriptions;

/// <summary>A part of a clock's time is used.</summary>
internal sealed class TellWarning(ServiceLevelEvents events) : IHandle<ServiceLevelWarned>
{
    public Task HandleAsync(ServiceLevelWarned message, CancellationToken ct) => events.TellAsync(
        "warned", message.Warning,
        new(message.ClockId, message.Ticket, message.Kind, message.Number, message.Readers, message.NoticedAt, message.OnAttach),
        new PromiseDetails(message.Agreement, message.Target, message.Metric, message.At, message.Warning, message.DueAt), ct);
}
