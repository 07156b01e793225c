using Itsm.Testing;
using static Itsm.Assets.Tests.Shortcuts;

namespace Itsm.Assets.Tests;

[Collection(OwnSuite.Name)]
public sealed class PlannedOutageTests(OwnSuite.Suite suite)
{
    [Fact]
    public async Task A_planned_maintenance_is_announced_begins_and_ends_by_itself()
    {
        var service = await suite.AddServiceAsync();
        var now = suite.Clock.GetUtcNow();
        var (planned, canceled, far) = (
            await suite.RecordAsync(service, new { kind = "maintenance", beginsAt = now.AddDays(1), endsAt = now.AddDays(2) }),
            await suite.RecordAsync(service, new { kind = "maintenance", beginsAt = now.AddDays(3), endsAt = now.AddDays(4) }),
            await suite.RecordAsync(service, new { kind = "maintenance", beginsAt = now.AddDays(30) }));
        Assert.Equal("outage.not-begun", (await suite.PostAsync(Agent, $"outages/{far.Id}/end", new { }, "*")).Problem(409).Text("code"));
        Assert.Equal([planned.Id, canceled.Id], await UpcomingAsync());
        await suite.ActAsync(Agent, $"outages/{canceled.Id}/cancel", new { reason = "The part is not there." });
        Assert.Equal([planned.Id], await UpcomingAsync());
        Assert.Equal("outage.canceled", (await suite.PatchAsync(Agent, $"outages/{canceled.Id}", new { title = "Later." }, "*"))
            .Problem(409).Text("code"));
        Assert.Equal("operational", (await suite.GetAsync(Employee, $"services/{service.Id}")).Ok().Text("state"));

        suite.Clock.Advance(TimeSpan.FromHours(25));
        var shown = await suite.UntilAsync(Employee, $"services/{service.Id}", one => one.Text("state") == "maintenance");
        Assert.Equal((planned.Id, InstantOf(planned["endsAt"]), InstantOf(planned["beginsAt"])), (
            shown["outage"]!["id"]!.GetValue<string>(), InstantOf(shown["outage"]!["endsAt"]), InstantOf(shown["since"])));
        Assert.Equal("outage.begun",
            (await suite.PostAsync(Agent, $"outages/{planned.Id}/cancel", new { }, "*")).Problem(409).Text("code"));

        // Restarted, and two days later.
        await suite.RestartAsync();
        suite.Clock.Advance(TimeSpan.FromDays(2));
        await suite.UntilAsync(Employee, $"services/{service.Id}", one => one.Text("state") == "operational" && one["outage"] is null);
        Assert.Empty((await suite.GetAsync(Employee, $"outages?service={service.Id}&kind=outage,degradation")).Ok().Items);
        await suite.ActAsync(Agent, $"outages/{far.Id}/cancel");

        async Task<IEnumerable<string>> UpcomingAsync() => (await suite.GetAsync(Employee, $"services/{service.Id}")).Ok()["upcoming"]!
            .AsArray().Select(one => one!["id"]!.GetValue<string>());
    }
}
