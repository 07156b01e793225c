using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Assets.Tests.AssetShortcuts;

namespace Itsm.Assets.Tests;

/// <summary>Somebody goes round and scans what is there.</summary>
[Collection(OwnSuite.Name)]
public sealed class AssetAuditTests(OwnSuite.Suite suite)
{
    [Fact]
    public async Task What_is_scanned_is_found_misplaced_or_unknown_and_what_is_not_is_missing_at_the_end()
    {
        var model = NewTag();
        var (found, moved, gone) = (await BuyAsync(model), await BuyAsync(model), await BuyAsync(model));
        var (elsewhere, retired) = (await BuyAsync(model, "lisbon"), await BuyAsync(model));
        await suite.DoAsync(retired.Id, "retire", new { reason = "Old." });
        var round = await StartAsync(new { name = "Spring", site = "berlin", model });
        Assert.Equal(3, round["expected"]!.GetValue<int>());

        // Fixed at the start: what comes or goes meanwhile changes nothing of what is expected.
        await BuyAsync(model);
        (await suite.PatchAsync(Agent, "assets/" + gone.Id, new { site = "lisbon" }, "*")).Ok();
        Assert.Equal([found.Text("number"), moved.Text("number"), gone.Text("number")], await NumbersAsync(round, "finding=expected"));

        var seen = await ScanAsync(round, found.Text("tag").ToLowerInvariant() + " ");
        Assert.Equal(("found", "berlin", found.Id), (seen.Text("finding"), seen.Text("foundSite"), seen.Text("asset")));
        Assert.Equal("wrongPlace", (await ScanAsync(round, moved.Text("number"), "new-york")).Text("finding"));
        var stray = await ScanAsync(round, elsewhere.Text("tag"));
        Assert.Equal(("wrongPlace", false), (stray.Text("finding"), stray["expected"]!.GetValue<bool>()));
        var unknown = await ScanAsync(round, "No such tag");
        Assert.Equal(("unknown", "No such tag"), (unknown.Text("finding"), unknown.Text("tag")));

        // Scanned again it is there once, as last seen.
        Assert.Equal("found", (await ScanAsync(round, moved.Text("tag"))).Text("finding"));
        Assert.Equal(unknown.Id, (await ScanAsync(round, "nosuch TAG")).Id);
        Assert.Equal(5, (await suite.GetAsync(Agent, $"asset-audits/{round.Id}/assets?count=true")).Ok()["count"]!.GetValue<int>());

        await suite.ActAsync(Agent, $"asset-audits/{round.Id}/close");
        var closed = await suite.UntilAsync(Agent, "asset-audits/" + round.Text("number"), one => one.State == "closed");
        Assert.All(closed["actions"]!.AsArray(), action => Assert.False(action!["open"]!.GetValue<bool>()));
        Assert.Equal([gone.Text("number")], await NumbersAsync(round, "finding=missing"));
        Assert.Equal([found.Text("number"), moved.Text("number")], await NumbersAsync(round, "finding=found"));
        Assert.Equal("asset-audit.transition",
            (await suite.PostAsync(Agent, $"asset-audits/{round.Id}/scan", new { tag = gone.Text("tag") })).Problem(409).Code);
        Assert.Equal("asset-audit.transition",
            (await suite.PostAsync(Agent, $"asset-audits/{round.Id}/close", new { }, ifMatch: "*")).Problem(409).Code);
        Assert.Equal("inStock", (await suite.AssetAsync(gone.Id)).State);
    }

    [Fact]
    public async Task An_audit_is_late_when_its_time_is_over_and_goes_on()
    {
        var model = NewTag();
        await BuyAsync(model);
        var due = suite.Clock.GetUtcNow().AddDays(3);
        var round = await StartAsync(new { name = "Summer", model, dueAt = due });
        suite.Clock.Advance(TimeSpan.FromDays(4));
        var late = await suite.UntilAsync(Agent, "asset-audits/" + round.Id, one => one["overdueSince"] is not null);
        Assert.Equal(late.Text("dueAt"), late.Text("overdueSince"));
        await suite.RestartAsync();
        await suite.ActAsync(Agent, $"asset-audits/{round.Id}/close");
        await suite.UntilAsync(Agent, "asset-audits/" + round.Id, one => one.State == "closed");
        Assert.Single(await NumbersAsync(round, "finding=missing"));
        Assert.Equal("/dueAt", (await suite.PostAsync(Agent, "asset-audits", new { name = "Past", dueAt = due })).Problem(400).Pointer);
        Assert.Equal("/site", (await suite.PostAsync(Agent, "asset-audits", new { name = "Sea", site = "atlantis" })).Problem(400).Pointer);
    }

    [Fact]
    public async Task Scans_at_once_while_the_audit_is_closed_leave_each_asset_found_or_missing()
    {
        var model = NewTag();
        var assets = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => BuyAsync(model)));
        var round = await StartAsync(new { name = "Race", model });
        var answers = await Task.WhenAll(assets.Select(async (asset, index) =>
        {
            if (index == 10)
            {
                await suite.ActAsync(Agent, $"asset-audits/{round.Id}/close");
            }

            return (asset.Text("number"),
                Answer: await suite.PostAsync(Agent, $"asset-audits/{round.Id}/scan", new { tag = asset.Text("tag") }));
        }));
        await suite.UntilAsync(Agent, "asset-audits/" + round.Id, one => one.State == "closed");
        Assert.Equal(answers.Where(one => (int)one.Answer.Status == 200).Select(one => one.Item1).Order(),
            (await NumbersAsync(round, "finding=found")).Order());
        Assert.Equal(20, (await NumbersAsync(round, "finding=found,missing")).Count);
        Assert.All(answers.Where(one => (int)one.Answer.Status != 200), one => one.Answer.Problem(409));
    }

    [Fact]
    public async Task Audits_are_for_those_who_keep_assets()
    {
        var round = await StartAsync(new { name = "Secret", model = NewTag() });
        (await suite.GetAsync(Employee, "asset-audits/" + round.Id)).Problem(403);
        (await suite.GetAsync(Employee, "asset-audits")).Problem(403);
        (await suite.GetAsync("analyst1", "asset-audits/" + round.Id)).Ok();
        (await suite.PostAsync("analyst1", $"asset-audits/{round.Id}/scan", new { tag = "x" })).Problem(403);
        (await suite.PostAsync("analyst1", "asset-audits", new { name = "Mine" })).Problem(403);
        (await suite.PostAsync(Agent, $"asset-audits/{Guid.CreateVersion7(suite.Clock.GetUtcNow())}/scan", new { tag = "x" })).Problem(404);
    }

    private async Task<JsonObject> BuyAsync(string model, string site = "berlin") =>
        (await suite.PostAsync(Agent, "assets", new { name = "Thing", tag = NewTag(), model, site })).Ok();

    private async Task<JsonObject> StartAsync(object body)
    {
        var round = (await suite.PostAsync(Agent, "asset-audits", body)).Ok();
        return await suite.UntilAsync(Agent, "asset-audits/" + round.Id, one => one.State == "open");
    }

    private async Task<JsonObject> ScanAsync(JsonObject round, string tag, string? site = null) =>
        (await suite.PostAsync(Agent, $"asset-audits/{round.Id}/scan", new { tag, site })).Ok();

    private async Task<IReadOnlyList<string>> NumbersAsync(JsonObject round, string query) =>
        [.. (await suite.GetAsync(Agent, $"asset-audits/{round.Id}/assets?{query}")).Ok().Items.Select(one => one.Text("number"))];
}
