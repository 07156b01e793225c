using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Suite.Tests;

/// <summary>Tasks of all kinds of tickets: who learns of them, and the list of them all.</summary>
[Collection(WholeSuite.Name)]
public sealed class TaskListTests(RunningSuite suite)
{
    private const string Agent = "agent1";
    private const string Analyst = "analyst1";
    private const string Caller = "employee1";

    [Fact]
    public async Task Whoever_merely_sees_an_incident_learns_nothing_of_its_tasks()
    {
        var opened = await suite.OpenAsync();
        var (id, number) = (opened.Id, opened.Text("number"));
        await using var stream = await EventStream.OpenAsync(suite.As(Caller), "?types=ticket");
        await using var agents = await EventStream.OpenAsync(suite.As(Agent), "?types=ticket");
        await DoAsync(id, "tasks", new { title = "Interrogate the zebrafish", assignmentGroup = "network" });
        await DoAsync(id, "tasks/task-1/start", new { });
        await agents.UntilAsync(events => events.Any(one => one.Data["action"]?.ToString() == "start-task"
            && one.Data["changed"]!.AsArray().Any(field => field!.ToString() == "tasks")));
        await DoAsync(id, "cancel", new { reason = "Never mind." }, Caller);
        await stream.UntilAsync(events => events.Any(one => one.Data["action"]?.ToString() == "cancel"));
        Assert.DoesNotContain(stream.Events, one =>
            one.Data["ticket"]?.ToString() == id && one.Data.ToJsonString().Contains("task", StringComparison.OrdinalIgnoreCase));
        Assert.Equal("cancelled", (await suite.GetAsync(Agent, $"incidents/{id}/tasks/task-1")).Ok().Text("state"));

        Assert.False((await suite.GetAsync(Caller, "incidents/" + id)).Ok().ContainsKey("tasks"));
        Assert.DoesNotContain("ebrafish", (await suite.GetAsync(Caller, "incidents/export")).Text, StringComparison.Ordinal);
        foreach (var fields in new[] { "tasks", "taskHolders" })
        {
            (await suite.GetAsync(Caller, $"incidents/{id}?fields={fields}")).Problem(400);
            (await suite.GetAsync(Caller, $"incidents?fields={fields}")).Problem(400);
        }

        foreach (var path in new[] { "history", "tasks", "tasks/task-1", "tasks/none" })
        {
            (await suite.GetAsync(Caller, $"incidents/{id}/{path}")).Problem(403);
        }

        (await suite.PostAsync(Caller, $"incidents/{id}/tasks", new { title = "Hurry" }, "*")).Problem(403);
        (await suite.PatchAsync(Caller, $"incidents/{id}/tasks/task-1", new { title = "Hurry" }, "*")).Problem(403);
        var stale = Stale(await suite.PostAsync(Caller, $"incidents/{id}/unwatch", new { }, opened.Tag));
        Assert.Equal((true, false), (stale.Contains("state"), stale.Contains("tasks")));
        Assert.Contains("tasks", Stale(await suite.PostAsync(Agent, $"incidents/{id}/unwatch", new { }, opened.Tag)));
        await RunningSuite.UntilAsync(() => suite.GetAsync(Agent, $"tasks?ticket={id}&state=cancelled"),
            answer => answer.Ok().Items.Count == 1, "the task in the list");
        Assert.Empty((await suite.GetAsync(Caller, "tasks")).Ok().Items);
        await RunningSuite.UntilAsync(() => suite.GetAsync(Agent, $"search?q=number:{number}&state=cancelled"),
            answer => answer.Ok().Items.Count == 1, "the cancelled incident in the search");
        Assert.Empty((await suite.GetAsync(Agent, "search?q=zebrafish")).Ok().Items);
    }

    [Fact]
    public async Task The_list_has_tasks_of_all_kinds_and_keeps_those_of_a_security_incident_to_the_named()
    {
        var id = (await suite.OpenAsync(Caller, new { title = "Odd mail" })).Id;
        await DoAsync(id, "tasks", new { title = "Look at it", assignmentGroup = "network", assignee = Agent });
        await DoAsync(id, "tasks", new { title = "Ask them", assignmentGroup = "security" });
        var request = (await suite.PostAsync(Caller, "requests", new { item = "diagram-editor", answers = new { } })).Ok();
        await ListedAsync(Agent, $"ticket={id}&ticketKind=incident&sort=dueAt", 2);
        await ListedAsync(Agent, $"ticket={request.Id}&ticketKind=request", 1);
        await ListedAsync(Agent, $"ticket={id}&assignee=me", 1);

        await DoAsync(id, "watch", new { person = Analyst });
        await DoAsync(id, "mark-security",
            new { category = "phishing", severity = "high", groups = new[] { "security" }, reason = "It looks forged." }, Analyst);
        await ListedAsync(Agent, $"ticket={id}", 0);
        await ListedAsync(Analyst, $"ticket={id}", 2);
        var security = (await suite.GetAsync("admin", "groups/security")).Ok().Id;
        Assert.All((await suite.GetAsync(Analyst, $"incidents/{id}/tasks")).Ok().Items, task =>
            Assert.Equal((security, null), (task.Text("assignmentGroup"), task.TextOrNull("assignee"))));
        Assert.Equal("incident.security-assignment",
            (await TryAsync(id, "tasks/task-1/assign", new { assignmentGroup = "network" }, 409, Analyst)).Text("code"));
        Assert.Equal("incident.security-assignment",
            (await TryAsync(id, "tasks", new { title = "Trace it", assignmentGroup = "network" }, 409, Analyst)).Text("code"));
    }

    [Fact]
    public async Task The_kinds_that_there_are_are_named_to_who_asks_for_another()
    {
        var problem = (await RunningSuite.UntilAsync(() => suite.GetAsync(Agent, "tasks?ticketKind=incident,nonsense"),
            answer => answer.Text.Contains("incident, request", StringComparison.Ordinal), "both kinds")).Problem(400);
        Assert.Equal("?ticketKind", problem["errors"]![0]!.AsObject().Text("pointer"));
        (await suite.GetAsync(Agent, "tasks?ticketKind=incident,request")).Ok();
    }

    private static string[] Stale(Answer answer) =>
        [.. answer.Problem(412)["changedFields"]!.AsArray().Select(field => field!.GetValue<string>())];

    private Task<JsonObject> DoAsync(string id, string action, object body, string person = Agent) =>
        suite.ActAsync(person, $"incidents/{id}/{action}", body);

    private async Task<JsonObject> TryAsync(string id, string action, object body, int status, string person) =>
        (await suite.PostAsync(person, $"incidents/{id}/{action}", body, "*")).Problem(status);

    private Task<Answer> ListedAsync(string person, string filter, int count) => RunningSuite.UntilAsync(
        () => suite.GetAsync(person, "tasks?" + filter), answer => answer.Ok().Items.Count == count,
        $"{count} tasks of {person}: {filter}");
}
