using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Assets.Tests.AssetShortcuts;

namespace Itsm.Assets.Tests;

/// <summary>What somebody should look after.</summary>
[Collection(OwnSuite.Name)]
public sealed class AssetReportTests(OwnSuite.Suite suite)
{
    [Fact]
    public async Task Devices_that_miss_patches_are_listed_with_those_that_are_bad_enough()
    {
        var (bad, fair, fine, gone) = (await suite.BuyAsync(), await suite.BuyAsync(), await suite.BuyAsync(), await suite.BuyAsync());
        await suite.GiveAsync(bad.Id);
        foreach (var (device, patches) in new (JsonObject, object[])[]
        {
            (bad, [new { id = "KB1", severity = "moderate" }, new { id = "KB2", severity = "critical", title = "Mends all" }]),
            (fair, [new { id = "KB3", severity = "important" }]), (fine, []), (gone, [new { id = "KB2", severity = "critical" }]),
        })
        {
            (await suite.PostAsync(Agent, "software-reports", new { device = device.Id, missingPatches = patches })).Ok();
        }

        await suite.DoAsync(gone.Id, "retire", new { reason = "Old." });
        var critical = Assert.Single(await OwnAsync("critical"));
        Assert.Equal((bad.Id, "employee1", "berlin", "KB2"), (critical["asset"]!["id"]!.GetValue<string>(),
            critical["asset"]!["holder"]!["userName"]!.GetValue<string>(), critical["asset"]!["site"]!.GetValue<string>(),
            critical["patches"]!.AsArray().Single()!["id"]!.GetValue<string>()));
        Assert.Equal(bad.Id, (await suite.GetAsync(Agent, critical["asset"]!["href"]!.GetValue<string>())).Ok().Id);
        Assert.Equal([bad.Id, fair.Id], (await OwnAsync("important")).Select(one => one["asset"]!["id"]!.GetValue<string>()));
        Assert.Equal(["KB2", "KB1"], (await OwnAsync("low"))[0]["patches"]!.AsArray().Select(one => one!["id"]!.GetValue<string>()));
        Assert.True((await suite.GetAsync(Agent, "asset-reports/missing-patches?limit=1")).Ok()["truncated"]!.GetValue<bool>());
        (await suite.GetAsync(Employee, "asset-reports/missing-patches")).Problem(403);

        async Task<IReadOnlyList<JsonObject>> OwnAsync(string severity) =>
            [.. (await suite.GetAsync(Agent, "asset-reports/missing-patches?limit=1000&severity=" + severity)).Ok().Items
                .Where(one => new[] { bad.Id, fair.Id, fine.Id, gone.Id }.Contains(one["asset"]!["id"]!.GetValue<string>()))];
    }

    [Fact]
    public async Task Assets_without_warranty_are_listed_and_those_that_lose_it_soon_where_asked_for()
    {
        var own = new List<string>();
        foreach (var days in new[] { -10, -1, 0, 30, 31 })
        {
            own.Add((await suite.PostAsync(Agent, "assets", new { name = "Laptop", warrantyEndsOn = suite.In(days) })).Ok().Id);
        }

        var retired = (await suite.PostAsync(Agent, "assets", new { name = "Laptop", warrantyEndsOn = suite.In(-9) })).Ok().Id;
        await suite.DoAsync(retired, "retire", new { reason = "Old." });
        own.Add(retired);
        Assert.Equal([-10, -1, 0], await DaysAsync(""));
        Assert.Equal([-10, -1, 0, 30], await DaysAsync("&within=30"));
        Assert.True((await suite.GetAsync(Agent, "asset-reports/out-of-warranty?limit=1")).Ok()["truncated"]!.GetValue<bool>());
        (await suite.GetAsync(Employee, "asset-reports/out-of-warranty")).Problem(403);

        async Task<IEnumerable<int>> DaysAsync(string query) =>
            (await suite.GetAsync(Agent, "asset-reports/out-of-warranty?limit=1000" + query)).Ok().Items
                .Where(one => own.Contains(one["asset"]!["id"]!.GetValue<string>())).Select(one => one["daysLeft"]!.GetValue<int>());
    }

    [Fact]
    public async Task What_the_last_audit_did_not_find_is_listed_until_a_later_one_does()
    {
        var model = NewTag();
        var (first, second) = (await BuyAsync(), await BuyAsync());
        await suite.GiveAsync(second.Id);
        var round = await CloseAsync();
        var missing = await OwnAsync();
        Assert.Equal([first.Id, second.Id], missing.Select(one => one["asset"]!["id"]!.GetValue<string>()));
        Assert.All(missing, one => Assert.Equal(round.Id, one["audit"]!["id"]!.GetValue<string>()));
        Assert.Equal(("berlin", "employee1"),
            (missing[1].Text("expectedSite"), missing[1]["expectedHolder"]!["userName"]!.GetValue<string>()));
        Assert.Equal(round.Id, (await suite.GetAsync(Agent, missing[0]["audit"]!["href"]!.GetValue<string>())).Ok().Id);

        // The next one finds the first, and misses the second again; then that is retired.
        var next = await CloseAsync(first);
        var left = Assert.Single(await OwnAsync());
        Assert.Equal((second.Id, next.Id), (left["asset"]!["id"]!.GetValue<string>(), left["audit"]!["id"]!.GetValue<string>()));
        await suite.DoAsync(second.Id, "check-in");
        await suite.DoAsync(second.Id, "retire", new { reason = "Lost." });
        Assert.Empty(await OwnAsync());
        (await suite.GetAsync(Employee, "asset-reports/not-seen-in-last-audit")).Problem(403);

        async Task<JsonObject> BuyAsync() =>
            (await suite.PostAsync(Agent, "assets", new { name = "Laptop", model, tag = NewTag(), site = "berlin" })).Ok();

        async Task<JsonObject> CloseAsync(JsonObject? seen = null)
        {
            var begun = (await suite.PostAsync(Agent, "asset-audits", new { name = "Spring", model })).Ok();
            await suite.UntilAsync(Agent, "asset-audits/" + begun.Id, one => one.State == "open");
            if (seen is not null)
            {
                (await suite.PostAsync(Agent, $"asset-audits/{begun.Id}/scan", new { tag = seen.Text("tag") })).Ok();
            }

            await suite.ActAsync(Agent, $"asset-audits/{begun.Id}/close");
            return await suite.UntilAsync(Agent, "asset-audits/" + begun.Id, one => one.State == "closed");
        }

        async Task<IReadOnlyList<JsonObject>> OwnAsync() =>
            [.. (await suite.GetAsync(Agent, "asset-reports/not-seen-in-last-audit?limit=1000")).Ok().Items
                .Where(one => new[] { first.Id, second.Id }.Contains(one["asset"]!["id"]!.GetValue<string>()))];
    }
}
