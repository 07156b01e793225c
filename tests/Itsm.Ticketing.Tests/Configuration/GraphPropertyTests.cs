using System.Globalization;
using CsCheck;
using Itsm.Contracts.Assets;
using Itsm.Ticketing.Configuration;

namespace Itsm.Ticketing.Tests.Configuration;

/// <summary>Random graphs with alternatives, cycles, parallel relations, hidden, retired and unknown items.</summary>
public sealed class GraphPropertyTests
{
    private const int Cases = 300;
    private static readonly HashSet<string> Agent = ["everyone", "role:agent"];

    [Fact]
    public void Walks_find_what_the_definitions_say() =>
        Gen.Select(GraphHistory.Any, Gen.Int[0, 100], Gen.Int[0, 511]).Sample((history, hour, some) =>
        {
            DateTimeOffset? at = history.Hours.ElementAtOrDefault(hour % 8) is var one && one == default ? null : one;
            var view = GraphHistory.GraphOf(history.Newest).View(Agent, at);
            var model = new GraphModel(history.Newest, Agent, at);
            Assert.Equal(model.Items.Order(), history.Ids.Where(view.Contains).Order());
            Guid[] roots = [.. history.Ids.Where((_, index) => (some & (1 << index)) != 0)];
            Check(view.Impact(roots), model.Impact(roots), roots, model, Suffers);
            foreach (var id in history.Ids)
            {
                Assert.Equal(model.Neighbours(id).Select(Text).Order(StringComparer.Ordinal),
                    view.Neighbours(id).Select(Text).Order(StringComparer.Ordinal));
                Check(view.Impact([id, id]), model.Impact([id]), [id], model, Suffers);
                Check(view.Requirements(id), model.Requirements(id), [id], model, (edge, from) => Suffers(edge, Other(edge, from)));
                Check(view.Around(id, 2), model.Around(id, 2), [id], model, (_, _) => true);
                Assert.All(view.Requirements(id).Hits.Where(hit => hit.Effect == GraphEffect.Needed), hit =>
                    Assert.Contains(view.Impact([hit.Item]).Hits, root => root.Item == id && root.Effect == GraphEffect.Affected));
            }
        }, iter: 5 * Cases);

    [Fact]
    public void The_graph_as_of_an_instant_is_that_of_the_versions_made_until_then() => GraphHistory.Any.Sample(history =>
    {
        var graph = GraphHistory.GraphOf(history.Newest);
        foreach (var hour in history.Hours)
        {
            var then = GraphHistory.GraphOf(history.Until(hour));
            var expected = Answers(then.View(Agent, null), history);
            Assert.Equal(expected, Answers(then.View(Agent, hour), history));
            Assert.Equal(expected, Answers(graph.View(Agent, hour), history));
        }
    }, iter: Cases);

    [Fact]
    public void Messages_may_come_in_any_order_and_again() =>
        Gen.Select(GraphHistory.Any, Gen.Int).Sample((history, seed) =>
        {
            ConfigurationItemChanged[] mistaken = [.. history.Newest.SelectMany((item, index) => history.Newest.Select((other, version) =>
                item with { Version = -version, Relations = [.. other.Relations.Skip(index).Reverse()], Present = other.Present }))];
            ConfigurationItemChanged[] messages = [.. history.Versions, .. history.Versions];
            new Random(seed).Shuffle(mistaken);
            new Random(seed).Shuffle(messages);
            var (graph, expected) = (GraphHistory.GraphOf(mistaken.Concat(messages)), GraphHistory.GraphOf(history.Newest));
            Assert.Equal((expected.Items, expected.Relations), (graph.Items, graph.Relations));
            Assert.All(messages, message => Assert.False(graph.Apply(message)));
            Assert.All(history.Newest, message => Assert.Equal(message.Version, graph.VersionOf(message.Id)));
            Assert.All(history.Hours.Select(hour => (DateTimeOffset?)hour).Append(null), at =>
                Assert.Equal(Answers(expected.View(Agent, at), history), Answers(graph.View(Agent, at), history)));
        }, iter: Cases);

    [Fact]
    public void What_one_must_not_see_is_as_if_it_had_never_been() => GraphHistory.Any.Sample(history =>
    {
        var seen = history.Newest.Where(item => item.Readers.Any(Agent.Contains)).ToDictionary(item => item.Id);
        var without = GraphHistory.GraphOf(seen.Values.Select(item =>
            item with { Relations = [.. item.Relations.Where(relation => seen.ContainsKey(relation.Target))] }));
        var graph = GraphHistory.GraphOf(history.Newest);
        Assert.All(history.Hours.Select(hour => (DateTimeOffset?)hour).Append(null), at =>
            Assert.Equal(Answers(without.View(Agent, at), history), Answers(graph.View(Agent, at), history)));
    }, iter: Cases);

    /// <summary>Hits as expected; each path joins a root to its hit by relations that are there and that carry over.</summary>
    private static void Check(
        GraphWalk walk, List<(Guid, GraphEffect, int)> expected, Guid[] roots, GraphModel model, Func<GraphEdge, Guid, bool> carries)
    {
        Assert.Equal(expected, walk.Hits.Select(hit => (hit.Item, hit.Effect, hit.Hops)));
        foreach (var hit in walk.Hits)
        {
            var path = walk.PathTo(hit);
            Assert.Equal(hit.Hops, path.Count);
            var at = hit.Item;
            foreach (var edge in path.Reverse())
            {
                Assert.Contains(edge, model.Edges);
                Assert.Contains(at, new[] { edge.Source, edge.Target });
                at = Other(edge, at);
                Assert.True(carries(edge, at), $"{Text(edge)} carries nothing from {at}.");
            }

            Assert.Contains(at, roots);
        }
    }

    /// <summary>True where the other end suffers when this one fails.</summary>
    private static bool Suffers(GraphEdge edge, Guid failed) => GraphModel.Types[edge.Type] switch
    {
        RelationImpact.OnSource => edge.Target == failed,
        RelationImpact.OnTarget => edge.Source == failed,
        _ => false,
    };

    private static Guid Other(GraphEdge edge, Guid end) => edge.Source == end ? edge.Target : edge.Source;

    /// <summary>All that a view answers, but for when relations ended.</summary>
    private static string Answers(GraphView view, GraphHistory history) => string.Join('\n', history.Ids.SelectMany((id, index) =>
    {
        GraphWalk[] walks =
            [view.Impact([id]), view.Impact([id, history.Ids[0], history.Ids[^1]]), view.Requirements(id), view.Around(id, 3)];
        return walks.Select(walk => string.Join(' ', walk.Hits.Select(hit =>
                $"{hit.Item:N}:{hit.Effect}:{hit.Hops}:{string.Join(',', walk.PathTo(hit).Select(Text))}")))
            .Append($"{view.Contains(id)} {string.Join(' ', view.Neighbours(id).Select(Text))}");
    }));

    private static string Text(GraphEdge edge) => string.Create(CultureInfo.InvariantCulture,
        $"{edge.Source:N}-{edge.Type}/{edge.Alternatives}/{edge.Needs}/{edge.From:HH}-{edge.Target:N}");
}
