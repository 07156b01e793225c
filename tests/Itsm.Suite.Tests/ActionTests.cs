using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Itsm.Testing;

namespace Itsm.Suite.Tests;

/// <summary>What a single read says may be done to a ticket is what there is to do; what is closed is refused for that reason.</summary>
[Collection(WholeSuite.Name)]
public sealed class ActionTests(RunningSuite suite)
{
    private static readonly string[] People = ["employee1", "agent1", "analyst1", "manager1", "admin"];

    // Those whose path is no word for them.
    private static readonly Dictionary<string, string> Words = new()
    {
        [""] = "update", ["comments"] = "comment", ["attachments"] = "attach", ["links"] = "link", ["tasks"] = "add-task",
    };

    [Fact]
    public async Task All_that_can_be_done_to_an_incident_is_listed_and_what_is_closed_is_refused_for_the_reason_given()
    {
        var (fresh, other) = (await suite.OpenAsync("employee1"), await suite.OpenAsync("employee1"));
        var (started, resolved) = (await suite.OpenAsync("employee1"), await suite.OpenAsync("employee1"));
        var (closed, merged) = (await suite.OpenAsync("employee1"), await suite.OpenAsync("employee1"));
        await suite.ActAsync("agent1", $"incidents/{started.Id}/start");
        foreach (var one in new[] { resolved, closed })
        {
            await suite.ActAsync("agent1", $"incidents/{one.Id}/resolve", new { code = "fixedPermanently", notes = "A new cable." });
        }

        await suite.ActAsync("agent1", $"incidents/{closed.Id}/close");
        await suite.ActAsync("agent1", $"incidents/{merged.Id}/merge", new { into = other.Id, reason = "The same." });
        foreach (var incident in new[] { fresh, started, resolved, closed, merged })
        {
            await CheckAsync("incidents", incident.Id, other.Id);
        }
    }

    [Fact]
    public async Task All_that_can_be_done_to_a_request_is_listed_and_what_is_closed_is_refused_for_the_reason_given()
    {
        var (waiting, under, ended) = (await OrderAsync("payroll-access", new
            {
                role = "reader", reason = "Quarterly report",
                until = suite.Clock.GetUtcNow().AddDays(90).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            }),
            await OrderAsync("diagram-editor"), await OrderAsync("diagram-editor"));
        await suite.UntilAsync("agent1", "requests/" + under, one => one.Text("state") == "inFulfillment");
        await suite.ActAsync("employee1", $"requests/{ended}/cancel", new { reason = "No need." });
        foreach (var id in new[] { waiting, under, ended })
        {
            await CheckAsync("requests", id, under);
        }
    }

    [Fact]
    public async Task Whose_it_is_changes_an_incident_until_the_work_on_it_begins()
    {
        var incident = await suite.OpenAsync("employee1", new { title = "It hums" });
        var edited = (await suite.PatchAsync("employee1", "incidents/" + incident.Id,
            new { title = "It hums and smells", description = "Since noon.", urgency = "high" }, "*")).Ok();
        Assert.Equal(("It hums and smells", "high"), (edited.Text("title"), edited.Text("urgency")));
        Assert.True(await IsOpenAsync("employee1", incident.Id));
        (await suite.PatchAsync("employee1", "incidents/" + incident.Id, new { requester = "employee2" }, "*")).Problem(403);
        Assert.NotEqual(200, (int)(await suite.PatchAsync("employee2", "incidents/" + incident.Id, new { title = "Mine" }, "*")).Status);
        await suite.ActAsync("agent1", $"incidents/{incident.Id}/start");
        Assert.Contains("has begun",
            (await suite.PatchAsync("employee1", "incidents/" + incident.Id, new { title = "Loud" }, "*")).Problem(403).Text("detail"));
        Assert.False(await IsOpenAsync("employee1", incident.Id));
        (await suite.PatchAsync("agent1", "incidents/" + incident.Id, new { title = "It hums" }, "*")).Ok();
    }

    private async Task<bool> IsOpenAsync(string person, string incident) =>
        (await suite.GetAsync(person, "incidents/" + incident)).Ok()["actions"]!.AsArray()
            .Single(action => action!["name"]!.GetValue<string>() == "update")!["open"]!.GetValue<bool>();

    private async Task<string> OrderAsync(string item, object? answers = null) =>
        (await suite.PostAsync("employee1", "requests", new { item, answers = answers ?? new { } })).Ok().Id;

    private async Task CheckAsync(string kind, string id, string other)
    {
        var document = (await suite.GetAsync("", "/openapi/v1.json")).Ok();
        var routes = document["paths"]!.AsObject()
            .Select(path => (Match: Regex.Match(path.Key, $$"""^/api/v1/{{kind}}/\{id\}/?([a-z-]*)$"""), path.Value))
            .Where(path => path.Match.Success).SelectMany(path => path.Value!.AsObject()
                .Where(one => one.Key is "post" or "patch" or "put" or "delete")
                .Select(one => (Action: path.Match.Groups[1].Value, Method: one.Key, Operation: one.Value!)))
            .ToDictionary(route => Words.GetValueOrDefault(route.Action, route.Action));
        foreach (var person in People)
        {
            if (await suite.GetAsync(person, $"{kind}/{id}") is not { Status: System.Net.HttpStatusCode.OK } read)
            {
                continue;
            }

            var actions = read.Json["actions"]!.AsArray().Select(action => action!.AsObject()).ToDictionary(action => action.Text("name"));
            Assert.Empty(routes.Keys.Except(actions.Keys));
            foreach (var (name, action) in actions.Where(one => !one.Value["open"]!.GetValue<bool>() && routes.ContainsKey(one.Key)))
            {
                var route = routes[name];
                var answer = await suite.SendAsync(person, new HttpMethod(route.Method), $"{kind}/{id}/{route.Action}".TrimEnd('/'),
                    BodyOf(route.Operation, other), "*");
                Assert.True((int)answer.Status == 403 || answer.Problem(409).Text("detail") == action.Text("reason"),
                    $"{person} {kind} {name}: {action.ToJsonString()} {answer}");
            }
        }
    }

    /// <summary>The example of the documentation, with things that are there in place of those that it names.</summary>
    private static JsonNode BodyOf(JsonNode operation, string other)
    {
        var body = operation["requestBody"]?["content"]?["application/json"]?["example"]?.DeepClone() ?? new JsonObject();
        foreach (var name in new[] { "into", "parent", "of", "target" }.Where(name => body[name] is not null))
        {
            body[name] = other;
        }

        return body;
    }
}
