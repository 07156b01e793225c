using Itsm.Contracts.Assets;

namespace Itsm.Ticketing.Configuration;

/// <summary>An item, or the target of a relation that no message has told of yet: nobody sees that one. 56 bytes; what
/// walks read comes first.</summary>
internal struct GraphNode
{
    /// <summary>At the end of a list of relations.</summary>
    public const int None = -1;

    /// <summary>In <see cref="From"/>: it was there in several periods, which are in a table of their own.</summary>
    public const long Several = long.MinValue;

    /// <summary>The only period in which it was there, UTC ticks; one that never begins where there is none.</summary>
    public long From;
    public long To;

    /// <summary>Index of its set of readers; <see cref="None"/> before its first message.</summary>
    public int Readers;

    /// <summary>Index of its class.</summary>
    public int Class;

    /// <summary>First of its own relations, in the order of the message.</summary>
    public int FirstOut;

    /// <summary>First of the relations to it, in no order.</summary>
    public int FirstIn;
    public Guid Id;
    public long Version;
}

/// <summary>A relation: in the list of its source, and in that of its target, linked both ways so that a hub's is left at once.
/// 40 bytes.</summary>
internal struct GraphRelation
{
    public int Source;
    public int Target;
    public int Kind;

    /// <summary>The source's next; of a free place, the next free one.</summary>
    public int NextOut;
    public int NextIn;
    public int PreviousIn;
    public long From;
    public long To;
}

/// <summary>What many relations have in common.</summary>
internal readonly record struct RelationKind(string Type, RelationImpact Impact, string? Alternatives, int? Needs)
{
    /// <summary>True where others may stand in for the target.</summary>
    public bool HasAlternatives => Alternatives is not null && Impact == RelationImpact.OnSource;

    /// <summary>Number of <see cref="Alternatives"/>; no part of the key by which kinds are found.</summary>
    public int Name { get; init; }
}
