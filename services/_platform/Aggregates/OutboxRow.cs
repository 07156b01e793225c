using Itsm.Platform.Documents;
using MongoDB.Bson.Serialization.Attributes;

namespace Itsm.Platform.Aggregates;

/// <summary>The messages of one save, stored beside the document where the engine makes several writes as one; deleted once they are
/// published.</summary>
/// <param name="Id">Rises with time.</param>
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
    public static CollectionDefinition Definition { get; } = new("outbox", new IndexDefinition("aggregate", "aggregateVersion"));

    public StoredDocument Stored() => new(Id, Version, BsonMapping.ToBytes(this));
}
