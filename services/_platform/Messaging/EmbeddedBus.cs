using System.Collections.Concurrent;
using MassTransit;

namespace Itsm.Platform.Messaging;

/// <summary>MassTransit's in-memory transport forgets what it holds when the process dies. So here a message counts as published
/// only when all its subscribers have handled it, or it was kept as failed; until then the outbox keeps it.</summary>
internal sealed class EmbeddedBus(IBusControl bus, SubscriptionList subscriptions) : IMessageBus
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ConcurrentDictionary<Guid, Waiting> _waiting = new();

    // What is published before the queues are there goes nowhere.
    private readonly Lazy<Task> _ready = new(() => bus.WaitForHealthStatus(BusHealthStatus.Healthy, CancellationToken.None));

    public Task PublishAsync(Guid messageId, object message, CancellationToken ct) =>
        DeliverAsync(messageId, message, subscriptions.Count(message.GetType()), () => bus.Publish(message, message.GetType(), context => context.MessageId = messageId, ct), ct);

    public Task SendAsync(string queue, Guid messageId, object message, CancellationToken ct) => DeliverAsync(messageId, message, 1, async () =>
    {
        var endpoint = await bus.GetSendEndpoint(new Uri("queue:" + queue));
        await endpoint.Send(message, message.GetType(), context => context.MessageId = messageId, ct);
    }, ct);

    private async Task DeliverAsync(Guid messageId, object message, int subscribers, Func<Task> deliver, CancellationToken ct)
    {
        if (subscribers == 0)
        {
            return;
        }

        await _ready.Value.WaitAsync(ct);
        var waiting = new Waiting(subscribers);
        if (!_waiting.TryAdd(messageId, waiting))
        {
            throw new DeliveryException($"Message {messageId} is being delivered already.");
        }

        try
        {
            await deliver();
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

    /// <summary>One more subscriber is done with the message.</summary>
    public void Handled(Guid messageId)
    {
        if (_waiting.TryGetValue(messageId, out var waiting))
        {
            waiting.Count();
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
