using Itsm.Testing;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>Several things in one read, by their ids.</summary>
public sealed class ByIdsTests(IncidentsSuite suite)
{
    [Fact]
    public async Task Those_that_the_caller_may_see_come_in_the_order_asked_for()
    {
        var (first, second, others) = ((await suite.OpenAsync()).Id, (await suite.OpenAsync()).Id, (await suite.OpenAsync(Other)).Id);
        var page = (await suite.GetAsync(Caller, $"incidents?id={second},{others},{Guid.Empty},{first},{second}&count=true")).Ok();
        Assert.Equal([second, first], page.Items.Select(item => item.Id));
        Assert.Equal((2, null), (page["count"]!.GetValue<int>(), page["next"]));
        Assert.Equal(3, (await suite.GetAsync(Agent, $"incidents?id={first},{second},{others}")).Ok().Items.Count);
        var expanded = (await suite.GetAsync(Agent, $"incidents?id={others}&expand=requester&fields=title,requester")).Ok().Items.Single();
        Assert.Equal(Other, expanded["expanded"]!["requester"]!.AsObject().Text("userName"));
    }

    [Fact]
    public async Task A_list_within_a_thing_gives_nothing_of_another_nor_what_is_hidden_there()
    {
        var (here, there) = ((await suite.OpenAsync()).Id, (await suite.OpenAsync()).Id);
        var told = (await suite.CommentAsync(here, Agent)).Id;
        var noted = (await suite.CommentAsync(here, Agent, "Odd.", @internal: true)).Id;
        var elsewhere = (await suite.CommentAsync(there, Agent)).Id;
        var ids = $"?id={told},{noted},{elsewhere}";
        Assert.Equal([told], (await suite.GetAsync(Caller, $"incidents/{here}/comments{ids}")).Ok().Items.Select(item => item.Id));
        Assert.Equal([told, noted], (await suite.GetAsync(Agent, $"incidents/{here}/comments{ids}")).Ok().Items.Select(item => item.Id));
    }

    [Theory]
    [InlineData("id={0}&state=new", "?state", "conflicting")]
    [InlineData("id={0}&sort=openedAt", "?sort", "conflicting")]
    [InlineData("id={0}&limit=5", "?limit", "conflicting")]
    [InlineData("id=INC0001001", "?id", "wrong-format")]
    [InlineData("id={0},", "?id", "blank")]
    public async Task It_goes_with_nothing_that_selects_otherwise(string query, string at, string code)
    {
        var answer = await suite.GetAsync(Caller, "incidents?" + string.Format(null, query, Guid.Empty));
        var error = answer.Problem(400)["errors"]![0]!.AsObject();
        Assert.Equal((at, code), (error.Text("pointer"), error.Text("code")));
    }

    [Fact]
    public async Task At_most_200_are_asked_for_at_once() => Assert.Equal("too-many",
        (await suite.GetAsync(Caller, "incidents?id=" + string.Join(',', Enumerable.Repeat(Guid.Empty, 201)))).Problem(400)["errors"]![0]!
            .AsObject().Text("code"));
}
