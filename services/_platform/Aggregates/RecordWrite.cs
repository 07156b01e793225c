using System.Text.Json.Serialization;
using Itsm.Platform.Documents;

namespace Itsm.Platform.Aggregates;

/// <summary>A record that a save writes or deletes: with the document where the engine makes several writes as one, else carried out by the
/// relay right after it.</summary>
/// <param name="Collection">Of the same service.</param>
/// <param name="Id">Of the record.</param>
/// <param name="Version">Of the aggregate that was saved.</param>
/// <param name="Body">The record; null to delete it.</param>
internal sealed record RecordWrite(string Collection, Guid Id, long Version, byte[]? Body)
{
    /// <summary>The record as it is stored; null where it is deleted.</summary>
    [JsonIgnore]
    public StoredDocument? Stored => Body is null ? null : new StoredDocument(Id, Version, Body);
}
