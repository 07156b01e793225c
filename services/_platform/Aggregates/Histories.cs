using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Platform.Aggregates;

/// <summary>The histories of one collection, whatever its aggregates are.</summary>
internal interface IHistories
{
    /// <summary>Name of the collection.</summary>
    string Collection { get; }

    /// <summary>The heads of all histories after an id, in the order of ids, as of now.</summary>
    IAsyncEnumerable<HistoryHead> HeadsAsync(Guid? after, CancellationToken ct);

    /// <summary>What is wrong with a history, and whether it still goes through what was its head once; null where nothing is.</summary>
    Task<HistoryFault?> CheckAsync(HistoryHead head, CancellationToken ct);
}

/// <summary>The last entry of a history.</summary>
/// <param name="Aggregate">Whose.</param>
/// <param name="Entries">Its number: how many there are.</param>
/// <param name="Hash">Its SHA-256.</param>
internal readonly record struct HistoryHead(Guid Aggregate, long Entries, ReadOnlyMemory<byte> Hash);

/// <summary>Checks the histories of the aggregates of one type.</summary>
internal sealed class Histories<T>(AggregateStore<T> store, AuditSeals seals) : IHistories
    where T : Aggregate
{
    private const int PageSize = 500;

    public string Collection => store.Definition.Collection.Name;

    public async IAsyncEnumerable<HistoryHead> HeadsAsync(
        Guid? after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        while (await store.Documents.ScanAsync(after, PageSize, ct) is { Count: > 0 } page)
        {
            foreach (var head in page.Select(HeadOf).OfType<HistoryHead>())
            {
                yield return head;
            }

            after = page[^1].Id;
        }
    }

    public async Task<HistoryFault?> CheckAsync(HistoryHead head, CancellationToken ct)
    {
        if (await store.Documents.FindAsync(head.Aggregate, ct) is not { } document)
        {
            return HistoryFault.Missing;
        }

        var (_, _, fault) = await VerifyAsync(document, ct);
        return fault
            ?? (await store.HistoryAsync(document, head.Entries + 1, 1, ct) is [var entry]
                && entry["entry"] == head.Entries
                && entry["hash"].AsByteArray.AsSpan().SequenceEqual(head.Hash.Span)
            ? null : HistoryFault.Anchor);
    }

    /// <summary>Checks a whole history: entry by entry, its sealed head, and that the fields are those that the last entry left.</summary>
    /// <returns>How many entries there should be, the number of the first that is missing or was altered (null where none is), and what is
    /// wrong.</returns>
    public async Task<(long Entries, long? Broken, HistoryFault? Fault)> VerifyAsync(StoredDocument document, CancellationToken ct)
    {
        while (true)
        {
            var result = await VerifyOnceAsync(document, ct);
            if (result.Fault is null || await store.Documents.FindAsync(document.Id, ct) is not { } now || now.Version == document.Version)
            {
                return result;
            }

            // Saved since it was read: the history was ahead of the document.
            document = now;
        }
    }

    private async Task<(long Entries, long? Broken, HistoryFault? Fault)> VerifyOnceAsync(StoredDocument document, CancellationToken ct)
    {
        if (Read(document) is not { } envelope)
        {
            return (0, null, HistoryFault.Unreadable);
        }

        var (chain, moved, last) = (new ChainCheck(), new HashSet<Guid>(), default(StoredDocument?));
        await foreach (var entry in store.History.AllAsync(
            new DocumentQuery([Condition.In("aggregate", BsonMapping.Value(document.Id))], "entry", false, null, PageSize), ct))
        {
            last = entry;
            moved.Add(entry.Id);
            if (!chain.Add(entry.Body))
            {
                break;
            }
        }

        foreach (var entry in envelope.Audit.Where(entry => !moved.Contains(entry["_id"].AsGuid)))
        {
            chain.Add(entry.ToBson());
        }

        var broken = chain.FirstBroken(envelope.Entries, envelope.ChainHead);
        var state = envelope.Audit.LastOrDefault()?.GetValue("state", BsonNull.Value) ?? StateOf(last);
        return (envelope.Entries, broken,
            broken is not null ? HistoryFault.Entry
            : !seals.IsIntact(envelope, document.Id) ? HistoryFault.Head
            : !state.IsBsonNull
                && !AuditTrail.StateOf(document.Body.Span, AggregateDefinition<T>.AnnexName).AsSpan().SequenceEqual(state.AsByteArray)
            ? HistoryFault.Fields
            : null);
    }

    /// <summary>The envelope of a document; null where the document can't be read any more.</summary>
    private static Envelope? Read(StoredDocument document)
    {
        try
        {
            return AggregateStore<T>.Load(document).Envelope;
        }
        catch (Exception e) when (e is not OutOfMemoryException) // Whatever the driver makes of altered bytes.
        {
            return null;
        }
    }

    private static BsonValue StateOf(StoredDocument? entry) =>
        entry is { } last && RawBson.TryFind(last.Body.Span, "state"u8, out var state) ? state.ToBsonValue() : BsonNull.Value;

    // What was written in bulk, such as the items of an import, has no history.
    private static HistoryHead? HeadOf(StoredDocument document) =>
        RawBson.TryFind(document.Body.Span, "_envelope"u8, out var envelope)
            && RawBson.TryFind(envelope.Value, "entries"u8, out var entries)
            && entries is { Type: BsonType.Int64, Int64: > 0 }
            && RawBson.TryFind(envelope.Value, "chainHead"u8, out var head)
            ? new HistoryHead(document.Id, entries.Int64, head.Bytes.ToArray())
            : null;
}
