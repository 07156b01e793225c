using Itsm.Testing;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>Escalation, priority, links, watchers, tasks, comments.</summary>
public sealed class WorkingTests(IncidentsSuite suite)
{
    [Fact]
    public async Task Escalation_to_a_group_hands_it_over_and_to_a_person_lets_them_watch()
    {
        var id = (await suite.OpenAsync(Caller, new { title = "No network", category = "network" })).Id;
        var functional = await suite.DoAsync(id, "escalate",
            new { group = "applications", person = "agent2", reason = "It is the proxy." });
        Assert.Equal((await suite.GroupAsync("applications"), (await suite.PersonAsync("agent2")).ToString()),
            (functional.Text("assignmentGroup"), functional.Text("assignee")));
        var hierarchical = await suite.DoAsync(id, "escalate", new { person = Manager, reason = "Nobody moves." });
        Assert.Equal(2, hierarchical["escalationLevel"]!.GetValue<int>());
        Assert.Contains((await suite.PersonAsync(Manager)).ToString(), hierarchical["watchers"].Texts());
        Assert.Equal(
            [("functional", 1, "It is the proxy."), ("hierarchical", 2, "Nobody moves.")],
            hierarchical["escalations"]!.AsArray()
                .Select(one => (one!.AsObject().Text("kind"), one["level"]!.GetValue<int>(), one.AsObject().Text("reason"))));
        Assert.Equal("incident.escalation-same-group",
            (await suite.TryAsync(id, "escalate", new { group = "applications", reason = "Again." }, 409)).Code());
    }

    [Fact]
    public async Task Escalation_needs_somebody_known_and_a_reason()
    {
        var id = (await suite.OpenAsync()).Id;
        Assert.Equal("/group", (await suite.TryAsync(id, "escalate", new { reason = "Up." }, 400)).Pointer());
        Assert.Equal("/reason", (await suite.TryAsync(id, "escalate", new { group = "network" }, 400)).Pointer());
        Assert.Equal("/group", (await suite.TryAsync(id, "escalate", new { group = "nothing", reason = "Up." }, 400)).Pointer());
        Assert.Equal("/person", (await suite.TryAsync(id, "escalate", new { person = "nobody", reason = "Up." }, 400)).Pointer());
        Assert.Equal("/person",
            (await suite.TryAsync(id, "escalate", new { group = "network", person = "agent2", reason = "Up." }, 400)).Pointer());
    }

    [Fact]
    public async Task An_overridden_priority_says_who_and_why_stays_when_rated_anew_and_can_be_taken_back()
    {
        var id = (await suite.OpenAsync()).Id;
        Assert.Equal("ticket.no-override", (await suite.TryAsync(id, "clear-priority-override", new { reason = "Why not." }, 409)).Code());
        var overridden = await suite.DoAsync(id, "override-priority", new { priority = 2, reason = "The boss's printer." });
        Assert.Equal((2, 3), (overridden["priority"]!.GetValue<int>(), overridden["computedPriority"]!.GetValue<int>()));
        var why = overridden["priorityOverride"]!.AsObject();
        Assert.Equal(("The boss's printer.", (await suite.PersonAsync(Agent)).ToString()),
            (why.Text("reason"), why["by"]!.AsObject().Text("person")));
        var rated = (await suite.PatchAsync(Agent, "incidents/" + id, new { impact = "low", urgency = "low" }, "*")).Ok();
        Assert.Equal((2, 5), (rated["priority"]!.GetValue<int>(), rated["computedPriority"]!.GetValue<int>()));
        var cleared = await suite.DoAsync(id, "clear-priority-override", new { reason = "He has another." });
        Assert.Equal(5, cleared["priority"]!.GetValue<int>());
        Assert.Null(cleared["priorityOverride"]);
        Assert.Equal("/priority", (await suite.TryAsync(id, "override-priority", new { priority = 6, reason = "Never." }, 400)).Pointer());
        await suite.TryAsync(id, "override-priority", new { priority = 1, reason = "Mine!" }, 403, Caller);
    }

    [Fact]
    public async Task A_link_is_shown_at_both_ends_and_taken_back_at_one()
    {
        var (from, to) = (await suite.OpenAsync(), await suite.OpenAsync());
        var linked = await suite.DoAsync(from.Id, "links", new { type = "causes", targetKind = "incident", target = to.Text("number") });
        var link = linked["links"]![0]!.AsObject();
        Assert.Equal(("causes", to.Id), (link.Text("type"), link.Text("target")));
        var seen = (await suite.GetAsync(Caller, $"incidents/{to.Id}/links")).Ok()["incoming"]![0]!.AsObject();
        Assert.Equal(("causes", from.Id, from.Text("number")), (seen.Text("type"), seen.Text("source"), seen.Text("sourceNumber")));
        Assert.Equal("ticket.link-exists",
            (await suite.TryAsync(from.Id, "links", new { type = "causes", targetKind = "incident", target = to.Id }, 409)).Code());
        Assert.Equal("ticket.link-self",
            (await suite.TryAsync(from.Id, "links", new { type = "blocks", targetKind = "incident", target = from.Id }, 409)).Code());
        await suite.DoAsync(from.Id, "links", new { type = "relatesTo", targetKind = "url", target = "https://status.example.org" });
        (await suite.SendAsync(Agent, HttpMethod.Delete, $"incidents/{from.Id}/links/{link.Text("linkId")}", null, "*")).Ok();
        Assert.Empty((await suite.GetAsync(Agent, $"incidents/{to.Id}/links")).Ok()["incoming"]!.AsArray());
        (await suite.SendAsync(Agent, HttpMethod.Delete, $"incidents/{from.Id}/links/{link.Text("linkId")}", null, "*")).Problem(404);
    }

    [Fact]
    public async Task A_watcher_sees_it_until_they_stop_watching()
    {
        var id = (await suite.OpenAsync()).Id;
        (await suite.GetAsync(Other, "incidents/" + id)).Problem(404);
        await suite.DoAsync(id, "watch", new { person = Other });
        await suite.ReadAsync(id, Other);
        await suite.TryAsync(id, "watch", new { person = Manager }, 403, Other);
        await suite.DoAsync(id, "unwatch", new { }, Other);
        (await suite.GetAsync(Other, "incidents/" + id)).Problem(404);
    }

    [Fact]
    public async Task Work_notes_are_for_those_who_work_on_it()
    {
        var id = (await suite.OpenAsync()).Id;
        var note = await suite.CommentAsync(id, Agent, "He never reads manuals.", @internal: true);
        var answer = await suite.CommentAsync(id, Agent, "Please read the manual.");
        Assert.Equal([answer.Id], (await suite.CommentsAsync(id, Caller)).Select(comment => comment.Id));
        Assert.Equal([note.Id, answer.Id], (await suite.CommentsAsync(id)).Select(comment => comment.Id));
        (await suite.GetAsync(Caller, $"incidents/{id}/comments/{note.Id}")).Problem(404);
        (await suite.GetAsync(Caller, $"incidents/{id}/comments/{answer.Id}")).Ok();
        Assert.Empty((await suite.GetAsync(Caller, $"incidents/{id}/comments?internal=true")).Ok().Items);
        Assert.Equal(1, (await suite.GetAsync(Caller, $"incidents/{id}/comments?count=true")).Ok()["count"]!.GetValue<int>());
        (await suite.PostAsync(Caller, $"incidents/{id}/comments", new { text = "Mine", @internal = true })).Problem(403);
        (await suite.PostAsync(Other, $"incidents/{id}/comments", new { text = "Not mine" })).Problem(404);
        var elsewhere = (await suite.OpenAsync()).Id;
        (await suite.GetAsync(Agent, $"incidents/{elsewhere}/comments/{note.Id}")).Problem(404);
    }

    [Fact]
    public async Task An_agents_first_public_comment_is_the_first_answer()
    {
        var id = (await suite.OpenAsync()).Id;
        await suite.CommentAsync(id, Caller, "Hello?");
        await suite.CommentAsync(id, Agent, "Whose is this?", @internal: true);
        var answer = await suite.CommentAsync(id, Agent, "Hello!");
        await suite.CommentAsync(id, Agent, "Still there?");
        await suite.UntilAsync(id, incident => incident.TextOrNull("firstAnsweredAt") == answer.Text("at"));
    }
}
