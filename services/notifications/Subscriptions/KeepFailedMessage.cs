using Itsm.Contracts.Platform;
using Itsm.Notifications.Domain;
using Itsm.Notifications.Live;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;

namespace Itsm.Notifications.Subscriptions;

/// <summary>Keeps a message that failed; one that fails again after a retry opens its record again.</summary>
internal sealed class KeepFailedMessage(AggregateStore<FailedMessage> store, NewestReaders readers) : IHandle<MessageFailed>
{
    public async Task HandleAsync(MessageFailed message, CancellationToken ct)
    {
        var audit = new AuditContext { By = new(null, message.Service), Action = "fail", Reason = message.Reason, At = message.At };
        var failed = FailedMessage.Keep(message);
        if (failed.About is { } about && await readers.OfNotesAsync(about) is { } now)
        {
            // Older than what is known of who may read it.
            failed.ReadBy(now);
        }

        if (!await store.AddMissingAsync(failed, audit, ct))
        {
            await store.UpdateAsync(message.Id, audit, kept => kept.FailAgain(message), ct);
        }
    }
}
