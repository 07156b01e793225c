using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Threading.Channels;
using Itsm.Contracts;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.Platform.Supervision;
using Itsm.Platform.Telemetry;
using Itsm.Platform.Timers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;

namespace Itsm.Platform.Aggregates;

/// <summary>Carries out what a save promised: publishes its messages, sets its timers, moves its audit entries to the history, then
/// clears them from the document. Woken by each save; a sweep finds what a crash left behind. May repeat, never skips.</summary>
internal sealed class Relay(
    IMessageBus bus, TimerStore timers, Supervisor supervisor, string service, TimeProvider clock, ILogger<Relay> log)
    : BackgroundService
{
    private const int BatchSize = 128;
    private const int MostWaiting = 1024;
    private const int SweepPage = 256;
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(5);
    private static readonly Histogram<double> Lag = Instruments.Meter.CreateHistogram<double>("itsm.outbox.lag", "s",
        "From a save to the delivery of its messages.");
    private readonly Worker _worker = supervisor.Watch($"relay of {service}");
    private readonly ConcurrentDictionary<string, Source> _sources = new();
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _awaited = new();
    private readonly ConcurrentDictionary<Guid, byte> _underWay = new();
    private readonly Channel<Item> _delivered = Channel.CreateBounded<Item>(new BoundedChannelOptions(MostWaiting));
    private readonly Channel<Item> _queue = Channel.CreateBounded<Item>(new BoundedChannelOptions(MostWaiting));

    public void Register(string source, IDocumentCollection documents, IDocumentCollection history) =>
        _sources[source] = new Source(documents, history);

    public void Wake(string source, StoredDocument document, Envelope envelope)
    {
        _underWay[document.Id] = 0;
        if (!_queue.Writer.TryWrite(new Item(_sources[source], document, envelope)))
        {
            // More waits than memory should hold: the sweep comes for it.
            _underWay.TryRemove(document.Id, out _);
        }
    }

    /// <summary>Waits until nothing of the document waits for delivery any more.</summary>
    public async Task DeliveredAsync(string source, Guid id, CancellationToken ct)
    {
        var waiting = Waiting();
        while (await _sources[source].Documents.FindAsync(id, ct) is { } found && EnvelopeOf(found.Body).Since is not null)
        {
            await waiting.Task.WaitAsync(ct);
            waiting = Waiting();
        }

        // Whoever waits for a later save on the same task looks again.
        _awaited.TryRemove(KeyValuePair.Create(id, waiting));
        waiting.TrySetResult();

        TaskCompletionSource Waiting() => _awaited.GetOrAdd(id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            _worker.RunAsync(work => BatchesAsync(_queue.Reader, DeliverAsync, work), stoppingToken),
            supervisor.Watch($"clearing of {service}").RunAsync(work => BatchesAsync(_delivered.Reader, ClearAsync, work), stoppingToken),
            supervisor.Watch($"sweep of {service}").RunAsync(SweepAsync, stoppingToken));

    /// <summary>Takes what has come together: the next batch is delivered while the one before is being cleared.</summary>
    private async Task BatchesAsync(ChannelReader<Item> queue, Func<Source, List<Item>, CancellationToken, Task> audit, Work work)
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
                // Of several saves of one document the newest holds all that the earlier ones promised.
                await Task.WhenAll(batch.GroupBy(item => item.Source).Select(group =>
                    audit(group.Key,
                        [.. group.GroupBy(item => item.Document.Id).Select(same => same.MaxBy(item => item.Document.Version)!)],
                        work.Token)))
                    .WaitAsync(work.BrokenOff);
            }
            catch
            {
                batch.ForEach(item => _underWay.TryRemove(item.Document.Id, out _));
                throw;
            }

            work.Completed();
            work.Rest();
        }
    }

    private Task DeliverAsync(Source source, List<Item> items, CancellationToken ct) => Task.WhenAll(items.Select(async item =>
    {
        if (await DeliverAsync(item, ct))
        {
            _worker.Succeeds(item.Document.Id);
            await _delivered.Writer.WriteAsync(item, ct);
        }
        else
        {
            _underWay.TryRemove(item.Document.Id, out _);
        }
    }));

    private async Task ClearAsync(Source source, List<Item> items, CancellationToken ct)
    {
        var cleared = false;
        try
        {
            await source.History.InsertMissingAsync([.. items.SelectMany(item => item.Envelope.Audit)
                .Select(entry => new StoredDocument(entry["_id"].AsGuid, 1, entry.ToBson()))], ct);
            await source.Documents.ReplaceManyAsync([.. items.Select(Cleared)], ct);
            cleared = true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.LogError(e, "The outbox of {Collection} could not be cleared; it is tried again.", source.Documents.Definition.Name);
        }

        foreach (var item in items)
        {
            _underWay.TryRemove(item.Document.Id, out _);
            if (cleared)
            {
                Lag.Record((clock.GetUtcNow() - item.Envelope.Since!.Value).TotalSeconds,
                    new KeyValuePair<string, object?>("collection", source.Documents.Definition.Name));
                if (_awaited.TryRemove(item.Document.Id, out var waiting))
                {
                    waiting.TrySetResult();
                }
            }
        }
    }

    private async Task<bool> DeliverAsync(Item item, CancellationToken ct)
    {
        foreach (var (index, outgoing) in item.Envelope.Outbox.Index())
        {
            try
            {
                using var activity = Instruments.Source.StartActivity("relay " + outgoing.Type.Split('.')[^1], ActivityKind.Producer,
                    outgoing.Trace);
                var message = Read(outgoing);
                if (message is TimerChange change)
                {
                    // Of several changes of a timer the last counts: one that was carried out before, and has run, would run again as long
                    // as others save in between.
                    if (item.Envelope.Outbox.Skip(index + 1).Where(later => later.Type == outgoing.Type)
                        .Any(later => ((TimerChange)Read(later)).Name == change.Name))
                    {
                        continue;
                    }

                    await timers.ApplyAsync(item.Source.Documents.Definition.Name, item.Document.Id, item.Document.Version, change, ct);
                }
                else
                {
                    await bus.PublishAsync(outgoing.MessageId, message, ct);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
            {
                log.LogWarning(e, "{Message} of {Aggregate} was not delivered; the sweep tries again.", outgoing.Type, item.Document.Id);
                _worker.Fails(item.Document.Id, e.Message);
                return false;
            }
        }

        return true;
    }

    private static object Read(OutboxMessage outgoing) =>
        outgoing.Live ?? JsonSerializer.Deserialize(outgoing.Body, TypeOf(outgoing.Type), MessageJson.Options)!;

    private async Task SweepAsync(Work work)
    {
        using var timer = new PeriodicTimer(SweepEvery, clock);
        var late = TimeSpan.Zero;
        do
        {
            foreach (var source in _sources.Values)
            {
                try
                {
                    await SweepAsync(source, late, work.Token);
                    work.Completed();
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    log.LogError(e, "The outbox of {Collection} could not be swept.", source.Documents.Definition.Name);
                }
            }

            late = SweepEvery;
        }
        while (await timer.WaitForNextTickAsync(work.Token));
    }

    private async Task SweepAsync(Source source, TimeSpan late, CancellationToken ct)
    {
        var query = new DocumentQuery([Condition.Within(
            AggregateDefinition.SinceField, BsonValue.Create(DateTime.UnixEpoch), true, null, false)],
            AggregateDefinition.SinceField, false, null, SweepPage);
        var now = clock.GetUtcNow();
        while (true)
        {
            var left = await source.Documents.QueryAsync(query, ct);
            foreach (var document in left)
            {
                // What another process has just saved is under way there; a save from the future is one from before the clock was set back.
                var envelope = EnvelopeOf(document.Body);
                if (!(envelope.Since > now - late && envelope.Since <= now) && _underWay.TryAdd(document.Id, 0))
                {
                    await _queue.Writer.WriteAsync(new Item(source, document, envelope), ct);
                }
            }

            if (left.Count < SweepPage)
            {
                return;
            }

            query = query with
            {
                After = new DocumentPosition(RawBson.Values(left[^1].Body.Span, AggregateDefinition.SinceField)[0], left[^1].Id),
            };
        }
    }

    private static Envelope EnvelopeOf(ReadOnlyMemory<byte> body) =>
        RawBson.TryFind(body.Span, "_envelope"u8, out var found) ? BsonMapping.FromBytes<Envelope>(found.Value.ToArray()) : new();

    /// <summary>The same state with the envelope that is left.</summary>
    private static StoredDocument Cleared(Item item)
    {
        var body = item.Document.Body.Span;
        RawBson.TryFind(body, "_envelope"u8, out var envelope);
        body.Overlaps(envelope.Value, out var start);
        var rest = body[(start + envelope.Value.Length)..];
        var left = BsonMapping.ToBytes(item.Envelope.Relayed());
        var cleared = new byte[start + left.Length + rest.Length];
        body[..start].CopyTo(cleared);
        left.CopyTo(cleared.AsSpan(start));
        rest.CopyTo(cleared.AsSpan(start + left.Length));
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(cleared, cleared.Length);
        return item.Document with { Body = cleared };
    }

    private static Type TypeOf(string name) =>
        typeof(Actor).Assembly.GetType(name)
            ?? typeof(Relay).Assembly.GetType(name)
            ?? throw new InvalidOperationException($"The message type {name} is unknown here.");

    private sealed record Source(IDocumentCollection Documents, IDocumentCollection History);

    private sealed record Item(Source Source, StoredDocument Document, Envelope Envelope);
}
