using System.Text.Json.Nodes;
using Itsm.Incidents.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Testing;
using Itsm.Ticketing.Bulk;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>One action over many incidents.</summary>
public sealed class BulkTests(IncidentsSuite suite)
{
    private readonly string _tail = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N")[^12..];

    [Fact]
    public async Task Each_is_done_as_alone_with_a_result_and_its_history_names_the_job()
    {
        var (one, other, closed) = (await suite.OpenAsync(), await suite.OpenAsync(), await suite.OpenAsync());
        await suite.ResolveAsync(closed.Id);
        await suite.DoAsync(closed.Id, "close");
        var job = await RunAsync(Agent,
            new { action = "assign", with = new { assignmentGroup = "network" }, ids = new[] { one.Id, other.Text("number"), closed.Id, "INC9999999" } });
        Assert.Equal((4, 2, 2), (job["total"]!.GetValue<int>(), job["succeeded"]!.GetValue<int>(), job["failed"]!.GetValue<int>()));
        Assert.Equal([(one.Id, 200, null), (other.Text("number"), 200, null), (closed.Id, 409, "ticket.ended"), ("INC9999999", 404, "not-found")],
            Results(job));
        Assert.Equal((await suite.TryAsync(closed.Id, "assign", new { assignmentGroup = "network" }, 409)).Text("detail"),
            job["results"]![2]!["detail"]!.GetValue<string>());
        var group = await suite.GroupAsync("network");
        foreach (var id in new[] { one.Id, other.Id })
        {
            Assert.Equal(group, (await suite.ReadAsync(id)).Text("assignmentGroup"));
            var entry = (await suite.HistoryAsync(id))[0];
            Assert.Equal(("assign", job.Id), (entry.Text("action"), entry.Text("request")));
            var by = (await suite.PersonAsync(Agent)).ToString();
            Assert.Equal(by, entry["by"]!["person"]!.GetValue<string>());
            Assert.True((await suite.GetAsync(Agent, $"incidents/{id}/history/verification")).Ok()["valid"]!.GetValue<bool>());
        }

        Assert.DoesNotContain("results", (await suite.GetAsync(Agent, "incidents/bulk?limit=1")).Ok().Items[0].Select(member => member.Key));
    }

    [Fact]
    public async Task A_filter_names_what_its_list_finds_for_the_caller()
    {
        (await suite.PostAsync("admin", "categories", new { key = "bulk-" + _tail, name = "Bulk" })).Ok();
        var ids = new List<string>();
        for (var number = 0; number < 25; number++)
        {
            ids.Add((await suite.OpenAsync(Caller, new { title = "Slow", category = "bulk-" + _tail })).Id);
        }

        await suite.DoAsync(ids[0], "watch", new { person = Analyst });
        await suite.DoAsync(ids[0], "mark-security",
            new { category = "phishing", severity = "high", groups = new[] { "security" }, reason = "It looks forged." }, Analyst);
        var job = await RunAsync(Agent, new
        {
            action = "comment", with = new { text = "We are on it." }, filter = $"category=bulk-{_tail}&state=new&sort=openedAt",
        });
        Assert.Equal((24, 24), (job["total"]!.GetValue<int>(), job["succeeded"]!.GetValue<int>()));
        Assert.Equal(ids[1..], job["results"]!.AsArray().Select(result => result!["target"]!.GetValue<string>()));
        Assert.All(await Task.WhenAll(ids[1..].Select(id => suite.CommentsAsync(id))), comments =>
            Assert.Equal(["We are on it."], comments.Select(comment => comment.Text("text"))));
    }

    [Fact]
    public async Task What_the_caller_may_not_do_is_not_done()
    {
        var (theirs, other) = (await suite.OpenAsync(), await suite.OpenAsync());
        (await suite.PostAsync(Caller, "incidents/bulk", new { action = "assign", with = new { assignee = Agent }, ids = new[] { theirs.Id } }))
            .Problem(403);
        var job = await RunAsync(Agent,
            new { action = "update", with = new { titel = "x" }, ids = new[] { theirs.Id, other.Id } });
        Assert.All(Results(job), result => Assert.Equal((400, "invalid-request"), (result.Status, result.Code)));
        (await suite.GetAsync("agent2", $"incidents/bulk/{job.Id}")).Problem(404);
        (await suite.GetAsync("admin", $"incidents/bulk/{job.Id}")).Problem(404);
        job = await RunAsync(Agent, new { action = "update", with = new { title = "Slow printer" }, ids = new[] { theirs.Id, other.Id } });
        Assert.All(Results(job), result => Assert.Equal(200, result.Status));
        Assert.Equal("Slow printer", (await suite.ReadAsync(other.Id)).Text("title"));
    }

    [Fact]
    public async Task Who_is_gone_does_nothing_more_and_what_is_cancelled_stops()
    {
        var name = "bulk-agent-" + _tail;
        (await suite.PostAsync("admin", "people", new { userName = name, name = "Bulk Agent", roles = new[] { "agent", "requester" } })).Ok();
        var ids = await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ => (await suite.OpenAsync()).Id));
        var begun = await RunningSuite.UntilAsync(
            () => suite.PostAsync(name, "incidents/bulk", new { action = "start", ids }), answer => (int)answer.Status == 202, name);
        (await suite.PostAsync(name, $"incidents/bulk/{begun.Json.Id}/cancel", new { }, "*")).Ok();
        Assert.Equal("bulk.ended", (await suite.PostAsync(name, $"incidents/bulk/{begun.Json.Id}/cancel", new { }, "*")).Problem(409).Code());
        var stopped = (await suite.GetAsync(name, $"incidents/bulk/{begun.Json.Id}")).Ok();
        Assert.Equal("cancelled", stopped.Text("state"));
        Assert.True(stopped["results"]!.AsArray().Count < ids.Length);

        await suite.ActAsync("admin", $"people/{name}/deactivate", new { reason = "Left." });
        var answer = await suite.Modules.GetRequiredService<OwnRequests>().SendAsync(await suite.PersonAsync(name),
            new OwnRequest("POST", $"/api/v1/incidents/{ids[^1]}/start") { Body = "{}"u8.ToArray(), Common = Guid.Empty }, default);
        Assert.Equal((403, "no-access"), (answer.Status, JsonNode.Parse(answer.Body)!["code"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Refusals_are_in_the_language_in_which_the_job_was_asked_for_whatever_its_asker_prefers_later()
    {
        var (name, id) = ("bulk-german-" + _tail, (await suite.OpenAsync()).Id);
        (await suite.PostAsync("admin", "people",
            new { userName = name, name = "Bulk German", language = "de", roles = new[] { "agent", "requester" } })).Ok();
        var jobs = suite.Modules.GetRequiredService<AggregateStore<BulkJob<Incident>>>();
        var begun = (await RunningSuite.UntilAsync(
            () => suite.PostAsync(name, "incidents/bulk", new { action = "close", ids = new[] { id } }),
            answer => (int)answer.Status == 202, name)).Json;
        Assert.Equal("de", (await jobs.FindAsync(Guid.Parse(begun.Id), default))!.Language);

        (await suite.SendAsync(name, HttpMethod.Put, "people/me/preferences", new { language = "en" }, "*")).Ok();
        Assert.Equal("The incident is new; close is possible from resolved.",
            DetailOf(await RunAsync(name, new { action = "close", ids = new[] { id } })));

        // A job like the first, of which nothing is done before the change.
        var asker = new Platform.Access.Caller(
            await suite.PersonAsync(name), name, name, new HashSet<string>(), new HashSet<string>(), new HashSet<Guid>());
        var german = BulkJob<Incident>.Queue("close", new BsonDocument(), [id], asker,
            suite.Modules.GetRequiredService<Languages>().Find("de")!, suite.Clock.GetUtcNow());
        Assert.True(await jobs.TrySaveAsync(german, AuditContext.OfService("incidents", "test", suite.Clock), default));
        var done = await suite.UntilAsync(name, $"incidents/bulk/{german.Id}", one => one.Text("state") == "done");
        Assert.Equal("Störung: Der Zustand ist neu; die Aktion „close“ ist möglich aus: gelöst.", DetailOf(done));
        Assert.Null(done["language"]);
    }

    [Fact]
    public async Task What_was_done_is_not_done_again_after_a_crash_though_others_went_on()
    {
        var id = (await suite.OpenAsync()).Id;
        var (agent, requests) = (await suite.PersonAsync(Agent), suite.Modules.GetRequiredService<OwnRequests>());
        var update = new OwnRequest("PATCH", "/api/v1/incidents/" + id)
        {
            Body = """{ "title": "Slow printer" }"""u8.ToArray(), Key = "bulk-" + _tail, Common = Guid.Empty,
        };
        Assert.Equal(200, (await requests.SendAsync(agent, update, default)).Status);
        (await suite.PatchAsync(Agent, "incidents/" + id, new { title = "Slow plotter" }, "*")).Ok();
        Assert.Equal(200, (await requests.SendAsync(agent, update, default)).Status);
        Assert.Equal("Slow plotter", (await suite.ReadAsync(id)).Text("title"));
    }

    [Theory]
    [InlineData("""{ "action": "explode", "ids": ["INC0000001"] }""", "/action")]
    [InlineData("""{ "action": "start" }""", "")]
    [InlineData("""{ "action": "start", "ids": ["INC0000001"], "filter": "state=new" }""", "")]
    [InlineData("""{ "action": "start", "ids": [] }""", "/ids")]
    [InlineData("""{ "action": "start", "ids": ["INC0000001", "inc0000001"] }""", "/ids")]
    [InlineData("""{ "action": "start", "ids": ["INC0000001"], "with": [1] }""", "/with")]
    [InlineData("""{ "action": "start", "ids": ["INC0000001"], "with": { "a": 1e400 } }""", "/with")]
    [InlineData("""{ "action": "start", "ids": ["INC0000001"], "with": { "a\u0000b": 1 } }""", "/with")]
    [InlineData("""{ "action": "start", "filter": "?" }""", "/filter")]
    [InlineData("""{ "action": "start", "filter": "sort=openedAt&" }""", "/filter")]
    [InlineData("""{ "action": "start", "filter": "state=explored" }""", "/filter")]
    [InlineData("""{ "action": "start", "filter": "limit=3" }""", "/filter")]
    [InlineData("""{ "action": "start", "filter": "sourceNumber=none-such" }""", "/filter")]
    public async Task A_job_that_makes_no_sense_is_refused(string body, string at)
    {
        var problem = (await suite.PostAsync(Agent, "incidents/bulk", JsonNode.Parse(body)!)).Problem(400);
        Assert.Equal(at, problem.Pointer());
    }

    private static string DetailOf(JsonObject job) => Assert.Single(job["results"]!.AsArray())!["detail"]!.GetValue<string>();

    private static List<(string Target, int Status, string? Code)> Results(JsonObject job) => [.. job["results"]!.AsArray().Select(result =>
        (result!["target"]!.GetValue<string>(), result["status"]!.GetValue<int>(), result["code"]?.GetValue<string>()))];

    private async Task<JsonObject> RunAsync(string person, object body)
    {
        var job = (await suite.PostAsync(person, "incidents/bulk", body)).Ok();
        return await suite.UntilAsync(person, $"incidents/bulk/{job.Id}", one => one.Text("state") == "done");
    }
}
