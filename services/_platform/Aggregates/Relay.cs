using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.Platform.Supervision;
using Itsm.Platform.Telemetry;
using Itsm.Platform.Timers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Aggregates;

/// <summary>Publishes what saves stored in the outbox, then deletes it. Where the outbox is inside the document, it sets the timers and
/// moves the audit entries to the history, too. Woken by each save; a sweep finds what a crash left behind. May repeat, never
/// skips.</summary>
internal sealed partial class Relay(
    IDocumentDatabase database, IMessageBus bus, TimerStore timers, Supervisor supervisor, string service, TimeProvider clock,
    ILogger<Relay> log)
    : BackgroundService
{
    private const int BatchSize = 64;
    private const int MostWaiting = 512;

    /// <summary>A batch is as slow as the slowest handler in it: while one waits, the others go on. Saves of one thing go one way, in
    /// order.</summary>
    private const int LaneCount = 4;
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(5);
    private static readonly Histogram<double> Lag = Instruments.Meter.CreateHistogram<double>("itsm.outbox.lag", "s",
        "From a save to the delivery of its messages.");
    private static readonly UpDownCounter<long> Waiting = Instruments.Meter.CreateUpDownCounter<long>("itsm.outbox.waiting", "{save}",
        "Saves whose messages this process is going to publish.");
    private readonly Lane[] _lanes = [.. Enumerable.Range(1, LaneCount).Select(number => new Lane(
        Channel.CreateBounded<Item>(new BoundedChannelOptions(MostWaiting)), supervisor.Watch($"relay of {service}, {number}")))];
    private readonly ConcurrentDictionary<string, Source> _sources = new();
    private readonly ConcurrentDictionary<string, IDocumentCollection> _records = new();
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _awaited = new();

    // The newest version of each that is under way.
    private readonly ConcurrentDictionary<Guid, long> _underWay = new();
    private volatile TaskCompletionSource? _flushed;
    private readonly Channel<Item> _delivered = Channel.CreateBounded<Item>(new BoundedChannelOptions(MostWaiting * LaneCount));

    /// <summary>The outbox beside the documents; null where it is inside them.</summary>
    public IDocumentCollection? Rows { get; } = database is IWritesTogether ? database.Collection(OutboxRow.Definition) : null;

    public TimerStore Timers => timers;

    public void Register(IDocumentCollection documents, IDocumentCollection history) =>
        _sources[documents.Definition.Name] = new Source(documents, history);

    public void Register(IDocumentCollection records) => _records[records.Definition.Name] = records;

    /// <summary>The records that are written with the saves of aggregates.</summary>
    public IDocumentCollection Records(string collection) => _records[collection];

    public void Wake(string source, StoredDocument document, Envelope envelope) =>
        Wake(new Item(
            _sources[source], document.Id, document.Id, document.Version, envelope.Since!.Value, envelope.Outbox, envelope));

    public void Wake(SaveBeside beside)
    {
        if (beside.Row is { } row)
        {
            Wake(ItemOf(row));
        }

        if (beside.Due is { } due)
        {
            timers.LookBefore(due);
        }
    }

    /// <summary>Waits until nothing of the document waits for delivery any more.</summary>
    public async Task DeliveredAsync(string source, Guid id, CancellationToken ct)
    {
        var waiting = Await();
        while (await IsWaitingAsync(source, id, ct))
        {
            await waiting.Task.WaitAsync(ct);
            waiting = Await();
        }

        // Whoever waits for a later save on the same task looks again.
        _awaited.TryRemove(KeyValuePair.Create(id, waiting));
        waiting.TrySetResult();

        TaskCompletionSource Await() => _awaited.GetOrAdd(id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    private void Wake(Item item)
    {
        if (Begin(item) && !LaneOf(item).Queue.Writer.TryWrite(item))
        {
            // More waits than memory should hold: the sweep comes for it.
            End(item);
        }
    }

    /// <returns>False where it, or a newer one, is under way: a sweep may find a save before whoever made it wakes the relay.</returns>
    private bool Begin(Item item)
    {
        while (!_underWay.TryAdd(item.Key, item.Version))
        {
            if (_underWay.TryGetValue(item.Key, out var known))
            {
                if (known >= item.Version)
                {
                    return false;
                }

                if (_underWay.TryUpdate(item.Key, item.Version, known))
                {
                    return true;
                }
            }
        }

        Waiting.Add(1);
        return true;
    }

    private void End(Item item)
    {
        Waiting.Add(_underWay.TryRemove(KeyValuePair.Create(item.Key, item.Version)) ? -1 : 0);
        if (_flushed is { } flushed && _underWay.IsEmpty)
        {
            flushed.TrySetResult();
        }
    }

    /// <summary>Publishes what the last requests have saved, rather than leave it to the sweep of another process.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        if (bus.OutlivesProcess)
        {
            var flushed = _flushed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!_underWay.IsEmpty)
            {
                await flushed.Task.WaitAsync(LongestFlush, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await base.StopAsync(cancellationToken);
    }

    private async ValueTask<bool> IsWaitingAsync(string source, Guid id, CancellationToken ct) =>
        (Rows is not null && OutboxRow.IdOf(source, id, 0) is var before && await Rows.ScanAsync(before, 1, ct) is [var row]
            && OutboxRow.AreOfOne(before, row.Id))
        || (await _sources[source].Documents.FindAsync(id, ct) is { } found && EnvelopeOf(found.Body).Since is not null);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll([
            .. _lanes.Select(lane => lane.Worker.RunAsync(work => BatchesAsync(lane.Queue.Reader, DeliverAsync, work), stoppingToken)),
            supervisor.Watch($"clearing of {service}").RunAsync(work => BatchesAsync(_delivered.Reader, ClearAsync, work), stoppingToken),
            supervisor.Watch($"sweep of {service}").RunAsync(SweepAsync, stoppingToken),
        ]);

    /// <summary>Takes what has come together: the next batch is delivered while the one before is being cleared.</summary>
    private async Task BatchesAsync(ChannelReader<Item> queue, Func<Source, List<Item>, CancellationToken, Task> step, Work work)
    {
        var batch = new List<Item>(BatchSize);
        work.Rest();
        while (await queue.WaitToReadAsync(work.Token))
        {
            work.Resume();
            batch.Clear();
            while (batch.Count < BatchSize && queue.TryRead(out var item))
            {
                batch.Add(item);
            }

            try
            {
                // Of several saves of one document the newest holds all that the earlier ones promised; a row has its own alone.
                await Task.WhenAll(batch.GroupBy(item => item.Source).Select(group =>
                    step(group.Key, [.. group.GroupBy(item => item.Key).Select(same => same.MaxBy(item => item.Version)!)], work.Token)))
                    .WaitAsync(work.BrokenOff);
            }
            catch
            {
                batch.ForEach(End);
                throw;
            }

            work.Completed();
            work.Rest();
        }
    }

    private static Envelope EnvelopeOf(ReadOnlyMemory<byte> body) =>
        RawBson.TryFind(body.Span, "_envelope"u8, out var found) ? BsonMapping.FromBytes<Envelope>(found.Value.ToArray()) : new();

    private Lane LaneOf(Item item) => _lanes[(uint)item.Aggregate.GetHashCode() % LaneCount];

    private static Item ItemOf(Source source, StoredDocument document)
    {
        var envelope = EnvelopeOf(document.Body);
        return new(source, document.Id, document.Id, document.Version, envelope.Since ?? default, envelope.Outbox, envelope);
    }

    private Item ItemOf(OutboxRow row) =>
        new(_sources[row.Source], row.Id, row.Aggregate, row.AggregateVersion, row.Since, row.Messages, null);

    private sealed record Source(IDocumentCollection Documents, IDocumentCollection History);

    private sealed record Lane(Channel<Item> Queue, Worker Worker);

    /// <summary>What one save left to do.</summary>
    /// <param name="Source">Where its document is.</param>
    /// <param name="Key">Of the document or the row that holds the messages.</param>
    /// <param name="Aggregate">Whose save.</param>
    /// <param name="Version">Which of its versions.</param>
    /// <param name="Since">When the first of the messages was stored.</param>
    /// <param name="Messages">In order.</param>
    /// <param name="Inside">The document's envelope, where it holds the messages; null for a row.</param>
    private sealed record Item(
        Source Source, Guid Key, Guid Aggregate, long Version, DateTimeOffset Since, IReadOnlyList<OutboxMessage> Messages,
        Envelope? Inside);
}
