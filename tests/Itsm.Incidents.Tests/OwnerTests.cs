using System.Text.Json.Nodes;
using Itsm.Incidents.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Testing;
using Itsm.Ticketing;
using Microsoft.Extensions.DependencyInjection;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>No open incident is in nobody's hands.</summary>
public sealed class OwnerTests(IncidentsSuite suite)
{
    private readonly string _tail = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N")[^12..];

    [Fact]
    public async Task What_is_taken_from_everybody_goes_to_the_default_group()
    {
        var id = (await suite.OpenAsync(Caller, new { title = "No network", category = "network" })).Id;
        await suite.DoAsync(id, "assign", new { assignee = Agent });
        var (group, nobody) = (await suite.GroupAsync("service-desk"), new JsonObject { ["assignmentGroup"] = null, ["assignee"] = null });
        Assert.Equal(group, (await suite.DoAsync(id, "assign", nobody)).Text("assignmentGroup"));
    }

    [Fact]
    public async Task A_retired_group_gives_its_open_incidents_back_and_new_ones_go_to_the_node_above()
    {
        var (group, key) = await AddGroupAsync(Agent);
        (await suite.PostAsync("admin", "categories", new { key, name = "Odd things", parent = "network", assignmentGroup = key })).Ok();
        var (open, closed) = (await suite.OpenAsync(Caller, new { title = "Odd", category = key }),
            await suite.OpenAsync(Caller, new { title = "Odd", category = key }));
        Assert.Equal(group, open.Text("assignmentGroup"));
        await suite.DoAsync(open.Id, "assign", new { assignee = Agent });
        await suite.ResolveAsync(closed.Id);
        await suite.DoAsync(closed.Id, "close");

        (await suite.PatchAsync("admin", "groups/" + key, new { active = false }, "*")).Ok();
        var left = await suite.UntilAsync(open.Id, incident => incident.Text("assignmentGroup") != group);
        Assert.Equal((await suite.GroupAsync("service-desk"), null), (left.Text("assignmentGroup"), left.TextOrNull("assignee")));
        Assert.Contains("is retired", (await suite.HistoryAsync(open.Id))[0].Text("reason"), StringComparison.Ordinal);
        Assert.Equal(group, (await suite.ReadAsync(closed.Id)).Text("assignmentGroup"));
        Assert.Equal(await suite.GroupAsync("network"),
            (await suite.OpenAsync(Caller, new { title = "Odd", category = key })).Text("assignmentGroup"));
    }

    [Fact]
    public async Task What_has_ended_stays_with_its_group_though_a_message_of_its_time_before_comes_late()
    {
        var (group, key) = await AddGroupAsync(Agent);
        var id = Guid.Parse((await suite.OpenAsync(Agent, new { title = "Odd", assignmentGroup = key })).Id);
        var late = (await suite.Modules.GetRequiredService<AggregateStore<Incident>>().FindAsync(id, default))!.Replay();
        await suite.DoAsync(id.ToString(), "cancel", new { reason = "By mistake." });
        (await suite.PatchAsync("admin", "groups/" + key, new { active = false }, "*")).Ok();
        await RunningSuite.UntilAsync(
            () => suite.PostAsync(Agent, "incidents", new { title = "Odd", assignmentGroup = key }), answer => (int)answer.Status == 400,
            "The end of the group");
        await suite.Modules.GetRequiredService<Ownerless<Incident>>().CheckAsync(late, default);
        Assert.Equal(group, (await suite.ReadAsync(id.ToString())).Text("assignmentGroup"));
    }

    [Fact]
    public async Task Somebody_who_is_deactivated_gives_their_open_incidents_back_to_their_groups()
    {
        var name = "leaving-" + _tail;
        (await suite.PostAsync("admin", "people", new { userName = name, name = "Leaving Agent", roles = new[] { "agent" } })).Ok();
        var (group, key) = await AddGroupAsync(name);
        var (grouped, alone) = ((await suite.OpenAsync()).Id, (await suite.OpenAsync()).Id);
        await RunningSuite.UntilAsync(() =>
            suite.PostAsync(Agent, $"incidents/{grouped}/assign", new { assignmentGroup = key, assignee = name }, "*"),
            answer => (int)answer.Status == 200, name);
        await suite.DoAsync(alone, "assign", new JsonObject { ["assignmentGroup"] = null, ["assignee"] = name });

        await suite.ActAsync("admin", $"people/{name}/deactivate", new { reason = "Left the company." });
        Assert.Equal(group, (await suite.UntilAsync(grouped, incident => incident["assignee"] is null)).Text("assignmentGroup"));
        Assert.Equal(await suite.GroupAsync("service-desk"),
            (await suite.UntilAsync(alone, incident => incident["assignee"] is null)).Text("assignmentGroup"));
        Assert.Contains("is deactivated", (await suite.HistoryAsync(alone))[0].Text("reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_security_incident_stays_with_those_who_need_to_know()
    {
        var (group, key) = await AddGroupAsync(Analyst);
        var id = (await suite.OpenAsync(Caller, new { title = "Odd mail" })).Id;
        await suite.DoAsync(id, "watch", new { person = Analyst });
        var secured = await suite.DoAsync(id, "mark-security",
            new { category = "phishing", severity = "high", groups = new[] { key, "security" }, reason = "It looks forged." }, Analyst);
        Assert.Equal(group, secured.Text("assignmentGroup"));
        (await suite.PatchAsync("admin", "groups/" + key, new { active = false }, "*")).Ok();
        var left = await suite.UntilAsync(Analyst, "incidents/" + id, incident => incident.TextOrNull("assignmentGroup") != group);
        Assert.Equal(await suite.GroupAsync("security"), left.Text("assignmentGroup"));
    }

    [Fact]
    public async Task A_security_incident_whose_people_and_groups_are_all_gone_is_nobodys_and_at_rest()
    {
        var name = "marker-" + _tail;
        (await suite.PostAsync("admin", "people",
            new { userName = name, name = "Marking Analyst", roles = new[] { "security-analyst", "requester", "agent" } })).Ok();
        var (_, key) = await AddGroupAsync(name);
        var id = (await suite.OpenAsync(Caller, new { title = "Odd mail" })).Id;
        await RunningSuite.UntilAsync(() =>
            suite.PostAsync(name, $"incidents/{id}/mark-security",
                new { category = "phishing", severity = "high", groups = new[] { key }, reason = "It looks forged." }, "*"),
            answer => (int)answer.Status == 200, name);
        (await suite.PatchAsync("admin", "groups/" + key, new { active = false }, "*")).Ok();
        var held = await suite.UntilAsync(Caller, "incidents/" + id, incident => incident["assignmentGroup"] is null);
        Assert.NotNull(held["assignee"]);
        await suite.ActAsync("admin", $"people/{name}/deactivate", new { reason = "Left the company." });
        var left = await suite.UntilAsync(Caller, "incidents/" + id, incident => incident["assignee"] is null);

        // Another change, and nothing follows it.
        await suite.CommentAsync(id, Caller, "Anybody there?");
        await suite.OpenAsync();
        Assert.Equal(left.Version, (await suite.ReadAsync(id, Caller)).Version);
    }

    private async Task<(string Id, string Key)> AddGroupAsync(params string[] members)
    {
        var key = $"passing-{_tail}-{members.Length}";
        var group = (await suite.PostAsync("admin", "groups", new { key, name = "Passing", members })).Ok();
        await RunningSuite.UntilAsync(
            () => suite.GetAsync(Agent, "incidents?assignmentGroup=" + key), answer => (int)answer.Status == 200, key);
        return (group.Id, key);
    }
}
