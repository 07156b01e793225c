using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Messaging;

/// <summary>MassTransit's in-memory transport forgets what it holds when the process dies. So here a message counts as published
/// only when all its subscribers have handled it; until then the outbox keeps it.</summary>
internal sealed class EmbeddedBus(IBus bus, SubscriptionList subscriptions, ILogger<EmbeddedBus> log) : IMessageBus
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ConcurrentDictionary<Guid, Waiting> _waiting = new();

    public async Task PublishAsync(Guid messageId, object message, CancellationToken ct)
    {
        var subscribers = subscriptions.Count(message.GetType());
        if (subscribers == 0)
        {
            return;
        }

        var waiting = new Waiting(subscribers);
        if (!_waiting.TryAdd(messageId, waiting))
        {
            throw new DeliveryException($"Message {messageId} is being delivered already.");
        }

        try
        {
            await bus.Publish(message, message.GetType(), context => context.MessageId = messageId, ct);
            await waiting.Done.Task.WaitAsync(Patience, ct);
        }
        catch (TimeoutException e)
        {
            throw new DeliveryException($"{message.GetType().Name} {messageId} was not handled within {Patience.TotalSeconds} s.", e);
        }
        finally
        {
            _waiting.TryRemove(messageId, out _);
        }
    }

    public void Handled(Guid messageId)
    {
        if (_waiting.TryGetValue(messageId, out var waiting))
        {
            waiting.Count();
        }
    }

    public void Failed(Guid messageId, string subscription, Exception cause)
    {
        log.LogError(cause, "{Subscription} could not handle message {MessageId}; it stays in the outbox and is tried again.", subscription, messageId);
        if (_waiting.TryGetValue(messageId, out var waiting))
        {
            waiting.Done.TrySetException(new DeliveryException($"{subscription} failed: {cause.Message}", cause));
        }
    }

    private sealed class Waiting(int subscribers)
    {
        private int _left = subscribers;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Count()
        {
            if (Interlocked.Decrement(ref _left) == 0)
            {
                Done.TrySetResult();
            }
        }
    }
}
