using Itsm.Testing;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

public sealed class SecurityIncidentTests(IncidentsSuite suite)
{
    [Fact]
    public async Task Only_the_named_and_the_caller_see_a_security_incident()
    {
        var id = await SecureAsync();
        foreach (var path in new[] { "", "/history", "/history/verification", "/comments", "/tasks", "/links", "/report" })
        {
            (await suite.GetAsync(Agent, $"incidents/{id}{path}")).Problem(404);
            (await suite.GetAsync("admin", $"incidents/{id}{path}")).Problem(404);
        }

        await suite.TryAsync(id, "start", new { }, 404);
        (await suite.PatchAsync(Agent, "incidents/" + id, new { title = "Mine" }, "*")).Problem(404);
        await suite.ReadAsync(id, Caller);
        await suite.ReadAsync(id, Analyst);
        Assert.Equal((false, true, true), (await ListsAsync(Agent, id), await ListsAsync(Analyst, id), await ListsAsync(Caller, id)));
        Assert.Equal((false, true, true), (await ExportsAsync(Agent, id), await ExportsAsync(Analyst, id), await ExportsAsync(Caller, id)));
    }

    [Fact]
    public async Task It_is_not_counted_for_others()
    {
        var id = (await suite.OpenAsync(Caller, new { title = "Odd mail", affectedService = "mail" })).Id;
        var since = (await suite.ReadAsync(id)).Text("openedAt");
        var path = $"incidents?count=true&limit=1&openedAt[gte]={since}&openedAt[lte]={since}&requester={Caller}";
        var before = await CountAsync(path);
        await MarkAsync(id);
        Assert.Equal(before - 1, await CountAsync(path));
    }

    [Fact]
    public async Task Being_assigned_or_watching_gives_no_sight_of_it()
    {
        var id = await SecureAsync();
        await suite.DoAsync(id, "assign", new { assignmentGroup = (string?)null, assignee = "agent2" }, Analyst);
        await suite.DoAsync(id, "watch", new { person = Other }, Analyst);
        (await suite.GetAsync("agent2", "incidents/" + id)).Problem(404);
        (await suite.GetAsync(Other, "incidents/" + id)).Problem(404);
    }

    [Fact]
    public async Task Its_work_notes_and_tasks_are_not_for_its_caller_even_an_agent()
    {
        var id = (await suite.OpenAsync(Agent, new { title = "My laptop is gone" })).Id;
        await MarkAsync(id);
        await suite.CommentAsync(id, Analyst, "Was it him?", @internal: true);
        await suite.DoAsync(id, "investigate", new { phase = "contain", finding = "Locked the account." }, Analyst);
        await RunningSuite.UntilAsync(() => suite.CommentsAsync(id, Analyst), found => found.Count == 2, "the finding as a work note");
        Assert.Empty(await suite.CommentsAsync(id));
        (await suite.GetAsync(Agent, $"incidents/{id}/tasks")).Problem(403);
        (await suite.PostAsync(Agent, $"incidents/{id}/comments", new { text = "I listen.", @internal = true })).Problem(403);
        await suite.TryAsync(id, "investigate", new { phase = "review", finding = "It was not me." }, 403);
        Assert.Equal("contain", (await suite.ReadAsync(id, Analyst))["security"]!.AsObject().Text("phase"));
    }

    [Fact]
    public async Task Naming_others_gives_them_sight_and_takes_it_from_those_left_out()
    {
        var id = await SecureAsync();
        await suite.DoAsync(id, "name-readers", new { people = new[] { Analyst }, groups = new[] { "network" }, reason = "Their switch." }, Analyst);
        await suite.ReadAsync(id);
        Assert.True(await ListsAsync(Agent, id));
        await suite.DoAsync(id, "name-readers", new { people = new[] { Analyst }, groups = Array.Empty<string>(), reason = "Switch replaced." }, Analyst);
        (await suite.GetAsync(Agent, "incidents/" + id)).Problem(404);
        Assert.Equal("incident.security-readers", (await suite.TryAsync(id, "name-readers", new { people = Array.Empty<string>(), groups = Array.Empty<string>(), reason = "Nobody." }, 409, Analyst)).Code());
        Assert.Equal("/people/1", (await suite.TryAsync(id, "name-readers", new { people = new[] { Analyst, "nobody" }, groups = Array.Empty<string>(), reason = "Nobody." }, 400, Analyst)).Pointer());
    }

    [Fact]
    public async Task Marking_is_for_analysts_and_happens_once()
    {
        var id = (await suite.OpenAsync()).Id;
        await suite.TryAsync(id, "mark-security", new { category = "malware", severity = "high", reason = "Odd." }, 403);
        var secured = await SecureAsync();
        await suite.TryAsync(secured, "mark-security", new { category = "malware", severity = "high", reason = "Odd." }, 409, Analyst);
        Assert.Equal("dataLoss", (await suite.DoAsync(secured, "classify-security", new { category = "dataLoss", severity = "low", reason = "Only a copy." }, Analyst))["security"]!.AsObject().Text("category"));
    }

    [Fact]
    public async Task A_part_of_it_is_as_secret_and_ordinary_ones_are_not_related_to_it()
    {
        var id = await SecureAsync();
        var part = (await suite.PostAsync(Analyst, $"incidents/{id}/split", new { title = "The second laptop" })).Ok();
        (await suite.GetAsync(Agent, "incidents/" + part.Id)).Problem(404);
        await suite.ReadAsync(part.Id, Analyst);
        var ordinary = (await suite.OpenAsync(Analyst, new { title = "Ordinary" })).Id;
        Assert.Equal("incident.parent-security", (await suite.TryAsync(ordinary, "set-parent", new { parent = id }, 409, Analyst)).Code());
        Assert.Equal("incident.merge-security", (await suite.TryAsync(id, "merge", new { into = ordinary, reason = "The same." }, 409, Analyst)).Code());
        Assert.Equal("/parent", (await suite.TryAsync(ordinary, "set-parent", new { parent = id }, 400)).Pointer());
        await suite.TryAsync(ordinary, "links", new { type = "relatesTo", targetKind = "incident", target = id }, 404);
    }

    /// <summary>An incident of employee1 that analyst1 and the group security need to know of.</summary>
    private async Task<string> SecureAsync()
    {
        var id = (await suite.OpenAsync(Caller, new { title = "Odd mail", category = "network" })).Id;
        await MarkAsync(id);
        return id;
    }

    private async Task MarkAsync(string id)
    {
        await suite.DoAsync(id, "watch", new { person = Analyst });
        await suite.DoAsync(id, "mark-security", new { category = "phishing", severity = "high", groups = new[] { "security" }, reason = "It looks forged." }, Analyst);
    }

    private async Task<bool> ListsAsync(string person, string id) =>
        (await suite.GetAsync(person, "incidents?limit=200")).Ok().Items.Any(item => item.Id == id);

    private async Task<bool> ExportsAsync(string person, string id) =>
        (await suite.GetAsync(person, "incidents/export")).Text.Contains(id, StringComparison.Ordinal);

    private async Task<int> CountAsync(string path) => (await suite.GetAsync(Agent, path)).Ok()["count"]!.GetValue<int>();
}
