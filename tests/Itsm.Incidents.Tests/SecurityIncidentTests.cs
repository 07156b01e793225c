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
        Assert.Equal("incident.security-assignment",
            (await suite.TryAsync(id, "assign", new { assignmentGroup = (string?)null, assignee = "agent2" }, 409, Analyst)).Code());
        Assert.Equal("incident.security-assignment",
            (await suite.TryAsync(id, "escalate", new { group = "network", reason = "Their switch." }, 409, Analyst)).Code());
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
        await suite.DoAsync(
            id, "name-readers", new { people = new[] { Analyst }, groups = new[] { "network" }, reason = "Their switch." }, Analyst);
        await suite.ReadAsync(id);
        Assert.True(await ListsAsync(Agent, id));
        await suite.DoAsync(id, "name-readers",
            new { people = new[] { Analyst }, groups = Array.Empty<string>(), reason = "Switch replaced." }, Analyst);
        (await suite.GetAsync(Agent, "incidents/" + id)).Problem(404);
        Assert.Equal("incident.security-readers",
            (await suite.TryAsync(id, "name-readers",
                new { people = Array.Empty<string>(), groups = Array.Empty<string>(), reason = "Nobody." }, 409, Analyst)).Code());
        Assert.Equal("/people/1",
            (await suite.TryAsync(id, "name-readers",
                new { people = new[] { Analyst, "nobody" }, groups = Array.Empty<string>(), reason = "Nobody." }, 400, Analyst)).Pointer());
    }

    [Fact]
    public async Task Marking_is_for_analysts_and_happens_once()
    {
        var id = (await suite.OpenAsync()).Id;
        await suite.TryAsync(id, "mark-security", new { category = "malware", severity = "high", reason = "Odd." }, 403);
        var secured = await SecureAsync();
        await suite.TryAsync(secured, "mark-security", new { category = "malware", severity = "high", reason = "Odd." }, 409, Analyst);
        Assert.Equal("dataLoss",
            (await suite.DoAsync(
                secured, "classify-security", new { category = "dataLoss", severity = "low", reason = "Only a copy." }, Analyst))[
                    "security"]!.AsObject().Text("category"));
    }

    [Fact]
    public async Task A_part_of_it_is_as_secret_and_ordinary_ones_are_not_related_to_it()
    {
        var id = await SecureAsync();
        var part = (await suite.PostAsync(Analyst, $"incidents/{id}/split", new { title = "The second laptop" })).Ok();
        (await suite.GetAsync(Agent, "incidents/" + part.Id)).Problem(404);
        await suite.ReadAsync(part.Id, Analyst);
        var ordinary = (await suite.OpenAsync(Analyst, new { title = "Ordinary" })).Id;
        await suite.DoAsync(ordinary, "assign", new { assignmentGroup = (string?)null, assignee = Analyst });
        Assert.Equal("incident.parent-security", (await suite.TryAsync(ordinary, "set-parent", new { parent = id }, 409, Analyst)).Code());
        Assert.Equal("incident.merge-security",
            (await suite.TryAsync(id, "merge", new { into = ordinary, reason = "The same." }, 409, Analyst)).Code());
        Assert.Equal("/parent", (await suite.TryAsync(ordinary, "set-parent", new { parent = id }, 400)).Pointer());
        await suite.TryAsync(ordinary, "links", new { type = "relatesTo", targetKind = "incident", target = id }, 404);
    }

    [Fact]
    public async Task Its_requester_reads_and_comments_and_does_nothing_else_even_an_agent()
    {
        var id = (await suite.OpenAsync(Agent, new { title = "My laptop is gone" })).Id;
        await MarkAsync(id);
        var version = (await suite.ReadAsync(id, Analyst)).Version;
        foreach (var (action, body) in new (string, object)[]
        {
            ("start", new { }), ("hold", new { reason = "vendor" }),
            ("resolve", new { code = "notReproducible", notes = "It was nothing." }), ("cancel", new { reason = "It was nothing." }),
            ("assign", new { assignmentGroup = "network" }), ("escalate", new { group = "network", reason = "Look elsewhere." }),
            ("set-parent", new { parent = (string?)null }), ("merge", new { into = id, reason = "The same." }),
            ("override-priority", new { priority = 5, reason = "No hurry." }),
            ("links", new { type = "relatesTo", targetKind = "url", target = "https://example.org" }), ("watch", new { person = Other }),
            ("propose-major", new { reason = "All are mad." }),
        })
        {
            await suite.TryAsync(id, action, body, 403);
        }

        (await suite.PatchAsync(Agent, "incidents/" + id, new { requester = Other }, "*")).Problem(403);
        (await suite.PostAsync(Agent, $"incidents/{id}/split", new { title = "The other laptop" })).Problem(403);
        (await suite.GetAsync(Agent, $"incidents/{id}/history")).Problem(403);
        (await suite.GetAsync(Agent, $"incidents/{id}/history/verification")).Problem(403);
        await suite.CommentAsync(id, Agent, "I want it back.");
        Assert.Equal(version, (await suite.ReadAsync(id, Analyst)).Version);
        Assert.Equal(["comment", "attach"], (await suite.ReadAsync(id))["actions"]!.AsArray().Where(action => action!["open"]!.GetValue<bool>())
            .Select(action => action!["name"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Whoever_wrote_it_down_for_another_sees_it_no_more_and_only_analysts_change_for_whom_it_is()
    {
        var id = (await suite.OpenAsync(Agent, new { title = "Odd mail", requester = Caller })).Id;
        await MarkAsync(id);
        (await suite.GetAsync(Agent, "incidents/" + id)).Problem(404);
        await suite.DoAsync(id, "name-readers",
            new { people = new[] { Analyst, Agent }, groups = Array.Empty<string>(), reason = "They took the call." }, Analyst);
        (await suite.PatchAsync(Agent, "incidents/" + id, new { requester = Other }, "*")).Problem(403);
        (await suite.PatchAsync(Agent, "incidents/" + id, new { title = "A forged mail" }, "*")).Ok();
        (await suite.GetAsync(Other, "incidents/" + id)).Problem(404);
        (await suite.PatchAsync(Analyst, "incidents/" + id, new { requester = Other }, "*")).Ok();
        await suite.ReadAsync(id, Other);
        (await suite.GetAsync(Caller, "incidents/" + id)).Problem(404);
    }

    [Fact]
    public async Task Marking_gives_it_to_the_named_and_takes_it_out_of_its_family()
    {
        var (parent, child) = (await suite.OpenAsync(), await suite.OpenAsync(Other));
        await suite.DoAsync(child.Id, "set-parent", new { parent = parent.Id });
        await suite.DoAsync(parent.Id, "assign", new { assignmentGroup = "network", assignee = Agent });
        await MarkAsync(parent.Id);
        var secured = await suite.ReadAsync(parent.Id, Analyst);
        Assert.Equal((await suite.GroupAsync("security"), null), (secured.Text("assignmentGroup"), secured.TextOrNull("assignee")));
        await suite.UntilAsync(child.Id, incident => incident["parent"] is null);
        await suite.DoAsync(parent.Id, "resolve", new { code = "fixedPermanently", notes = "The suspect is gone." }, Analyst);
        await suite.UntilAsync(Analyst, "incidents/" + parent.Id, incident => incident.Text("state") == "resolved");
        Assert.Equal("new", (await suite.ReadAsync(child.Id)).Text("state"));
        Assert.DoesNotContain("suspect", string.Concat((await suite.HistoryAsync(child.Id)).Select(entry => entry.ToJsonString())),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_parent_tells_a_child_with_other_readers_its_moves_and_not_its_words()
    {
        var (parent, child) = (await SecureAsync(), await SecureAsync(Other));
        await suite.DoAsync(child, "set-parent", new { parent }, Analyst);
        await suite.DoAsync(parent, "resolve", new { code = "fixedPermanently", notes = "The suspect is gone." }, Analyst);
        var followed = await suite.UntilAsync(Analyst, "incidents/" + child, incident => incident.Text("state") == "resolved");
        Assert.Equal("Resolved with its parent.", followed.Text("resolutionNotes"));
        Assert.DoesNotContain("suspect", string.Concat((await suite.HistoryAsync(child, Analyst)).Select(entry => entry.ToJsonString())),
            StringComparison.Ordinal);
        Assert.Equal("incidents", followed["resolvedBy"]!.AsObject().Text("name"));
    }

    [Fact]
    public async Task Merging_secret_ones_shows_the_comments_of_each_to_those_who_may_read_them_there()
    {
        var (source, target) = (await SecureAsync(), await SecureAsync(Other));
        await suite.CommentAsync(source, Analyst, "The suspect is known.", @internal: true);
        await suite.CommentAsync(source, Caller, "It is mine.");
        await suite.CommentAsync(target, Other, "It is ours.");
        await suite.DoAsync(source, "merge", new { into = target, reason = "The same." }, Analyst);
        await suite.UntilAsync(Analyst, "incidents/" + target, incident => incident["mergedFrom"]?.AsArray().Count == 1);
        await suite.DoAsync(target, "name-readers",
            new { people = new[] { Analyst, Agent }, groups = Array.Empty<string>(), reason = "They help." }, Analyst);

        Assert.Equal(["It is mine.", "It is ours.", "The suspect is known."],
            (await suite.CommentsAsync(target, Analyst)).Select(comment => comment.Text("text")).Order());
        Assert.Equal(["It is ours."], (await suite.CommentsAsync(target, Agent)).Select(comment => comment.Text("text")));
        Assert.Equal(["It is ours."], (await suite.CommentsAsync(target, Other)).Select(comment => comment.Text("text")));
        var note = (await suite.CommentsAsync(target, Analyst))
            .First(comment => comment.Text("text").Contains("suspect", StringComparison.Ordinal)).Id;
        (await suite.GetAsync(Agent, $"incidents/{target}/comments/{note}")).Problem(404);
    }

    [Fact]
    public async Task An_answer_is_not_given_again_to_whom_may_not_see_it_any_more()
    {
        var key = Path.GetRandomFileName();
        var opened = (await suite.PostAsync(Agent, "incidents", new { title = "Odd mail", requester = Caller }, key: key)).Ok();
        (await suite.PostAsync(Agent, "incidents", new { title = "Odd mail", requester = Caller }, key: key)).Ok();
        await MarkAsync(opened.Id);
        (await suite.PostAsync(Agent, "incidents", new { title = "Odd mail", requester = Caller }, key: key)).Problem(404);
    }

    /// <summary>An incident of employee1 that analyst1 and the group security need to know of.</summary>
    private async Task<string> SecureAsync(string person = Caller)
    {
        var id = (await suite.OpenAsync(person, new { title = "Odd mail", category = "network" })).Id;
        await MarkAsync(id);
        return id;
    }

    private async Task MarkAsync(string id)
    {
        await suite.DoAsync(id, "watch", new { person = Analyst });
        await suite.DoAsync(id, "mark-security",
            new { category = "phishing", severity = "high", groups = new[] { "security" }, reason = "It looks forged." }, Analyst);
    }

    private async Task<bool> ListsAsync(string person, string id) =>
        (await suite.GetAsync(person, "incidents?limit=200")).Ok().Items.Any(item => item.Id == id);

    private async Task<bool> ExportsAsync(string person, string id) =>
        (await suite.GetAsync(person, "incidents/export")).Text.Contains(id, StringComparison.Ordinal);

    private async Task<int> CountAsync(string path) => (await suite.GetAsync(Agent, path)).Ok()["count"]!.GetValue<int>();
}
