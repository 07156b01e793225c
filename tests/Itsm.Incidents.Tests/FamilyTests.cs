using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>Parents and children, duplicates, merging, splitting.</summary>
public sealed class FamilyTests(IncidentsSuite suite)
{
    [Fact]
    public async Task Children_follow_their_parent_into_progress_on_hold_and_to_its_resolution()
    {
        var (parent, children) = await FamilyAsync(3);
        await suite.DoAsync(parent.Id, "start");
        await UntilAllAsync(children, "inProgress");
        await suite.DoAsync(parent.Id, "hold", new { reason = "change" });
        Assert.All(await UntilAllAsync(children, "onHold"), child => Assert.Equal("change", child.Text("holdReason")));
        await suite.DoAsync(parent.Id, "resume");
        await UntilAllAsync(children, "inProgress");
        await suite.ResolveAsync(parent.Id, "New fuse.");
        Assert.All(await UntilAllAsync(children, "resolved"), child =>
            Assert.Equal(("resolvedWithParent", "New fuse."), (child.Text("resolutionCode"), child.Text("resolutionNotes"))));
        var history = (await suite.HistoryAsync(children[0]))[0];
        Assert.Contains(parent.Text("number"), history.Text("reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_parent_that_waits_for_its_caller_does_not_stop_its_children()
    {
        var (parent, children) = await FamilyAsync(1);
        await suite.DoAsync(parent.Id, "start");
        await UntilAllAsync(children, "inProgress");
        await suite.WaitForCallerAsync(parent.Id);
        await suite.DoAsync(parent.Id, "hold", new { reason = "vendor" });
        await UntilAllAsync(children, "onHold");
        Assert.DoesNotContain(await suite.HistoryAsync(children[0]), entry => Changes(entry, "holdReason", "caller"));
    }

    [Fact]
    public async Task A_child_that_waits_for_its_own_caller_goes_on_waiting()
    {
        var (parent, children) = await FamilyAsync(2);
        await suite.WaitForCallerAsync(children[0]);
        await suite.DoAsync(parent.Id, "start");
        await UntilAllAsync([children[1]], "inProgress");
        Assert.Equal("onHold", (await suite.ReadAsync(children[0])).Text("state"));
    }

    [Fact]
    public async Task Children_are_never_closed_with_their_parent()
    {
        var (parent, children) = await FamilyAsync(1);
        await suite.ResolveAsync(parent.Id);
        await UntilAllAsync(children, "resolved");
        await suite.DoAsync(children[0], "reopen", new { reason = "Not for me." }, Caller);
        await suite.DoAsync(parent.Id, "close");
        await UntilAllAsync(children, "resolved");
        Assert.DoesNotContain(await suite.HistoryAsync(children[0]), entry => Changes(entry, "state", "closed"));
    }

    [Fact]
    public async Task Children_reopen_with_their_parent_when_an_agent_reopens_it_but_not_when_its_requester_does()
    {
        var (parent, children) = await FamilyAsync(1);
        await suite.ResolveAsync(parent.Id);
        await UntilAllAsync(children, "resolved");
        await suite.DoAsync(parent.Id, "reopen", new { reason = "For me it still burns." }, Caller);
        await suite.ResolveAsync(parent.Id);
        await suite.DoAsync(parent.Id, "reopen", new { reason = "For everybody it still burns." });
        var child = (await UntilAllAsync(children, "inProgress"))[0];
        Assert.Equal(1, child["reopenCount"]!.GetValue<int>());
        Assert.Equal((await suite.PersonAsync(Agent)).ToString(), child["reopenedBy"]!.AsObject().Text("person"));
    }

    [Fact]
    public async Task The_tree_has_one_level()
    {
        var (parent, children) = await FamilyAsync(1);
        var other = (await suite.OpenAsync()).Id;
        Assert.Equal("incident.parent-self", (await suite.TryAsync(other, "set-parent", new { parent = other }, 409)).Code());
        Assert.Equal("incident.parent-is-child", (await suite.TryAsync(other, "set-parent", new { parent = children[0] }, 409)).Code());
        Assert.Equal("incident.parent-has-children", (await suite.TryAsync(parent.Id, "set-parent", new { parent = other }, 409)).Code());
        Assert.Equal("incident.duplicate-has-children",
            (await suite.TryAsync(parent.Id, "mark-duplicate", new { of = other }, 409)).Code());
        Assert.Equal("/parent", (await suite.TryAsync(other, "set-parent", new { parent = "INC9999999" }, 400)).Pointer());
        Assert.Null((await suite.DoAsync(children[0], "set-parent", new { parent = (string?)null }))["parent"]);
    }

    [Fact]
    public async Task A_duplicate_follows_the_original_and_is_linked_to_it()
    {
        var (original, duplicate) = (await suite.OpenAsync(), await suite.OpenAsync(Other));
        var marked = await suite.DoAsync(duplicate.Id, "mark-duplicate", new { of = original.Text("number") });
        Assert.Equal((original.Id, original.Id), (marked.Text("parent"), marked.Text("duplicateOf")));
        Assert.Equal(("duplicates", original.Id),
            (marked["links"]![0]!.AsObject().Text("type"), marked["links"]![0]!.AsObject().Text("target")));
        await suite.ResolveAsync(original.Id);
        await suite.UntilStateAsync(duplicate.Id, "resolved");
        var listed = (await suite.GetAsync(Agent, $"incidents?parent={original.Id}")).Ok().Items;
        Assert.Equal([duplicate.Id], listed.Select(child => child.Id));
    }

    [Fact]
    public async Task What_is_merged_ends_points_to_the_one_that_goes_on_and_shows_its_comments_there()
    {
        var (source, target) = (await suite.OpenAsync(Other), await suite.OpenAsync());
        await suite.CommentAsync(source.Id, Other, "On floor 2.");
        await suite.CommentAsync(source.Id, Agent, "Between us.", @internal: true);
        await suite.CommentAsync(target.Id, Caller, "On floor 3.");
        (await suite.GetAsync(Other, "incidents/" + target.Id)).Problem(404);
        var merged = await suite.DoAsync(source.Id, "merge", new { into = target.Text("number"), reason = "The same fire." });
        Assert.Equal(("cancelled", target.Id), (merged.Text("state"), merged.Text("mergedInto")));
        var went = await suite.UntilAsync(target.Id, incident => incident["mergedFrom"]!.AsArray().Count == 1);
        Assert.Equal(source.Id, went["mergedFrom"].Texts()[0]);
        Assert.Contains((await suite.PersonAsync(Other)).ToString(), went["watchers"].Texts());
        Assert.Equal(["Between us.", "On floor 2.", "On floor 3."],
            (await suite.CommentsAsync(target.Id)).Select(comment => comment.Text("text")).Order());
        Assert.Equal(["On floor 2.", "On floor 3."],
            (await suite.CommentsAsync(target.Id, Other)).Select(comment => comment.Text("text")).Order());
        var back = (await suite.GetAsync(Caller, $"incidents/{target.Id}/links")).Ok();
        Assert.Empty(back["incoming"]!.AsArray());
        back = (await suite.GetAsync(Agent, $"incidents/{target.Id}/links")).Ok();
        Assert.Equal(("mergedInto", source.Text("number")),
            (back["incoming"]![0]!.AsObject().Text("type"), back["incoming"]![0]!.AsObject().Text("sourceNumber")));
        await suite.TryAsync(source.Id, "merge", new { into = target.Id, reason = "Once more." }, 409);
    }

    [Fact]
    public async Task A_chain_of_merges_keeps_comments_people_and_links_and_comments_go_to_the_one_that_goes_on()
    {
        var (first, second, last) = (await suite.OpenAsync(Other), await suite.OpenAsync(), await suite.OpenAsync("agent2"));
        await suite.CommentAsync(first.Id, Other, "The first.");
        await suite.DoAsync(first.Id, "watch", new { person = Manager });
        await suite.DoAsync(first.Id, "links", new { type = "relatesTo", targetKind = "url", target = "https://example.org/manual" });
        await suite.DoAsync(first.Id, "merge", new { into = second.Id, reason = "The same fire." });
        await suite.UntilAsync(second.Id, incident => incident["mergedFrom"]?.AsArray().Count == 1);
        await suite.DoAsync(second.Id, "merge", new { into = last.Id, reason = "The same fire." });
        var went = await suite.UntilAsync(last.Id, incident => incident["mergedFrom"]?.AsArray().Count == 2);

        Assert.Equal(new[] { second.Id, first.Id }.Order(), went["mergedFrom"].Texts().Order());
        foreach (var person in new[] { Other, Caller, Manager })
        {
            Assert.Contains((await suite.PersonAsync(person)).ToString(), went["watchers"].Texts());
            await suite.ReadAsync(last.Id, person);
        }

        Assert.Contains(went["links"]!.AsArray(), link => link!["target"]!.GetValue<string>() == "https://example.org/manual");
        var comment = await suite.PostAsync(Other, $"incidents/{first.Id}/comments", new { text = "And it still burns." });
        Assert.Equal((last.Id, $"/api/v1/incidents/{last.Id}/comments/{comment.Ok().Id}"),
            (comment.Json.Text("ticket"), comment.Headers["Location"]));
        Assert.Equal(["And it still burns.", "The first."], (await suite.CommentsAsync(last.Id)).Select(one => one.Text("text")).Order());
    }

    [Fact]
    public async Task Merges_one_right_after_the_other_bring_everything_to_the_last_and_an_undone_one_is_let_go_by_all()
    {
        for (var round = 0; round < 4; round++)
        {
            var (first, second, last) = (await suite.OpenAsync(Other), await suite.OpenAsync(), await suite.OpenAsync("agent2"));
            await suite.CommentAsync(first.Id, Other, "The first.");
            await suite.DoAsync(first.Id, "merge", new { into = second.Id, reason = "The same fire." });
            await suite.DoAsync(second.Id, "merge", new { into = last.Id, reason = "The same fire." });
            var went = await suite.UntilAsync(last.Id, incident => incident["mergedFrom"]?.AsArray().Count == 2);
            Assert.Contains((await suite.PersonAsync(Other)).ToString(), went["watchers"].Texts());

            // What is open again and restricted since is read by nobody through those that it was merged into.
            await suite.DoAsync(first.Id, "unmerge", new { reason = "Another fire." });
            await suite.DoAsync(first.Id, "watch", new { person = Analyst });
            await suite.DoAsync(first.Id, "mark-security",
                new { category = "phishing", severity = "high", groups = new[] { "security" }, reason = "It looks forged." }, Analyst);
            Assert.DoesNotContain(await suite.CommentsAsync(last.Id), comment => comment.Text("text") == "The first.");
            await suite.UntilAsync(last.Id, incident => incident["mergedFrom"]?.AsArray().Count == 1);
        }
    }

    [Fact]
    public async Task A_merge_is_undone_and_gives_back_what_it_took()
    {
        var (source, target) = (await suite.OpenAsync(Other), await suite.OpenAsync());
        await suite.DoAsync(source.Id, "links", new { type = "relatesTo", targetKind = "url", target = "https://example.org/manual" });
        await suite.DoAsync(target.Id, "watch", new { person = Manager });
        await suite.DoAsync(source.Id, "watch", new { person = Manager });
        await suite.CommentAsync(source.Id, Other, "Mine.");
        Assert.Equal("incident.not-merged", (await suite.TryAsync(source.Id, "unmerge", new { reason = "By mistake." }, 409)).Code());
        for (var round = 0; round < 2; round++)
        {
            await suite.DoAsync(source.Id, "merge", new { into = target.Id, reason = "The same fire." });
            await suite.UntilAsync(target.Id, incident => incident["mergedFrom"]?.AsArray().Count == 1);
            var back = await suite.DoAsync(source.Id, "unmerge", new { reason = "Two fires after all." });
            Assert.Equal(("new", null, null), (back.Text("state"), back.TextOrNull("mergedInto"), back.TextOrNull("closedAt")));
            var left = await suite.UntilAsync(target.Id, incident => incident["mergedFrom"]?.AsArray().Count is null or 0);
            Assert.Equal([(await suite.PersonAsync(Manager)).ToString()], left["watchers"].Texts());
            Assert.Empty(left["links"]?.AsArray() ?? []);
        }

        (await suite.GetAsync(Other, "incidents/" + target.Id)).Problem(404);
        Assert.Empty(await suite.CommentsAsync(target.Id));
        await suite.DoAsync(source.Id, "start");
    }

    [Fact]
    public async Task An_incident_that_others_follow_is_not_merged_away()
    {
        var (parent, child, target) = (await suite.OpenAsync(), await suite.OpenAsync(), await suite.OpenAsync());
        await suite.DoAsync(child.Id, "set-parent", new { parent = parent.Id });
        Assert.Equal("incident.merge-has-children",
            (await suite.TryAsync(parent.Id, "merge", new { into = target.Id, reason = "The same." }, 409)).Code());
        Assert.Equal("new", (await suite.ReadAsync(parent.Id)).Text("state"));
    }

    [Theory]
    [InlineData("self", 409)]
    [InlineData("INC9999999", 400)]
    public async Task Merging_into_itself_or_nothing_is_refused(string into, int status)
    {
        var id = (await suite.OpenAsync()).Id;
        await suite.TryAsync(id, "merge", new { into = into == "self" ? id : into, reason = "The same." }, status);
        Assert.Equal(1, (await suite.ReadAsync(id)).Version);
    }

    [Fact]
    public async Task A_closed_incident_is_followed_up_by_a_new_one_and_its_problem_says_so()
    {
        var closed = await suite.OpenAsync(Caller, new { title = "The printer is on fire", category = "network" });
        Assert.Equal("incident.not-ended",
            (await suite.PostAsync(Caller, $"incidents/{closed.Id}/follow-up", new { description = "Again." })).Problem(409).Code());
        await suite.ResolveAsync(closed.Id);
        await suite.DoAsync(closed.Id, "close", null, Caller);
        var refused = (await suite.PostAsync(Caller, $"incidents/{closed.Id}/comments", new { text = "It burns again." })).Problem(409);
        Assert.Contains($"/api/v1/incidents/{closed.Text("number")}/follow-up", refused.Text("detail"), StringComparison.Ordinal);
        var next = (await suite.PostAsync(Caller, $"incidents/{closed.Text("number")}/follow-up", new { description = "It burns again." }))
            .Ok();
        Assert.Equal((closed.Text("title"), closed.Text("requester"), closed.Text("assignmentGroup"), "new"),
            (next.Text("title"), next.Text("requester"), next.Text("assignmentGroup"), next.Text("state")));
        Assert.Equal(("followsUp", closed.Id), (next["links"]![0]!.AsObject().Text("type"), next["links"]![0]!.AsObject().Text("target")));
        (await suite.PostAsync(Other, $"incidents/{closed.Id}/follow-up", new { description = "Mine too." })).Problem(404);
    }

    [Fact]
    public async Task The_requester_says_with_a_comment_whether_it_reopens()
    {
        var (thanked, complained) = ((await suite.OpenAsync()).Id, (await suite.OpenAsync()).Id);
        await suite.ResolveAsync(thanked);
        await suite.ResolveAsync(complained);
        var thanks = (await suite.PostAsync(Caller, $"incidents/{thanked}/comments", new { text = "Thanks!", reopens = false })).Ok();
        Assert.False(thanks["reopens"]!.GetValue<bool>());
        (await suite.PostAsync(Caller, $"incidents/{complained}/comments", new { text = "It still burns." })).Ok();
        await suite.UntilStateAsync(complained, "inProgress");

        // What comes after it in the same queue has been seen.
        (await suite.PostAsync(Agent, $"incidents/{thanked}/comments", new { text = "You are welcome." })).Ok();
        await suite.UntilAsync(thanked, incident => incident["firstAnsweredAt"] is not null);
        Assert.Equal("resolved", (await suite.ReadAsync(thanked)).Text("state"));
    }

    [Fact]
    public async Task A_part_is_split_off_for_the_same_caller()
    {
        var origin = await suite.OpenAsync(Caller, new { title = "Printer and mail", category = "network" });
        var answer = await suite.PostAsync(Agent, $"incidents/{origin.Id}/split", new { title = "Mail", assignmentGroup = "applications" });
        var part = answer.Ok();
        Assert.Equal((201, $"/api/v1/incidents/{part.Id}"), ((int)answer.Status, answer.Headers["Location"]));
        Assert.Equal((origin.Text("requester"), origin.Text("category"), await suite.GroupAsync("applications")),
            (part.Text("requester"), part.Text("category"), part.Text("assignmentGroup")));
        Assert.Equal(("splitFrom", origin.Id), (part["links"]![0]!.AsObject().Text("type"), part["links"]![0]!.AsObject().Text("target")));
        var links = (await suite.GetAsync(Caller, $"incidents/{origin.Id}/links")).Ok();
        Assert.Equal(part.Id, links["incoming"]![0]!.AsObject().Text("source"));
    }

    private static bool Changes(JsonObject entry, string field, string to) =>
        entry["changes"]!.AsArray().Any(change => change!["field"]!.GetValue<string>() == field && change["to"]?.ToString() == to);

    private async Task<(JsonObject Parent, string[] Children)> FamilyAsync(int size)
    {
        var parent = await suite.OpenAsync();
        var children = new string[size];
        for (var index = 0; index < size; index++)
        {
            children[index] = (await suite.OpenAsync()).Id;
            Assert.Equal(parent.Id,
                (await suite.DoAsync(children[index], "set-parent", new { parent = parent.Text("number") })).Text("parent"));
        }

        return (parent, children);
    }

    private async Task<JsonObject[]> UntilAllAsync(string[] ids, string state) =>
        await Task.WhenAll(ids.Select(id => suite.UntilStateAsync(id, state)));
}
