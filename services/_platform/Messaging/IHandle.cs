namespace Itsm.Platform.Messaging;

/// <summary>Handles one type of message. Safe to run twice, and in any order: an older version than one applied changes nothing.</summary>
public interface IHandle<in TMessage>
    where TMessage : class
{
    /// <summary>Applies the message; an exception means that it is delivered again later.</summary>
    Task HandleAsync(TMessage message, CancellationToken ct);
}

/// <summary>Handles one type of message, many at once where many wait: for whoever writes in bulk. Safe to run twice, and in any
/// order.</summary>
public interface IHandleBatch<in TMessage>
    where TMessage : class
{
    /// <summary>Applies the messages, at least one; an exception means that each is delivered again later.</summary>
    Task HandleAsync(IReadOnlyList<TMessage> messages, CancellationToken ct);
}
