using System.Collections.Concurrent;

namespace Itsm.Platform.Messaging;

/// <summary>Messages on their way through a bus. What is given up here goes on there; whoever delivers the same message again waits for the same.</summary>
internal sealed class UnderWay
{
    private readonly ConcurrentDictionary<Guid, Lazy<Task>> _messages = new();

    /// <exception cref="TimeoutException">It took longer than <paramref name="patience"/>.</exception>
    public Task DeliverAsync(Guid messageId, Func<Task> deliver, TimeSpan patience, CancellationToken ct) => _messages.GetOrAdd(messageId, id => new Lazy<Task>(async () =>
    {
        try
        {
            await deliver();
        }
        finally
        {
            _messages.TryRemove(id, out _);
        }
    })).Value.WaitAsync(patience, ct);
}
