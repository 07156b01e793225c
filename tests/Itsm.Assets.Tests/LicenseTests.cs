using System.Text;
using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Assets.Tests.AssetShortcuts;

namespace Itsm.Assets.Tests;

/// <summary>Never more seats are assigned than there are.</summary>
public sealed class LicenseTests(AssetSuite suite)
{
    [Fact]
    public async Task Of_two_hundred_devices_at_once_as_many_get_a_seat_as_there_are()
    {
        var license = await suite.LicenseAsync(await suite.AddProductAsync(), 150, "perDevice");
        var devices = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => suite.BuyAsync()));
        var answers = await Task.WhenAll(devices.Select(device => suite.TryAssignAsync(license, new { asset = device.Id })));
        Assert.Equal(150, answers.Count(answer => (int)answer.Status == 201));
        Assert.All(answers.Where(answer => (int)answer.Status != 201),
            answer => Assert.Equal("license.no-seats", answer.Problem(409).Code));
        var full = (await suite.GetAsync(Agent, "licenses/" + license.Text("number"))).Ok();
        Assert.Equal(150, full["assigned"]!.GetValue<int>());
        Assert.DoesNotContain("assign", full.OpenActions);
        Assert.Equal(150, (await suite.GetAsync(Agent, $"licenses/{license.Id}/assignments?active=true&count=true")).Ok()["count"]!
            .GetValue<int>());
        Assert.Equal("license.seats-in-use", (await suite.PatchAsync(Agent, "licenses/" + license.Id, new { seats = 149 }, "*"))
            .Problem(409).Code);
        foreach (var seats in new[] { 0, -1, -150 })
        {
            Assert.Equal("/seats",
                (await suite.PatchAsync(Agent, "licenses/" + license.Id, new { seats }, "*")).Problem(400).Pointer);
        }

        (await suite.PatchAsync(Agent, "licenses/" + license.Id, new { seats = 151 }, "*")).Ok();
    }

    [Fact]
    public async Task A_person_has_a_license_once_also_when_it_is_assigned_twice_at_once()
    {
        var license = await suite.LicenseAsync(await suite.AddProductAsync(), 5);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(index =>
            suite.PostAsync(Agent, $"licenses/{(index % 2 == 0 ? license.Id : license.Text("number"))}/assignments",
                new { person = Employee })));
        Assert.Single(answers, answer => (int)answer.Status == 201);
        Assert.All(answers.Where(answer => (int)answer.Status != 201),
            answer => Assert.Equal("license.assigned", answer.Problem(409).Code));
        Assert.Equal(1, await suite.AssignedAsync(license));

        // The same request, sent twice, is answered the same.
        var key = Guid.CreateVersion7(suite.Clock.GetUtcNow()).ToString();
        var (first, again) = (await suite.TryAssignAsync(license, new { person = Other }, key),
            await suite.TryAssignAsync(license, new { person = Other }, key));
        Assert.Equal(first.Ok().Id, again.Ok().Id);
        Assert.Equal(2, await suite.AssignedAsync(license));
    }

    [Fact]
    public async Task What_is_ended_is_free_at_once_and_may_be_assigned_again()
    {
        var product = await suite.AddProductAsync();
        var license = await suite.LicenseAsync(product, 1);
        var first = await suite.AssignAsync(license, new { person = Employee });
        Assert.Equal("license.no-seats", (await suite.TryAssignAsync(license, new { person = Other })).Problem(409).Code);
        var ended = await suite.ActAsync(Agent, $"license-assignments/{first.Id}/end", new { reason = "Has left." });
        Assert.Equal((false, "Has left."), (ended["active"]!.GetValue<bool>(), ended.Text("endReason")));
        Assert.Equal(0, await suite.AssignedAsync(license));
        Assert.Equal("license-assignment.ended",
            (await suite.PostAsync(Agent, $"license-assignments/{first.Id}/end", new { }, "*")).Problem(409).Code);
        var (second, third) = (await suite.AssignAsync(license, new { person = Other }), license);
        (await suite.PostAsync(Agent, $"license-assignments/{second.Id}/end", new { }, "*")).Ok();
        await suite.AssignAsync(third, new { person = Employee });
        Assert.Equal(3, (await suite.GetAsync(Agent, $"license-assignments?product={product.Id}")).Ok().Items.Count);
        Assert.Single(await suite.IdsAsync($"license-assignments?license={license.Id}&active=true"));
        Assert.Single(await suite.IdsAsync($"licenses/{license.Id}/assignments?person={Other}&active=false"));
    }

    [Fact]
    public async Task A_seat_is_for_what_the_metric_says()
    {
        var product = await suite.AddProductAsync();
        var (perUser, perDevice, perCore) = (await suite.LicenseAsync(product, 9), await suite.LicenseAsync(product, 9, "perDevice"),
            await suite.LicenseAsync(product, 20, "perCore"));
        var device = await suite.BuyAsync("Server");
        foreach (var (license, to, at, code) in new (JsonObject, object, string, string)[]
        {
            (perUser, new { }, "/person", "required"), (perUser, new { asset = device.Id }, "/person", "required"),
            (perUser, new { person = Employee, asset = device.Id }, "/asset", "conflicting"),
            (perUser, new { person = Employee, cores = 2 }, "/cores", "conflicting"),
            (perUser, new { person = "nobody" }, "/person", "not-found"),
            (perDevice, new { person = Employee }, "/person", "conflicting"), (perDevice, new { }, "/asset", "required"),
            (perDevice, new { asset = "AST9999999" }, "/asset", "not-found"), (perCore, new { asset = device.Id }, "/cores", "required"),
            (perCore, new { asset = device.Id, cores = 0 }, "/cores", "out-of-range"),
            (perCore, new { asset = device.Id, cores = -1 }, "/cores", "out-of-range"),
            (perCore, new { asset = device.Id, cores = 1025 }, "/cores", "out-of-range"),
        })
        {
            var refused = (await suite.TryAssignAsync(license, to)).Problem(400);
            Assert.Equal((at, code), (refused.Pointer, refused["errors"]![0]!["code"]!.GetValue<string>()));
        }

        var cores = await suite.AssignAsync(perCore, new { asset = device.Text("tag"), cores = 16 });
        Assert.Equal((16, device.Id), (cores["seats"]!.GetValue<int>(), cores.Text("asset")));
        var small = await suite.BuyAsync("Server");
        Assert.Equal("license.no-seats", (await suite.TryAssignAsync(perCore, new { asset = small.Id, cores = 5 })).Problem(409).Code);
        await suite.AssignAsync(perCore, new { asset = small.Text("number"), cores = 4 });
        Assert.Equal([cores.Id], await suite.IdsAsync("license-assignments?asset=" + device.Id));
        var old = await suite.BuyAsync();
        await suite.DoAsync(old.Id, "retire", new { reason = "Old." });
        Assert.Equal("/asset", (await suite.TryAssignAsync(perDevice, new { asset = old.Id })).Problem(400).Pointer);
    }

    [Fact]
    public async Task People_see_what_they_have_and_nothing_of_others()
    {
        var license = await suite.LicenseAsync(await suite.AddProductAsync("Paint"), 5);
        var own = await suite.AssignAsync(license, new { person = Employee });
        var others = await suite.AssignAsync(license, new { person = Other });
        var seen = (await suite.GetAsync(Employee, "license-assignments?person=me&limit=200")).Ok().Items.Single(one => one.Id == own.Id);
        Assert.Equal("Paint", seen.Text("productName"));
        Assert.DoesNotContain(others.Id, await suite.IdsAsync("license-assignments?limit=200", Employee));
        (await suite.GetAsync(Employee, "license-assignments/" + others.Id)).Problem(404);
        (await suite.GetAsync(Employee, "licenses/" + license.Id)).Problem(403);
        (await suite.GetAsync(Employee, $"licenses/{license.Id}/assignments")).Problem(403);
        (await suite.PostAsync(Employee, $"license-assignments/{own.Id}/end", new { }, "*")).Problem(403);
        (await suite.PostAsync("analyst1", $"licenses/{license.Id}/assignments", new { person = Manager })).Problem(403);
        await suite.ActAsync(Agent, $"license-assignments/{own.Id}/end", new { reason = "Misused it." });
        Assert.Null((await suite.GetAsync(Employee, "license-assignments/" + own.Id)).Ok()["endReason"]);
    }

    [Fact]
    public async Task A_retired_license_is_not_assigned_any_more()
    {
        var license = await suite.LicenseAsync(await suite.AddProductAsync(), 5);
        var kept = await suite.AssignAsync(license, new { person = Employee });
        var retired = await suite.ActAsync(Agent, $"licenses/{license.Id}/retire", new { reason = "Replaced." });
        Assert.Equal(("retired", true), (retired.State, retired["retiredAt"] is not null));
        Assert.Equal("license.retired", (await suite.TryAssignAsync(license, new { person = Other })).Problem(409).Code);
        Assert.Equal("license.retired",
            (await suite.PostAsync(Agent, $"licenses/{license.Id}/retire", new { reason = "Again." }, "*")).Problem(409).Code);
        Assert.Equal([license.Id], await suite.IdsAsync($"licenses?product={license.Text("product")}&state=retired"));
        await suite.ActAsync(Agent, $"license-assignments/{kept.Id}/end");
        Assert.Equal(0, await suite.AssignedAsync(license));
    }

    [Theory]
    [InlineData("""{"name":"X","metric":"perUser","seats":1,"startsOn":"2026-01-01"}""", "/product")]
    [InlineData("""{"name":"X","product":"SWP9999999","metric":"perUser","seats":1,"startsOn":"2026-01-01"}""", "/product")]
    [InlineData("""{"name":"X","product":"*","metric":"perHour","seats":1,"startsOn":"2026-01-01"}""", "/metric")]
    [InlineData("""{"name":"X","product":"*","metric":"perUser","seats":0,"startsOn":"2026-01-01"}""", "/seats")]
    [InlineData("""{"name":"X","product":"*","metric":"perUser","seats":-1,"startsOn":"2026-01-01"}""", "/seats")]
    [InlineData("""{"name":"X","product":"*","metric":"perUser","seats":1000001,"startsOn":"2026-01-01"}""", "/seats")]
    [InlineData("""{"name":"X","product":"*","metric":"perUser","seats":1}""", "/startsOn")]
    [InlineData("""{"name":"X","product":"*","metric":"perCore","seats":1,"startsOn":"2026-02-02","expiresOn":"2026-01-01"}""",
        "/expiresOn")]
    [InlineData("""{"name":"X","product":"*","metric":"perUser","seats":1,"startsOn":"2026-01-02","contract":"CTR9999999"}""", "/contract")]
    [InlineData("""{"name":"X","product":"*","metric":"perUser","seats":1,"startsOn":"2026-01-02","owner":"nobody"}""", "/owner")]
    public async Task What_is_wrong_with_a_license_is_named(string body, string at)
    {
        var product = await suite.AddProductAsync();
        using var content = new StringContent(body.Replace("\"*\"", $"\"{product.Id}\"", StringComparison.Ordinal), Encoding.UTF8,
            "application/json");
        Assert.Equal(at, (await suite.PostAsync(Agent, "licenses", content)).Problem(400).Pointer);
    }
}
