using System.Text.Json.Nodes;
using Itsm.Contracts.Assets;
using Itsm.Platform.Documents;
using Itsm.Platform.Replicas;
using Itsm.Search.Domain;
using Itsm.Search.Engines;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Search.Tests;

[OuterTier]
public sealed class ItemTests(ItemSuite suite) : ItemScenarios(suite), IClassFixture<ItemSuite>;

/// <summary>Configuration items and assets, whatever the engine.</summary>
public abstract class ItemScenarios(ItemSuite suite) : IAsyncLifetime
{
    private const string Items = "configuration-item";

    public ValueTask InitializeAsync() => suite.StartAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_configuration_item_is_found_by_what_people_know_of_it_where_its_kind_is_named()
    {
        var word = Some.Word();
        var item = (await suite.PostAsync("admin", "configuration-items", new
        {
            @class = "server", key = word + "k", name = $"Relay {word}n", description = $"Passes on {word}d", owner = "agent2",
            site = "berlin", attributes = new { hostname = $"mx1.{word}h.example.org" },
        })).Ok();

        foreach (var query in new[]
        {
            $"{word}n", $"relays {word}n", $"{word}d", $"{word}k", $"\"mx1.{word}h.example.org\"", $"server {word}n", $"berlin {word}n",
            item.Text("number"), $"title:{word}n", $"class:server {word}n", $"owner:agent2 {word}n", $"state:inUse {word}n",
        })
        {
            Assert.Equal([item.Id], await FoundAsync("agent1", query, Items, 1));
            Assert.Empty((await suite.GetAsync("agent1", "search?q=" + Uri.EscapeDataString(query))).Ok().Items);
        }

        var page = (await suite.GetAsync("agent1", $"search?q=kind:{Items}%20{word}n&facets=kind,class,owner,state")).Ok();
        Assert.Equal((word + "k", "server", "inUse"), (page.Items[0]["otherNames"]![0]!.GetValue<string>(), page.Items[0].Text("class"),
            page.Items[0].Text("state")));
        Assert.Equal([Items, "server", item.Text("owner"), "inUse"],
            page["facets"]!.AsObject().Select(facet => facet.Value!.AsArray().Single()!["value"]!.GetValue<string>()));
        Assert.Equal([item.Id], await SuggestedAsync("agent1", word + "k", Items, 1));
        Assert.Empty((await suite.GetAsync("agent1", $"search/suggestions?q={word}")).Ok().Items);
        Assert.Empty(await FoundAsync("employee1", $"{word}n", Items, 0));
        (await suite.GetAsync("agent1", $"search?q={word}&kind=configurationItem")).Problem(400);

        await suite.ActAsync("admin", $"configuration-items/{item.Id}/retire", new { reason = "It was replaced." });
        await SuggestedAsync("agent1", word + "k", Items, 0);
        Assert.Equal([item.Id], await FoundAsync("agent1", $"state:retired {word}n", Items, 1));
    }

    [Fact]
    public async Task An_asset_is_found_by_who_has_it_by_what_they_may_see_of_it_as_long_as_they_have_it()
    {
        var word = Some.Word();
        var asset = (await suite.PostAsync("agent1", "assets", new
        {
            name = $"Laptop {word}n", tag = $"{word}t-1", serialNumber = $"{word}s", manufacturer = $"{word}m", model = $"Slim {word}l",
            supplier = $"{word}u", notes = $"Sold by {word}o",
        })).Ok();
        string[] seen = [$"{word}n", $"{word}t-1", $"{word}s", $"{word}m", $"slim {word}l", asset.Text("number")];
        foreach (var query in seen)
        {
            Assert.Equal([asset.Id], await FoundAsync("agent1", query, "asset", 1));
        }

        Assert.Empty(await FoundAsync("employee1", $"{word}n", "asset", 0));
        await suite.ActAsync("agent1", $"assets/{asset.Id}/check-out", new { person = "employee1" });
        foreach (var query in seen)
        {
            Assert.Equal([asset.Id], await FoundAsync("employee1", query, "asset,incident", 1));
        }

        var own = (await suite.GetAsync("employee1", $"search?q={word}s&kind=asset")).Ok().Items[0];
        Assert.Equal("deployed", own.Text("state"));
        Assert.False(own.ContainsKey("updatedAt"));
        Assert.Equal([asset.Id], await SuggestedAsync("employee1", $"{word}s", $"{Items},asset", 1));
        foreach (var person in new[] { "employee1", "agent1" })
        {
            Assert.Empty(await FoundAsync(person, $"{word}u", "asset", 0));
            Assert.Empty(await FoundAsync(person, $"{word}o", "asset", 0));
        }

        Assert.Empty(await FoundAsync("employee2", $"{word}n", "asset", 0));
        await suite.ActAsync("agent1", $"assets/{asset.Id}/check-in");
        Assert.Empty(await FoundAsync("employee1", $"{word}n", "asset", 0));
        Assert.Equal([asset.Id], await FoundAsync("agent1", $"{word}n state:inStock", "asset", 1));
    }

    [Fact]
    public async Task A_ticket_is_found_by_the_names_of_what_it_affects_where_everybody_may_see_that()
    {
        var word = Some.Word();
        var service = await AddAsync("it-service", $"Payroll {word}s", word + "pay", "everyone");
        var open = await AddAsync("server", $"Host {word}h", null, "everyone");
        var hidden = await AddAsync("server", $"Vault {word}v", word + "vault", "staff");
        // The copies of items come to incidents in a while.
        var id = (await RunningSuite.UntilAsync(() => suite.PostAsync("employee1", "incidents",
            new { title = $"No money {word}t", affectedService = service.Id }),
            answer => (int)answer.Status == 201, "the service")).Ok().Id;
        await RunningSuite.UntilAsync(() => suite.PatchAsync("agent1", "incidents/" + id,
            new { configurationItems = new[] { open.Id, hidden.Id } }, "*"), answer => (int)answer.Status == 200, "the items");

        // The copy of what is named may come after the ticket: then the next change of the ticket brings the name.
        await RunningSuite.UntilAsync(async () =>
        {
            (await suite.PatchAsync("agent1", "incidents/" + id, new { description = Some.Word() }, "*")).Ok();
            return (await suite.GetAsync("employee1", $"search?q=payroll%20{word}s%20{word}h&kind=incident")).Ok().Items;
        }, items => items.Count == 1, "the names");
        Assert.Empty(await FoundAsync("agent1", $"{word}v", "incident", 0));

        foreach (var name in new[] { service.Id, service.Text("number"), word + "pay", (word + "PAY").ToUpperInvariant() })
        {
            Assert.Equal([id], await FoundAsync("employee1", $"service:{name} {word}t", "incident", 1));
        }

        foreach (var name in new[] { hidden.Id, hidden.Text("number"), word + "vault" })
        {
            Assert.Equal([id], await FoundAsync("agent1", $"ci:{name} {word}t", "incident", 1));
        }

        Assert.Empty(await FoundAsync("employee1", $"ci:{hidden.Id} {word}t", "incident", 0));
        var facet = (await suite.GetAsync("employee1", $"search?q={word}t&facets=affectedService")).Ok()["facets"]!["affectedService"]![0]!;
        Assert.Equal((word + "pay", $"Payroll {word}s"), (facet["value"]!.GetValue<string>(), facet["name"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Lists_single_reads_searches_and_suggestions_show_everybody_the_same_items()
    {
        var word = Some.Word();
        var (items, assets) = (new List<string>(), new List<string>());
        foreach (var (number, visibility) in new[] { "everyone", "staff", "restricted" }.Index())
        {
            items.Add((await AddAsync("server", $"{word} {number}", null, visibility,
                visibility == "restricted" ? ["security"] : [])).Id);
            var asset = (await suite.PostAsync("agent1", "assets", new { name = $"{word} {number}" })).Ok();
            assets.Add(asset.Id);
            await suite.ActAsync("agent1", $"assets/{asset.Id}/check-out", new { person = $"employee{number % 2 + 1}" });
        }

        foreach (var person in new[] { "admin", "manager1", "agent1", "analyst1", "employee1", "employee2" })
        {
            foreach (var (kind, path, all) in new[] { (Items, "configuration-items", items), ("asset", "assets", assets) })
            {
                List<string> seen = [];
                foreach (var id in all)
                {
                    if ((int)(await suite.GetAsync(person, $"{path}/{id}")).Status == 200)
                    {
                        seen.Add(id);
                    }
                }

                var listed = (await suite.GetAsync(person, $"{path}?limit=200")).Ok().Items.Select(item => item.Id).Intersect(all);
                Assert.Equal(seen.Order(), listed.Order());
                Assert.Equal(seen.Order(), (await FoundAsync(person, word, kind, seen.Count)).Order());
                Assert.Equal(seen.Order(), (await SuggestedAsync(person, word, kind, seen.Count)).Order());
            }
        }
    }

    private async Task<JsonObject> AddAsync(
        string of, string name, string? key, string visibility, params string[] visibleTo) =>
        (await suite.PostAsync("admin", "configuration-items", new { @class = of, name, key, visibility, visibleTo })).Ok();

    private Task<IReadOnlyList<string>> SuggestedAsync(string person, string typed, string kinds, int count) =>
        ThoseAsync(person, $"search/suggestions?q={typed}&kinds={kinds}", count);

    private Task<IReadOnlyList<string>> FoundAsync(string person, string query, string kinds, int count) =>
        ThoseAsync(person, $"search?q={Uri.EscapeDataString(query)}&kind={kinds}", count);

    private async Task<IReadOnlyList<string>> ThoseAsync(string person, string path, int count) =>
        [.. (await RunningSuite.UntilAsync(async () => (await suite.GetAsync(person, path)).Ok().Items, items => items.Count == count,
            $"{count} found by {path}")).Select(item => item.Id)];
}

/// <summary>A service for configuration items and assets that is there at times.</summary>
[OuterTier]
public sealed class OptionalSourceTests
{
    [Fact]
    public async Task A_comparison_does_not_wait_for_assets_that_nobody_keeps_and_brings_back_those_that_somebody_keeps_later()
    {
        await using var suite = new Suite();
        await suite.InitializeAsync();
        var (without, _) = await CompareAsync(suite, "compare", sources => sources.Count > 0);
        Assert.DoesNotContain("AssetChanged", without);

        suite.HasAssets = true;
        await suite.RestartAsync();
        var word = Some.Word();
        var asset = (await suite.PostAsync("agent1", "assets", new { name = $"Laptop {word}" })).Ok();
        var item = (await suite.PostAsync("agent1", "configuration-items", new { @class = "server", name = $"Rack {word}" })).Ok();
        await FoundAsync(suite, word, 2);
        var (with, _) = await CompareAsync(suite, "compare", sources => sources.Contains("AssetChanged"));
        Assert.Contains("ConfigurationItemChanged", with);

        await suite.Modules.GetRequiredService<ISearchEngine>().ApplyAsync(1,
        [
            new(Guid.Parse(asset.Id), document => document! with { Version = 0, Title = "?" }),
            new(Guid.Parse(item.Id), _ => new SearchDocument { Id = Guid.Parse(item.Id), Kind = "configuration-item" }),
        ], default);
        await FoundAsync(suite, word, 0);
        var (_, repaired) = await CompareAsync(suite, "compare", _ => true);
        Assert.Equal((2, 0), (repaired["firstDrift"]!.GetValue<int>(), repaired["drift"]!.GetValue<int>()));
        await FoundAsync(suite, word, 2);

        await CompareAsync(suite, "rebuild", _ => true);
        await FoundAsync(suite, word, 2);
    }

    [Fact]
    public async Task A_rebuild_waits_until_the_items_are_known_by_whose_names_tickets_are_found()
    {
        await using var suite = new Suite { HasAssets = true };
        await suite.InitializeAsync();
        var word = Some.Word();
        var service = (await suite.PostAsync("admin", "configuration-items", new { @class = "it-service", name = $"Payroll {word}" })).Ok();
        await RunningSuite.UntilAsync(
            async () => await suite.PostAsync("employee1", "incidents", new { title = "No money", affectedService = service.Id }),
            answer => (int)answer.Status == 201, "the copy of the service");
        await suite.UntilAsync("employee1", $"search?q={word}&kind=incident", page => page.Items.Count == 1);
        await CompareAsync(suite, "compare", sources => sources.Contains("ConfigurationItemChanged"));

        var copies = suite.Modules.GetRequiredService<Replica<ConfigurationItemChanged>>();
        var known = (await copies.ReadAsync(Guid.Parse(service.Id), default))!;
        foreach (var owner in new[] { "search", "incidents", "assets" })
        {
            await suite.Modules.GetRequiredKeyedService<IDocumentDatabase>(owner)
                .Collection(new CollectionDefinition("replica-configurationitemchanged")).DeleteAsync(known.Id, known.Version, default);
        }

        (await suite.PostAsync("admin", "search/index/rebuild", new { reason = "A test." }, "*")).Ok();
        await suite.UntilAsync("admin", "search/index", index => index["current"]?["sources"]?[0]?["done"]?.GetValue<bool>() == true);
        await copies.HandleAsync(known, default);
        await suite.UntilAsync("admin", "search/index", index => index["current"] is null && index["last"]!["swap"]!.GetValue<bool>());
        await suite.UntilAsync("employee1", $"search?q={word}&kind=incident", page => page.Items.Count == 1);
    }

    /// <summary>Compares until a comparison that ended had these sources.</summary>
    private static async Task<(IReadOnlyList<string> Sources, JsonObject Last)> CompareAsync(
        Suite suite, string how, Func<IReadOnlyList<string>, bool> so)
    {
        var (last, sources) = (new JsonObject(), (IReadOnlyList<string>)[]);
        await RunningSuite.UntilAsync(async () =>
        {
            if ((int)(await suite.PostAsync("admin", $"search/index/{how}", new { reason = "A test." }, "*")).Status == 200)
            {
                var status = await suite.UntilAsync("admin", "search/index",
                    index => index["current"] is null && index["last"] is not null);
                last = status["last"]!.AsObject();
                sources = [.. last["sources"]!.AsArray().Select(source => source!.AsObject().Text("message"))];
            }

            return sources;
        }, found => found.Count > 0 && so(found), $"a {how}");
        return (sources, last);
    }

    private static Task<int> FoundAsync(Suite suite, string word, int count) => RunningSuite.UntilAsync(
        async () => (await suite.GetAsync("agent1", $"search?q={word}&kind=asset,configuration-item")).Ok().Items.Count,
        found => found == count, $"{count} found by {word}");

    private sealed class Suite : RunningSuite
    {
        public bool HasAssets { get; set; }

        protected override IReadOnlyList<string> Services =>
            ["directory", "incidents", "search", .. HasAssets ? new[] { "assets" } : []];
    }
}
