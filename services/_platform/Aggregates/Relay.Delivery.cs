using System.Diagnostics;
using System.Text.Json;
using Itsm.Contracts;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.Platform.Telemetry;
using Itsm.Platform.Timers;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Aggregates;

/// <summary>Delivers what a save left to do, and clears it.</summary>
internal sealed partial class Relay
{
    private Task DeliverAsync(Source source, List<Item> items, CancellationToken ct) =>
        Task.WhenAll(items.GroupBy(item => item.Aggregate).Select(async saves =>
        {
            foreach (var item in saves.OrderBy(item => item.Version))
            {
                if (await DeliverAsync(item, ct))
                {
                    LaneOf(item).Worker.Succeeds(item.Key);
                    await _delivered.Writer.WriteAsync(item, ct);
                }
                else
                {
                    End(item);
                }
            }
        }));

    private async Task ClearAsync(Source source, List<Item> items, CancellationToken ct)
    {
        var cleared = false;
        try
        {
            var (documents, rows) = (items.Where(item => item.Inside is not null).ToList(), items.Where(item => item.Inside is null));
            await source.History.InsertMissingAsync([.. documents.SelectMany(item => item.Inside!.History())], ct);
            await source.Documents.SetManyAsync(Envelope.Element, [.. documents.Select(item => new DocumentElement(
                item.Key, item.Version, BsonMapping.ToBytes(item.Inside!.Relayed())))], ct);
            await Task.WhenAll(rows.Select(item => Rows!.DeleteAsync(item.Key, 1, ct)));
            cleared = true;
        }
        catch (Exception e) when (e is not (OperationCanceledException or StoreUnavailableException) && items.Count > 1)
        {
            // One that is refused leaves the others uncleared, which would be delivered again.
            await Task.WhenAll(items.Select(item => ClearAsync(source, [item], ct)));
            return;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.LogError(e, "The outbox of {Collection} could not be cleared; it is tried again.", source.Documents.Definition.Name);
        }

        foreach (var item in items)
        {
            End(item);
            if (cleared)
            {
                Lag.Record((clock.GetUtcNow() - item.Since).TotalSeconds,
                    new KeyValuePair<string, object?>("collection", source.Documents.Definition.Name));
                if (_awaited.TryRemove(item.Aggregate, out var waiting))
                {
                    waiting.TrySetResult();
                }
            }
        }
    }

    private async Task<bool> DeliverAsync(Item item, CancellationToken ct)
    {
        foreach (var (index, outgoing) in item.Messages.Index())
        {
            try
            {
                var message = Read(outgoing);
                if (message is TimerChange change)
                {
                    // Of several changes of a timer the last counts: one that was carried out before, and has run, would run again as long
                    // as others save in between.
                    if (item.Messages.Skip(index + 1).Where(later => later.Type == outgoing.Type)
                        .Any(later => ((TimerChange)Read(later)).Name == change.Name))
                    {
                        continue;
                    }

                    await timers.ApplyAsync(item.Source.Documents.Definition.Name, item.Aggregate, item.Version, change, ct);
                }
                else if (message is RecordWrite write)
                {
                    await Newest.WriteAsync(Records(write.Collection), write.Id, write.Version, write.Stored, ct);
                }
                else
                {
                    using var span = SpanOf(outgoing);
                    await bus.PublishAsync(outgoing.MessageId, message, ct);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
            {
                log.LogWarning(e, "{Message} of {Aggregate} was not delivered; the sweep tries again.", outgoing.Type, item.Aggregate);
                LaneOf(item).Worker.Fails(item.Key, e.Message);
                return false;
            }
        }

        return true;
    }

    internal static object Read(OutboxMessage outgoing) =>
        outgoing.Live ?? JsonSerializer.Deserialize(outgoing.Body, TypeOf(outgoing.Type), MessageJson.Options)!;

    private Activity? SpanOf(OutboxMessage outgoing) => !Instruments.Source.HasListeners() ? null : Instruments.Begin(
        outgoing.Type.Split('.')[^1] + " publish", ActivityKind.Producer, service, Instruments.Parse(outgoing.Trace));

    private static Type TypeOf(string name) =>
        typeof(Actor).Assembly.GetType(name)
            ?? typeof(Relay).Assembly.GetType(name)
            ?? throw new InvalidOperationException($"The message type {name} is unknown here.");
}
