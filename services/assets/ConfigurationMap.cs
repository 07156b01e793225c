using System.Collections.Concurrent;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Caching;
using Itsm.Platform.Documents;
using Itsm.Platform.Supervision;
using Itsm.Ticketing.Configuration;

namespace Itsm.Assets;

/// <summary>The graph of all items in this process's memory. Filled from the store at the first look; what any node saves is read again before
/// the next look, by what the shared cache tells, and while that does not hear the others by when items changed.</summary>
internal sealed class ConfigurationMap : IDisposable
{
    private const int PageSize = 1_000;
    private const int MostRead = 100_000;
    private const string Prefix = "assets/configuration-items:";

    /// <summary>How far the clocks of nodes and saves under way may be behind.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(2);

    /// <summary>What was saved is looked for at least so often, since who saves may die before it tells the others.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ConfigurationGraph _graph = new();
    private readonly AggregateStore<ConfigurationItem> _items;
    private readonly SharedCache _cache;
    private readonly ConcurrentDictionary<Guid, bool> _saved = new();
    private readonly ConcurrentDictionary<Guid, (long Version, long Refresh)> _read = new();
    private readonly SemaphoreSlim _one = new(1);
    private DateTimeOffset? _filled;
    private long _refreshes;
    private volatile bool _listens;
    private volatile bool _missed;

    public ConfigurationMap(AggregateStore<ConfigurationItem> items, SharedCache cache)
    {
        (_items, _cache) = (items, cache);
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
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<GraphView> ViewAsync(Caller caller, DateTimeOffset? at, CancellationToken ct)
    {
        await RefreshAsync(ct);
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
    public void Dispose()
    {
        _one.Dispose();
        _graph.Dispose();
    }

    /// <returns>Number of the refresh: what was read by the end of it has that number, or a lower one.</returns>
    private async Task<long> RefreshAsync(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            var now = _items.Clock.GetUtcNow();
            if (_filled is not { } filled)
            {
                _listens = true;
                await FillAsync(ct);
                _filled = now;
            }
            else if (_missed || !_cache.Hears || now - filled > Patience || _saved.Count > PageSize)
            {
                // Cleared before the look, so that what is missed during it is looked for again.
                _missed = false;
                _saved.Clear();
                try
                {
                    await CatchUpAsync(filled - Overlap, ct);
                    _filled = now;
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
        if (await _items.FindAsync(id, ct) is { } item)
        {
            Take(item);
        }
    }

    private void Take(ConfigurationItem item)
    {
        _graph.Apply(item.Snapshot());
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
        Guid? after = null;
        while (await _items.Documents.ScanAsync(after, PageSize, ct) is { Count: > 0 } page)
        {
            foreach (var document in page)
            {
                _graph.Apply(AggregateStore<ConfigurationItem>.Load(document).Snapshot());
            }

            Work.Progress();
            after = page[^1].Id;
        }
    }

    private async Task CatchUpAsync(DateTimeOffset since, CancellationToken ct)
    {
        var changed = new DocumentQuery([Condition.Within("updatedAt", BsonMapping.Value(since), true, null, false)], "updatedAt", false,
            null, PageSize);
        await foreach (var document in _items.Documents.AllAsync(changed, ct))
        {
            Take(AggregateStore<ConfigurationItem>.Load(document));
        }
    }
}
