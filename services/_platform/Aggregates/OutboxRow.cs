using System.Buffers.Binary;
using Itsm.Platform.Documents;
using MongoDB.Bson.Serialization.Attributes;

namespace Itsm.Platform.Aggregates;

/// <summary>The messages of one save, stored beside the document where the engine makes several writes as one; deleted once they are
/// published.</summary>
/// <param name="Id">The rows of one aggregate stand together, in the order of its versions.</param>
/// <param name="Version">1.</param>
/// <param name="Source">The aggregate's collection.</param>
/// <param name="Aggregate">Whose save it was.</param>
/// <param name="AggregateVersion">Which of its versions was saved.</param>
/// <param name="Since">When.</param>
/// <param name="Messages">In the order in which they were raised.</param>
internal sealed record OutboxRow(
    [property: BsonId] Guid Id, long Version, string Source, Guid Aggregate, long AggregateVersion, DateTimeOffset Since,
    List<OutboxMessage> Messages)
{
    private const int PrefixBytes = 10;

    public static CollectionDefinition Definition { get; } = new("outbox");

    /// <summary>The id of the row of a save; of version 0 the one before all of an aggregate's.</summary>
    public static Guid IdOf(string source, Guid aggregate, long version)
    {
        Span<byte> id = stackalloc byte[16];
        Span<byte> number = stackalloc byte[8];
        DerivedId.From(source, aggregate.ToString()).TryWriteBytes(id, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(number, version);
        number[2..].CopyTo(id[PrefixBytes..]);
        return new Guid(id, bigEndian: true);
    }

    /// <summary>True where two ids are of rows of one aggregate.</summary>
    public static bool AreOfOne(Guid one, Guid other) =>
        one.ToByteArray(bigEndian: true).AsSpan(0, PrefixBytes).SequenceEqual(other.ToByteArray(bigEndian: true).AsSpan(0, PrefixBytes));

    public StoredDocument Stored() => new(Id, Version, BsonMapping.ToBytes(this));
}
