using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Assets.Tests.AssetShortcuts;

namespace Itsm.Assets.Tests;

/// <summary>A kit is handed out whole, or not at all.</summary>
public sealed class KitTests(AssetSuite suite)
{
    [Fact]
    public async Task A_kit_is_added_changed_retired_and_handed_out_to_one()
    {
        var (laptop, screen) = (NewTag(), NewTag());
        var kit = await AddAsync(new { model = laptop }, new { model = screen, manufacturer = "Dell", count = 2 });
        var bought = new[] { await BuyAsync(laptop), await BuyAsync(screen, "Dell"), await BuyAsync(screen, "Dell") };
        var other = await BuyAsync(screen, "Other");
        var answer = await suite.PostAsync(Agent, $"kits/{kit.Text("key")}/check-out",
            new { person = Employee, note = "First day.", acceptance = new { text = "I take care." } });
        var given = answer.Ok();
        Assert.Equal(given.Id, (await suite.GetAsync(Agent, answer.Headers["Location"])).Ok().Id);
        await UntilDoneAsync(kit, given);
        Assert.Equal(bought.Select(one => one.Id).Order(), given["assets"]!.AsArray().Select(one => one!.GetValue<string>()).Order());
        foreach (var one in bought)
        {
            var asset = await suite.AssetAsync(one.Id);
            Assert.Equal(("deployed", "First day.", "requested"),
                (asset.State, asset.Text("checkOutNote"), asset["acceptance"]!.AsObject().Text("state")));
            await suite.DoAsync(one.Id, "accept", person: Employee);
        }

        Assert.Equal("inStock", (await suite.AssetAsync(other.Id)).State);
        Assert.Equal(given.Id, (await suite.GetAsync(Agent, $"kits/{kit.Id}/check-outs")).Ok().Items.Single().Id);
        var another = await AddAsync(new { model = laptop });
        (await suite.GetAsync(Agent, $"kits/{another.Id}/check-outs/{given.Id}")).Problem(404);
        (await suite.PatchAsync(Agent, "kits/" + kit.Id, new { active = false }, kit.Tag)).Ok();
        Assert.Equal("kit.retired",
            (await suite.PostAsync(Agent, $"kits/{kit.Id}/check-out", new { person = Employee })).Problem(409).Code);
        Assert.Equal("duplicate",
            (await suite.PostAsync(Agent, "kits", new { key = kit.Text("key"), name = "Twin", parts = new[] { new { model = "x" } } }))
                .Problem(409).Code);
        (await suite.GetAsync(Employee, "kits")).Problem(403);
        (await suite.PostAsync("analyst1", $"kits/{kit.Id}/check-out", new { person = Employee })).Problem(403);
    }

    [Fact]
    public async Task Of_a_kit_that_lacks_something_nothing_is_handed_out()
    {
        var (laptop, screen) = (NewTag(), NewTag());
        var kit = await AddAsync(new { model = laptop }, new { model = screen, count = 2 });
        var bought = new[] { await BuyAsync(laptop), await BuyAsync(screen) };
        var refused = (await suite.PostAsync(Agent, $"kits/{kit.Id}/check-out", new { person = Employee })).Problem(409);
        Assert.Equal("kit.not-available", refused.Code);
        Assert.Contains(screen, refused.Text("detail"), StringComparison.Ordinal);
        Assert.Equal("failed", (await suite.GetAsync(Agent, $"kits/{kit.Id}/check-outs")).Ok().Items.Single().State);
        foreach (var one in bought)
        {
            Assert.Empty((await suite.AssetAsync(one.Id)).CheckOuts);
            await suite.GiveAsync(one.Id);
        }
    }

    [Fact]
    public async Task A_check_out_of_a_kit_names_one_who_gets_it()
    {
        var kit = await AddAsync(new { model = NewTag() });
        foreach (var (body, at) in new (object, string)[]
        {
            (new { }, "/person"), (new { person = "nobody" }, "/person"), (new { site = "atlantis" }, "/site"),
            (new { person = Employee, site = "berlin" }, "/site"),
            (new { site = "berlin", acceptance = new { text = "Yes." } }, "/acceptance"),
            (new { person = Employee, expectedReturn = "2020-01-01T00:00:00Z" }, "/expectedReturn"),
        })
        {
            Assert.Equal(at, (await suite.PostAsync(Agent, $"kits/{kit.Id}/check-out", body)).Problem(400).Pointer);
        }

        Assert.Equal("/parts", (await suite.PostAsync(Agent, "kits", new { key = "no", name = "Nothing", parts = Array.Empty<object>() }))
            .Problem(400).Pointer);
        Assert.Equal("/parts/0/count", (await suite.PostAsync(Agent, "kits",
            new { key = "no", name = "Nothing", parts = new[] { new { model = "x", count = 0 } } })).Problem(400).Pointer);
    }

    /// <summary>Kits share what is in stock: each asset has one holder, and each kit is whole.</summary>
    [Fact]
    public async Task Of_many_kits_at_once_as_many_are_handed_out_as_there_are_things_for()
    {
        var (laptop, screen) = (NewTag(), NewTag());
        var kit = await AddAsync(new { model = laptop }, new { model = screen, count = 2 });
        await Task.WhenAll(Enumerable.Range(0, 3).SelectMany(_ => new[] { BuyAsync(laptop), BuyAsync(screen), BuyAsync(screen) }));
        var key = Guid.CreateVersion7(suite.Clock.GetUtcNow()).ToString();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(index => suite.PostAsync(Agent, $"kits/{kit.Id}/check-out",
            new { person = index < 2 ? Manager : index % 2 == 0 ? Employee : Other }, key: index < 2 ? key : null)));
        var done = answers.Where(answer => (int)answer.Status == 201).Select(answer => answer.Json).DistinctBy(one => one.Id).ToList();
        Assert.InRange(done.Count, 1, 3);
        Assert.All(answers.Where(answer => (int)answer.Status != 201), answer =>
            Assert.True(answer.Problem(409).Code is "kit.not-available", answer.ToString()));
        foreach (var one in done)
        {
            await UntilDoneAsync(kit, one);
        }

        // The same request twice is one.
        Assert.True(answers[..2].Where(answer => (int)answer.Status == 201).Select(answer => answer.Json.Id).Distinct().Count() <= 1);
        var assets = done.SelectMany(one => one["assets"]!.AsArray().Select(id => id!.GetValue<string>())).ToList();
        Assert.Equal(assets.Count, assets.Distinct().Count());
        Assert.Equal(3 * done.Count, (await suite.NumbersAsync($"model={laptop},{screen}&state=deployed")).Count);

        // What is left is free.
        var left = await suite.NumbersAsync($"model={laptop},{screen}&state=inStock");
        Assert.Equal(9 - (3 * done.Count), left.Count);
        foreach (var number in left)
        {
            await suite.GiveAsync(number);
        }
    }

    private async Task<JsonObject> AddAsync(params object[] parts) => (await suite.PostAsync(Agent, "kits",
        new { key = NewTag().ToLowerInvariant(), name = "A desk", parts })).Ok();

    private async Task<JsonObject> BuyAsync(string model, string? manufacturer = null) =>
        (await suite.PostAsync(Agent, "assets", new { name = "Thing", tag = NewTag(), model, manufacturer })).Ok();

    private Task<JsonObject> UntilDoneAsync(JsonObject kit, JsonObject given) =>
        suite.UntilAsync(Agent, $"kits/{kit.Id}/check-outs/{given.Id}", one => one.State == "done");
}
