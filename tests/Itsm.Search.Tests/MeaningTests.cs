using System.Text.Json.Nodes;
using Itsm.Search.Domain;
using Itsm.Search.Engines;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Search.Tests;

[OuterTier]
public sealed class MeaningTests(MeaningSuite suite) : MeaningScenarios(suite), IClassFixture<MeaningSuite>;

[OuterTier]
public sealed class MeaningOnElasticsearchTests(ElasticsearchMeaningSuite suite)
    : MeaningScenarios(suite), IClassFixture<ElasticsearchMeaningSuite>;

/// <summary>With a model of sentences, tickets are found by other words; through the gateway.</summary>
public abstract class MeaningScenarios(SearchSuite suite) : IAsyncLifetime
{
    private const string Asked = "my screen stays black";

    public ValueTask InitializeAsync() => suite.StartAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_means_the_same_is_found_without_a_common_word_by_who_may_see_it()
    {
        var monitor = (await suite.OpenAsync("employee1", new { title = "Monitor shows no picture", description = "Nothing appears." })).Id;
        var canteen =
            (await suite.OpenAsync("employee1", new { title = "Canteen menu missing", description = "The site has last week's dishes." })).Id;
        await suite.OpenAsync("employee1", new { title = "Parking space wanted", description = "For a visitor on Friday." });

        await UntilToldAsync(monitor, canteen);
        var page = (await suite.GetAsync("agent1", $"search?explain=true&facets=kind&count=true&q={Uri.EscapeDataString(Asked)}")).Ok();
        Assert.Contains(page["hints"]!.AsArray(), hint => hint!.GetValue<string>().Contains("meaning", StringComparison.Ordinal));
        Assert.DoesNotContain(page.Items, item => item!.Id == canteen);
        Assert.Equal("place 1 by meaning", page.Items[0]!["explanation"]![0]!["what"]!.GetValue<string>());
        Assert.Equal(page.Items.Count, page["count"]!.GetValue<int>());
        Assert.Equal(page.Items.Count, page["facets"]!["kind"]!.AsArray().Sum(value => value!["count"]!.GetValue<int>()));
        Assert.Empty((await suite.GetAsync("agent1", $"search?kind=person&q={Uri.EscapeDataString(Asked)}")).Ok().Items);

        foreach (var nothing in new[] { "INC9999999", "INC9999999 screen black", "xqzzrt", "blacck" })
        {
            Assert.Empty((await suite.GetAsync("agent1", $"search?q={Uri.EscapeDataString(nothing)}")).Ok().Items);
        }

        Assert.DoesNotContain(monitor, await SimilarAsync("employee2"));
        Assert.Contains(monitor, await SimilarAsync("employee1"));
        Assert.DoesNotContain((await suite.GetAsync("employee2", $"search?q={Uri.EscapeDataString(Asked)}")).Ok().Items,
            item => item!.Id == monitor);
    }

    [Fact]
    public async Task What_has_most_of_the_words_stays_on_the_page_and_what_means_the_same_fills_it_up()
    {
        List<string> byWords = [];
        foreach (var room in new[] { "Rome", "Oslo" })
        {
            byWords.Add((await suite.OpenAsync("employee1", new { title = $"Projector lamp flickers in {room}" })).Id);
        }

        var alike = (await suite.OpenAsync("employee1", new { title = "Overhead light bulb is faint" })).Id;
        await UntilToldAsync([.. byWords, alike]);
        foreach (var (limit, least) in new[] { (2, 2), (3, 3), (10, 3) })
        {
            var page = (await suite.GetAsync("agent1", $"search?q=projector%20lamp%20dim&count=true&limit={limit}")).Ok();
            var found = page.Items.Select(item => item!.Id).ToList();
            Assert.Empty(byWords.Except(found));
            Assert.InRange(found.Count, least, limit);
            Assert.Equal(found.Count, page["count"]!.GetValue<int>());
            Assert.Null(page["next"]);
        }
    }

    [Fact]
    public async Task A_new_text_is_told_anew_and_a_rebuild_or_a_restart_loses_nothing()
    {
        var ticket = await suite.OpenAsync("employee1", new { title = "Coffee machine leaks", description = "A puddle in the kitchen." });
        await UntilFirstAsync("agent1", ticket.Id, "water is dripping from the espresso maker");

        (await suite.SendAsync("agent1", HttpMethod.Patch, $"incidents/{ticket.Id}",
            new JsonObject { ["title"] = "Stapler jammed", ["description"] = "It clamps no sheets." }, ifMatch: "*")).Ok();
        await UntilFirstAsync("agent1", ticket.Id, "device that fastens paper is blocked");
        Assert.DoesNotContain(ticket.Id, await SimilarAsync("agent1", "water is dripping from the espresso maker"));

        await suite.ActAsync("admin", "search/index/rebuild", new { reason = "A test." });
        await suite.UntilAsync("admin", "search/index", index => index["current"] is null && index["last"]!["swap"]!.GetValue<bool>()
            && index["meanings"]!["lacking"]!.GetValue<int>() == 0);
        await UntilFirstAsync("agent1", ticket.Id, "device that fastens paper is blocked");
    }

    [Fact]
    public async Task What_was_indexed_before_is_told_in_the_background()
    {
        var ticket = await suite.OpenAsync("employee1", new { title = "Elevator stuck", description = "Between the second floor and the third." });
        await UntilFirstAsync("agent1", ticket.Id, "the lift does not move");
        var (engine, id) = (suite.Modules.GetRequiredService<ISearchEngine>(), Guid.Parse(ticket.Id));
        var serving = await engine.ServingAsync(default);
        await engine.ApplyAsync(serving!.Value, [new DocumentChange(id, document => document! with { Meaning = null })], default);
        await suite.RestartAsync();

        await UntilFirstAsync("agent1", ticket.Id, "the lift does not move");
        Assert.Equal("MiniLM-2", (await suite.GetAsync("admin", "search/index")).Ok()["meanings"]!["model"]!.GetValue<string>());
    }

    private async Task UntilToldAsync(params string[] tickets)
    {
        await suite.UntilAsync("agent1", "search?kind=incident&limit=50&sort=-openedAt",
            page => tickets.All(ticket => page.Items.Any(item => item!.Id == ticket)));
        await suite.UntilAsync("admin", "search/index", index => index["meanings"]!["lacking"]!.GetValue<int>() == 0);
    }

    private Task UntilFirstAsync(string person, string id, string text = Asked) =>
        RunningSuite.UntilAsync(() => SimilarAsync(person, text), found => found is [var first, ..] && first == id, $"{text} finds {id} first");

    private async Task<IReadOnlyList<string>> SimilarAsync(string person, string text = Asked) =>
        [.. (await suite.PostAsync(person, "search/similar", new { title = text })).Ok().Items.Select(item => item!.Id)];
}

/// <summary>Where meanings can't be told.</summary>
[OuterTier]
public sealed class NoMeaningTests
{
    [Fact]
    public async Task OpenSearch_goes_on_by_words_alone()
    {
        await using var suite = new OpenSearchMeaningSuite();
        await suite.InitializeAsync();
        await suite.StartAsync();
        var id = (await suite.OpenAsync("employee1", new { title = "Monitor shows no picture" })).Id;
        await suite.UntilAsync("agent1", "search?q=monitor", page => page.Items.Any(item => item!.Id == id));
        var similar = (await suite.PostAsync("agent1", "search/similar", new { title = "the monitor shows nothing" })).Ok();
        Assert.Contains(similar.Items, item => item!.Id == id);
        Assert.Empty((await suite.GetAsync("agent1", "search?q=screen%20stays%20black")).Ok().Items);
    }

    [Fact]
    public async Task A_model_that_is_not_known_stops_the_start()
    {
        await using var suite = new Wrong();
        var e = await Assert.ThrowsAnyAsync<Exception>(async () => await suite.InitializeAsync());
        Assert.Contains("Search:Model", e.ToString(), StringComparison.Ordinal);
    }

    private sealed class Wrong : SearchSuite
    {
        protected override void Configure(WebApplicationBuilder builder) => builder.Configuration["Search:Model"] = "Oracle";
    }
}
