using System.Collections.Concurrent;

namespace Itsm.Search.Finding;

/// <summary>Tells requests that wait for a ticket when this process has put it into the index.</summary>
internal sealed class Arrivals
{
    private readonly ConcurrentDictionary<Expectation, string> _waiting = new();

    /// <summary>Requests that wait.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Waits for a ticket from now on.</summary>
    /// <param name="idOrNumber">In any case.</param>
    public Expectation Expect(string idOrNumber)
    {
        var expectation = new Expectation(this);
        _waiting[expectation] = idOrNumber;
        return expectation;
    }

    /// <summary>These tickets are in the index, or newer there.</summary>
    public void Tell(IEnumerable<(Guid Id, string Number)> tickets)
    {
        if (_waiting.IsEmpty)
        {
            return;
        }

        foreach (var ticket in tickets)
        {
            foreach (var (expectation, key) in _waiting)
            {
                if (key.Equals(ticket.Number, StringComparison.OrdinalIgnoreCase) || (Guid.TryParse(key, out var id) && id == ticket.Id))
                {
                    expectation.Meet(ticket.Id);
                }
            }
        }
    }

    /// <summary>A wait for a ticket, until it is disposed.</summary>
    internal sealed class Expectation(Arrivals arrivals) : IDisposable
    {
        private volatile TaskCompletionSource<Guid> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The ticket's id when it next came into the index; null after the pause.</summary>
        public async Task<Guid?> NextAsync(TimeSpan pause, TimeProvider clock, CancellationToken ct)
        {
            try
            {
                var id = await _next.Task.WaitAsync(pause, clock, ct);
                _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
                return id;
            }
            catch (TimeoutException)
            {
                return null;
            }
        }

        public void Meet(Guid id) => _next.TrySetResult(id);

        public void Dispose() => arrivals._waiting.TryRemove(this, out _);
    }
}
