using Itsm.Contracts.Assets;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.Assets.Domain;

/// <summary>A type of relation between configuration items: which classes it joins, and who suffers when an end fails.</summary>
public sealed class RelationType : Aggregate
{
    /// <summary>Short name in addresses, lower case, unique; works as an id.</summary>
    public required string Key { get; init; }

    /// <summary>Which end suffers when the other fails; fixed, since the past follows from it.</summary>
    public required RelationImpact Impact { get; init; }

    /// <summary>True where no item may be related to itself, be it through others; fixed, since what there is was made by it.</summary>
    public required bool Acyclic { get; init; }

    /// <summary>As read from the source: "runs on".</summary>
    public string Name { get; private set; } = "";

    /// <summary>As read from the target: "carries".</summary>
    public string InverseName { get; private set; } = "";

    /// <summary>Keys of the classes that a source may have; all where empty.</summary>
    [AtMost(100)]
    public IReadOnlyList<string> SourceClasses { get; private set; } = [];

    /// <summary>Keys of the classes that a target may have; all where empty.</summary>
    [AtMost(100)]
    public IReadOnlyList<string> TargetClasses { get; private set; } = [];

    /// <summary>How many targets of this type an item has at most; null for any number.</summary>
    public int? MostTargets { get; private set; }

    /// <summary>How many sources of this type an item has at most; null for any number.</summary>
    public int? MostSources { get; private set; }

    /// <summary>True where a new relation must be looked at together with others than its source's own.</summary>
    internal bool IsGuarded => Acyclic || MostSources is not null;

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<RelationType> Definition { get; } = new("relation-types", "key",
        new IndexDefinition("readers", "key"))
    {
        Noun = "relation type", Normalize = key => key.ToLowerInvariant(), IsRecalled = true,
    };

    /// <summary>A new type.</summary>
    public static RelationType Create(Guid id, string key, RelationImpact impact, bool acyclic, RelationContent content)
    {
        var created = new RelationType { Id = id, Key = key, Impact = impact, Acyclic = acyclic, Readers = [ReaderToken.Everyone] };
        created.Describe(content);
        return created;
    }

    /// <summary>Changes what it says; relations that there are stay.</summary>
    public void Describe(RelationContent content)
    {
        (Name, InverseName) = (content.Name, content.InverseName);
        (SourceClasses, TargetClasses) = (content.SourceClasses, content.TargetClasses);
        (MostTargets, MostSources) = (content.MostTargets, content.MostSources);
    }
}

/// <summary>What may change of a relation type.</summary>
/// <param name="Name">As read from the source.</param>
/// <param name="InverseName">As read from the target.</param>
/// <param name="SourceClasses">Keys of the classes that a source may have; all where empty.</param>
/// <param name="TargetClasses">Keys of the classes that a target may have; all where empty.</param>
/// <param name="MostTargets">How many targets an item has at most.</param>
/// <param name="MostSources">How many sources an item has at most.</param>
public sealed record RelationContent(
    string Name, string InverseName, IReadOnlyList<string> SourceClasses, IReadOnlyList<string> TargetClasses, int? MostTargets,
    int? MostSources);
