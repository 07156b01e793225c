using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Itsm.Contracts.Assets;

namespace Itsm.Ticketing.Configuration;

/// <summary>What a walk asks.</summary>
internal enum GraphQuestion
{
    /// <summary>Who suffers.</summary>
    Impact,

    /// <summary>What is needed.</summary>
    Requirements,

    /// <summary>What is near.</summary>
    Around,
}

/// <summary>An item as a walk came to it, and by which relation. One that is found again with a stronger effect is visited again.</summary>
internal struct GraphVisit : IComparable<GraphVisit>
{
    public Guid Item;
    public int Place;
    public int Hops;

    /// <summary>Index of the visit from which it was found; <see cref="GraphNode.None"/> for a root.</summary>
    public int Before;
    public int Kind;
    public long From;
    public long To;
    public GraphEffect Effect;

    /// <summary>True where the relation's target was found from its source.</summary>
    public bool Outward;

    public readonly int CompareTo(GraphVisit other) => Item.CompareTo(other.Item);
}

/// <summary>One walk, breadth first: a level is complete, and in the order of ids, before the next begins.</summary>
internal sealed class GraphWalker(ConfigurationGraph graph, GraphView view, GraphQuestion question)
{
    private readonly GraphNode[] _nodes = graph.Nodes;
    private readonly GraphRelation[] _relations = graph.Links;
    private readonly RelationKind[] _kinds = graph.Kinds;

    private readonly GraphEffect _strongest = question switch
    {
        GraphQuestion.Impact => GraphEffect.Affected,
        GraphQuestion.Requirements => GraphEffect.Needed,
        _ => GraphEffect.Near,
    };

    /// <summary>By place, the index of the newest visit there. Not cleared: true only where that visit is of this place.</summary>
    private readonly int[] _visited = ArrayPool<int>.Shared.Rent(graph.Nodes.Length);
    private readonly Dictionary<long, Alternatives> _alternatives = [];
    private readonly HashSet<long> _counted = [];
    private GraphVisit[] _visits = ArrayPool<GraphVisit>.Shared.Rent(64);
    private int _count;
    private int _hops;

    /// <summary>Walks at most so many hops; used once.</summary>
    public GraphWalk Walk(IReadOnlyCollection<Guid> roots, int hops)
    {
        foreach (var place in roots.Distinct().Select(view.Place).Where(place => place >= 0))
        {
            Reach(GraphNode.None, new() { Item = _nodes[place].Id, Place = place, Effect = _strongest, Before = GraphNode.None });
        }

        Order(0);
        var first = question == GraphQuestion.Around ? 0 : _count;
        for (var (start, end) = (0, _count); start < end && _hops < hops; (start, end) = (end, _count))
        {
            _hops++;
            for (var at = start; at < end; at++)
            {
                if (_visits[at].Effect != GraphEffect.AtRisk)
                {
                    Leave(at);
                }
            }

            Order(end);
        }

        var hits = new List<GraphHit>(_count - first);
        for (var at = first; at < _count; at++)
        {
            ref var visit = ref _visits[at];
            if (_visited[visit.Place] == at)
            {
                hits.Add(new(visit.Item, visit.Effect, visit.Hops) { Visit = at });
            }
        }

        GraphVisit[] visits = [.. _visits.AsSpan(0, _count)];
        ArrayPool<int>.Shared.Return(_visited);
        ArrayPool<GraphVisit>.Shared.Return(_visits);
        return new(hits, visits, _kinds);
    }

    private void Leave(int visit)
    {
        var place = _visits[visit].Place;
        for (var at = _nodes[place].FirstOut; at >= 0; at = _relations[at].NextOut)
        {
            Follow(visit, ref _relations[at], outward: true);
        }

        for (var at = _nodes[place].FirstIn; at >= 0; at = _relations[at].NextIn)
        {
            Follow(visit, ref _relations[at], outward: false);
        }
    }

    private void Follow(int visit, ref readonly GraphRelation relation, bool outward)
    {
        ref readonly var kind = ref _kinds[relation.Kind];
        var needing = outward == (question == GraphQuestion.Requirements) ? RelationImpact.OnSource : RelationImpact.OnTarget;
        if ((question != GraphQuestion.Around && kind.Impact != needing) || !view.Holds(relation))
        {
            return;
        }

        var other = outward ? relation.Target : relation.Source;
        var known = VisitOf(other);
        if (known < 0 ? !view.Shows(other) : IsSettled(_visits[known], visit))
        {
            return;
        }

        Reach(known, new()
        {
            Item = _nodes[other].Id, Place = other, Hops = _hops, Before = visit, Outward = outward, Kind = relation.Kind,
            From = relation.From, To = relation.To,
            Effect = question switch
            {
                GraphQuestion.Impact => !kind.HasAlternatives || Breaks(relation, kind) ? GraphEffect.Affected : GraphEffect.AtRisk,
                GraphQuestion.Around => GraphEffect.Near,
                _ when _visits[visit].Effect == GraphEffect.Needed && (!kind.HasAlternatives || NeedsAll(relation, kind)) =>
                    GraphEffect.Needed,
                _ => GraphEffect.Alternative,
            },
        });
    }

    /// <summary>Index of the newest visit of a place; <see cref="GraphNode.None"/> where there was none.</summary>
    private int VisitOf(int place) =>
        _visited[place] is var visit && (uint)visit < (uint)_count && _visits[visit].Place == place ? visit : GraphNode.None;

    /// <summary>True where nothing found from another visit can be stronger or nearer.</summary>
    private bool IsSettled(in GraphVisit known, int visit) =>
        known.Effect == _strongest && (known.Hops < _hops || known.Before != visit);

    private void Reach(int known, in GraphVisit visit)
    {
        if (known >= 0 && _visits[known].Hops == _hops)
        {
            if (Precedes(visit, _visits[known]))
            {
                _visits[known] = visit;
            }
        }
        else if (known < 0 || visit.Effect < _visits[known].Effect)
        {
            if (_count == _visits.Length)
            {
                var longer = ArrayPool<GraphVisit>.Shared.Rent(2 * _count);
                _visits.CopyTo(longer);
                ArrayPool<GraphVisit>.Shared.Return(_visits);
                _visits = longer;
            }

            _visited[visit.Place] = _count;
            _visits[_count++] = visit;
        }
    }

    /// <summary>Of two ways to an item in the same number of hops: the stronger; of parallel relations always the same.</summary>
    private bool Precedes(in GraphVisit one, in GraphVisit other)
    {
        if (one.Effect != other.Effect || one.Before != other.Before)
        {
            return one.Effect < other.Effect;
        }

        var (kind, than) = (_kinds[one.Kind], _kinds[other.Kind]);
        var order = string.CompareOrdinal(kind.Type, than.Type);
        order = order != 0 ? order : string.CompareOrdinal(kind.Alternatives, than.Alternatives);
        order = order != 0 ? order : (one.Outward, kind.Needs ?? 0, one.From, one.To)
            .CompareTo((other.Outward, than.Needs ?? 0, other.From, other.To));
        return order < 0;
    }

    private void Order(int start)
    {
        _visits.AsSpan(start, _count - start).Sort();
        for (var at = start; at < _count; at++)
        {
            _visited[_visits[at].Place] = at;
        }
    }

    /// <summary>Counts the target, which failed, out; true where fewer are left than must work.</summary>
    private bool Breaks(in GraphRelation relation, in RelationKind kind)
    {
        ref var alternatives = ref AlternativesOf(relation.Source, kind.Name);
        if (alternatives.Failed != relation.Target)
        {
            (alternatives.Failed, alternatives.Left) = (relation.Target, alternatives.Left - 1);
        }

        return alternatives.Left < alternatives.Needs;
    }

    private bool NeedsAll(in GraphRelation relation, in RelationKind kind)
    {
        ref var alternatives = ref AlternativesOf(relation.Source, kind.Name);
        return alternatives.Left <= alternatives.Needs;
    }

    /// <summary>Those of the view alone; where relations of one name differ in how many must work, the highest number holds.</summary>
    private ref Alternatives AlternativesOf(int source, int name)
    {
        ref var known = ref CollectionsMarshal.GetValueRefOrNullRef(_alternatives, Key(source, name));
        if (!Unsafe.IsNullRef(ref known))
        {
            return ref known;
        }

        _counted.Clear();
        for (var at = _nodes[source].FirstOut; at >= 0; at = _relations[at].NextOut)
        {
            ref readonly var relation = ref _relations[at];
            ref readonly var kind = ref _kinds[relation.Kind];
            if (kind.HasAlternatives && view.Holds(relation) && (VisitOf(relation.Target) >= 0 || view.Shows(relation.Target)))
            {
                ref var some = ref CollectionsMarshal.GetValueRefOrAddDefault(_alternatives, Key(source, kind.Name), out var begun);
                some.Failed = begun ? some.Failed : GraphNode.None;
                some.Needs = Math.Max(some.Needs, kind.Needs ?? 1);
                some.Left += _counted.Add(Key(relation.Target, kind.Name)) ? 1 : 0;
            }
        }

        return ref CollectionsMarshal.GetValueRefOrNullRef(_alternatives, Key(source, name));
    }

    private static long Key(int place, int name) => ((long)place << 32) | (uint)name;

    /// <summary>Those of one name of one item.</summary>
    private struct Alternatives
    {
        public int Left;
        public int Needs;

        /// <summary>The last that was counted out: the relations to it, of several types, follow each other.</summary>
        public int Failed;
    }
}
