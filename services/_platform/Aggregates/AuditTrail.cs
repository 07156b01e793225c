using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using Itsm.Contracts;
using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Platform.Aggregates;

/// <summary>Field changes between two states, and the hash chain over audit entries.</summary>
public static class AuditTrail
{
    /// <summary>Bookkeeping that follows from other fields, or belongs to the store.</summary>
    private static readonly HashSet<string> Unaudited = ["_id", "version", "updatedAt", "timeline", "readers", "noteReaders",
        Envelope.Element];

    /// <summary>The fields of a type that audit entries leave out.</summary>
    internal static HashSet<string> UnauditedOf(Type type) =>
    [
        .. Unaudited,
        .. type.GetProperties()
            .Where(property => property.IsDefined(typeof(UnauditedAttribute)) || property.IsDefined(typeof(AnnexAttribute)))
            .Select(property => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(property.Name)),
    ];

    /// <summary>The fields that differ: name, value before and after (null where there was none).</summary>
    /// <param name="before">As stored.</param>
    /// <param name="after">As it will be.</param>
    /// <param name="unaudited">See <see cref="UnauditedOf"/>.</param>
    internal static List<BsonDocument> Changes(ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after, HashSet<string> unaudited)
    {
        var changes = new List<BsonDocument>();
        foreach (var element in new RawBson(after.Span))
        {
            var name = System.Text.Encoding.UTF8.GetString(element.Name);
            if (unaudited.Contains(name))
            {
                continue;
            }

            var known = RawBson.TryFind(before.Span, element.Name, out var old);
            if (!known || !old.IsSameAs(element))
            {
                changes.Add(new BsonDocument
                {
                    { "field", name }, { "from", known ? old.ToBsonValue() : BsonNull.Value }, { "to", element.ToBsonValue() },
                });
            }
        }

        foreach (var element in new RawBson(before.Span))
        {
            var name = System.Text.Encoding.UTF8.GetString(element.Name);
            if (!unaudited.Contains(name) && !RawBson.TryFind(after.Span, element.Name, out _))
            {
                changes.Add(new BsonDocument { { "field", name }, { "from", element.ToBsonValue() }, { "to", BsonNull.Value } });
            }
        }

        return changes;
    }

    /// <summary>SHA-256 over all fields of a thing, whatever their order in the document: what it was after an entry.</summary>
    /// <param name="document">As stored.</param>
    /// <param name="annex">Name of the element that others keep; null for none.</param>
    internal static byte[] StateOf(ReadOnlySpan<byte> document, string? annex)
    {
        var fields = new List<byte[]>();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var element in new RawBson(document))
        {
            if (!element.Name.SequenceEqual(EnvelopeElement)
                && (annex is null || !element.Name.SequenceEqual(System.Text.Encoding.UTF8.GetBytes(annex))))
            {
                hash.AppendData(element.Name);
                hash.AppendData([0, (byte)element.Type]);
                hash.AppendData(element.Value);
                fields.Add(hash.GetHashAndReset());
            }
        }

        fields.Sort((one, other) => one.AsSpan().SequenceCompareTo(other));
        foreach (var field in fields)
        {
            hash.AppendData(field);
        }

        return hash.GetHashAndReset();
    }

    private static ReadOnlySpan<byte> EnvelopeElement => "_envelope"u8;

    /// <summary>Appends the entry of this change to the chain in the envelope.</summary>
    internal static void Append(
        Envelope envelope, Guid aggregate, long version, AuditContext audit, List<BsonDocument> changes, byte[] state)
    {
        var number = ++envelope.Entries;
        var entry = new BsonDocument
        {
            { "_id", BsonMapping.Value(DerivedId.From(aggregate.ToString(), number.ToString(CultureInfo.InvariantCulture))) },
            { "version", 1L },
            { "aggregate", BsonMapping.Value(aggregate) },
            { "entry", number },
            { "aggregateVersion", version },
            { "at", BsonMapping.Value(audit.At) },
            { "by", Describe(audit.By) },
            { "onBehalfOf", audit.OnBehalfOf is { } other ? Describe(other) : BsonNull.Value },
            { "action", audit.Action },
            { "reason", audit.Reason is { } reason ? reason : BsonNull.Value },
            { "changes", new BsonArray(changes) },
            { "state", state },
            { "previous", envelope.ChainHead },
        };
        envelope.ChainHead = SHA256.HashData(entry.ToBson());
        entry.Add("hash", envelope.ChainHead);
        envelope.Audit.Add(entry);
    }

    /// <summary>Checks entries, oldest first, against the hash of the last and their number.</summary>
    /// <returns>The number of the first entry that is missing or was altered; null where all is as it was written.</returns>
    public static long? FirstBroken(IEnumerable<ReadOnlyMemory<byte>> entries, long count, ReadOnlySpan<byte> head)
    {
        byte[] previous = [];
        var number = 0L;
        foreach (var body in entries)
        {
            number++;
            try
            {
                CheckLengths(body.Span);
                var entry = MongoDB.Bson.Serialization.BsonSerializer.Deserialize<BsonDocument>(body.ToArray());
                var hash = entry["hash"].AsByteArray;
                entry.Remove("hash");
                if (entry["entry"] != number
                    || !entry["previous"].AsByteArray.AsSpan().SequenceEqual(previous)
                    || !SHA256.HashData(entry.ToBson()).AsSpan().SequenceEqual(hash))
                {
                    return number;
                }

                // Byte for byte as it was written: also what the hash itself does not cover.
                if (!entry.Add("hash", hash).ToBson().AsSpan().SequenceEqual(body.Span))
                {
                    return number;
                }

                previous = hash;
            }
            catch (Exception e) when (e is not OutOfMemoryException) // Whatever the driver makes of altered bytes.
            {
                return number;
            }
        }

        return number == count && head.SequenceEqual(previous) ? null : Math.Min(number, count) + 1;
    }

    /// <summary>Throws where a length leads out of the document: the driver would allocate that much, up to 2 GB, before it
    /// looks.</summary>
    private static void CheckLengths(ReadOnlySpan<byte> document)
    {
        foreach (var element in new RawBson(document))
        {
            if (element.Type is BsonType.Document or BsonType.Array)
            {
                CheckLengths(element.Value);
            }
        }
    }

    private static BsonDocument Describe(Actor actor) =>
        new() { { "person", BsonMapping.Value(actor.Person) }, { "name", actor.Name } };
}
