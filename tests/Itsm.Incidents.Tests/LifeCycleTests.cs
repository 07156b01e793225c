using Itsm.Testing;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

public sealed class LifeCycleTests(IncidentsSuite suite)
{
    [Fact]
    public async Task Whoever_starts_takes_it()
    {
        var id = (await suite.OpenAsync()).Id;
        var started = await suite.DoAsync(id, "start");
        Assert.Equal(("inProgress", (await suite.PersonAsync(Agent)).ToString()), (started.Text("state"), started.Text("assignee")));
        Assert.Equal("incident.transition", (await suite.TryAsync(id, "start", null, 409)).Code());
    }

    [Fact]
    public async Task Assigning_keeps_what_it_does_not_name()
    {
        var id = (await suite.OpenAsync(Caller, new { title = "No tunnel", category = "network-vpn" })).Id;
        var (network, agent) = (await suite.GroupAsync("network"), (await suite.PersonAsync(Agent)).ToString());
        Assert.Equal("/assignee", (await suite.TryAsync(id, "assign", new { assignee = "agent2" }, 400)).Pointer());
        Assert.Equal((network, agent), Whose(await suite.DoAsync(id, "assign", new { assignee = Agent })));
        Assert.Equal((await suite.GroupAsync("service-desk"), agent),
            Whose(await suite.DoAsync(id, "assign", new { assignmentGroup = "service-desk" })));
        Assert.Equal((await suite.GroupAsync("applications"), null),
            Whose(await suite.DoAsync(id, "assign", new { assignmentGroup = "applications" })));
        Assert.Equal((null, (await suite.PersonAsync("agent2")).ToString()),
            Whose(await suite.DoAsync(id, "assign", new { assignmentGroup = (string?)null, assignee = "agent2" })));

        static (string?, string?) Whose(System.Text.Json.Nodes.JsonObject incident) =>
            (incident["assignmentGroup"]?.GetValue<string>(), incident["assignee"]?.GetValue<string>());
    }

    [Fact]
    public async Task Waiting_for_the_caller_needs_a_comment_that_the_caller_reads()
    {
        var id = (await suite.OpenAsync()).Id;
        Assert.Equal("/comment", (await suite.TryAsync(id, "hold", new { reason = "caller" }, 400)).Pointer());
        Assert.Equal("caller", (await suite.WaitForCallerAsync(id)).Text("holdReason"));
        var comments = await RunningSuite.UntilAsync(() => suite.CommentsAsync(id, Caller), found => found.Count == 1, "the comment");
        Assert.Equal(("Which printer is it?", false), (comments[0].Text("text"), comments[0]["internal"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task Waiting_for_others_needs_none()
    {
        var id = (await suite.OpenAsync()).Id;
        Assert.Equal(("onHold", "vendor"),
            (await suite.DoAsync(id, "hold", new { reason = "vendor" }) is var held ? held.Text("state") : "", held.Text("holdReason")));
        Assert.Null((await suite.DoAsync(id, "resume"))["holdReason"]);
    }

    [Fact]
    public async Task The_callers_comment_ends_the_wait_for_them()
    {
        var id = (await suite.OpenAsync()).Id;
        await suite.WaitForCallerAsync(id);
        await suite.CommentAsync(id, Caller);
        var resumed = await suite.UntilStateAsync(id, "inProgress");
        Assert.Null(resumed["holdReason"]);
    }

    [Fact]
    public async Task Other_comments_and_work_notes_do_not_end_it()
    {
        var id = (await suite.OpenAsync(Agent, new { title = "My own laptop" })).Id;
        await suite.WaitForCallerAsync(id);
        await suite.CommentAsync(id, Agent, "Asked in the corridor.", @internal: true);
        await suite.CommentAsync(id, Manager, "Any news?");
        await suite.UntilAsync(id, incident => incident["firstAnsweredAt"] is not null);
        Assert.Equal("onHold", (await suite.ReadAsync(id)).Text("state"));
    }

    [Fact]
    public async Task The_callers_comment_does_not_end_a_wait_for_somebody_else()
    {
        var id = (await suite.OpenAsync()).Id;
        await suite.DoAsync(id, "hold", new { reason = "vendor" });
        await suite.CommentAsync(id, Caller);
        await suite.CommentAsync(id, Agent);
        await suite.UntilAsync(id, incident => incident["firstAnsweredAt"] is not null);
        Assert.Equal("onHold", (await suite.ReadAsync(id)).Text("state"));
    }

    [Fact]
    public async Task The_callers_comment_reopens_what_was_resolved()
    {
        var id = (await suite.OpenAsync()).Id;
        var resolved = await suite.ResolveAsync(id);
        Assert.NotNull(resolved["resolvedAt"]);
        Assert.NotNull(resolved["closesAt"]);
        await suite.CommentAsync(id, Caller, "It burns again.");
        var reopened = await suite.UntilStateAsync(id, "inProgress");
        Assert.Equal(1, reopened["reopenCount"]!.GetValue<int>());
        Assert.Equal((await suite.PersonAsync(Caller)).ToString(), reopened["reopenedBy"]!.AsObject().Text("person"));
        Assert.NotNull(reopened["reopenedAt"]);
        Assert.All(["resolutionCode", "resolutionNotes", "resolvedBy", "resolvedAt", "closesAt"], field => Assert.Null(reopened[field]));
    }

    [Fact]
    public async Task An_agents_comment_leaves_it_resolved()
    {
        var id = (await suite.OpenAsync()).Id;
        await suite.ResolveAsync(id);
        await suite.CommentAsync(id, Agent, "All good?");
        await suite.UntilAsync(id, incident => incident["firstAnsweredAt"] is not null);
        Assert.Equal("resolved", (await suite.ReadAsync(id)).Text("state"));
    }

    [Fact]
    public async Task What_is_closed_takes_no_comment_and_no_change()
    {
        var id = (await suite.OpenAsync()).Id;
        await suite.ResolveAsync(id);
        var closed = await suite.DoAsync(id, "close", person: Caller);
        Assert.NotNull(closed["closedAt"]);
        Assert.Equal("ticket.ended",
            (await suite.PostAsync(Caller, $"incidents/{id}/comments", new { text = "Too late?" })).Problem(409).Code());
        (await suite.PatchAsync(Agent, "incidents/" + id, new { title = "Other" }, "*")).Problem(409);
        await suite.TryAsync(id, "reopen", new { reason = "It burns again." }, 409);
        await suite.TryAsync(id, "escalate", new { group = "network", reason = "Too late." }, 409);
        await suite.TryAsync(id, "assign", new { assignmentGroup = "network" }, 409);
        await suite.TryAsync(id, "override-priority", new { priority = 1, reason = "Too late." }, 409);
        Assert.Equal(closed.Version, (await suite.ReadAsync(id)).Version);
    }

    [Fact]
    public async Task A_caller_cancels_their_own_only()
    {
        var id = (await suite.OpenAsync()).Id;
        await suite.TryAsync(id, "cancel", new { reason = "Not mine." }, 404, Other);
        await suite.DoAsync(id, "watch", new { person = Other });
        await suite.TryAsync(id, "cancel", new { reason = "Not mine." }, 403, Other);
        Assert.Equal("cancelled", (await suite.DoAsync(id, "cancel", new { reason = "Found the switch." }, Caller)).Text("state"));
    }

    [Fact]
    public async Task An_employee_does_not_work_on_incidents()
    {
        var id = (await suite.OpenAsync()).Id;
        foreach (var (action, body) in new (string, object)[]
        {
            ("start", new { }), ("resolve", new { code = "solvedByCaller", notes = "Myself." }),
            ("assign", new { assignmentGroup = "network" }), ("escalate", new { group = "network", reason = "Faster." }),
        })
        {
            await suite.TryAsync(id, action, body, 403, Caller);
        }

        await suite.DoAsync(id, "start");
        (await suite.PatchAsync(Caller, "incidents/" + id, new { urgency = "high" }, "*")).Problem(403);
    }
}
