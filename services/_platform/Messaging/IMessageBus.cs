namespace Itsm.Platform.Messaging;

/// <summary>Publishes messages; what the relay needs of a broker.</summary>
public interface IMessageBus
{
    /// <summary>True while what is published is kept by others when this process ends.</summary>
    bool OutlivesProcess => false;

    /// <summary>Completes when the queues of this process can take messages.</summary>
    Task ReadyAsync(CancellationToken ct);

    /// <summary>Completes when the message is safe: confirmed by the broker; embedded, handled by every subscriber.</summary>
    /// <exception cref="DeliveryException">A subscriber failed, or the broker did not confirm in time; publish again later.</exception>
    Task PublishAsync(Guid messageId, object message, CancellationToken ct);

    /// <summary>Sends to one queue alone. Completes when the broker has confirmed the message; embedded, when the queue has taken it, which
    /// forgets it when the process dies: for what is asked for anew then.</summary>
    /// <exception cref="DeliveryException">As <see cref="PublishAsync"/>.</exception>
    /// <param name="queue">Service and handler: <c>search-index-tickets</c>.</param>
    /// <param name="messageId">Identity of the message.</param>
    /// <param name="message">What to send.</param>
    /// <param name="ct">Ends the wait.</param>
    Task SendAsync(string queue, Guid messageId, object message, CancellationToken ct);
}

/// <summary>A message was not delivered; it stays in the outbox.</summary>
public sealed class DeliveryException(string message, Exception? inner = null) : Exception(message, inner);
