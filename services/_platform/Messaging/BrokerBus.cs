using Itsm.Contracts.Platform;
using MassTransit;

namespace Itsm.Platform.Messaging;

/// <summary>Publishes to RabbitMQ; a message counts as published when the broker has confirmed it.</summary>
internal sealed class BrokerBus(IBusControl bus, string prefix) : IMessageBus
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // What is published before the service's own queues are there does not come into them.
    private readonly Lazy<Task> _ready = new(() => bus.WaitForHealthStatus(BusHealthStatus.Healthy, CancellationToken.None));

    public Task PublishAsync(Guid messageId, object message, CancellationToken ct) => DeliverAsync(messageId, message, limit => bus.Publish(message, message.GetType(), context =>
    {
        context.MessageId = messageId;

        // What failed must not go to an exchange that has no queue yet.
        context.Mandatory = message is MessageFailed;
    }, limit), ct);

    // A send to queue: would declare it again, as another kind of queue than it is.
    public Task SendAsync(string queue, Guid messageId, object message, CancellationToken ct) => DeliverAsync(messageId, message, async limit =>
    {
        var endpoint = await bus.GetSendEndpoint(new Uri($"exchange:{prefix}{queue}"));
        await endpoint.Send(message, message.GetType(), context => context.MessageId = messageId, limit);
    }, ct);

    private async Task DeliverAsync(Guid messageId, object message, Func<CancellationToken, Task> deliver, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        try
        {
            await _ready.Value.WaitAsync(limit.Token);

            // The token alone does not end every wait for a confirmation that never comes.
            await deliver(limit.Token).WaitAsync(limit.Token);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            throw new DeliveryException($"The broker did not confirm {message.GetType().Name} {messageId}: {e.Message}", e);
        }
    }
}
