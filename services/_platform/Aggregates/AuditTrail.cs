using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using Itsm.Contracts;
using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Platform.Aggregates;

/// <summary>Which fields audit entries tell of, and the hash chain over them.</summary>
public static class AuditTrail
{
    /// <summary>Bookkeeping that follows from other fields, or belongs to the store.</summary>
    private static readonly HashSet<string> Unaudited = ["_id", "_schema", "version", "updatedAt", "timeline", "readers", "noteReaders",
        Envelope.Element];

    /// <summary>The fields of a type that audit entries leave out.</summary>
    internal static HashSet<string> UnauditedOf(Type type) =>
    [
        .. Unaudited,
        .. type.GetProperties()
            .Where(property => property.IsDefined(typeof(UnauditedAttribute)) || property.IsDefined(typeof(AnnexAttribute)))
            .Select(property => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(property.Name)),
    ];

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
            { "_id", BsonMapping.Value(DerivedId.At(audit.At, aggregate.ToString(), number.ToString(CultureInfo.InvariantCulture))) },
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
        if (audit.Request is { } request)
        {
            entry.Add("request", BsonMapping.Value(request));
        }

        envelope.ChainHead = SHA256.HashData(entry.ToBson());
        entry.Add("hash", envelope.ChainHead);
        envelope.Audit.Add(entry);
    }

    private static BsonDocument Describe(Actor actor) =>
        new() { { "person", BsonMapping.Value(actor.Person) }, { "name", actor.Name } };
}
