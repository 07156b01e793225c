using Itsm.Contracts;
using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Platform.Aggregates;

/// <summary>What one save did to an aggregate, by its history.</summary>
/// <param name="At">When.</param>
/// <param name="By">Who.</param>
/// <param name="Action">The use case: <c>create</c>, <c>update</c>, or the action.</param>
/// <param name="Reason">Why, in their words; null where they gave none.</param>
/// <param name="Fields">What changed; empty for a new one.</param>
public sealed record RecordedChange(
    DateTimeOffset At, Actor By, string Action, string? Reason, IReadOnlyList<RecordedFieldChange> Fields)
{
    internal static RecordedChange Of(BsonDocument entry) => new(
        new(entry["at"].ToUniversalTime()), BsonMapping.FromBytes<Actor>(entry["by"].AsBsonDocument.ToBson()), entry["action"].AsString,
        entry["reason"] is BsonString reason ? reason.Value : null,
        [.. entry["changes"].AsBsonArray.Select(change => FieldOf(change.AsBsonDocument))]);

    internal static RecordedFieldChange FieldOf(BsonDocument change) =>
        new(change["field"].AsString, ValueOf(change, "from", "removed"), ValueOf(change, "to", "added"));

    private static BsonValue? ValueOf(BsonDocument change, string whole, string part) =>
        change.GetValue(whole, change.GetValue(part, BsonNull.Value)) is { IsBsonNull: false } value ? value : null;
}

/// <summary>How a field changed.</summary>
/// <param name="Field">Its name.</param>
/// <param name="From">What it was, of a list what was taken away; null for nothing.</param>
/// <param name="To">What it became, of a list what was added; null for nothing.</param>
public sealed record RecordedFieldChange(string Field, BsonValue? From, BsonValue? To);
