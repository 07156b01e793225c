using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Values;

namespace Itsm.Assets.Health;

/// <summary>Something that is not as it should be with an item, as the last run found it.</summary>
public sealed class HealthFinding : Record
{
    private const int MostAbout = 1_001;

    /// <summary>Id of the item.</summary>
    public required Guid Item { get; init; }

    /// <summary>Where the item is read.</summary>
    public required string Href { get; init; }

    /// <summary>Number of the item.</summary>
    public required string Number { get; init; }

    /// <summary>Name of the item.</summary>
    public required string Name { get; init; }

    /// <summary>Key of its class.</summary>
    public required string Class { get; init; }

    /// <summary>What it was checked for.</summary>
    public required HealthCheck Check { get; init; }

    /// <summary>What is wrong.</summary>
    public required HealthDetail Detail { get; init; }

    /// <summary>Of a duplicate: the same for all that are recognised by the same; null of others.</summary>
    public Guid? Group { get; init; }

    /// <summary>Ids of all items that it tells of.</summary>
    [Hidden]
    [AtMost(MostAbout)]
    public required IReadOnlyList<Guid> About { get; init; }

    /// <summary>Number of the run that found it.</summary>
    [Hidden]
    public required long Run { get; init; }

    /// <summary>How it is stored.</summary>
    public static ProjectionDefinition<HealthFinding> Definition { get; } = new("configuration-health-findings",
        new IndexDefinition("readers", "number"), new("check", "number"), new("class", "number"), new("item", "number"),
        new("group", "number") { Sparse = true }, new("about", "number") { Serves = "hiding what tells of an item" },
        new("run") { Serves = "removing what earlier runs found" })
    {
        Noun = "finding",
    };

    internal static ListDefinition Lists { get; } = new()
    {
        Filters = [Filter.OneOf<HealthCheck>("check"), Filter.Text("class"), Filter.Id("item"), Filter.Id("group")],
        Sorts = ["number"], DefaultSort = "number",
    };

    internal static HealthFinding Of(long run, ConfigurationItem item, Found found)
    {
        var finding = new HealthFinding
        {
            Id = DerivedId.From("health-finding", item.Id.ToString(), found.Check.ToString(), found.Key),
            Item = item.Id, Href = $"/api/v1/configuration-items/{item.Id}", Number = item.Number, Name = item.Name, Class = item.Class,
            Check = found.Check, Detail = HealthDetail.Of(found.Detail), Group = found.Group, Run = run,
            About = [item.Id, .. found.Others.Take(MostAbout - 1)],
        };

        // Where not all can be named who may come to be hidden, it is for those alone from whom nothing is.
        (finding.Version, finding.Readers) =
            (run, found.Others.Count < MostAbout ? found.Readers : [ReaderToken.Role(KnownRoles.Administrator)]);
        return finding;
    }
}

/// <summary>What is wrong with an item.</summary>
public sealed record HealthDetail : StoredSentence
{
    internal static HealthDetail Of(Sentence detail) =>
        new() { Text = detail.ToString(), Template = TemplateOf(detail), Arguments = ArgumentsOf(detail) };
}

/// <summary>What items are checked for.</summary>
public enum HealthCheck
{
    /// <summary>A required attribute, owner, support group or, of a service, criticality is missing.</summary>
    Incomplete,

    /// <summary>Another item of its class is recognised by the same.</summary>
    Duplicate,

    /// <summary>It has no relation, in either direction; services and what is planned may have none.</summary>
    Orphan,

    /// <summary>No source has reported it for 30 days, though one once did.</summary>
    Stale,

    /// <summary>Its relations break what their types say now, lead to what is retired, or have too few alternatives left.</summary>
    RuleBroken,

    /// <summary>It is a service without owner.</summary>
    OwnerlessService,
}

/// <summary>Something that a check found of an item.</summary>
/// <param name="Check">Which check.</param>
/// <param name="Detail">What is wrong.</param>
/// <param name="Readers">Who sees all that it tells of.</param>
/// <param name="Key">Tells it from others that the same check finds of the same item.</param>
/// <param name="Group">Shared by duplicates.</param>
internal sealed record Found(HealthCheck Check, Sentence Detail, IReadOnlyList<string> Readers, string Key = "", Guid? Group = null)
{
    /// <summary>Ids of the other items that it tells of.</summary>
    public IReadOnlyList<Guid> Others { get; init; } = [];
}

/// <summary>Who sees several things.</summary>
internal static class CommonReaders
{
    /// <summary>The tokens of those who see both by the same token: nobody who does not see both, though not all who do.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> one, IReadOnlyList<string> other) =>
        one.Contains(ReaderToken.Everyone) ? other : other.Contains(ReaderToken.Everyone) ? one : [.. one.Intersect(other)];

    /// <summary>True where all who see the one see the other.</summary>
    public static bool AreAmong(IReadOnlyList<string> one, IReadOnlyList<string> other) =>
        other.Contains(ReaderToken.Everyone) || one.All(other.Contains);
}
