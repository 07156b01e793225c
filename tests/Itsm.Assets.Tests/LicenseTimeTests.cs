using System.Text.Json.Nodes;
using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;
using static Itsm.Assets.Tests.AssetShortcuts;

namespace Itsm.Assets.Tests;

/// <summary>What happens to licenses as time passes, or when somebody dies while they assign them.</summary>
[Collection(OwnSuite.Name)]
public sealed class LicenseTimeTests(OwnSuite.Suite suite)
{
    [Fact]
    public async Task A_license_says_that_it_expires_soon_and_expires_at_the_end_of_its_last_day()
    {
        var contract = (await suite.PostAsync(Agent, "contracts",
            new { name = "Frame", supplier = NewTag(), startsOn = suite.In(0) })).Ok();
        var license = await suite.LicenseAsync(await suite.AddProductAsync(), 5, more: new
        {
            expiresOn = suite.In(40), contract = contract.Text("number"), supplier = "Office Supplies Ltd", owner = Manager,
            cost = new { amount = 5, currency = "EUR" },
        });
        Assert.Equal((contract.Id, "active"), (license.Text("contract"), license.State));
        Assert.Equal([license.Id], await suite.IdsAsync($"licenses?contract={contract.Id}&owner={Manager}&expiresOn[lte]={suite.In(40)}"));
        suite.Clock.Advance(TimeSpan.FromDays(9));
        Assert.Null((await suite.GetAsync(Agent, "licenses/" + license.Id)).Ok()["expiresSoonSince"]);
        suite.Clock.Advance(TimeSpan.FromDays(2));
        await suite.UntilAsync(Agent, "licenses/" + license.Id, one => one["expiresSoonSince"] is not null);
        var longer = (await suite.PatchAsync(Agent, "licenses/" + license.Id, new { expiresOn = suite.In(50) }, "*")).Ok();
        Assert.Null(longer["expiresSoonSince"]);
        suite.Clock.Advance(TimeSpan.FromDays(50));
        Assert.Equal("active", (await suite.GetAsync(Agent, "licenses/" + license.Id)).Ok().State);
        suite.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal("license.expired", (await suite.TryAssignAsync(license, new { person = Employee })).Problem(409).Code);
        var expired = await suite.UntilAsync(Agent, "licenses/" + license.Id, one => one.State == "expired");
        Assert.EndsWith("T00:00:00Z", expired.Text("expiredSince"), StringComparison.Ordinal);
        Assert.DoesNotContain("assign", expired.OpenActions);

        // It goes on where somebody buys more time.
        var renewed = (await suite.PatchAsync(Agent, "licenses/" + license.Id, new { expiresOn = suite.In(400) }, "*")).Ok();
        Assert.Equal(("active", null, null), (renewed.State, renewed.TextOrNull("expiredSince"), renewed.TextOrNull("expiresSoonSince")));
        await suite.AssignAsync(license, new { person = Employee });
        Assert.Equal("expired", (await suite.LicenseAsync(await suite.AddProductAsync(), 5, more: new { expiresOn = suite.In(-1) })).State);
    }

    [Fact]
    public async Task A_seat_that_a_dead_process_claimed_is_free_again_and_those_of_others_stay()
    {
        var license = await suite.LicenseAsync(await suite.AddProductAsync(), 3);
        await suite.AssignAsync(license, new { person = Employee });
        await ClaimAsync(license, await suite.PersonAsync(Other));
        Assert.Equal(2, await suite.AssignedAsync(license));
        Assert.Equal("license.assigned", (await suite.TryAssignAsync(license, new { person = Other })).Problem(409).Code);
        suite.Clock.Advance(TimeSpan.FromMinutes(2));
        await suite.UntilAsync(Agent, "licenses/" + license.Id, one => one["assigned"]!.GetValue<int>() == 1);
        await suite.AssignAsync(license, new { person = Other });
        suite.Clock.Advance(TimeSpan.FromMinutes(2));
        await RunningSuite.UntilAsync(async () => await Licenses.FindAsync(Guid.Parse(license.Id), default),
            one => one!.SettlesAt is null, "The second look");
        Assert.Equal(2, await suite.AssignedAsync(license));
    }

    [Fact]
    public async Task What_a_leaver_and_a_retired_asset_had_is_free_again_and_does_not_count()
    {
        var (product, leaver) = (await suite.AddProductAsync(), $"leaver-{NewTag()}".ToLowerInvariant());
        (await suite.PostAsync(Admin, "people", new { userName = leaver, name = "Lea Leaver", site = "berlin" })).Ok();
        await RunningSuite.UntilAsync(() => suite.GetAsync(leaver, "people/me"), answer => (int)answer.Status == 200, leaver);
        var (perUser, perDevice) = (await suite.LicenseAsync(product, 2), await suite.LicenseAsync(product, 2, "perDevice"));
        var (gone, kept) = (await suite.BuyAsync(), await suite.BuyAsync());
        foreach (var device in new[] { gone, kept })
        {
            await suite.AssignAsync(perDevice, new { asset = device.Id });
            (await suite.PostAsync(Agent, "software-reports",
                new { device = device.Id, installations = new[] { new { product = product.Id } } })).Ok();
        }

        var ended = await suite.AssignAsync(perUser, new { person = leaver });
        await suite.AssignAsync(perUser, new { person = Employee });
        await suite.ActAsync(Admin, $"people/{leaver}/deactivate", new { reason = "Has left." });
        await suite.DoAsync(gone.Id, "retire", new { reason = "Old." });
        suite.Clock.Advance(TimeSpan.FromMinutes(2));
        foreach (var license in new[] { perUser, perDevice })
        {
            await suite.UntilAsync(Agent, "licenses/" + license.Id, one => one["assigned"]!.GetValue<int>() == 1);
        }

        Assert.Equal("assets",
            (await suite.GetAsync(Agent, "license-assignments/" + ended.Id)).Ok()["endedBy"]!["name"]!.GetValue<string>());
        await suite.UntilAsync(Agent, $"software-products/{product.Id}/position",
            one => one["installed"]!["count"]!.GetValue<int>() == 1);
        Assert.Equal([kept.Id], await suite.IdsAsync($"software-products/{product.Id}/installations"));

        // As if they had left just then.
        await AssignBesideAsync(perUser, await suite.PersonAsync(leaver));
        Assert.Equal(2, await suite.AssignedAsync(perUser));
        suite.Clock.Advance(TimeSpan.FromMinutes(2));
        await suite.UntilAsync(Agent, "licenses/" + perUser.Id, one => one["assigned"]!.GetValue<int>() == 1);
    }

    [Fact]
    public async Task The_seat_of_an_assignment_that_a_dead_process_ended_is_freed()
    {
        var license = await suite.LicenseAsync(await suite.AddProductAsync(), 1);
        var assignment = await suite.AssignAsync(license, new { person = Employee });
        var audit = AuditContext.OfService("assets", "test", suite.Clock);
        await suite.Modules.GetRequiredService<AggregateStore<LicenseAssignment>>().UpdateAsync(
            Guid.Parse(assignment.Id), audit, one => one.End(null, audit), default);
        await suite.UntilAsync(Agent, "licenses/" + license.Id, one => one["assigned"]!.GetValue<int>() == 0);
        await suite.AssignAsync(license, new { person = Employee });
    }

    private AggregateStore<License> Licenses => suite.Modules.GetRequiredService<AggregateStore<License>>();

    /// <summary>The first half of an assignment.</summary>
    private async Task<(LicenseAssignment Assignment, AuditContext Audit)> ClaimAsync(JsonObject license, string person)
    {
        var audit = AuditContext.OfService("assets", "test", suite.Clock);
        var assignment = LicenseAssignment.Of((await Licenses.FindAsync(Guid.Parse(license.Id), default))!, "Draw",
            new(Guid.Parse(person), null, null), audit);
        await Licenses.UpdateAsync(assignment.License, audit, one => one.Claim(assignment, audit), default);
        return (assignment, audit);
    }

    private async Task AssignBesideAsync(JsonObject license, string person)
    {
        var (assignment, audit) = await ClaimAsync(license, person);
        await suite.Modules.GetRequiredService<AggregateStore<LicenseAssignment>>().TrySaveAsync(assignment, audit, default);
    }
}
