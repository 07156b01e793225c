using System.Text.Json;
using System.Text.RegularExpressions;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;

namespace Itsm.Assets.Import;

/// <summary>What a source knows of an item; what it leaves out stays as it is. It is recognised by <see cref="ExternalId"/>, by
/// <see cref="Key"/>, or by what its class is recognised by (<c>matchBy</c>), and added where it is not.</summary>
public sealed partial record ReportedItem
{
    internal const int MostRelations = 1_000;

    /// <summary>What the source calls it, at most 200 characters.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Id or key of its class.</summary>
    public required string Class { get; init; }

    /// <summary>Its short name in addresses: of a new one it becomes so.</summary>
    public string? Key { get; init; }

    /// <summary>Name shown to people, 2 to 200 characters.</summary>
    public string? Name { get; init; }

    /// <summary>What it is for, in Markdown, at most 32,000 characters.</summary>
    public string? Description { get; init; }

    /// <summary>Id or user name of who answers for it.</summary>
    public string? Owner { get; init; }

    /// <summary>Id or key of the group that looks after it.</summary>
    public string? SupportGroup { get; init; }

    /// <summary>1 (most critical) to 4.</summary>
    public int? Criticality { get; init; }

    /// <summary>Key of its site.</summary>
    public string? Site { get; init; }

    /// <summary>By key; null takes back what the source had said.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Attributes { get; init; }

    /// <summary>All of its relations that the source knows, at most 1,000: those that it had reported and that are not among them end.
    /// Left out, they stay.</summary>
    public IReadOnlyList<ReportedRelation>? Relations { get; init; }

    /// <exception cref="HttpProblemException">400 for what is wrong whatever there is.</exception>
    internal void Require()
    {
        List<FieldError> errors = [];
        Bound("externalId", ExternalId, 1, 200);
        Bound("name", Name, 2, 200);
        Bound("description", Description, 0, 32_000);
        if (Key is not null && !Keys().IsMatch(Key))
        {
            errors.Add(new("/key", FieldCode.WrongFormat,
                $"key can't be {Key.Quoted}: lower-case letters, digits and single hyphens, no number of an item."));
        }

        if (Criticality is < 1 or > 4)
        {
            errors.Add(new("/criticality", FieldCode.OutOfRange, $"criticality is 1 to 4, not {Criticality}."));
        }

        if (Relations is { Count: > MostRelations })
        {
            errors.Add(new("/relations", FieldCode.TooMany,
                $"An item has at most {MostRelations} relations of its own, not {Relations.Count}."));
        }

        errors.AddRange((Relations ?? []).Index().Where(one => (one.Item.Target is null) == (one.Item.ExternalId is null))
            .Select(one => new FieldError($"/relations/{one.Index}", FieldCode.Conflicting,
                $"Either target or externalId says to what the relation leads.")));
        if (errors.Count > 0)
        {
            throw HttpProblemException.Invalid(errors);
        }

        void Bound(string name, string? text, int least, int most)
        {
            if (text is not null && (text.Length > most || text.Trim().Length < least))
            {
                errors.Add(new($"/{name}", text.Length > most ? FieldCode.TooLong : FieldCode.TooShort,
                    $"{name.AsWord} has {text.Length} characters; {least} to {most} are possible."));
            }
        }
    }

    [GeneratedRegex("^(?!ci[0-9])(?=.{2,60}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    private static partial Regex Keys();
}

/// <summary>A relation of a reported item to another.</summary>
public sealed record ReportedRelation
{
    /// <summary>Id or key of its type.</summary>
    public required string Type { get; init; }

    /// <summary>Id, number or key of the other item.</summary>
    public string? Target { get; init; }

    /// <summary>What the source calls the other item, instead of its id.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Name of those of the item's relations that stand in for each other; it stands alone where left out.</summary>
    public string? Alternatives { get; init; }

    /// <summary>How many of the alternatives must work.</summary>
    public int? Needs { get; init; }
}

/// <summary>What came of a reported item.</summary>
/// <param name="ExternalId">What the source calls it.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Item">The configuration item; null where it was refused, or would be added.</param>
/// <param name="Changes">What changed, without its relations; empty for a new one.</param>
/// <param name="Code">Why it was refused: <c>invalid-request</c>, or that of the rule.</param>
/// <param name="Reason">The same in words.</param>
/// <param name="Errors">What is wrong in it, with pointers into the item.</param>
public sealed record ReportedResult(
    string? ExternalId, ReportOutcome Outcome, NamedItem? Item, IReadOnlyList<RecordedFieldChange> Changes, string? Code,
    Sentence? Reason, IReadOnlyList<FieldError> Errors);

/// <summary>An item as an answer names it.</summary>
/// <param name="Id">Identity.</param>
/// <param name="Number">Shown to people.</param>
/// <param name="Name">Shown to people.</param>
public sealed record NamedItem(Guid Id, string Number, string Name);

/// <summary>What came of a reported item.</summary>
public enum ReportOutcome
{
    /// <summary>It is new.</summary>
    Created,

    /// <summary>It was there, and has changed.</summary>
    Updated,

    /// <summary>It was there, and is as it was.</summary>
    Unchanged,

    /// <summary>It was taken in, but for its relations.</summary>
    Incomplete,

    /// <summary>It was not taken in.</summary>
    Refused,
}
