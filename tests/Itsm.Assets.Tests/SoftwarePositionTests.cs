using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Assets.Tests.AssetShortcuts;

namespace Itsm.Assets.Tests;

/// <summary>What was bought, against what is there and used.</summary>
public sealed class SoftwarePositionTests(AssetSuite suite)
{
    [Fact]
    public async Task A_product_of_which_more_is_installed_than_bought_is_over_and_each_number_leads_to_its_list()
    {
        var (product, devices) = (await suite.AddProductAsync(), await BuyAsync(3));
        Assert.Equal("ok", (await PositionAsync(product)).State);
        await InstallAsync(product, devices);
        Assert.Equal("unlicensed", (await PositionAsync(product)).State);
        var license = await suite.LicenseAsync(product, 2, "perDevice", new { expiresOn = suite.In(60) });
        await suite.LicenseAsync(product, 50, "perDevice", new { startsOn = suite.In(1) });
        await suite.LicenseAsync(product, 50, "perDevice", new { expiresOn = suite.In(-1) });
        var retired = await suite.LicenseAsync(product, 50, "perDevice");
        await suite.ActAsync(Agent, $"licenses/{retired.Id}/retire", new { reason = "Sold." });
        foreach (var device in devices.Take(2))
        {
            await suite.AssignAsync(license, new { asset = device.Id });
        }

        await InstallAsync(product, devices, suite.Clock.GetUtcNow().AddDays(-10));
        var position = await PositionAsync(product);
        Assert.Equal(("over", 3, 2, 2), (position.State, Count("installed"), Count("assigned"), Count("used")));
        Assert.Null(position["users"]);
        var entitled = position["entitled"]![0]!.AsObject();
        Assert.Equal(("perDevice", 2, 2),
            (entitled.Text("metric"), entitled["seats"]!.GetValue<int>(), entitled["assigned"]!.GetValue<int>()));
        Assert.Equal(2, (await FollowAsync(entitled)).Single()["seats"]!.GetValue<int>());
        foreach (var name in new[] { "installed", "assigned", "used" })
        {
            Assert.Equal(Count(name), (await FollowAsync(position[name]!.AsObject())).Count);
        }

        var expiring = position["expiring"]!.AsArray().Single()!.AsObject();
        Assert.Equal((license.Id, 60), (expiring.Id, expiring["daysLeft"]!.GetValue<int>()));
        Assert.Equal(license.Id, (await suite.GetAsync(Agent, expiring.Text("href"))).Ok().Id);
        Assert.Empty((await PositionAsync(product, "?within=59"))["expiring"]!.AsArray());
        Assert.Contains(await OfAllAsync("over"), one => one["product"]!["id"]!.GetValue<string>() == product.Id);
        Assert.DoesNotContain(await OfAllAsync("ok,under"), one => one["product"]!["id"]!.GetValue<string>() == product.Id);
        (await suite.GetAsync(Employee, "software-positions")).Problem(403);
        (await suite.GetAsync(Employee, $"software-products/{product.Id}/position")).Problem(403);

        int Count(string name) => position[name]!["count"]!.GetValue<int>();
    }

    [Fact]
    public async Task A_product_whose_seats_lie_idle_is_under()
    {
        var (product, devices) = (await suite.AddProductAsync(), await BuyAsync(5));
        var license = await suite.LicenseAsync(product, 5, "perDevice");
        foreach (var (index, device) in devices.Index())
        {
            Assert.Equal(index < 4 ? "under" : "ok", (await PositionAsync(product)).State);
            await suite.AssignAsync(license, new { asset = device.Id });
        }

        // Where reports tell of use, that counts, too.
        await InstallAsync(product, devices, suite.Clock.GetUtcNow().AddDays(-91));
        Assert.Equal("ok", (await PositionAsync(product)).State);
        await InstallAsync(product, devices.Take(3), suite.Clock.GetUtcNow().AddDays(-1));
        Assert.Equal("under", (await PositionAsync(product)).State);
        await InstallAsync(product, devices.Skip(3), suite.Clock.GetUtcNow().AddDays(-1));
        Assert.Equal("ok", (await PositionAsync(product)).State);
    }

    [Fact]
    public async Task Of_a_license_per_user_the_people_count_who_have_the_devices()
    {
        var (product, devices) = (await suite.AddProductAsync(), await BuyAsync(4));
        await suite.AssignAsync(await suite.LicenseAsync(product, 1), new { person = Employee });
        foreach (var device in devices.Take(2))
        {
            await suite.GiveAsync(device.Id);
        }

        await InstallAsync(product, devices.Take(3));
        var position = await PositionAsync(product);
        Assert.Equal(("ok", 3, 1), (position.State, position["installed"]!["count"]!.GetValue<int>(),
            position["users"]!["count"]!.GetValue<int>()));
        await suite.GiveAsync(devices[3].Id, Other);
        await InstallAsync(product, devices.Skip(3));
        Assert.Equal("over", (await PositionAsync(product)).State);
    }

    [Fact]
    public async Task Of_a_license_per_core_the_cores_that_are_assigned_count()
    {
        var (product, devices) = (await suite.AddProductAsync(), await BuyAsync(2));
        var license = await suite.LicenseAsync(product, 20, "perCore");
        await InstallAsync(product, devices);
        await suite.AssignAsync(license, new { asset = devices[0].Id, cores = 16 });
        Assert.Equal(("ok", 16), (await PositionAsync(product)) is var position
            ? (position.State, position["assigned"]!["count"]!.GetValue<int>()) : default);
        await suite.ActAsync(Agent, $"licenses/{license.Id}/retire", new { reason = "Sold." });
        await suite.LicenseAsync(product, 8, "perCore");
        Assert.Equal("over", (await PositionAsync(product)).State);
    }

    [Fact]
    public async Task The_demo_organisation_has_something_of_each()
    {
        var positions = (await suite.GetAsync(Agent, "software-positions")).Ok().Items
            .ToLookup(one => one["product"]!["name"]!.GetValue<string>());
        foreach (var (name, state, expiring) in new[]
        {
            ("Office Suite", "ok", 1), ("Meeting Room", "under", 0), ("Draw Studio", "over", 0), ("Compiler", "ok", 1),
            ("Remote Desk", "ok", 0), ("Archive Tool", "unlicensed", 0),
        })
        {
            var position = Assert.Single(positions[name]);
            Assert.Equal((name, state, expiring), (name, position.State, position["expiring"]!.AsArray().Count));
        }

        Assert.Contains((await suite.GetAsync(Agent, "asset-reports/missing-patches?severity=critical")).Ok().Items,
            one => one["asset"]!["tag"]!.GetValue<string>() == "IT-1002");
        Assert.NotEmpty((await suite.GetAsync(Agent, "asset-reports/out-of-warranty?within=365")).Ok().Items);
        Assert.Equal(["Office Suite", "Meeting Room"],
            (await suite.GetAsync(Employee, "license-assignments?sort=assignedAt&person=me")).Ok().Items.Take(2)
                .Select(one => one.Text("productName")));
    }

    private async Task<IReadOnlyList<JsonObject>> BuyAsync(int count) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => suite.BuyAsync()));

    private async Task InstallAsync(JsonObject product, IEnumerable<JsonObject> devices, DateTimeOffset? lastUsedAt = null)
    {
        foreach (var device in devices)
        {
            (await suite.PostAsync(Agent, "software-reports",
                new { device = device.Id, installations = new[] { new { product = product.Id, lastUsedAt } } })).Ok();
        }
    }

    private async Task<JsonObject> PositionAsync(JsonObject product, string query = "") =>
        (await suite.GetAsync(Agent, $"software-products/{product.Text("number")}/position{query}")).Ok();

    private async Task<IReadOnlyList<JsonObject>> OfAllAsync(string state) =>
        (await suite.GetAsync(Agent, "software-positions?state=" + state)).Ok().Items;

    private async Task<IReadOnlyList<JsonObject>> FollowAsync(JsonObject counted) =>
        (await suite.GetAsync(Agent, counted.Text("href"))).Ok().Items;
}
