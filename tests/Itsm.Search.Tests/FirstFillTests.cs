using System.Text.Json.Nodes;
using Itsm.Search.Domain;
using Itsm.Search.Engines;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Search.Tests;

/// <summary>An index that is filled for the first time while nodes of an earlier version may still take messages.</summary>
public sealed class FirstFillTests(FirstFillTests.Suite suite) : IClassFixture<FirstFillTests.Suite>
{
    [Fact]
    public async Task What_an_earlier_version_kept_from_a_new_index_is_there_a_quarter_of_an_hour_later()
    {
        var id = Guid.Parse((await suite.OpenAsync("employee1", new { title = "Taken by the old node" })).Id);
        await suite.UntilAsync("agent1", "search?q=taken&count=true", found => found["count"]!.GetValue<int>() == 1);
        var first = await EndedAsync(null);
        await suite.Modules.GetRequiredService<ISearchEngine>().ApplyAsync(1,
            [new(id, _ => new SearchDocument { Id = id, Kind = "incident" })], default);
        await suite.UntilAsync("agent1", "search?q=taken&count=true", found => found["count"]!.GetValue<int>() == 0);

        suite.Clock.Advance(TimeSpan.FromMinutes(16));
        await suite.UntilAsync("agent1", "search?q=taken&count=true", found => found["count"]!.GetValue<int>() == 1);
        Assert.Equal(1, (await EndedAsync(first.Text("comparisonId")))["firstDrift"]!.GetValue<int>());

        async Task<JsonObject> EndedAsync(string? before) => (await suite.UntilAsync("admin", "search/index",
            index => index["current"] is null && index["last"] is JsonObject last && last.Text("comparisonId") != before))["last"]!.AsObject();
    }

    public sealed class Suite : SearchSuite;
}
