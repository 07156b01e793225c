using System.Diagnostics.Metrics;
using Itsm.Platform.Documents;
using Itsm.Platform.Supervision;
using Itsm.Platform.Telemetry;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;

namespace Itsm.Platform.Aggregates;

/// <summary>Finds what waits for the relay and is not under way here: after a crash, a refused delivery, or a rush.</summary>
internal sealed partial class Relay
{
    private const int SweepPage = 256;
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(5);

    private static readonly Gauge<double> Age = Instruments.Meter.CreateGauge<double>("itsm.outbox.age", "s",
        "How long the oldest save whose messages are not published had waited at the last sweep; 0 where there is none.");

    /// <summary>The oldest that this sweep has found.</summary>
    private DateTimeOffset? _oldest;

    private async Task SweepAsync(Work work)
    {
        using var timer = new PeriodicTimer(SweepEvery, clock);
        var late = TimeSpan.Zero;
        do
        {
            _oldest = null;
            // Also where rows stand beside the documents: what an earlier version stored inside them is there until it is published.
            foreach (var source in _sources.Values)
            {
                await SweepAsync(source.Documents.Definition.Name, () => SweepAsync(source, late, work.Token), work);
            }

            if (Rows is not null)
            {
                await SweepAsync(Rows.Definition.Name, () => SweepRowsAsync(Rows, late, work.Token), work);
            }

            var waits = _oldest is { } oldest ? clock.GetUtcNow() - oldest : TimeSpan.Zero;
            Age.Record(Math.Max(0, waits.TotalSeconds), new KeyValuePair<string, object?>("service", service));
            late = SweepEvery;
        }
        while (await timer.WaitForNextTickAsync(work.Token));
    }

    private async Task SweepAsync(string collection, Func<Task> sweep, Work work)
    {
        try
        {
            await sweep();
            work.Completed();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.LogError(e, "The outbox of {Collection} could not be swept.", collection);
        }
    }

    private async Task SweepRowsAsync(IDocumentCollection rows, TimeSpan late, CancellationToken ct)
    {
        for (Guid? after = null; await rows.ScanAsync(after, SweepPage, ct) is { Count: > 0 } page; after = page[^1].Id)
        {
            foreach (var found in page)
            {
                await SweepAsync(found, () => ItemOf(BsonMapping.FromBytes<OutboxRow>(found.Body)), late, ct);
            }
        }
    }

    private async Task SweepAsync(StoredDocument found, Func<Item> read, TimeSpan late, CancellationToken ct)
    {
        Item item;
        try
        {
            item = read();
        }
        catch (Exception e) when (e is KeyNotFoundException or FormatException or BsonException)
        {
            log.LogError(e, "The outbox of {Document} can't be read here; others go on.", found.Id);
            _lanes[0].Worker.Fails(found.Id, e.Message);
            return;
        }

        // What another process has just saved is under way there; a save from the future is one from before the clock was set back.
        var now = clock.GetUtcNow();
        _oldest = _oldest < item.Since ? _oldest : item.Since;
        if (!(item.Since > now - late && item.Since <= now) && Begin(item))
        {
            // In a rush the lanes are full, and it waits for each.
            await LaneOf(item).Queue.Writer.WriteAsync(item, ct);
            Work.Progress();
        }
    }

    private async Task SweepAsync(Source source, TimeSpan late, CancellationToken ct)
    {
        var query = new DocumentQuery([Condition.Within(
            AggregateDefinition.SinceField, BsonValue.Create(DateTime.UnixEpoch), true, null, false)],
            AggregateDefinition.SinceField, false, null, SweepPage);
        while (true)
        {
            var left = await source.Documents.QueryAsync(query, ct);
            foreach (var document in left)
            {
                await SweepAsync(document, () => ItemOf(source, document), late, ct);
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
}
