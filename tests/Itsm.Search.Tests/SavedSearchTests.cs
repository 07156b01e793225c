using Itsm.Testing;

namespace Itsm.Search.Tests;

public sealed class SavedSearchTests(SearchSuite suite) : SavedSearchScenarios(suite);

/// <summary>Saved searches through the gateway, whatever the engine.</summary>
public abstract class SavedSearchScenarios(SearchSuite suite) : IAsyncLifetime
{
    public ValueTask InitializeAsync() => suite.StartAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_shared_queue_finds_for_each_caller_what_they_may_see_and_only_its_owner_changes_it()
    {
        var word = "queue" + Path.GetRandomFileName()[..6];
        var saved = (await suite.PostAsync("agent1", "search/saved",
            new
            {
                name = "Ours " + word, q = word, filters = new { state = "new,inProgress" }, sort = "-openedAt",
                sharedWith = new[] { "network" },
            })).Ok();
        await suite.OpenAsync("employee1", new { title = word });
        await suite.OpenAsync("employee2", new { title = word });

        await RunningSuite.UntilAsync(async () => (await suite.GetAsync("agent1", $"search/saved/{saved.Id}/results?count=true")).Ok(),
            page => page.Items.Count == 2 && page["count"]!.GetValue<int>() == 2, word);
        Assert.Contains((await suite.GetAsync("agent1", "search/saved?owner=me")).Ok().Items, item => item.Id == saved.Id);
        (await suite.GetAsync("employee1", $"search/saved/{saved.Id}/results")).Problem(404);
        await suite.ActAsync("admin", "groups/network/add-members", new { people = new[] { "employee1" } });
        Assert.Single((await RunningSuite.UntilAsync(() => suite.GetAsync("employee1", $"search/saved/{saved.Id}/results"),
            answer => (int)answer.Status == 200, "the group's queue")).Ok().Items);
        Assert.Equal("search.not-owner",
            (await suite.PatchAsync("employee1", $"search/saved/{saved.Id}", new { name = "Mine" }, "*")).Problem(409).Text("code"));
        await suite.ActAsync("admin", "groups/network/remove-members", new { people = new[] { "employee1" } });

        var changed = (await suite.PatchAsync("agent1", $"search/saved/{saved.Id}",
            new { q = word + " priority:1", filters = (object?)null }, saved.Tag)).Ok();
        Assert.Equal(word + " priority:1", changed["criteria"]!["q"]!.GetValue<string>());
        Assert.Empty((await suite.GetAsync("agent1", $"search/saved/{saved.Id}/results")).Ok().Items);
        (await suite.PatchAsync("agent1", $"search/saved/{saved.Id}", new { name = "Stale" }, saved.Tag)).Problem(412);
        (await suite.SendAsync("agent1", HttpMethod.Delete, $"search/saved/{saved.Id}", ifMatch: changed.Tag)).Ok();
        (await suite.GetAsync("agent1", $"search/saved/{saved.Id}")).Problem(404);
    }

    [Fact]
    public async Task Who_asked_for_a_count_hears_when_it_changes()
    {
        var word = "live" + Path.GetRandomFileName()[..6];
        var saved = (await suite.PostAsync("employee1", "search/saved", new { name = "Live " + word, q = word })).Ok();
        await using var stream = await EventStream.OpenAsync(suite.As("employee1"), "?types=savedSearch");
        await using var others = await EventStream.OpenAsync(suite.As("employee2"), "?types=savedSearch");
        Assert.Equal(0, (await suite.GetAsync("employee1", $"search/saved/{saved.Id}/count")).Ok()["count"]!.GetValue<int>());

        await suite.OpenAsync("employee1", new { title = word });
        await suite.OpenAsync("employee2", new { title = word });

        await stream.UntilAsync(events =>
            events.Any(one =>
                one.Type == "savedSearch" && one.Data.Text("savedSearch") == saved.Id && one.Data["count"]!.GetValue<int>() == 1));
        Assert.DoesNotContain(stream.Events, one => one.Type == "savedSearch" && one.Data["count"]!.GetValue<int>() == 2);
        Assert.DoesNotContain(others.Events, one => one.Type == "savedSearch");
    }

    [Fact]
    public async Task What_could_never_run_is_not_saved()
    {
        (await suite.PostAsync("agent1", "search/saved", new { name = "Bad", q = "(open" })).Problem(400);
        (await suite.PostAsync("agent1", "search/saved", new { name = "Bad", filters = new { colour = "red" } })).Problem(400);
        (await suite.PostAsync("agent1", "search/saved", new { name = "Bad", sort = "weight" })).Problem(400);
        (await suite.PostAsync("agent1", "search/saved", new { name = "Bad", sharedWith = new[] { "nobody-knows" } })).Problem(400);
        (await suite.PostAsync("agent1", "search/saved", new { name = "Bad", sharedWith = new[] { "applications" } })).Problem(400);
        var saved = (await suite.PostAsync("agent1", "search/saved", new { name = "Good", sharedWith = new[] { "network" } })).Ok();
        (await suite.PatchAsync("agent1", $"search/saved/{saved.Id}", new System.Text.Json.Nodes.JsonObject { ["name"] = null }, "*"))
            .Problem(400);
        (await suite.PatchAsync("agent1", $"search/saved/{saved.Id}", new { sharedWith = new[] { "network", "applications" } }, "*"))
            .Problem(400);
    }
}
