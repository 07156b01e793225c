using Itsm.Contracts.Assets;
using Itsm.Ticketing.Configuration;
using static Itsm.Ticketing.Tests.Configuration.GraphHistory;

namespace Itsm.Ticketing.Tests.Configuration;

public sealed class GraphTests
{
    private static readonly HashSet<string> Everyone = ["everyone"];
    private static readonly Guid[] Id = [.. Enumerable.Range(0, 10).Select(IdOf)];

    [Fact]
    public void A_service_that_needs_two_of_three_is_at_risk_with_two_and_fails_with_one()
    {
        var (payroll, portal, servers) = (Id[0], Id[1], Id[2..5]);
        var view = GraphOf(servers.Select(server => Item(server, []))
            .Append(Item(payroll, [.. servers.Select(server => Relation("runs-on", server, "application", 2))]))
            .Append(Item(portal, [Relation("depends-on", payroll)]))).View(Everyone, null);

        Assert.Equal([(payroll, GraphEffect.AtRisk, 1)], Hits(view.Impact([servers[0]])));
        var walk = view.Impact(servers[1..]);
        Assert.Equal([(payroll, GraphEffect.Affected, 1), (portal, GraphEffect.Affected, 2)], Hits(walk));
        Assert.Equal([(payroll, servers[2]), (portal, payroll)], walk.PathTo(walk.Hits[1]).Select(edge => (edge.Source, edge.Target)));
        Assert.Equal([(payroll, GraphEffect.Needed, 1), .. servers.Select(server => (server, GraphEffect.Alternative, 2))],
            Hits(view.Requirements(portal)));
        Assert.Equal([(servers[0], GraphEffect.Near, 0), (payroll, GraphEffect.Near, 1)], Hits(view.Around(servers[0], 1)));
        Assert.All([0, GraphView.MostHops + 1], hops => Assert.Throws<ArgumentOutOfRangeException>(() => view.Around(payroll, hops)));
    }

    [Fact]
    public void A_hidden_alternative_does_not_count()
    {
        var graph = GraphOf([Item(Id[0], [Relation("runs-on", Id[1], "a", 1), Relation("runs-on", Id[2], "a", 2)]), Item(Id[1], []),
            Item(Id[2], [], 1, "role:admin")]);

        Assert.Equal([(Id[0], GraphEffect.Affected, 1)], Hits(graph.View(Everyone, null).Impact([Id[1]])));
        Assert.Empty(graph.View(Everyone, null).Impact([Id[2]]).Hits);
        Assert.Equal([(Id[1], GraphEffect.Needed, 1)], Hits(graph.View(Everyone, null).Requirements(Id[0])));
    }

    /// <summary>Would take minutes if each had to look for itself among the others.</summary>
    [Fact]
    public void A_hub_is_left_by_all_who_were_there()
    {
        const int Many = 100_000;
        var graph = GraphOf([Item(Id[0], []), Item(Id[1], [])]);
        for (var version = 1; version <= 2; version++)
        {
            for (var number = 10; number < 10 + Many; number++)
            {
                graph.Apply(Item(IdOf(number), [Relation("runs-on", Id[version - 1]), Relation("near", IdOf(number + 1))], version));
            }
        }

        Assert.Equal((Many + 2, 2 * Many), (graph.Items, graph.Relations));
        Assert.InRange(graph.Bytes / (graph.Items + graph.Relations), 40, 100);
        Assert.Empty(graph.View(Everyone, null).Impact([Id[0]]).Hits);
        Assert.Equal(Many, graph.View(Everyone, null).Impact([Id[1]]).Hits.Count);
    }

    [Fact]
    public async Task Walks_amid_changes_answer_of_one_state()
    {
        const int Changes = 20_000;
        Guid[][] chains = [[Id[1], Id[2], Id[3]], [Id[4], Id[5], Id[6]]];
        var graph = GraphOf(chains.SelectMany(chain => chain.Select((id, index) =>
            Item(id, index < 2 ? [Relation("depends-on", chain[index + 1])] : []))));
        graph.Apply(Item(Id[0], [Relation("depends-on", chains[0][0])]));
        var (view, next) = (graph.View(Everyone, null), 1);
        void Change()
        {
            while (Interlocked.Increment(ref next) is var version && version <= Changes)
            {
                graph.Apply(Item(Id[0], [Relation("depends-on", chains[version % 2][0])], version));
                graph.Apply(Item(IdOf(version + 10), [Relation("depends-on", IdOf(version)), Relation("near", Id[0])], 1,
                    $"role:{version % 99}"));
            }
        }

        var writers = Task.WhenAll(Task.Run(Change), Task.Run(Change));
        do
        {
            var needed = view.Requirements(Id[0]).Hits.Select(hit => hit.Item).ToList();
            Assert.Contains(chains, chain => chain.SequenceEqual(needed));
            var impact = view.Impact([Id[3], Id[6]]);
            Assert.Equal([1, 1, 2, 2, 3], impact.Hits.Select(hit => hit.Hops));
            Assert.Equal([Id[0], .. chains.First(chain => chain[2] == impact.PathTo(impact.Hits[4])[0].Target).Take(2)],
                impact.PathTo(impact.Hits[4]).Reverse().Select(edge => edge.Source));
        }
        while (!writers.IsCompleted);
        await writers;
        Assert.Equal(Changes, graph.VersionOf(Id[0]));
        Assert.Equal(Changes + 6, graph.Items);
    }

    private static IEnumerable<(Guid, GraphEffect, int)> Hits(GraphWalk walk) => walk.Hits.Select(hit => (hit.Item, hit.Effect, hit.Hops));
}
