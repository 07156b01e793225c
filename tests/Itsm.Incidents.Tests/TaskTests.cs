using System.Net;
using Itsm.Contracts;
using Itsm.Contracts.Directory;
using Itsm.Incidents.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Testing;
using Itsm.Ticketing;
using Itsm.Ticketing.Tasks;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>The work on an incident.</summary>
public sealed class TaskTests(IncidentsSuite suite)
{
    private static readonly TaskDeadlines Whenever = new(TimeSpan.FromDays(7));
    private static readonly Guid Person = Guid.Parse("01900000-0000-7000-8000-000000000001");

    private static readonly AuditContext Audit =
        new() { By = new Actor(Person, "Ada"), Action = "test", At = DateTimeOffset.UnixEpoch.AddYears(60) };

    private static readonly GroupChanged Network =
        new() { Id = Guid.Parse("01900000-0000-7000-8000-000000000002"), Version = 1, Key = "network", Name = "Network", Members = [],
            Active = true };

    [Fact]
    public async Task A_task_is_added_read_changed_given_away_and_moved_at_its_ticket()
    {
        var id = (await suite.OpenAsync(Agent, new { title = "A fuse is gone", assignmentGroup = "service-desk" })).Id;
        var answer = await suite.PostAsync(Agent, $"incidents/{id}/tasks",
            new { title = "Buy a fuse", kind = "remediation", assignmentGroup = "network", assignee = Agent,
                dueAt = "2031-01-31T08:00:00+02:00" }, "*");
        var task = answer.Ok();
        Assert.Equal((201, "open", "2031-01-31T06:00:00Z", "task-1", "Network"),
            ((int)answer.Status, task.Text("state"), task.Text("dueAt"), task.Text("key"), task.Text("groupName")));
        Assert.EndsWith($"/incidents/{id}/tasks/task-1", answer.Headers["Location"], StringComparison.Ordinal);
        Assert.Equal((await suite.ReadAsync(id)).Tag, answer.Tag);
        (await suite.PostAsync(Agent, $"incidents/{id}/tasks", new { title = "Hurry" })).Problem(428);

        Assert.Equal("inProgress", (await suite.DoAsync(id, "tasks/task-1/start")).Text("state"));
        var done = await suite.DoAsync(id, "tasks/task-1/complete", new { outcome = "Bought two." });
        Assert.Equal(("done", "Bought two."), (done.Text("state"), done.Text("outcome")));
        Assert.Equal("Amir Agent", done["endedBy"]!["name"]!.GetValue<string>());
        Assert.Equal("task.transition", (await suite.TryAsync(id, "tasks/task-1/start", new { }, 409)).Code());
        Assert.Equal("Buy two fuses", (await suite.PatchAsync(Agent, $"incidents/{id}/tasks/task-1", new { title = "Buy two fuses" }, "*"))
            .Ok().Text("title"));

        await suite.DoAsync(id, "tasks", new { title = "Test it", key = "test" });
        Assert.Equal("task.exists", (await suite.TryAsync(id, "tasks", new { title = "Test it", key = "test" }, 409)).Code());
        Assert.Equal("task.not-held", (await suite.TryAsync(id, "tasks/test/waive", new { outcome = "No." }, 409)).Code());
        Assert.Equal("/answers", (await suite.TryAsync(id, "tasks/test/complete", new { answers = new { it = "works" } }, 400)).Pointer());
        Assert.Equal("Service Desk", (await suite.ReadAsync($"{id}/tasks/test")).Text("groupName"));
        var given = await suite.DoAsync(id, "tasks/test/assign", new { assignmentGroup = (string?)null, assignee = Agent });
        Assert.Equal((null, done.Text("assignee")), (given.TextOrNull("assignmentGroup"), given.Text("assignee")));
        Assert.Equal("Service Desk", (await suite.DoAsync(id, "tasks/test/assign", new { assignee = (string?)null })).Text("groupName"));
        Assert.Equal(["task-1", "test"], (await TasksAsync(id)).Select(one => one.Text("key")));
        await suite.TryAsync(id, "tasks/none/start", new { }, 404);
    }

    [Fact]
    public async Task Of_two_who_change_tasks_at_once_both_succeed_or_one_is_told_of_the_other()
    {
        var id = (await suite.OpenAsync()).Id;
        await Task.WhenAll(Enumerable.Range(1, 6).Select(number =>
            suite.DoAsync(id, "tasks", new { key = $"step-{number}", title = $"Step {number}" })));
        var tag = (await suite.ReadAsync(id)).Tag;
        var answers = await Task.WhenAll(Enumerable.Range(1, 6).Select(number =>
            suite.PostAsync(Agent, $"incidents/{id}/tasks/step-{number}/start", new { }, tag)));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer => Assert.Equal(["tasks"], Stale(answer)));
        Assert.Equal(1, (await TasksAsync(id)).Count(task => task.Text("state") == "inProgress"));
        var key = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
        var first = await suite.PostAsync(Agent, $"incidents/{id}/tasks", new { title = "Once" }, "*", key);
        var second = await suite.PostAsync(Agent, $"incidents/{id}/tasks", new { title = "Once" }, "*", key);
        Assert.Equal((first.Text, first.Headers["Location"], HttpStatusCode.Created),
            (second.Text, second.Headers["Location"], second.Status));
        Assert.Equal(7, (await TasksAsync(id)).Count);
    }

    [Fact]
    public async Task What_was_answered_of_a_task_is_not_told_again_to_whoever_may_not_read_it_any_more()
    {
        var id = (await suite.OpenAsync(Agent, new { title = "My laptop is gone" })).Id;
        var key = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
        (await suite.PostAsync(Agent, $"incidents/{id}/tasks", new { title = "Ask him" }, "*", key)).Ok();
        await suite.DoAsync(id, "watch", new { person = Analyst });
        await suite.DoAsync(id, "mark-security", new { category = "lostDevice", severity = "high", reason = "Was it him?" }, Analyst);
        await suite.ReadAsync(id);
        (await suite.PostAsync(Agent, $"incidents/{id}/tasks", new { title = "Ask him" }, "*", key)).Problem(403);
    }

    [Fact]
    public async Task A_task_waits_for_those_that_it_comes_after()
    {
        var id = (await suite.OpenAsync()).Id;
        await suite.DoAsync(id, "tasks", new { title = "Find it" });
        Assert.Equal("waiting", (await suite.DoAsync(id, "tasks", new { title = "Mend it", after = new[] { "task-1" } })).Text("state"));
        Assert.Equal("open", (await suite.DoAsync(id, "tasks", new { title = "Tell them" })).Text("state"));
        Assert.Equal("waiting", await AfterAsync("task-3", "task-1", "task-2"));
        Assert.Equal("/after", (await suite.TryAsync(id, "tasks", new { title = "Go home", after = new[] { "task-9" } }, 400)).Pointer());
        foreach (var (key, after) in new[] { ("task-1", "task-3"), ("task-3", "task-3") })
        {
            Assert.Equal("/after", (await suite.PatchAsync(Agent, $"incidents/{id}/tasks/{key}", new { after = new[] { after } }, "*"))
                .Problem(400).Pointer());
        }

        Assert.Equal("task.transition", (await suite.TryAsync(id, "tasks/task-2/start", new { }, 409)).Code());
        await suite.DoAsync(id, "tasks/task-1/complete");
        Assert.Equal(["done", "open", "waiting"], (await TasksAsync(id)).Select(task => task.Text("state")));
        Assert.Equal("open", await AfterAsync("task-3", "task-1"));
        await suite.DoAsync(id, "tasks/task-3/start");
        Assert.Equal("task.transition",
            (await suite.PatchAsync(Agent, $"incidents/{id}/tasks/task-3", new { after = Array.Empty<string>() },
            "*")).Problem(409).Code());

        async Task<string> AfterAsync(string key, params string[] after) =>
            (await suite.PatchAsync(Agent, $"incidents/{id}/tasks/{key}", new { after, title = "Tell all" }, "*")).Ok().Text("state");
    }

    [Fact]
    public async Task Tasks_of_a_closed_incident_are_still_done_and_none_are_added()
    {
        var id = (await suite.OpenAsync()).Id;
        await suite.DoAsync(id, "tasks", new { title = "Tidy up", kind = "followUp" });
        await suite.ResolveAsync(id);
        await suite.DoAsync(id, "close");
        Assert.Equal("ticket.ended", (await suite.TryAsync(id, "tasks", new { title = "Tidy more" }, 409)).Code());
        Assert.Equal("done", (await suite.DoAsync(id, "tasks/task-1/complete")).Text("state"));
        Assert.Equal("closed", (await suite.ReadAsync(id)).Text("state"));
    }

    [Fact]
    public async Task A_task_of_somebody_who_leaves_goes_back_also_where_its_incident_has_ended()
    {
        var name = "helper" + Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N")[^12..];
        var person = (await suite.PostAsync("admin", "people", new { userName = name, name = "Helper", roles = new[] { "agent" } })).Ok();
        await RunningSuite.UntilAsync(() => suite.GetAsync(name, "people/me"), answer => (int)answer.Status == 200, "the new person");
        var id = (await suite.OpenAsync(Agent, new { title = "A fuse is gone", assignmentGroup = "network" })).Id;
        await suite.DoAsync(id, "tasks", new { title = "Tidy up", assignee = name });
        Assert.Equal(person.Id, (await suite.ReadAsync($"{id}/tasks/task-1")).Text("assignee"));
        await suite.ResolveAsync(id);
        await suite.DoAsync(id, "close");
        await suite.ActAsync("admin", $"people/{person.Id}/deactivate", new { reason = "Left us." });
        var network = await suite.GroupAsync("network");
        await suite.UntilAsync(Agent, $"incidents/{id}/tasks/task-1", task =>
            task["assignee"] is null && task.TextOrNull("assignmentGroup") == network);
    }

    [Fact]
    public void Tasks_move_as_the_table_says_and_in_no_other_way()
    {
        foreach (var (state, action) in Enum.GetValues<TaskState>().SelectMany(state =>
            TaskLifeCycle.Table.Table.Select(move => (state, move.Action))))
        {
            var incident = With(state);
            var move = TaskLifeCycle.Table.Table.First(row => row.Action == action);
            if (move.NeedsReason)
            {
                Assert.Equal("/outcome",
                    Assert.Throws<InvalidValueException>(() => incident.MoveTask("it", action, null, Whenever, Audit)).Pointer);
            }

            if (!move.From.Contains(state) || action == "waive")
            {
                var refused = Assert.Throws<RuleViolationException>(() => incident.MoveTask("it", action, "Why.", Whenever, Audit));
                Assert.Equal(move.From.Contains(state) ? "task.not-held" : "task.transition", refused.Code);
                Assert.Equal(state, incident.Tasks[1].State);
                continue;
            }

            incident.MoveTask("it", action, "Why.", Whenever, Audit);
            var task = incident.Tasks[1];
            Assert.Equal((move.To, task.HasEnded ? Audit.At : null), (task.State, task.EndedAt));
            Assert.Equal(move.To is TaskState.Open or TaskState.InProgress ? null : "Why.", task.Outcome);
            Assert.Equal(action == "start" ? Person : null, task.Assignee);
        }
    }

    [Fact]
    public void Tasks_end_with_a_cancelled_incident_and_not_with_one_that_goes_on_in_another()
    {
        var (cancelled, merged) = (With(TaskState.InProgress), With(TaskState.InProgress));
        cancelled.Move(Moves.Cancel, default, Audit);
        Assert.All(cancelled.Tasks, task => Assert.Equal(TaskState.Cancelled, task.State));
        Assert.Equal("ticket.ended",
            Assert.Throws<RuleViolationException>(() => cancelled.MoveTask("it", "reopen", null, Whenever, Audit)).Code);
        var target = New();
        merged.Reserve(target.Id, Person, Audit.At);
        target.ReserveFor(merged, Person, "incident.merge", Audit.At);
        merged.MergeInto(target, Audit);
        Assert.Equal(TaskState.InProgress, merged.Tasks[1].State);
    }

    [Fact]
    public void Tasks_have_limits()
    {
        var incident = New();
        for (var number = 1; number <= 200; number++)
        {
            incident.AddTask(new WorkTask { Key = $"task-{number}", Title = "Work" }, Whenever, Audit);
        }

        Assert.Equal("task.too-many",
            Assert.Throws<RuleViolationException>(() => incident.AddTask(new WorkTask { Key = "more", Title = "Work" }, Whenever, Audit))
                .Code);
        Assert.Equal("task.too-much", Assert.Throws<RuleViolationException>(() =>
            incident.EditTask(incident.Tasks[0] with { Description = new string('x', 500_001) }, Whenever, Audit)).Code);
    }

    private static Incident New() =>
        Incident.Open(new NewIncident { Number = "INC0000001", Title = "Fire", Requester = Person, OpenedBy = Person },
            PriorityMatrix<Incident>.Default(), Audit);

    /// <summary>An incident whose second task stands there; where it waits, for the first one.</summary>
    private static Incident With(TaskState state)
    {
        var incident = New();
        incident.AddTask(new WorkTask { Key = "first", Title = "First" }, Whenever, Audit);
        incident.AddTask(new WorkTask
        {
            Key = "it", Title = "It", State = state, After = state == TaskState.Waiting ? ["first"] : [],
        }, Whenever, Audit);
        return incident;
    }

    private static string[] Stale(Answer answer) => [.. answer.Problem(412)["changedFields"].Texts()];

    private async Task<IReadOnlyList<System.Text.Json.Nodes.JsonObject>> TasksAsync(string id) =>
        (await suite.GetAsync(Agent, $"incidents/{id}/tasks")).Ok().Items;
}
