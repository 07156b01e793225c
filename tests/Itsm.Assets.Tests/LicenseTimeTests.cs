using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;
using static Itsm.Assets.Tests.AssetShortcuts;

namespace Itsm.Assets.Tests;

/// <summary>What happens to licences as time passes, or when somebody dies while they assign them.</summary>
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
        var (license, licenses, audit) = (await suite.LicenseAsync(await suite.AddProductAsync(), 3),
            suite.Modules.GetRequiredService<AggregateStore<License>>(), AuditContext.OfService("assets", "test", suite.Clock));
        await suite.AssignAsync(license, new { person = Employee });
        var lost = LicenseAssignment.Of((await licenses.FindAsync(Guid.Parse(license.Id), default))!, "Draw",
            new(Guid.Parse(await suite.PersonAsync(Other)), null, null), audit);
        await licenses.UpdateAsync(Guid.Parse(license.Id), audit, one => one.Claim(lost, audit), default);
        Assert.Equal(2, await suite.AssignedAsync(license));
        Assert.Equal("license.assigned", (await suite.TryAssignAsync(license, new { person = Other })).Problem(409).Code);
        suite.Clock.Advance(TimeSpan.FromMinutes(2));
        await suite.UntilAsync(Agent, "licenses/" + license.Id, one => one["assigned"]!.GetValue<int>() == 1);
        await suite.AssignAsync(license, new { person = Other });
        suite.Clock.Advance(TimeSpan.FromMinutes(2));
        await RunningSuite.UntilAsync(async () => await licenses.FindAsync(Guid.Parse(license.Id), default),
            one => one!.SettlesAt is null, "The second look");
        Assert.Equal(2, await suite.AssignedAsync(license));
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
}
