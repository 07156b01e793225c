using Itsm.Platform.Documents;
using Itsm.Platform.Timers;

namespace Itsm.Platform.Aggregates;

/// <summary>What is written beside the document of one save, where the engine makes several writes as one.</summary>
/// <param name="Writes">Audit entries, timers, records, and the row of the outbox.</param>
/// <param name="Row">The messages; null where there are none.</param>
/// <param name="Due">When the first of its timers comes due; null where none is set.</param>
internal sealed record SaveBeside(IReadOnlyList<SideWrite> Writes, OutboxRow? Row, DateTimeOffset? Due)
{
    /// <summary>Takes the audit entries out of the envelope, and timers and records from what the aggregate raised.</summary>
    public static SaveBeside Of(Aggregate aggregate, string collection, IDocumentCollection history, Relay relay,
        List<OutboxMessage> messages, DateTimeOffset now)
    {
        // Of several changes of a timer the last counts.
        List<TimerChange> timers =
            [.. aggregate.Raised.OfType<TimerChange>().GroupBy(change => change.Name).Select(changes => changes.Last())];
        var row = messages.Count == 0 ? null
            : new OutboxRow(OutboxRow.IdOf(collection, aggregate.Id, aggregate.Version), 1, collection, aggregate.Id, aggregate.Version,
                now, messages);
        List<SideWrite> writes =
        [
            .. aggregate.Envelope.History().Select(entry => new SideWrite(history, entry.Id, entry)),
            .. timers.Select(change => relay.Timers.Beside(collection, aggregate.Id, aggregate.Version, change)),
            .. aggregate.Raised.OfType<RecordWrite>()
                .Select(write => new SideWrite(relay.Records(write.Collection), write.Id, write.Stored)),
        ];
        if (row is not null)
        {
            writes.Add(new SideWrite(relay.Rows!, row.Id, row.Stored()));
        }

        // What an earlier version stored inside must not set a timer that was set anew since.
        var names = timers.Select(change => change.Name).ToHashSet();
        aggregate.Envelope.Outbox.RemoveAll(message => Relay.Read(message) is TimerChange old && names.Contains(old.Name));
        aggregate.Envelope.Audit = [];
        return new SaveBeside(writes, row, timers.Min(change => change.Due));
    }
}
