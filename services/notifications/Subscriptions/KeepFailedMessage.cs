using Itsm.Contracts.Platform;
using Itsm.Notifications.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;

namespace Itsm.Notifications.Subscriptions;

/// <summary>Keeps a message that failed; one that fails again after a retry opens its record again.</summary>
internal sealed class KeepFailedMessage(AggregateStore<FailedMessage> store) : IHandle<MessageFailed>
{
    public async Task HandleAsync(MessageFailed message, CancellationToken ct)
    {
        var act = new Act { By = new(null, message.Service), Action = "fail", Reason = message.Reason, At = message.At };
        if (!await store.AddMissingAsync(FailedMessage.Keep(message), act, ct))
        {
            await store.UpdateAsync(message.Id, act, kept => kept.FailAgain(message), ct);
        }
    }
}
