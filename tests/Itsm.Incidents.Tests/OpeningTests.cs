using System.Net;
using Itsm.Testing;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

public sealed class OpeningTests(IncidentsSuite suite)
{
    [Fact]
    public async Task A_title_is_enough()
    {
        var answer = await suite.PostAsync(Caller, "incidents", new { title = "No mail" });
        var incident = answer.Ok();
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal($"/api/v1/incidents/{incident.Id}", answer.Headers["Location"]);
        Assert.Equal(incident.Tag, answer.Tag);
        Assert.Equal(("new", "portal", 1, 3),
            (incident.Text("state"), incident.Text("channel"), (int)incident.Version, incident["priority"]!.GetValue<int>()));
        Assert.Matches("^INC[0-9]{7}$", incident.Text("number"));
        var me = (await suite.PersonAsync(Caller)).ToString();
        Assert.Equal((me, me), (incident.Text("requester"), incident.Text("openedBy")));
        Assert.Equal(await suite.GroupAsync("service-desk"), incident.Text("assignmentGroup"));
        Assert.Null(incident["assignee"]);
        Assert.Null(incident["readers"]);
        Assert.Null(incident["_envelope"]);
    }

    [Fact]
    public async Task A_title_is_one_trimmed_line_with_something_to_see_counted_in_code_points()
    {
        Assert.Equal("No mail", (await suite.PostAsync(Caller, "incidents", new { title = "  No mail \u3000" })).Ok().Text("title"));
        foreach (var title in new[]
        {
            "No\nmail", "No\tmail", "No \u0007mail", "\u200B\u200B\u200B\u200B", "\u2060\u00AD\uFEFF", "  a  ", "\u0301\u0301\u0301",
        })
        {
            Assert.Equal("/title", (await suite.PostAsync(Caller, "incidents", new { title })).Problem(400).Pointer());
        }

        var longest = string.Concat(Enumerable.Repeat("😀", 200));
        var incident = (await suite.PostAsync(Caller, "incidents", new { title = longest })).Ok();
        Assert.Equal(longest, incident.Text("title"));
        (await suite.PostAsync(Caller, "incidents", new { title = longest + "😀" })).Problem(400);
        Assert.Equal("No mail",
            (await suite.PatchAsync(Agent, "incidents/" + incident.Id, new { title = " No mail " }, "*")).Ok().Text("title"));
        (await suite.PatchAsync(Agent, "incidents/" + incident.Id, new { title = "No\nmail" }, "*")).Problem(400);
    }

    [Fact]
    public async Task The_category_routes_and_so_does_the_nearest_parent_that_has_a_group()
    {
        var network = await suite.GroupAsync("network");
        Assert.Equal(network, (await suite.OpenAsync(Caller, new { title = "No network", category = "network" })).Text("assignmentGroup"));
        Assert.Equal(network,
            (await suite.OpenAsync(Caller, new { title = "No tunnel", category = "network-vpn" })).Text("assignmentGroup"));
    }

    [Fact]
    public async Task A_group_that_is_named_wins_over_the_category()
    {
        var incident = await suite.OpenAsync(Agent,
            new { title = "No tunnel", category = "network-vpn", assignmentGroup = "service-desk" });
        Assert.Equal(await suite.GroupAsync("service-desk"), incident.Text("assignmentGroup"));
    }

    [Fact]
    public async Task An_agent_opens_for_others_who_then_see_it()
    {
        var incident = await suite.OpenAsync(Agent,
            new { title = "Erin's laptop", requester = Caller, channel = "phone", impact = "high", urgency = "high" });
        Assert.Equal((await suite.PersonAsync(Caller)).ToString(), incident.Text("requester"));
        Assert.Equal((await suite.PersonAsync(Agent)).ToString(), incident.Text("openedBy"));
        Assert.Equal(1, incident["priority"]!.GetValue<int>());
        Assert.Equal("phone", (await suite.ReadAsync(incident.Id, Caller)).Text("channel"));
        (await suite.GetAsync(Other, "incidents/" + incident.Id)).Problem(404);
    }

    [Fact]
    public async Task An_employee_neither_opens_for_others_nor_assigns()
    {
        Assert.Contains("requester",
            (await suite.PostAsync(Caller, "incidents", new { title = "For Eli", requester = Other })).Problem(403).Text("detail"),
            StringComparison.Ordinal);
        (await suite.PostAsync(Caller, "incidents", new { title = "Quick", assignmentGroup = "network" })).Problem(403);
        (await suite.PostAsync(Caller, "incidents", new { title = "Quick", assignee = Agent })).Problem(403);
        (await suite.PostAsync(Caller, "incidents", new { title = "For myself", requester = Caller })).Ok();
    }

    [Theory]
    [InlineData("requester", "nobody")]
    [InlineData("assignmentGroup", "nothing")]
    [InlineData("assignee", "nobody")]
    [InlineData("category", "nothing")]
    [InlineData("requester", "00000000-0000-0000-0000-000000000001")]
    public async Task Who_or_what_is_unknown_is_refused_with_a_pointer_to_it(string field, string value)
    {
        var problem = (await suite.PostAsync(Agent, "incidents",
            new Dictionary<string, string> { ["title"] = "Something", [field] = value })).Problem(400);
        Assert.Equal("/" + field, problem.Pointer());
        Assert.Contains(value, problem.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_assignee_must_be_a_member_of_the_group() =>
        Assert.Equal("/assignee",
            (await suite.PostAsync(Agent, "incidents", new { title = "Something", assignmentGroup = "network", assignee = "agent2" }))
                .Problem(400).Pointer());

    [Fact]
    public async Task Numbers_are_given_once()
    {
        var opened = await Task.WhenAll(Enumerable.Range(0, 40)
            .Select(number => suite.OpenAsync(Caller, new { title = $"Trouble {number}" })));
        Assert.Equal(40, opened.Select(incident => incident.Text("number")).Distinct().Count());
    }
}
