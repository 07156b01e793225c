namespace Itsm.Platform.Messaging;

/// <summary>Publishes messages; what the relay needs of a broker.</summary>
public interface IMessageBus
{
    /// <summary>Completes when the message is safe: confirmed by the broker; embedded, handled by every subscriber.</summary>
    /// <exception cref="DeliveryException">A subscriber failed, or the broker did not confirm in time; publish again later.</exception>
    Task PublishAsync(Guid messageId, object message, CancellationToken ct);
}

/// <summary>A message was not delivered; it stays in the outbox.</summary>
public sealed class DeliveryException(string message, Exception? inner = null) : Exception(message, inner);
