using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Assets.Tests.AssetShortcuts;

namespace Itsm.Assets.Tests;

/// <summary>What devices have installed, as discovery tells it.</summary>
public sealed class SoftwareReportTests(AssetSuite suite)
{
    [Fact]
    public async Task A_report_replaces_what_was_known_and_an_older_one_changes_nothing()
    {
        var (product, device, now) = (await suite.AddProductAsync("Photo Lab"), await suite.BuyAsync(), suite.Clock.GetUtcNow());
        (await suite.GetAsync(Agent, $"assets/{device.Id}/software")).Problem(404);
        var first = await ReportAsync(new
        {
            device = device.Text("tag"), seenAt = now.AddHours(-2),
            installations = new object[]
            {
                new { product = product.Text("number"), version = "7" },
                new { name = "photolab", publisher = product.Text("publisher"), version = "7", lastUsedAt = now.AddDays(-1) },
                new { name = "Odd Thing", publisher = "Nobody" },
            },
            missingPatches = new[] { new { id = "KB1", severity = "low" }, new { id = "KB2", severity = "critical" } },
        });
        Assert.Equal((device.Id, "critical", "discovery"), (first.Id, first.Text("worstSeverity"), first.Text("source")));
        var installed = first["installations"]!.AsArray().Select(one => one!.AsObject()).ToList();
        Assert.Equal([("Photo Lab", product.Id), ("Odd Thing", null)],
            installed.Select(one => (one.Text("name"), one.TextOrNull("product"))));
        Assert.NotNull(installed[0]["lastUsedAt"]);
        Assert.Equal([device.Id], await suite.IdsAsync($"software-products/{product.Id}/installations"));

        // A list that is left out stays; what was seen earlier changes nothing.
        var patched = await ReportAsync(new { device = device.Id, missingPatches = Array.Empty<object>(), seenAt = now.AddHours(-1) });
        Assert.Equal((2, null), (patched["installations"]!.AsArray().Count, patched.TextOrNull("worstSeverity")));
        var key = Guid.CreateVersion7(now).ToString();
        var late = await ReportAsync(
            new { device = device.Text("number"), installations = Array.Empty<object>(), seenAt = now.AddHours(-3) }, key);
        Assert.Equal((patched.Text("seenAt"), 2), (late.Text("seenAt"), late["installations"]!.AsArray().Count));
        Assert.Equal(patched["version"]!.GetValue<int>(), late["version"]!.GetValue<int>());
        await ReportAsync(new { device = device.Id, installations = Array.Empty<object>() });
        Assert.Empty(await suite.IdsAsync($"software-products/{product.Id}/installations"));
        Assert.Empty((await suite.GetAsync(Agent, $"assets/{device.Text("number")}/software")).Ok()["installations"]!.AsArray());
        (await suite.GetAsync(Employee, $"assets/{device.Id}/software")).Problem(403);
        (await suite.PostAsync("analyst1", "software-reports", new { device = device.Id })).Problem(403);
    }

    [Fact]
    public async Task Software_that_is_unknown_is_its_products_with_the_next_report_once_there_is_one()
    {
        var (device, publisher) = (await suite.BuyAsync(), NewTag());
        var report = new { device = device.Id, installations = new[] { new { name = "Draw", publisher } } };
        Assert.Null((await ReportAsync(report))["installations"]![0]!["product"]);
        var product = (await suite.PostAsync(Agent, "software-products", new { name = "draw", publisher })).Ok();
        Assert.Equal(product.Id, (await ReportAsync(report))["installations"]![0]!["product"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_use_is_noted_at_the_licenses_of_the_device_and_of_who_has_it()
    {
        var (product, other, device) = (await suite.AddProductAsync(), await suite.AddProductAsync(), await suite.BuyAsync());
        await suite.GiveAsync(device.Id);
        var ofDevice = await suite.AssignAsync(await suite.LicenseAsync(product, 5, "perDevice"), new { asset = device.Id });
        var license = await suite.LicenseAsync(product, 5);
        var (ofPerson, ofOther) = (await suite.AssignAsync(license, new { person = Employee }),
            await suite.AssignAsync(license, new { person = Other }));
        var elsewhere = await suite.AssignAsync(await suite.LicenseAsync(other, 5), new { person = Employee });
        var used = suite.Clock.GetUtcNow().AddDays(-30);
        await UseAsync(used);
        foreach (var (assignment, noted) in new[] { (ofDevice, true), (ofPerson, true), (ofOther, false), (elsewhere, false) })
        {
            Assert.Equal(noted, await ReadAsync(assignment) is { } read && read["lastUsedAt"] is not null);
        }

        // Less than a week later is no news.
        var before = await ReadAsync(ofPerson);
        await UseAsync(used.AddDays(7).AddHours(-1));
        Assert.Equal(before["version"]!.GetValue<int>(), (await ReadAsync(ofPerson))["version"]!.GetValue<int>());
        await UseAsync(used.AddDays(7));
        Assert.Equal(before["version"]!.GetValue<int>() + 1, (await ReadAsync(ofPerson))["version"]!.GetValue<int>());

        // Since its last use, or its assignment where that is later.
        Assert.Equal(ofPerson.Text("assignedAt"), (await ReadAsync(ofPerson)).Text("unusedSince"));
        var idle = $"license-assignments?product={product.Id}&sort=unusedSince&unusedSince[lte]=";
        Assert.Equal([ofDevice.Id, ofPerson.Id, ofOther.Id], await suite.IdsAsync($"{idle}{suite.In(1)}T00:00:00Z"));
        Assert.Empty(await suite.IdsAsync($"{idle}{used:yyyy-MM-ddTHH:mm:ssZ}"));

        Task UseAsync(DateTimeOffset at) => ReportAsync(
            new { device = device.Id, installations = new[] { new { product = product.Id, lastUsedAt = at } } });

        async Task<JsonObject> ReadAsync(JsonObject one) => (await suite.GetAsync(Agent, "license-assignments/" + one.Id)).Ok();
    }

    [Theory]
    [InlineData("""{}""", "/device")]
    [InlineData("""{"device":"no such"}""", "/device")]
    [InlineData("""{"device":"*","seenAt":"2199-01-01T00:00:00Z"}""", "/seenAt")]
    [InlineData("""{"device":"*","source":"A b"}""", "/source")]
    [InlineData("""{"device":"*","installations":[{}]}""", "/installations/0/product")]
    [InlineData("""{"device":"*","installations":[{"product":"SWP9999999"}]}""", "/installations/0/product")]
    [InlineData("""{"device":"*","installations":[{"product":"SWP9999999","name":"X"}]}""", "/installations/0/product")]
    [InlineData("""{"device":"*","installations":[{"name":"X"}]}""", "/installations/0/publisher")]
    [InlineData("""{"device":"*","installations":[{"name":"X","publisher":"Y","lastUsedAt":"2199-01-01T00:00:00Z"}]}""",
        "/installations/0/lastUsedAt")]
    [InlineData("""{"device":"*","missingPatches":[{"severity":"low"}]}""", "/missingPatches/0/id")]
    [InlineData("""{"device":"*","missingPatches":[{"id":"KB1","severity":"bad"}]}""", "/missingPatches/0/severity")]
    [InlineData("""{"device":"*","missingPatches":[{"id":"KB1","severity":"low","publishedOn":"0001-01-01"}]}""",
        "/missingPatches/0/publishedOn")]
    public async Task What_is_wrong_with_a_report_is_named(string body, string at)
    {
        var device = await suite.BuyAsync();
        using var content = new StringContent(body.Replace("\"*\"", $"\"{device.Id}\"", StringComparison.Ordinal),
            System.Text.Encoding.UTF8, "application/json");
        Assert.Equal(at, (await suite.PostAsync(Agent, "software-reports", content)).Problem(400).Pointer);
    }

    private async Task<JsonObject> ReportAsync(object report, string? key = null) =>
        (await suite.PostAsync(Agent, "software-reports", report, key: key)).Ok();
}
