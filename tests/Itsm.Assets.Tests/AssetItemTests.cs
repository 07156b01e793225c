using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Assets.Tests.Shortcuts;

namespace Itsm.Assets.Tests;

/// <summary>The configuration items that assets are operated as.</summary>
public sealed class AssetItemTests(AssetSuite suite)
{
    [Fact]
    public async Task An_asset_names_an_item_that_its_keeper_sees_and_is_found_by_it()
    {
        var server = await suite.AddItemAsync("server", new { key = Fresh("srv") });
        var secret = await suite.AddItemAsync("server", new { visibility = "restricted", visibleTo = new[] { "security" } });
        var asset = (await EnterAsync(Agent, server.Id)).Ok();
        Assert.Equal(server.Id, asset.Text("configurationItem"));
        foreach (var unseen in new[] { Guid.CreateVersion7(suite.Clock.GetUtcNow()).ToString(), secret.Id })
        {
            foreach (var answer in new[] { await EnterAsync(Agent, unseen), await ChangeAsync(Agent, asset, unseen) })
            {
                var refused = answer.Problem(400);
                Assert.Equal("/configurationItem", refused.Pointer);
                Assert.Contains(unseen, refused.Text("detail"), StringComparison.Ordinal);
            }
        }

        foreach (var name in new[] { server.Id, server.Text("number"), server.Text("key"), $"{server.Id},{server.Text("key")}" })
        {
            Assert.Equal([asset.Id], await FoundAsync(Agent, name));
        }

        Assert.DoesNotContain(asset.Id, await FoundAsync(Agent, "none"));
        Assert.Contains((await suite.BuyAsync()).Id, await FoundAsync(Agent, "none&sort=-updatedAt"));
        Assert.Equal("?configurationItem", (await suite.GetAsync(Agent, $"assets?configurationItem={secret.Id}")).Problem(400).Pointer);
        var service = await suite.AddServiceAsync();
        (await suite.GetAsync(Employee, $"assets?configurationItem={service.Id}")).Problem(403);

        // What somebody named who sees it may stay; what is named anew must be seen.
        (await ChangeAsync(Admin, asset, secret.Id)).Ok();
        Assert.Equal(secret.Id, (await ChangeAsync(Agent, asset, secret.Id)).Ok().Text("configurationItem"));
        Assert.Equal([asset.Id], await FoundAsync(Admin, secret.Id));
        Assert.Null((await ChangeAsync(Agent, asset, null)).Ok()["configurationItem"]);
        Assert.Empty(await FoundAsync(Agent, server.Id));
    }

    [Fact]
    public async Task Of_a_merged_item_the_survivor_is_kept_and_what_named_it_before_is_found_by_both()
    {
        var (merged, survivor) = (await suite.AddItemAsync(), await suite.AddItemAsync());
        var before = (await EnterAsync(Agent, merged.Id)).Ok();
        await suite.ActAsync(Agent, $"configuration-items/{merged.Id}/merge", new { into = survivor.Id, reason = "The same." });
        await suite.UntilAsync(Agent, $"configuration-items/{survivor.Id}", item => item["mergedFrom"]!.AsArray().Count == 1);
        var after = (await EnterAsync(Agent, merged.Id)).Ok();
        Assert.Equal(survivor.Id, after.Text("configurationItem"));
        foreach (var name in new[] { merged.Id, survivor.Text("number") })
        {
            Assert.Equal([before.Id, after.Id], await FoundAsync(Agent, name));
        }

        var other = await suite.BuyAsync();
        Assert.Equal(survivor.Id, (await ChangeAsync(Agent, other, merged.Id)).Ok().Text("configurationItem"));
    }

    private Task<Answer> EnterAsync(string person, string configurationItem) =>
        suite.PostAsync(person, "assets", new { name = "Server", configurationItem });

    private Task<Answer> ChangeAsync(string person, JsonObject asset, string? configurationItem) =>
        suite.PatchAsync(person, "assets/" + asset.Id, new { configurationItem }, "*");

    private async Task<IReadOnlyList<string>> FoundAsync(string person, string query) =>
        [.. (await suite.GetAsync(person, $"assets?limit=200&configurationItem={query}")).Ok().Items.Select(asset => asset.Id)];
}
