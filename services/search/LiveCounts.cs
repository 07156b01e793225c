using System.Collections.Concurrent;
using Itsm.Contracts.Search;
using Itsm.Platform.Access;
using Itsm.Platform.Messaging;
using Itsm.Platform.Supervision;
using Itsm.Platform.Values;
using Itsm.Search.Finding;
using Itsm.Search.Queries;

namespace Itsm.Search;

/// <summary>Counts again, after changes, the saved searches whose count somebody asked for a short while ago, and tells them when it is
/// another.</summary>
internal sealed class LiveCounts(
    Finder finder, Indexing indexing, People people, IMessageBus bus, Supervisor supervisor, TimeProvider clock, ILogger<LiveCounts> log)
    : BackgroundService
{
    private const int MostWatches = 1_000;
    private const int LooksBetweenAnyway = 20;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Watched = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<(Guid Search, Guid Person), Watch> _watches = new();

    /// <summary>The count for this caller, who is told for five minutes when it changes.</summary>
    public async Task<long> WatchAsync(SavedSearch saved, Caller caller, CancellationToken ct)
    {
        var count = await finder.CountAsync(caller, saved.Criteria, ct);
        if (_watches.Count < MostWatches || _watches.ContainsKey((saved.Id, caller.Person)))
        {
            _watches[(saved.Id, caller.Person)] = new Watch(saved.Name, saved.Criteria, clock.GetUtcNow() + Watched, count);
        }

        return count;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        supervisor.Watch("live counts of search").RunAsync(LoopAsync, stoppingToken);

    private async Task LoopAsync(Work work)
    {
        var (before, seen, looks) = (0L, 0L, 0);
        using var timer = new PeriodicTimer(Every);
        while (await timer.WaitForNextTickAsync(work.Token))
        {
            // What was written a moment ago may not be found yet, so it looks once more after that. Other processes write into a shared
            // index too: this one does not see that, and looks now and then.
            if (indexing.Changes == seen && seen == before && ++looks < LooksBetweenAnyway)
            {
                work.Completed();
                continue;
            }

            (before, seen, looks) = (seen, indexing.Changes, 0);
            foreach (var ((search, person), watch) in _watches)
            {
                try
                {
                    await CountAsync(search, person, watch, work.Token);
                    Work.Progress();
                }
                catch (Exception e) when (!work.Token.IsCancellationRequested)
                {
                    log.LogWarning("The saved search {Search} could not be counted: {Reason}", search, e.Message);
                }
            }

            work.Completed();
        }
    }

    private async Task CountAsync(Guid search, Guid person, Watch watch, CancellationToken ct)
    {
        if (watch.Until < clock.GetUtcNow() || await people.FindCallerAsync(person, ct) is not { } caller)
        {
            _watches.TryRemove(KeyValuePair.Create((search, person), watch));
            return;
        }

        var count = await finder.CountAsync(caller, watch.Criteria, ct);
        if (count != watch.Count && _watches.TryUpdate((search, person), watch with { Count = count }, watch))
        {
            var now = clock.GetUtcNow().ToMilliseconds();
            await bus.PublishAsync(Guid.CreateVersion7(now),
                new SavedSearchCounted { SavedSearch = search, Name = watch.Name, Person = person, Count = count, At = now }, ct);
        }
    }

    private sealed record Watch(string Name, SearchCriteria Criteria, DateTimeOffset Until, long Count);
}
