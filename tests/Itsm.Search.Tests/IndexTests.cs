using System.Text.Json.Nodes;
using Itsm.Search.Domain;
using Itsm.Search.Engines;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Search.Tests;

[OuterTier]
public sealed class IndexTests(IndexTests.Suite suite) : IndexScenarios(suite), IClassFixture<IndexTests.Suite>
{
    public sealed class Suite : SearchSuite;
}

/// <summary>Rebuilding, comparing and repairing: on a suite of its own, for others would run into its comparisons.</summary>
public abstract class IndexScenarios(SearchSuite suite) : IAsyncLifetime
{
    public ValueTask InitializeAsync() => suite.StartAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Drift_is_found_repaired_and_told_and_a_rebuild_swaps_without_a_gap()
    {
        var ids = new List<string>();
        for (var number = 0; number < 12; number++)
        {
            var id = (await suite.OpenAsync("employee1", new { title = $"Drifting thing {number}" })).Id;
            (await suite.PostAsync("employee1", $"incidents/{id}/comments", new { text = $"flotsam {number}" })).Ok();
            ids.Add(id);
        }

        await FoundAsync("drifting flotsam", 12);
        await FoundAsync("kind:catalogItem title:password", 1);
        await IdleAsync();
        var (engine, lost, stale) = (suite.Modules.GetRequiredService<ISearchEngine>(), Guid.Parse(ids[0]), Guid.Parse(ids[1]));
        var item = Guid.Parse((await suite.GetAsync("admin", "catalog/items/password-reset")).Ok().Id);
        await engine.ApplyAsync(1,
            [new(lost, document => document! with { Comments = [], Title = "?" }),
                new(stale, document => new SearchDocument { Id = stale, Kind = "incident" }),
                new(item, document => document! with { Version = 0, Title = "?" })], default);
        await FoundAsync("drifting flotsam", 10);

        await suite.ActAsync("admin", "search/index/compare", new { reason = "It looks thin." });
        Assert.Equal("search.comparison-running",
            (await suite.PostAsync("admin", "search/index/rebuild", new { reason = "Me too." }, ifMatch: "*")).Problem(409).Text("code"));
        var last = await IdleAsync();
        Assert.Equal("It looks thin.", last.Text("reason"));
        Assert.Equal((4, 0, 2), (last["firstDrift"]!.GetValue<int>(), last["drift"]!.GetValue<int>(), last["round"]!.GetValue<int>()));
        Assert.All(last["sources"]!.AsArray(), source =>
            Assert.Equal(source!["sourceDigest"]!.GetValue<string>(), source["indexDigest"]!.GetValue<string>()));
        await FoundAsync("flotsam", 12);
        await FoundAsync("kind:catalogItem title:password", 1);

        await suite.ActAsync("admin", "search/index/rebuild", new { reason = "New synonyms." });
        while (true)
        {
            await FoundAsync("flotsam", 12, atOnce: true);
            if ((await StatusAsync())["generation"]!.GetValue<int>() == 2)
            {
                break;
            }
        }

        last = await IdleAsync();
        Assert.True(last["swap"]!.GetValue<bool>());
        Assert.Equal(0, last["drift"]!.GetValue<int>());
        var status = await StatusAsync();
        Assert.Equal([2], status["generations"]!.AsArray().Select(generation => generation!.GetValue<int>()));
        Assert.Equal(12, status["documents"]!["incident"]!.GetValue<int>());
        await FoundAsync("drifting flotsam", 12, atOnce: true);
        await FoundAsync("kind:catalogItem title:password", 1, atOnce: true);
        var fresh = await suite.OpenAsync("employee1", new { title = "Drifting after the swap" });
        await FoundAsync($"number:{fresh.Text("number")}", 1);

        await engine.DropAsync(2, default);
        var away = await suite.GetAsync("agent1", "search?q=flotsam");
        away.Problem(503);
        Assert.NotEmpty(away.Headers["Retry-After"]);
        await suite.RestartAsync();
        await FoundAsync("flotsam", 12);
        await FoundAsync("drifting", 13);
        Assert.Equal(0, (await IdleAsync())["drift"]!.GetValue<int>());

        // Deleted by hand while the service runs: the next change brings all back.
        await suite.Modules.GetRequiredService<ISearchEngine>().DropAsync((await StatusAsync())["generation"]!.GetValue<int>(), default);
        await suite.OpenAsync("employee1", new { title = "Drifting after the loss" });
        await FoundAsync("drifting", 14);
        await FoundAsync("flotsam", 12);
        Assert.Equal(0, (await IdleAsync())["drift"]!.GetValue<int>());
    }

    private async Task<JsonObject> StatusAsync() => (await suite.GetAsync("admin", "search/index")).Ok();

    private async Task<JsonObject> IdleAsync() =>
        (await RunningSuite.UntilAsync(StatusAsync, status => status["current"] is null && status["last"] is not null,
            "the end of the comparison"))["last"]!.AsObject();

    private async Task FoundAsync(string query, int count, bool atOnce = false)
    {
        Task<int> CountAsync() => CountOfAsync(query);
        if (atOnce)
        {
            Assert.Equal(count, await CountAsync());
            return;
        }

        await RunningSuite.UntilAsync(CountAsync, found => found == count, $"{count} found by {query}");
    }

    private async Task<int> CountOfAsync(string query)
    {
        var answer = await suite.GetAsync("agent1", $"search?q={Uri.EscapeDataString(query)}&count=true&limit=1");
        return (int)answer.Status == 503 ? -1 : answer.Ok()["count"]!.GetValue<int>();
    }
}
