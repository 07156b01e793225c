using System.Diagnostics;
using Itsm.Platform.Documents;
using Itsm.Platform.Supervision;
using Itsm.Platform.Telemetry;
using Itsm.Platform.Timers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;

namespace Itsm.Platform.Aggregates;

/// <summary>Finds aggregates whose instant has come by the index of the field that holds it, several at once. Each replica of the service
/// does; what came due while nobody ran is caught up in order.</summary>
internal sealed class DueAggregates<T> : BackgroundService
    where T : Aggregate
{
    private const int BatchSize = 100;
    private const int AtOnce = 8;
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);
    private readonly AggregateStore<T> _store;
    private readonly string _field;
    private readonly string _span;
    private readonly Func<T, DateTimeOffset?> _due;
    private readonly ITimerHandler _handler;
    private readonly Worker _worker;
    private readonly ILogger _log;
    private readonly DueWait _wait;

    /// <summary>What failed, and when it may be tried again: it must not hold up the others.</summary>
    private readonly System.Collections.Concurrent.ConcurrentDictionary<Guid, DateTimeOffset> _later = new();

    public DueAggregates(AggregateStore<T> store, string field, Func<T, DateTimeOffset?> due, ITimerHandler handler, Supervisor supervisor,
        ILogger<DueAggregates<T>> log)
    {
        (_store, _field, _span, _due, _handler, _log) = (store, field, "timer " + field, due, handler, log);
        (_worker, _wait) = (supervisor.Watch($"{store.Definition.Collection.Name} that come due"), new(store.Clock));
        store.Saved += aggregate =>
        {
            if (due(aggregate) is { } at)
            {
                _wait.LookBefore(at);
            }
        };
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _worker.RunAsync(async work =>
    {
        while (!work.Token.IsCancellationRequested)
        {
            try
            {
                _wait.Begin();
                var next = await RunDueAsync(work);
                work.Completed();
                await _wait.UntilAsync(next, work.Token);
            }
            catch (Exception e) when (e is not OperationCanceledException || !work.Token.IsCancellationRequested)
            {
                _log.LogError(e, "What comes due in {Collection} could not be looked at.", _store.Definition.Collection.Name);
                await Task.Delay(Retry, _store.Clock, work.Token);
            }
        }
    }, stoppingToken);

    /// <summary>Runs what is due, oldest first.</summary>
    /// <returns>When to look again: nothing more is due before.</returns>
    private async Task<DateTimeOffset> RunDueAsync(Work work)
    {
        var now = _store.Clock.GetUtcNow();
        foreach (var (id, at) in _later)
        {
            if (at <= now)
            {
                _later.TryRemove(id, out _);
            }
        }

        // Alone what is due: the next ones are many, and a look comes with each that comes due.
        var query = new DocumentQuery([Condition.Within(_field, BsonValue.Create(DateTime.UnixEpoch), true, BsonMapping.Value(now), true)],
            _field, false, null, BatchSize + _later.Count);
        var page = await _store.Documents.QueryAsync(query, work.Token);
        work.Rest();
        await Parallel.ForEachAsync(page.Where(one => !_later.ContainsKey(one.Id)).Select(TryLoad).OfType<T>(),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = work.Token }, RunAsync);
        work.Resume();
        var next = page.Count == query.Limit ? now : await NextAsync(now, work.Token);
        return _later.Values.Append(next).Append(now + DueWait.Longest).Min();
    }

    private async ValueTask<DateTimeOffset> NextAsync(DateTimeOffset after, CancellationToken ct) =>
        await _store.Documents.QueryAsync(new DocumentQuery([Condition.Within(_field, BsonMapping.Value(after), false, null, false)],
            _field, false, null, 1), ct) is [var first]
            ? RawBson.Values(first.Body.Span, _field)[0].ToUniversalTime()
            : DateTimeOffset.MaxValue;

    /// <summary>Null where it can't be read here, perhaps by a newer version: the others go on.</summary>
    private T? TryLoad(StoredDocument document)
    {
        try
        {
            return AggregateStore<T>.Load(document);
        }
        catch (Exception e) when (e is StoreUnavailableException or FormatException or BsonException)
        {
            if (_later.TryAdd(document.Id, _store.Clock.GetUtcNow() + Retry))
            {
                _log.LogWarning("{Id} is due, but can't be read here: {Reason}", document.Id, e.Message);
            }

            return null;
        }
    }

    private async ValueTask RunAsync(T aggregate, CancellationToken ct)
    {
        var (due, wait) = (_due(aggregate)!.Value, Retry);
        try
        {
            using var span = Instruments.Begin(_span, ActivityKind.Internal, _store.Service);
            Instruments.TimerLateness.Record((_store.Clock.GetUtcNow() - due).TotalSeconds,
                new KeyValuePair<string, object?>("timer", _field));
            using var run = _worker.Begin(ct);
            await _handler.RunAsync(aggregate.Id, run.Token).WaitAsync(run.BrokenOff);
            if (await _store.FindAsync(aggregate.Id, ct) is not { } after || _due(after) != due)
            {
                return;
            }

            _log.LogWarning("{Id} is still due after its run.", aggregate.Id);
        }
        catch (TimerPostponedException e)
        {
            wait = e.Wait;
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            _log.LogError(e, "{Id}, due {Due:O}, failed; next try in {Wait}.", aggregate.Id, due, wait);
        }

        _later[aggregate.Id] = _store.Clock.GetUtcNow() + wait;
    }
}
