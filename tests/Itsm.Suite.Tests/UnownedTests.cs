using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Suite.Tests;

[Collection(WholeSuite.Name)]
public sealed class UnownedTests(RunningSuite suite) : UnownedScenarios(suite);

[OuterTier]
[Collection(SuiteOnElasticsearch.Name)]
public sealed class UnownedOnElasticsearchTests(SuiteOnElasticsearch.Suite suite) : UnownedScenarios(suite);

[OuterTier]
[Collection(SuiteOnOpenSearch.Name)]
public sealed class UnownedOnOpenSearchTests(SuiteOnOpenSearch.Suite suite) : UnownedScenarios(suite);

/// <summary>The list of what is in nobody's hands, which is a search, whatever the engine.</summary>
public abstract class UnownedScenarios(RunningSuite suite) : IAsyncLifetime
{
    public ValueTask InitializeAsync() => suite.StartAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_lost_its_group_is_not_in_nobodys_hands_and_what_has_none_is_listed_with_the_reason()
    {
        var key = "brief-" + Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N")[^12..];
        (await suite.PostAsync("admin", "groups", new { key, name = "Brief" })).Ok();
        await RunningSuite.UntilAsync(() => suite.GetAsync("agent1", "incidents?assignmentGroup=" + key),
            answer => (int)answer.Status == 200, key);
        var incident = await suite.OpenAsync("agent1", new { title = "Handed over", assignmentGroup = key });
        (await suite.PatchAsync("admin", "groups/" + key, new { active = false }, "*")).Ok();
        await suite.UntilAsync("agent1", "incidents/" + incident.Id, one =>
            one.Text("assignmentGroup") != incident.Text("assignmentGroup"));
        await RunningSuite.UntilAsync(() => UnownedAsync(),
            found => found.All(one => one["ticket"]!["id"]!.GetValue<string>() != incident.Id), "Nobody's incident has somebody");

        // An import brings people and groups along that nobody knows here.
        using var csv = new StringContent($"number,title,state,opened_at,assignment_group\n{key},Left "
            + "alone,New,2024-01-01T00:00Z,Somewhere else\n", System.Text.Encoding.UTF8, "text/csv");
        (await suite.PostAsync("admin", "incidents/imports?source=elsewhere", csv)).Ok();
        var listed = await RunningSuite.UntilAsync(() => UnownedAsync(),
            found => found.Any(one => one["ticket"]!["title"]!.GetValue<string>() == "Left alone"), "The imported incident");
        var why = listed.First(one => one["ticket"]!["title"]!.GetValue<string>() == "Left alone")["why"]!.AsArray()
            .Select(reason => reason!.GetValue<string>());
        Assert.Equal(["retiredGroup"], why);
        (await suite.GetAsync("agent1", "operations/unowned")).Problem(403);
        await suite.ActAsync("agent1",
            $"incidents/{listed.First(one => one["ticket"]!["title"]!.GetValue<string>() == "Left alone")["ticket"]!["id"]}/assign",
            new { assignmentGroup = "service-desk" });
        await RunningSuite.UntilAsync(() => UnownedAsync(),
            found => found.All(one => one["ticket"]!["title"]!.GetValue<string>() != "Left alone"), "Somebody has it");
    }

    [Fact]
    public async Task What_waits_for_somebody_who_leaves_goes_to_their_manager_and_waits_for_nobody_who_is_gone()
    {
        var name = "boss" + Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N")[^12..];
        (await suite.PostAsync("admin", "people",
            new { userName = name, name = "Boss", manager = "manager1", roles = new[] { "requester" } })).Ok();
        (await suite.PostAsync("admin", "people",
            new { userName = name + "-report", name = "Report", manager = name, roles = new[] { "requester" } })).Ok();
        await RunningSuite.UntilAsync(() => suite.GetAsync(name + "-report", "incidents"), answer => (int)answer.Status == 200,
            "The new people");
        var answers = new
        {
            role = "reader",
            until = suite.Clock.GetUtcNow().AddDays(90).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
            reason = "Quarterly report",
        };
        var request = (await suite.PostAsync(name + "-report", "requests", new { item = "payroll-access", answers })).Ok();
        Assert.Equal("waitingForApproval", request.Text("state"));
        await RunningSuite.UntilAsync(() => FoundAsync($"approver:{name}"), found => found.Any(one => one.Id == request.Id),
            "What waits for the boss");
        await suite.ActAsync("admin", $"people/{name}/deactivate", new { reason = "Left." });
        await RunningSuite.UntilAsync(() => FoundAsync("approver:manager1"), found => found.Any(one => one.Id == request.Id),
            "What waits for the boss's manager");
        await RunningSuite.UntilAsync(() => UnownedAsync(),
            found => found.All(one => one["ticket"]!["id"]!.GetValue<string>() != request.Id), "Nobody's request has somebody");
    }

    private async Task<IReadOnlyList<JsonObject>> FoundAsync(string query) =>
        (await suite.GetAsync("admin", "search?q=" + query)).Ok().Items;

    private async Task<IReadOnlyList<JsonObject>> UnownedAsync() => (await suite.GetAsync("admin", "operations/unowned")).Ok().Items;
}
