namespace Itsm.Ticketing.Configuration;

/// <summary>What a walk found.</summary>
public sealed class GraphWalk
{
    /// <summary>A walk that found nothing.</summary>
    internal static readonly GraphWalk Nothing = new([], [], []);

    private readonly GraphVisit[] _visits;
    private readonly RelationKind[] _kinds;

    internal GraphWalk(IReadOnlyList<GraphHit> hits, GraphVisit[] visits, RelationKind[] kinds) =>
        (Hits, _visits, _kinds) = (hits, visits, kinds);

    /// <summary>What was found, the nearest first, the equally near by their ids.</summary>
    public IReadOnlyList<GraphHit> Hits { get; }

    /// <summary>The relations that lead from a root to a hit of this walk, as many as its hops, as they were when it was found. Which of
    /// several shortest paths does not depend on the order in which the graph was fed.</summary>
    public IReadOnlyList<GraphEdge> PathTo(GraphHit hit)
    {
        var path = new GraphEdge[hit.Hops];
        var at = hit.Visit;
        for (var left = hit.Hops; left > 0; left--)
        {
            var (visit, before) = (_visits[at], _visits[_visits[at].Before]);
            path[left - 1] = visit.Outward
                ? GraphEdge.Of(before.Item, visit.Item, _kinds[visit.Kind], visit.From, visit.To)
                : GraphEdge.Of(visit.Item, before.Item, _kinds[visit.Kind], visit.From, visit.To);
            at = visit.Before;
        }

        return path;
    }
}

/// <summary>An item that a walk found.</summary>
/// <param name="Item">Its id.</param>
/// <param name="Effect">What that means for it.</param>
/// <param name="Hops">How many relations it is away from the nearest root by which it has this effect.</param>
public readonly record struct GraphHit(Guid Item, GraphEffect Effect, int Hops)
{
    /// <summary>Index of the visit in the walk.</summary>
    internal int Visit { get; init; }
}

/// <summary>What a walk found out about an item; of the answers to one question, the stronger first.</summary>
public enum GraphEffect
{
    /// <summary>Of an impact: it fails, too.</summary>
    Affected,

    /// <summary>Of an impact: it lost alternatives, and works with those that are left.</summary>
    AtRisk,

    /// <summary>Of requirements: the root fails with it.</summary>
    Needed,

    /// <summary>Of requirements: on each path to it is a choice of alternatives that can do without.</summary>
    Alternative,

    /// <summary>Of a neighbourhood: it is there.</summary>
    Near,
}

/// <summary>A relation between two items.</summary>
/// <param name="Source">Id of the item whose relation it is.</param>
/// <param name="Type">Key of its type.</param>
/// <param name="Target">Id of the other item.</param>
/// <param name="Alternatives">Name of those relations of the source that stand in for each other; null where it stands alone.</param>
/// <param name="Needs">How many of the alternatives must work; null where it stands alone.</param>
/// <param name="From">Since when, UTC.</param>
/// <param name="To">Until when, UTC; null while it holds.</param>
public readonly record struct GraphEdge(
    Guid Source, string Type, Guid Target, string? Alternatives, int? Needs, DateTimeOffset From, DateTimeOffset? To)
{
    internal static GraphEdge Of(Guid source, Guid target, RelationKind kind, long from, long to) =>
        new(source, kind.Type, target, kind.Alternatives, kind.Needs, new(from, TimeSpan.Zero),
            to == long.MaxValue ? null : new DateTimeOffset(to, TimeSpan.Zero));
}
