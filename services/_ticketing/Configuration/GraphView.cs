namespace Itsm.Ticketing.Configuration;

/// <summary>The graph as a caller sees it at an instant: items that the caller may read and that were there, with the relations between
/// them that held. Anything else is as if it had never been: not shown, not walked through, not counted as an alternative.</summary>
/// <remarks>Each call answers of one state of the graph; two calls may answer of two.</remarks>
public sealed class GraphView
{
    /// <summary>The longest way that <see cref="Around"/> goes.</summary>
    public const int MostHops = 5;

    private const byte Seen = 1;
    private const byte Unseen = 2;
    private readonly ConfigurationGraph _graph;
    private readonly IReadOnlySet<string>? _tokens;
    private readonly long _at;

    /// <summary>What is known of each set of readers; 0: not looked at yet.</summary>
    private byte[] _sees = [];

    internal GraphView(ConfigurationGraph graph, IReadOnlySet<string>? tokens, DateTimeOffset? at) =>
        (_graph, _tokens, _at) = (graph, tokens, at?.UtcTicks ?? long.MaxValue - 1);

    /// <summary>True where the item is visible and was there.</summary>
    public bool Contains(Guid item) => Read(() => Place(item) != GraphNode.None);

    /// <summary>The class of an item of this view; null for any other.</summary>
    public string? ClassOf(Guid item) =>
        Read(() => Place(item) is var place and not GraphNode.None ? _graph.Classes[_graph.Nodes[place].Class] : null);

    /// <summary>How many of a relation's alternatives this view has; null where it stands alone.</summary>
    public int? AlternativesOf(GraphEdge edge) => edge.Alternatives is null ? null
        : Neighbours(edge.Source).Where(other => other.Source == edge.Source && other.Alternatives == edge.Alternatives)
            .Select(other => other.Target).Distinct().Count();

    /// <summary>Who suffers when these items fail, transitively and without themselves. An item is affected where it needs an affected or
    /// failed one alone, or as one of alternatives of which fewer are left than it needs; it is at risk where enough are left.</summary>
    /// <remarks>Hops: one more than those of the failing that broke it, the nearest first; at risk, of the nearest.</remarks>
    public GraphWalk Impact(IReadOnlyCollection<Guid> failed) => Walk(GraphQuestion.Impact, failed, int.MaxValue);

    /// <summary>What the item needs, transitively. Needed is what a path leads to on which every relation stands alone, or has no more
    /// alternatives than must work.</summary>
    public GraphWalk Requirements(Guid item) => Walk(GraphQuestion.Requirements, [item], int.MaxValue);

    /// <summary>What can be reached by relations of any type, either way; the item itself with 0 hops.</summary>
    /// <param name="item">Where to begin.</param>
    /// <param name="hops">How far to go: 1 to <see cref="MostHops"/>.</param>
    public GraphWalk Around(Guid item, int hops)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hops, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hops, MostHops);
        return Walk(GraphQuestion.Around, [item], hops);
    }

    /// <summary>The relations of an item, both ways, by type, source, target and beginning.</summary>
    public IReadOnlyList<GraphEdge> Neighbours(Guid item) => Read(() =>
    {
        var edges = new List<GraphEdge>();
        var (place, nodes, relations) = (Place(item), _graph.Nodes, _graph.Links);
        for (var at = place < 0 ? place : nodes[place].FirstOut; at >= 0; at = relations[at].NextOut)
        {
            Add(relations[at], relations[at].Target);
        }

        for (var at = place < 0 ? place : nodes[place].FirstIn; at >= 0; at = relations[at].NextIn)
        {
            if (relations[at].Source != place)
            {
                Add(relations[at], relations[at].Source);
            }
        }

        return edges.OrderBy(edge => edge.Type, StringComparer.Ordinal).ThenBy(edge => edge.Source).ThenBy(edge => edge.Target)
            .ThenBy(edge => edge.From).ThenBy(edge => edge.Alternatives, StringComparer.Ordinal).ThenBy(edge => edge.Needs)
            .ThenBy(edge => edge.To).ToList();

        void Add(in GraphRelation relation, int other)
        {
            if (Holds(relation) && Shows(other))
            {
                edges.Add(GraphEdge.Of(nodes[relation.Source].Id, nodes[relation.Target].Id, _graph.Kinds[relation.Kind],
                    relation.From, relation.To));
            }
        }
    });

    /// <summary>Where an item is, if it is in this view; else <see cref="GraphNode.None"/>.</summary>
    internal int Place(Guid item) => _graph.Find(item) is var place and >= 0 && Shows(place) ? place : GraphNode.None;

    internal bool Holds(in GraphRelation relation) => relation.From <= _at && _at < relation.To;

    internal bool Shows(int place) =>
        _graph.Nodes[place].Readers is var readers and >= 0 && Sees(readers) && _graph.IsPresent(place, _at);

    private bool Sees(int readers)
    {
        ref var sees = ref _sees[readers];
        if (sees == 0)
        {
            sees = _tokens is null || Array.Exists(_graph.Readers[readers], _tokens.Contains) ? Seen : Unseen;
        }

        return sees == Seen;
    }

    private GraphWalk Walk(GraphQuestion question, IReadOnlyCollection<Guid> roots, int hops) =>
        Read(() => new GraphWalker(_graph, this, question).Walk(roots, hops));

    private T Read<T>(Func<T> read) => _graph.Read(() =>
    {
        if (_sees.Length < _graph.Readers.Length)
        {
            Array.Resize(ref _sees, _graph.Readers.Length);
        }

        return read();
    });
}
