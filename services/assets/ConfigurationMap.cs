using System.Collections.Concurrent;
using Itsm.Assets.Domain;
using Itsm.Contracts.Assets;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Caching;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Supervision;
using Itsm.Ticketing.Configuration;

namespace Itsm.Assets;

/// <summary>The graph of all items in this process's memory. Filled from the store at the start; what any node saves is read again before
/// the next look, by what the shared cache tells, and while that does not hear the others by when items changed.</summary>
internal sealed class ConfigurationMap : BackgroundService
{
    private const int PageSize = 1_000;
    private const int MostRead = 100_000;

    /// <summary>Read one by one; of more, what changed is looked for.</summary>
    private const int MostSaved = 10_000;

    private const string Prefix = "assets/configuration-items:";

    /// <summary>How far the clocks of nodes and saves under way may be behind.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(2);

    /// <summary>What was saved is looked for so often, since who saves may die before it tells the others.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>So often what others save is read, so that a look finds little to read.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>Who asks for an answer waits no longer for what is read meanwhile.</summary>
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly ConfigurationGraph _graph = new();
    private readonly AggregateStore<ConfigurationItem> _items;
    private readonly SharedCache _cache;
    private readonly Supervisor _supervisor;
    private readonly CancellationTokenSource _ended = new();
    private readonly ConcurrentDictionary<Guid, bool> _saved = new();
    private readonly ConcurrentDictionary<Guid, (long Version, long Refresh)> _read = new();
    private readonly SemaphoreSlim _one = new(1);
    private long _refreshes;

    /// <summary>Ticks of the instant as of which all is read but what <see cref="_saved"/> names; 0 before there is one.</summary>
    private long _asOf;

    private volatile bool _listens;
    private volatile bool _missed;

    public ConfigurationMap(AggregateStore<ConfigurationItem> items, SharedCache cache, Supervisor supervisor)
    {
        (_items, _cache, _supervisor) = (items, cache, supervisor);
        cache.Dropped += key =>
        {
            if (key is null)
            {
                _missed = true;
            }
            else if (_listens && key.StartsWith(Prefix, StringComparison.Ordinal) && Guid.TryParse(key.AsSpan(Prefix.Length), out var item))
            {
                _saved[item] = true;
            }
        };
    }

    /// <summary>What a caller sees of the graph, with all that was saved before.</summary>
    /// <param name="caller">Who looks.</param>
    /// <param name="at">As of when; null for now.</param>
    /// <param name="ct">Ends the wait, not what is read meanwhile: who asks again finds more of it.</param>
    /// <exception cref="HttpProblemException">503 where much is still to be read.</exception>
    public async ValueTask<GraphView> ViewAsync(Caller caller, DateTimeOffset? at, CancellationToken ct)
    {
        try
        {
            await RefreshAsync(_ended.Token).WaitAsync(LongestLook, ct);
        }
        catch (TimeoutException)
        {
            throw new HttpProblemException(Problems.Create(503, "busy", $"Busy",
                $"Many configuration items are being read just now; ask again in a moment.")) { RetryAfter = Pause };
        }

        return _graph.View(caller.Tokens, at);
    }

    /// <summary>Has an item read again before the next look, whether or not the shared cache has told of it yet.</summary>
    public void Note(Guid item) => _saved[item] = true;

    /// <summary>All of the graph as it is now, for what is no caller's; and the number of the view, later ones have higher ones.</summary>
    public async ValueTask<(GraphView View, long Number)> ViewAllAsync(CancellationToken ct)
    {
        var number = await RefreshAsync(ct);
        return (_graph.View(null, null), number);
    }

    /// <summary>True where it is known that a view of all had this version of the item, or a later one.</summary>
    public bool Showed(ConfigurationItem item, long view) =>
        _read.TryGetValue(item.Id, out var read) && read.Version >= item.Version && read.Refresh <= view;

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _ended.Dispose();
        _one.Dispose();
        _graph.Dispose();
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _ended.CancelAsync();
        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        _supervisor.Watch("graph of assets").RunAsync(LoopAsync, stoppingToken);

    private async Task LoopAsync(Work work)
    {
        using var timer = new PeriodicTimer(Every);
        do
        {
            if (_asOf == 0 || _cache.Hears)
            {
                await RefreshAsync(work.Token);
            }

            if (_items.Clock.GetUtcNow().UtcTicks - Volatile.Read(ref _asOf) > Patience.Ticks)
            {
                await CatchUpAsync(work.Token);
            }

            work.Completed();
        }
        while (await timer.WaitForNextTickAsync(work.Token));
    }

    /// <returns>Number of the refresh: what was read by the end of it has that number, or a lower one.</returns>
    private async Task<long> RefreshAsync(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            if (_asOf == 0)
            {
                _listens = true;
                await FillAsync(ct);
            }
            else if (_missed || !_cache.Hears || _saved.Count > MostSaved)
            {
                // Cleared before the look, so that what is missed during it is looked for again.
                _missed = false;
                _saved.Clear();
                try
                {
                    await CatchUpAsync(ct);
                }
                catch
                {
                    _missed = true;
                    throw;
                }
            }

            foreach (var id in _saved.Keys)
            {
                _saved.TryRemove(id, out _);
                try
                {
                    await ApplyAsync(id, ct);
                }
                catch
                {
                    _saved[id] = true;
                    throw;
                }
            }

            return ++_refreshes;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task ApplyAsync(Guid id, CancellationToken ct)
    {
        if (await _items.Documents.FindAsync(id, ct) is { } document)
        {
            Take(document);
        }
    }

    private void Take(StoredDocument document)
    {
        var item = Apply(document);
        if (_read.Count >= MostRead)
        {
            _read.Clear();
        }

        if (!_read.TryGetValue(item.Id, out var read) || read.Version < item.Version)
        {
            _read[item.Id] = (item.Version, _refreshes + 1);
        }
    }

    private async Task FillAsync(CancellationToken ct)
    {
        var (now, after) = (_items.Clock.GetUtcNow(), (Guid?)null);
        while (await _items.Documents.ScanAsync(after, PageSize, ct) is { Count: > 0 } page)
        {
            foreach (var document in page)
            {
                Apply(document);
            }

            Work.Progress();
            after = page[^1].Id;
        }

        Volatile.Write(ref _asOf, now.UtcTicks);
    }

    private async Task CatchUpAsync(CancellationToken ct)
    {
        var (now, since) = (_items.Clock.GetUtcNow(), new DateTimeOffset(Volatile.Read(ref _asOf), TimeSpan.Zero) - Overlap);
        var changed = new DocumentQuery([Condition.Within("updatedAt", BsonMapping.Value(since), true, null, false)], "updatedAt", false,
            null, PageSize);
        await foreach (var document in _items.Documents.AllAsync(changed, ct))
        {
            Take(document);
        }

        Volatile.Write(ref _asOf, now.UtcTicks);
    }

    private GraphRow Apply(StoredDocument document)
    {
        var row = BsonMapping.FromBytes<GraphRow>(document.Body);
        _graph.Apply(row.Id, row.Version, row.Class, row.Readers, row.Present,
            [.. row.FormerRelations, .. row.Relations.Select(relation => relation.ToMessage())]);
        return row;
    }

    /// <summary>What the graph has of a stored item.</summary>
    private sealed record GraphRow
    {
        public Guid Id { get; init; }

        public long Version { get; init; }

        public string Class { get; init; } = "";

        public IReadOnlyList<string> Readers { get; init; } = [];

        public IReadOnlyList<ItemPeriod> Present { get; init; } = [];

        public IReadOnlyList<Relation> Relations { get; init; } = [];

        public IReadOnlyList<ItemRelation> FormerRelations { get; init; } = [];
    }
}
