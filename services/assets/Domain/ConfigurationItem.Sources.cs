using System.Text.Json;
using Itsm.Contracts;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using MongoDB.Bson;

namespace Itsm.Assets.Domain;

public sealed partial class ConfigurationItem
{
    /// <summary>Its attributes by key: of each the word that counts.</summary>
    [AtMost(200), UnusedByActions]
    public Dictionary<string, BsonValue> Attributes { get; private set; } = [];

    /// <summary>What each source said last of each attribute, also what does not count.</summary>
    [AtMost(2_000), UnusedByActions]
    public IReadOnlyList<SourceValue> Sources { get; private set; } = [];

    private Dictionary<string, string> TextAttributes => Attributes.Where(one => one.Value is BsonString or BsonArray).ToDictionary(
        one => one.Key, one => one.Value is BsonArray several ? string.Join(", ", several) : one.Value.AsString);

    /// <summary>Takes in what a source says of attributes; null takes back what it said.</summary>
    /// <param name="by">Whose word it is.</param>
    /// <param name="values">By attribute; of the others it keeps its word.</param>
    /// <param name="of">The item's class.</param>
    /// <param name="audit">Who brings it, and when.</param>
    /// <param name="whole">True where an attribute that must be there may not be missing.</param>
    /// <returns>What is wrong with the values: an error for each that is not as the class wants it. Where there is one the item must not be
    /// saved.</returns>
    public IReadOnlyList<FieldError> Hear(
        Reporter by, IReadOnlyDictionary<string, JsonElement> values, ConfigurationClass of, AuditContext audit, bool whole = true)
    {
        var known = of.Attributes.Properties.Keys;
        var (answers, wrong) = of.Attributes.Read(
            values.Where(value => value.Value.ValueKind != JsonValueKind.Null && known.Contains(value.Key)).ToDictionary(), new(),
            "/attributes", whole: false);
        List<FieldError> errors = [.. wrong,
            .. values.Keys.Except(known).Select(key =>
                new FieldError($"/attributes/{FieldError.Escape(key)}", FieldCode.UnknownField, $"There is no attribute {key.Quoted}."))];
        var said = answers.ToDictionary(answer => answer.Question, answer => answer.Value);
        Sources =
        [
            .. Sources.Where(one => !by.Said(one) || !values.ContainsKey(one.Attribute)
                || (said.TryGetValue(one.Attribute, out var value) && one.Value == value)),
            .. said.Where(value => !Sources.Any(one => by.Said(one) && one.Attribute == value.Key && one.Value == value.Value))
                .Select(value => by.Say(value.Key, value.Value, audit)),
        ];
        Choose(of);
        if (whole)
        {
            errors.AddRange(of.Attributes.Required.Where(key => !Attributes.ContainsKey(key)).Select(key =>
                new FieldError($"/attributes/{key}", FieldCode.Required, $"{key} is required of a {of.Key}.")));
        }

        return errors;
    }

    /// <summary>Of what the sources said, what counts.</summary>
    private void Choose(ConfigurationClass of)
    {
        Attributes = Sources.Where(one => one.Attribute[0] != FieldMark).GroupBy(one => one.Attribute)
            .OrderBy(one => one.Key, StringComparer.Ordinal).ToDictionary(
            words => words.Key,
            words => words.OrderBy(one => of.RankOf(words.Key, one.Source)).ThenByDescending(one => one.At).First().Value);
        Identify(of);
    }
}

/// <summary>What a source said of an attribute.</summary>
/// <param name="Attribute">Its key; of the item's own fields <c>/name</c>, <c>/owner</c> and so on.</param>
/// <param name="Value">Text, number, true or false, or a list of texts.</param>
/// <param name="Source">Key of the source: <c>person</c>, <c>discovery</c>, <c>import</c> or another.</param>
/// <param name="By">Who brought it.</param>
/// <param name="At">When it first said so.</param>
public sealed record SourceValue(string Attribute, BsonValue Value, string Source, Actor By, DateTimeOffset At)
{
    /// <summary>What the source calls the item; null where it knows it by its attributes alone.</summary>
    public string? ExternalId { get; init; }
}

/// <summary>Who says something of an item.</summary>
/// <param name="Source">Key of the source.</param>
/// <param name="ExternalId">What the source calls the item: of what it calls by two names each has its own word.</param>
public sealed record Reporter(string Source, string? ExternalId = null)
{
    /// <summary>People.</summary>
    public static Reporter Person { get; } = new(ItemSource.Person);

    internal bool Said(SourceValue value) => value.Source == Source && value.ExternalId == ExternalId;

    internal bool Said(Relation relation) => relation.Source == Source && relation.ExternalId == ExternalId;

    internal SourceValue Say(string attribute, BsonValue value, AuditContext audit) =>
        new(attribute, value, Source, audit.By, audit.At) { ExternalId = ExternalId };
}

/// <summary>Where values of attributes come from.</summary>
public static class ItemSource
{
    /// <summary>Somebody has written it by hand.</summary>
    public const string Person = "person";
}
