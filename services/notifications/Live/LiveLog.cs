using Itsm.Platform.Caching;
using Itsm.Platform.Documents;
using Itsm.Platform.Supervision;
using Microsoft.Extensions.Options;

namespace Itsm.Notifications.Live;

/// <summary>The newest events, bounded, in one order for all nodes. Each node holds the newest of them in memory; where there is Redis
/// the log is there and every node follows it, else this node's memory is the log and a restart empties it.</summary>
internal sealed class LiveLog(
    IOptions<LiveSettings> settings, Supervisor supervisor, TimeProvider clock, ILogger<LiveLog> log, RedisLiveStore? store = null)
    : BackgroundService
{
    private const int PageSize = 500;
    private static readonly TimeSpan NewsEndsAfter = TimeSpan.FromHours(1);
    private static readonly TimeSpan LookAtLeastEvery = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private readonly LinkedList<LiveEntry> _newest = [];
    private readonly HashSet<string> _keys = [];
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LivePosition _end;
    private LivePosition _memoryAfter;
    private bool _knowsEnd = store is null;

    /// <summary>Where the log ends now; null while Redis has not said so yet.</summary>
    public LivePosition? End
    {
        get
        {
            lock (_lock)
            {
                return _knowsEnd ? _end : null;
            }
        }
    }

    /// <summary>Completes when something newer than what was read before this call may be there.</summary>
    public Task News
    {
        get
        {
            lock (_lock)
            {
                return _news.Task;
            }
        }
    }

    /// <summary>Adds events in their order; one that comes a second time, or long after it happened, is no news.</summary>
    /// <exception cref="StoreUnavailableException">Redis is away; add them later, those that were added are not added again.</exception>
    public async Task AppendAsync(IReadOnlyList<LiveEvent> happened, CancellationToken ct)
    {
        var news = happened.Where(one => one.At >= clock.GetUtcNow() - NewsEndsAfter).ToList();
        if (store is not null)
        {
            try
            {
                await Task.WhenAll(news.Select(one => store.AppendAsync(one, settings.Value.Kept))).WaitAsync(ct);
                return;
            }
            catch (Exception e) when (RedisLink.IsOutage(e))
            {
                throw new StoreUnavailableException("The live log: " + e.Message, e);
            }
        }

        lock (_lock)
        {
            foreach (var one in news.Where(one => _keys.Add(one.Key)))
            {
                var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
                Remember([new LiveEntry(now > _end.Milliseconds ? new(now, 0) : new(_end.Milliseconds, _end.Number + 1), one)]);
            }
        }
    }

    /// <summary>The next events after a place, oldest first; none where there are none yet.</summary>
    /// <returns>Null where the log does not reach back to it, or never was there.</returns>
    public async ValueTask<IReadOnlyList<LiveEntry>?> ReadAsync(LivePosition after, CancellationToken ct)
    {
        lock (_lock)
        {
            if (!_knowsEnd)
            {
                return [];
            }

            if (!(after < _memoryAfter) && !(after > _end))
            {
                return ReadMemory(after);
            }
        }

        // Older than what is in memory, or newer: another node may have told of it before this one has read it.
        return store is null ? null : await store.ReadAsync(after, PageSize).WaitAsync(ct);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        store is null
            ? Task.CompletedTask
            : supervisor.Watch("live log of notifications").RunAsync(work => LoopAsync(store, work), stoppingToken);

    private async Task LoopAsync(RedisLiveStore store, Work work)
    {
        var waits = false;
        while (!work.Token.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(store, work.Token);
                work.Completed();
                waits = false;
            }
            catch (Exception e) when (!work.Token.IsCancellationRequested)
            {
                if (!waits)
                {
                    log.LogWarning("Live updates wait for Redis: {Reason}", e.Message);
                }

                waits = true;
                work.Completed();
                await Task.Delay(LookAtLeastEvery, clock, work.Token);
            }
        }
    }

    private async Task FollowAsync(RedisLiveStore store, CancellationToken ct)
    {
        var woken = store.Woken;
        var end = await store.EndAsync();
        lock (_lock)
        {
            // The first look; or the log was lost and begins anew, so that no place known here is in it.
            if (!_knowsEnd || end < _end)
            {
                (_end, _memoryAfter, _knowsEnd) = (end, end, true);
                _newest.Clear();
                Wake();
            }
        }

        while (await store.RangeAsync(_end, PageSize) is { Count: > 0 } page)
        {
            lock (_lock)
            {
                Remember(page);
            }
        }

        await woken.WaitAsync(LookAtLeastEvery, clock, ct)
            .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private List<LiveEntry> ReadMemory(LivePosition after)
    {
        var found = new List<LiveEntry>();
        for (var entry = _newest.Last; entry is not null && entry.Value.Position > after; entry = entry.Previous)
        {
            found.Add(entry.Value);
        }

        found.Reverse();
        return found;
    }

    private void Remember(IReadOnlyList<LiveEntry> entries)
    {
        foreach (var entry in entries)
        {
            _newest.AddLast(entry);
            _end = entry.Position;
        }

        while (_newest.Count > settings.Value.KeptInMemory)
        {
            _memoryAfter = _newest.First!.Value.Position;
            _keys.Remove(_newest.First.Value.Event.Key);
            _newest.RemoveFirst();
        }

        Wake();
    }

    private void Wake()
    {
        _news.TrySetResult();
        _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
