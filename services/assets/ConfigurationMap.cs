using System.Collections.Concurrent;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Caching;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Supervision;
using Itsm.Ticketing.Configuration;

namespace Itsm.Assets;

/// <summary>The graph of all items in this process's memory. One loop reads: all at the start, then what any node saves, by what the shared
/// cache tells, and while that does not hear the others by when items changed. A look waits for what was saved before it.</summary>
internal sealed class ConfigurationMap : BackgroundService
{
    private const int PageSize = 1_000;
    private const int MostRead = 100_000;
    private const int MostSaved = 10_000;
    private const string Prefix = "assets/configuration-items:";

    /// <summary>How far the clocks of nodes and saves under way may be behind.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(2);

    /// <summary>What was saved is looked for so often, since who saves may die before it tells the others.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>So often what others save is read unasked, so that a look finds little to read.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly ConfigurationGraph _graph = new();
    private readonly AggregateStore<ConfigurationItem> _items;
    private readonly SharedCache _cache;
    private readonly Supervisor _supervisor;
    private readonly ConcurrentDictionary<Guid, bool> _saved = new();
    private readonly ConcurrentDictionary<Guid, (long Version, long Refresh)> _read = new();
    private readonly SemaphoreSlim _asked = new(0);
    private TaskCompletionSource _answer = NewAnswer();
    private long _refreshes;

    /// <summary>When the fill began, and how far it came.</summary>
    private (DateTimeOffset Began, Guid? After)? _fill;

    /// <summary>As of when all is read but what <see cref="_saved"/> names; null before there is one.</summary>
    private DateTimeOffset? _asOf;

    /// <summary>True while nothing is read that <see cref="_saved"/> does not name any more.</summary>
    private volatile bool _rests;

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
            else if (key.StartsWith(Prefix, StringComparison.Ordinal) && Guid.TryParse(key.AsSpan(Prefix.Length), out var item))
            {
                _saved[item] = true;
            }
        };
    }

    /// <summary>What a caller sees of the graph, with all that was saved before.</summary>
    /// <param name="caller">Who looks.</param>
    /// <param name="at">As of when; null for now.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="HttpProblemException">503 where much is still to be read.</exception>
    public async ValueTask<GraphView> ViewAsync(Caller caller, DateTimeOffset? at, CancellationToken ct)
    {
        await RefreshAsync(ct);
        return _graph.View(caller.Tokens, at);
    }

    /// <summary>Has an item read again before the next look, whether or not the shared cache has told of it yet.</summary>
    public void Note(Guid item) => _saved[item] = true;

    /// <summary>All of the graph as it is now, for what is no caller's; and the number of the view, later ones have no lower ones.</summary>
    /// <exception cref="HttpProblemException">503 where much is still to be read.</exception>
    public async ValueTask<(GraphView View, long Number)> ViewAllAsync(CancellationToken ct)
    {
        await RefreshAsync(ct);
        return (_graph.View(null, null), Interlocked.Read(ref _refreshes));
    }

    /// <summary>True where it is known that a view of all had this version of the item, or a later one.</summary>
    public bool Showed(ConfigurationItem item, long view) =>
        _read.TryGetValue(item.Id, out var read) && read.Version >= item.Version && read.Refresh <= view;

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _asked.Dispose();
        _graph.Dispose();
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        _supervisor.Watch("graph of assets").RunAsync(LoopAsync, stoppingToken);

    private static TaskCompletionSource NewAnswer() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async ValueTask RefreshAsync(CancellationToken ct)
    {
        // In this order: to hear again may tell that something was missed, and both are taken away only while the loop does not rest.
        if (_cache.Hears && _saved.IsEmpty && !_missed && _rests)
        {
            return;
        }

        var answer = Volatile.Read(ref _answer).Task;
        _asked.Release();
        try
        {
            await answer.WaitAsync(LongestLook, ct);
        }
        catch (TimeoutException)
        {
            throw new HttpProblemException(Problems.Create(503, "busy", $"Busy",
                $"Many configuration items are being read just now; ask again in a moment.")) { RetryAfter = Pause };
        }
    }

    private async Task LoopAsync(Work work)
    {
        // What the loop before had begun to read when it was broken off is looked for again.
        _missed = true;
        _rests = false;
        try
        {
            await FillAsync(work.Token);
            for (var asked = true; ; asked = await _asked.WaitAsync(Every, work.Token))
            {
                if (asked || _cache.Hears)
                {
                    await AnswerAsync(work.Token);
                }

                if (_items.Clock.GetUtcNow() - _asOf > Patience)
                {
                    await CatchUpAsync(answering: true, work.Token);
                }

                work.Completed();
            }
        }
        catch (Exception e) when (!work.BrokenOff.IsCancellationRequested)
        {
            Fail(Interlocked.Exchange(ref _answer, NewAnswer()), e);
            throw;
        }
    }

    private static void Fail(TaskCompletionSource answer, Exception e)
    {
        answer.TrySetException(e as StoreUnavailableException ?? new StoreUnavailableException("Items could not be read.", e));
        _ = answer.Task.Exception;
    }

    /// <summary>Reads what is saved, and answers all who asked before.</summary>
    private async Task AnswerAsync(CancellationToken ct)
    {
        while (_asked.Wait(0, CancellationToken.None))
        {
        }

        var answer = Interlocked.Exchange(ref _answer, NewAnswer());
        _rests = false;
        try
        {
            if (!_cache.Hears || _missed || _saved.Count > MostSaved)
            {
                // Cleared before the look, so that what is missed during it is looked for again.
                _missed = false;
                _saved.Clear();
                try
                {
                    await CatchUpAsync(answering: false, ct);
                }
                catch
                {
                    _missed = true;
                    throw;
                }
            }

            foreach (var id in _saved.Keys)
            {
                await TakeSavedAsync(id, ct);
            }

            ct.ThrowIfCancellationRequested();
            Interlocked.Increment(ref _refreshes);
            _rests = true;
            answer.SetResult();
        }
        catch (Exception e)
        {
            Fail(answer, e);
            throw;
        }
    }

    private async Task TakeSavedAsync(Guid id, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        _saved.TryRemove(id, out _);
        try
        {
            if (await _items.Documents.FindAsync(id, ct) is { } document)
            {
                Take(document);
            }
        }
        catch
        {
            _saved[id] = true;
            throw;
        }

        Work.Progress();
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
            _read[item.Id] = (item.Version, Interlocked.Read(ref _refreshes) + 1);
        }
    }

    /// <summary>Goes on where it was broken off.</summary>
    private async Task FillAsync(CancellationToken ct)
    {
        if (_asOf is not null)
        {
            return;
        }

        var (began, after) = _fill ?? (_items.Clock.GetUtcNow(), null);
        while (await _items.Documents.ScanAsync(after, PageSize, ct) is { Count: > 0 } page)
        {
            foreach (var document in page)
            {
                Apply(document);
            }

            Work.Progress();
            after = page[^1].Id;
            _fill = (began, after);
        }

        _asOf = began;
    }

    /// <param name="answering">True to answer who asks meanwhile.</param>
    /// <param name="ct">Ends it.</param>
    private async Task CatchUpAsync(bool answering, CancellationToken ct)
    {
        var (now, done) = (_items.Clock.GetUtcNow(), 0);
        var changed = new DocumentQuery([Condition.Within("updatedAt", BsonMapping.Value(_asOf!.Value - Overlap), true, null, false)],
            "updatedAt", false, null, PageSize);
        await foreach (var document in _items.Documents.AllAsync(changed, ct))
        {
            Take(document);
            if (++done % PageSize == 0)
            {
                Work.Progress();
                if (answering && _cache.Hears)
                {
                    await AnswerAsync(ct);
                }
            }
        }

        _asOf = now;
    }

    private GraphRow Apply(StoredDocument document)
    {
        var row = BsonMapping.FromBytes<GraphRow>(document.Body);
        _graph.Apply(row.Id, row.Version, row.Class, row.Readers, row.Present,
            [.. row.FormerRelations, .. row.Relations.Select(relation => relation.ToMessage())]);
        return row;
    }
}
