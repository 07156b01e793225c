using Itsm.Platform.Documents;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace Itsm.Platform.Aggregates;

/// <summary>What saves left behind: who changed what, and what was answered.</summary>
public sealed partial class AggregateStore<T>
{
    private const int HistoryPage = 100;

    /// <summary>The audit entries of an aggregate, newest first: those in the document, where there are any, then the
    /// history.</summary>
    internal async Task<IReadOnlyList<BsonDocument>> HistoryAsync(StoredDocument document, long? before, int limit, CancellationToken ct)
    {
        var fresh = Load(document).Envelope.Audit.Where(entry => before is null || entry["entry"] < before).Reverse().ToList();
        var oldest = fresh.Count > 0 ? fresh[^1]["entry"].AsInt64 : before;
        var where = new List<Condition> { Condition.In("aggregate", BsonMapping.Value(document.Id)) };
        if (oldest is { } limitEntry)
        {
            where.Add(Condition.Within("entry", null, false, limitEntry, false));
        }

        var moved = await History.QueryAsync(new DocumentQuery(where, "entry", true, null, limit), ct);
        return [.. fresh.Concat(moved.Select(entry =>
            BsonSerializer.Deserialize<BsonDocument>(entry.Body.ToArray()))).Take(limit)];
    }

    /// <summary>What was done to an aggregate between two instants, newest first.</summary>
    /// <param name="document">As stored.</param>
    /// <param name="since">What was done then or before is left out.</param>
    /// <param name="until">What was done later is left out.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Ends the look.</param>
    public async Task<IReadOnlyList<RecordedChange>> ChangesAsync(
        StoredDocument document, DateTimeOffset since, DateTimeOffset until, int limit, CancellationToken ct)
    {
        var (found, before) = (new List<RecordedChange>(), (long?)null);
        while (found.Count < limit && await HistoryAsync(document, before, HistoryPage, ct) is { Count: > 0 } entries)
        {
            var inside = entries.TakeWhile(entry => entry["at"].ToUniversalTime() > since.UtcDateTime).ToList();
            found.AddRange(inside.Where(entry => entry["at"].ToUniversalTime() <= until.UtcDateTime).Select(RecordedChange.Of));
            if (inside.Count < entries.Count)
            {
                break;
            }

            before = entries[^1]["entry"].AsInt64;
        }

        return [.. found.Take(limit)];
    }

    /// <summary>How an aggregate differs between two instants, whatever happened in between; without hidden fields.</summary>
    /// <param name="document">As stored.</param>
    /// <param name="from">The first instant.</param>
    /// <param name="to">The second instant.</param>
    /// <param name="ct">Ends the look.</param>
    /// <returns>Nothing where it was not there at one of the two.</returns>
    public async Task<IReadOnlyList<RecordedFieldChange>> DifferencesAsync(
        StoredDocument document, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) =>
        await AsOfAsync(document, from, ct) is not { } before || await AsOfAsync(document, to, ct) is not { } after ? []
        : [.. FieldChanges.Between(before.State.ToBson(), after.State.ToBson(), Unaudited).Select(RecordedChange.FieldOf)
            .Where(change => !Definition.HiddenFields.Contains(change.Field))];

    /// <summary>An aggregate as it was at an instant, by its audit entries: without the fields that these leave out.</summary>
    /// <param name="document">As stored.</param>
    /// <param name="at">The instant.</param>
    /// <param name="ct">Ends the look.</param>
    /// <param name="most">How many pages of 100 entries are read at most.</param>
    /// <returns>Its fields and its version; null where it was not there yet, or has changed more often since.</returns>
    public async Task<(BsonDocument State, long Version)?> AsOfAsync(
        StoredDocument document, DateTimeOffset at, CancellationToken ct, int most = int.MaxValue)
    {
        var state = BsonSerializer.Deserialize<BsonDocument>(document.Body.ToArray());
        foreach (var unaudited in Unaudited.Except(["_id"]))
        {
            state.Remove(unaudited);
        }

        long? before = null;
        for (var page = 0; page < most && await HistoryAsync(document, before, HistoryPage, ct) is { Count: > 0 } entries; page++)
        {
            foreach (var entry in entries)
            {
                if (entry["at"].ToUniversalTime() <= at.UtcDateTime)
                {
                    return (state, entry["aggregateVersion"].AsInt64);
                }

                FieldChanges.Undo(state, entry["changes"].AsBsonArray);
            }

            before = entries[^1]["entry"].AsInt64;
        }

        return null;
    }

    internal async ValueTask<(StoredDocument Document, KeptOutcome Kept)?> FindOutcomeAsync(string key, CancellationToken ct)
    {
        var found = await Documents.QueryAsync(new DocumentQuery([Condition.In(AggregateDefinition.KeyField, key)],
            AggregateDefinition.KeyField, false, null, 1), ct);
        return found.Count > 0 && Load(found[0]).Envelope.Keys.Find(kept => kept.Key == key) is { } kept ? (found[0], kept) : null;
    }
}
