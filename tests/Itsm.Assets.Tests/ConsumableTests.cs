using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Assets.Tests.AssetShortcuts;

namespace Itsm.Assets.Tests;

/// <summary>What is counted is never below nothing.</summary>
public sealed class ConsumableTests(AssetSuite suite)
{
    [Fact]
    public async Task Of_two_hundred_who_take_at_once_as_many_get_it_as_there_is_some_for()
    {
        var toner = await AddAsync(150);
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(index => suite.PostAsync(Agent, $"consumables/{toner.Id}/issue",
            new { person = index % 2 == 0 ? Employee : Other, quantity = 1 }, ifMatch: "*")));
        Assert.Equal(150, answers.Count(answer => (int)answer.Status == 200));
        Assert.All(answers.Where(answer => (int)answer.Status != 200), answer =>
        {
            var refused = answer.Problem(409);
            Assert.Equal("consumable.out-of-stock", refused.Code);
            Assert.Contains("0 are in stock", refused.Text("detail"), StringComparison.Ordinal);
        });
        var empty = (await suite.GetAsync(Agent, "consumables/" + toner.Id)).Ok();
        Assert.Equal((0, 150, true),
            (empty["stock"]!.GetValue<int>(), empty["issues"]!.AsArray().Count, empty["reorderDue"]!.GetValue<bool>()));
        Assert.DoesNotContain("issue", empty.OpenActions);
    }

    [Fact]
    public async Task A_consumable_is_issued_restocked_counted_and_bought_again_in_time()
    {
        var toner = await AddAsync(5);
        Assert.Matches("^CON[0-9]{7}$", toner.Text("number"));
        Assert.False(await IsDueAsync());
        var key = Guid.CreateVersion7(suite.Clock.GetUtcNow()).ToString();
        for (var repeat = 0; repeat < 2; repeat++)
        {
            var issued = await suite.PostAsync(Agent, $"consumables/{toner.Id}/issue", new { site = "berlin", quantity = 3 }, "*", key);
            Assert.Equal(2, issued.Ok()["stock"]!.GetValue<int>());
        }

        Assert.True(await IsDueAsync());
        Assert.Equal("consumable.out-of-stock", (await TryAsync("issue", new { person = Employee, quantity = 3 }, 409)).Code);
        foreach (var (action, body, at) in new (string, object, string)[]
        {
            ("issue", new { quantity = 1 }, "/person"), ("issue", new { person = "nobody" }, "/person"),
            ("issue", new { person = Employee, site = "berlin" }, "/site"), ("issue", new { person = Employee, quantity = 0 }, "/quantity"),
            ("restock", new { quantity = -1 }, "/quantity"), ("count", new { stock = -1, reason = "Odd." }, "/stock"),
            ("count", new { stock = 1 }, "/reason"),
        })
        {
            Assert.Equal(at, (await TryAsync(action, body, 400)).Pointer);
        }

        Assert.Equal(12, (await suite.ActAsync(Agent, $"consumables/{toner.Id}/restock", new { quantity = 10 }))["stock"]!.GetValue<int>());
        Assert.False(await IsDueAsync());
        await suite.ActAsync(Agent, $"consumables/{toner.Id}/count", new { stock = 1, reason = "Dried up." });
        Assert.True(await IsDueAsync());
        (await suite.PatchAsync(Agent, "consumables/" + toner.Id, new { reorderLevel = (int?)null, name = "Toner, red" }, "*")).Ok();
        Assert.False(await IsDueAsync());
        Assert.Equal("/name",
            (await suite.PatchAsync(Agent, "consumables/" + toner.Id, new { name = (string?)null }, "*")).Problem(400).Pointer);
        (await suite.GetAsync(Employee, "consumables/" + toner.Id)).Problem(403);
        (await suite.PostAsync("analyst1", $"consumables/{toner.Id}/issue", new { person = Employee }, "*")).Problem(403);
        Assert.Contains((await suite.GetAsync(Agent, $"consumables/{toner.Id}/history")).Ok().Items,
            entry => entry.Text("action") == "count");

        async Task<bool> IsDueAsync() => (await suite.GetAsync(Agent, "consumables?limit=200&reorderDue=true")).Ok().Items
            .Any(one => one.Id == toner.Id);

        async Task<JsonObject> TryAsync(string action, object body, int status) =>
            (await suite.PostAsync(Agent, $"consumables/{toner.Id}/{action}", body, ifMatch: "*")).Problem(status);
    }

    private async Task<JsonObject> AddAsync(int stock) => (await suite.PostAsync(Agent, "consumables",
        new { name = "Toner", site = "berlin", stock, reorderLevel = 2 })).Ok();
}
