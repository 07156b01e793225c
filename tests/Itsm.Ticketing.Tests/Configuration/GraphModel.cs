using Itsm.Contracts.Assets;
using Itsm.Ticketing.Configuration;

namespace Itsm.Ticketing.Tests.Configuration;

/// <summary>The same questions, answered by the definitions alone: on the subgraph of what is visible and there, in rounds.</summary>
internal sealed class GraphModel
{
    /// <summary>Their own types, so that an edge tells by its type who suffers.</summary>
    public static readonly Dictionary<string, RelationImpact> Types = new()
    {
        ["runs-on"] = RelationImpact.OnSource, ["depends-on"] = RelationImpact.OnSource, ["used-by"] = RelationImpact.OnTarget,
        ["near"] = RelationImpact.None,
    };

    private readonly HashSet<Guid> _items;
    private readonly List<GraphEdge> _edges;

    public GraphModel(IEnumerable<ConfigurationItemChanged> newest, IReadOnlySet<string> tokens, DateTimeOffset? at)
    {
        bool Holds(DateTimeOffset from, DateTimeOffset? to) => at is null ? to is null : from <= at && (to is null || at < to);
        _items = [.. newest.Where(item => item.Readers.Any(tokens.Contains) && item.Present.Any(one => Holds(one.From, one.To)))
            .Select(item => item.Id)];
        _edges = [.. newest.SelectMany(item => item.Relations
            .Where(one => _items.Contains(item.Id) && _items.Contains(one.Target) && Holds(one.From, one.To))
            .Select(one => new GraphEdge(item.Id, one.Type, one.Target, one.Alternatives, one.Needs, one.From, one.To)))];
    }

    public IReadOnlyCollection<Guid> Items => _items;

    public IReadOnlyCollection<GraphEdge> Edges => _edges;

    public IEnumerable<GraphEdge> Neighbours(Guid item) => _edges.Where(edge => edge.Source == item || edge.Target == item);

    public List<(Guid, GraphEffect, int)> Impact(IReadOnlyCollection<Guid> failed)
    {
        var affected = failed.Where(_items.Contains).Distinct().ToDictionary(root => root, _ => 0);
        var risky = new Dictionary<Guid, int>();
        for (var round = 1; ; round++)
        {
            var before = affected.Keys.ToHashSet();
            foreach (var item in _items.Except(before))
            {
                var broken = _edges.Any(edge => edge.Source == item && Types[edge.Type] == RelationImpact.OnSource
                        && edge.Alternatives is null && before.Contains(edge.Target))
                    || _edges.Any(edge => edge.Target == item && Types[edge.Type] == RelationImpact.OnTarget
                        && before.Contains(edge.Source));
                foreach (var (members, needs) in Groups(item))
                {
                    var left = members.Count(member => !before.Contains(member));
                    if (left < members.Count)
                    {
                        broken |= left < needs;
                        risky.TryAdd(item, round);
                    }
                }

                if (broken)
                {
                    affected[item] = round;
                }
            }

            if (affected.Count == before.Count)
            {
                return Ordered(affected.Where(one => one.Value > 0).Select(one => (one.Key, GraphEffect.Affected, one.Value))
                    .Concat(risky.Where(one => !affected.ContainsKey(one.Key)).Select(one => (one.Key, GraphEffect.AtRisk, one.Value))));
            }
        }
    }

    public List<(Guid, GraphEffect, int)> Requirements(Guid root)
    {
        IEnumerable<Guid> Below(Guid item, bool alone) => _edges
            .Where(edge => edge.Source == item && Types[edge.Type] == RelationImpact.OnSource
                && (!alone || edge.Alternatives is null
                    || Group(item, edge.Alternatives) is var (members, needs) && needs >= members.Count))
            .Select(edge => edge.Target)
            .Concat(_edges.Where(edge => edge.Target == item && Types[edge.Type] == RelationImpact.OnTarget).Select(edge => edge.Source));
        var needed = Distances(root, item => Below(item, true), int.MaxValue);
        return Ordered(needed.Select(one => (one.Key, GraphEffect.Needed, one.Value))
            .Concat(Distances(root, item => Below(item, false), int.MaxValue).Where(one => !needed.ContainsKey(one.Key))
                .Select(one => (one.Key, GraphEffect.Alternative, one.Value))).Where(one => one.Key != root));
    }

    public List<(Guid, GraphEffect, int)> Around(Guid root, int hops) => Ordered(
        Distances(root, item => Neighbours(item).Select(edge => edge.Source == item ? edge.Target : edge.Source), hops)
            .Select(one => (one.Key, GraphEffect.Near, one.Value)));

    private static List<(Guid, GraphEffect, int)> Ordered(IEnumerable<(Guid Item, GraphEffect, int Hops)> hits) =>
        [.. hits.OrderBy(hit => hit.Hops).ThenBy(hit => hit.Item)];

    private Dictionary<Guid, int> Distances(Guid root, Func<Guid, IEnumerable<Guid>> next, int most)
    {
        var found = new Dictionary<Guid, int>();
        var level = _items.Contains(root) ? [root] : new List<Guid>();
        for (var hops = 0; level.Count > 0 && hops <= most; hops++)
        {
            level.ForEach(item => found.Add(item, hops));
            level = [.. level.SelectMany(next).Distinct().Where(item => !found.ContainsKey(item))];
        }

        return found;
    }

    private IEnumerable<(HashSet<Guid> Members, int Needs)> Groups(Guid item) => _edges
        .Where(edge => edge.Source == item && edge.Alternatives is not null && Types[edge.Type] == RelationImpact.OnSource)
        .Select(edge => edge.Alternatives!).Distinct().Select(name => Group(item, name));

    private (HashSet<Guid> Members, int Needs) Group(Guid item, string name)
    {
        var edges = _edges.Where(edge => edge.Source == item && edge.Alternatives == name && Types[edge.Type] == RelationImpact.OnSource)
            .ToList();
        return ([.. edges.Select(edge => edge.Target)], edges.Max(edge => edge.Needs!.Value));
    }
}
