using System.Collections.Concurrent;

namespace Itsm.Platform.Messaging;

/// <summary>Messages on their way through a bus. What is given up here goes on there; whoever delivers the same message again waits for the
/// same.</summary>
internal sealed class UnderWay
{
    private const int Patiences = 3;
    private readonly ConcurrentDictionary<Guid, Entry> _messages = new();

    /// <exception cref="TimeoutException">It took longer than <paramref name="patience"/>. After three times that it is delivered
    /// anew.</exception>
    public async Task DeliverAsync(Guid messageId, Func<Task> deliver, TimeSpan patience, CancellationToken ct)
    {
        var entry = _messages.AddOrUpdate(messageId, _ => new Entry(deliver), (_, known) =>
            known.Age > patience * Patiences ? new Entry(deliver) : known);
        try
        {
            await entry.Delivered.WaitAsync(patience, ct);
        }
        finally
        {
            if (entry.Delivered.IsCompleted)
            {
                _messages.TryRemove(KeyValuePair.Create(messageId, entry));
            }
        }
    }

    private sealed class Entry(Func<Task> deliver)
    {
        private readonly long _begun = TimeProvider.System.GetTimestamp();
        private readonly Lazy<Task> _delivered = new(deliver);

        public Task Delivered => _delivered.Value;

        public TimeSpan Age => TimeProvider.System.GetElapsedTime(_begun);
    }
}
