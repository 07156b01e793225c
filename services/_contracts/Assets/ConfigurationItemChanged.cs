namespace Itsm.Contracts.Assets;

/// <summary>A configuration item as of one version, with its own relations, also those that have ended: the newest message tells its whole
/// past in the graph.</summary>
/// <remarks>Published by: assets. Consumed by: assets (the graph), incidents and requests (what tickets name),
/// search.</remarks>
public sealed record ConfigurationItemChanged : IEntityChanged
{
    /// <inheritdoc/>
    public required Guid Id { get; init; }

    /// <inheritdoc/>
    public required long Version { get; init; }

    /// <summary>Number shown to people: <c>CI0001042</c>.</summary>
    public required string Number { get; init; }

    /// <summary>Short name in addresses, lower case, unique; null where it has none.</summary>
    public string? Key { get; init; }

    /// <summary>Name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for; null where nobody has said.</summary>
    public string? Description { get; init; }

    /// <summary>Those of its attributes that are texts, by key; several texts with commas.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>Key of its class: <c>it-service</c>, <c>server</c>.</summary>
    public required string Class { get; init; }

    /// <summary><c>planned</c>, <c>inUse</c>, <c>inMaintenance</c> or <c>retired</c>.</summary>
    public required string State { get; init; }

    /// <summary>Id of the item that it was merged into; null where it was not.</summary>
    public Guid? MergedInto { get; init; }

    /// <summary>Ids, numbers and keys of items that were merged into it.</summary>
    public IReadOnlyList<string> FormerNames { get; init; } = [];

    /// <summary>Id of the person who answers for it; null for nobody.</summary>
    public Guid? Owner { get; init; }

    /// <summary>Id of the group that looks after it; null for none.</summary>
    public Guid? SupportGroup { get; init; }

    /// <summary>1 (most critical) to 4; null where nobody has said.</summary>
    public int? Criticality { get; init; }

    /// <summary>Key of its site; null for none.</summary>
    public string? Site { get; init; }

    /// <summary>Its own relations to others, oldest first.</summary>
    public required IReadOnlyList<ItemRelation> Relations { get; init; }

    /// <summary>When it was there and not retired, oldest first.</summary>
    public required IReadOnlyList<ItemPeriod> Present { get; init; }

    /// <summary>Names of the fields that this version changed; empty where it is said again.</summary>
    public IReadOnlyList<string> Changed { get; init; } = [];

    /// <summary>Who made this version; null where it is said again.</summary>
    public Actor? By { get; init; }

    /// <summary>When this version was made, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Reader tokens: who may see it.</summary>
    public required IReadOnlyList<string> Readers { get; init; }
}

/// <summary>A relation from an item to another, while it held.</summary>
/// <param name="Type">Key of the relation's type: <c>runs-on</c>.</param>
/// <param name="Impact">Which of the two suffers when the other fails.</param>
/// <param name="Target">Id of the other item.</param>
/// <param name="Alternatives">Name of those relations of the item that stand in for each other; null where it stands alone.</param>
/// <param name="Needs">How many of the alternatives must work; null where it stands alone.</param>
/// <param name="From">Since when, UTC.</param>
/// <param name="To">Until when, UTC; null while it holds.</param>
public sealed record ItemRelation(
    string Type, RelationImpact Impact, Guid Target, string? Alternatives, int? Needs, DateTimeOffset From, DateTimeOffset? To);

/// <summary>A time that an item was there.</summary>
/// <param name="From">Since when, UTC.</param>
/// <param name="To">Until when, UTC; null while it is.</param>
public sealed record ItemPeriod(DateTimeOffset From, DateTimeOffset? To);

/// <summary>Which end of a relation suffers when the other fails.</summary>
[UnknownCountsAs(nameof(None))]
public enum RelationImpact
{
    /// <summary>Neither.</summary>
    None,

    /// <summary>The source, which needs the target: it runs on it.</summary>
    OnSource,

    /// <summary>The target, which needs the source: it uses it.</summary>
    OnTarget,
}
