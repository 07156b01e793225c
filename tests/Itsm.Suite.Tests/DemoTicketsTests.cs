using System.Text.Json.Nodes;
using Itsm.AppHost;
using Itsm.Testing;

namespace Itsm.Suite.Tests;

/// <summary>The tickets of the demo organisation, which fill what front ends show.</summary>
[OuterTier]
public sealed class DemoTicketsTests(DemoTicketsTests.Suite suite) : IClassFixture<DemoTicketsTests.Suite>
{
    private const string Admin = "admin";

    [Fact]
    public async Task They_are_there_once_in_every_state_however_often_the_loading_began_and_every_screen_shows_some()
    {
        using (var ending = new CancellationTokenSource())
        {
            Assert.Equal(0, await CountAsync(Admin, "incidents"));
            var interrupted = DemoTickets.LoadAsync(new Uri(suite.Address), suite.Clock.GetUtcNow(), ending.Token);
            await RunningSuite.UntilAsync(() => CountAsync(Admin, "incidents"), count => count >= 8, "The first tickets");
            await ending.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => interrupted);
        }

        Assert.True(await DemoTickets.LoadAsync(new Uri(suite.Address), suite.Clock.GetUtcNow(), default));
        var data = Path.Combine(AppContext.BaseDirectory, "Demo");
        var written = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(data, "tickets.json")))!.AsArray()
            .Count(ticket => ticket!["to"]!.GetValue<string>().StartsWith("incidents", StringComparison.Ordinal));
        var past = (await File.ReadAllLinesAsync(Path.Combine(data, "past-incidents.csv"))).Length - 1;

        // The administrator sees all but the security incident.
        Assert.Equal(written - 1 + past, await CountAsync(Admin, "incidents"));
        Assert.Equal(1, await CountAsync("analyst1", "incidents?assignmentGroup=security"));
        var (incidents, requests) = (await CountAsync(Admin, "incidents"), await CountAsync(Admin, "requests"));
        Assert.False(await DemoTickets.LoadAsync(new Uri(suite.Address), suite.Clock.GetUtcNow(), default));
        Assert.Equal((incidents, requests), (await CountAsync(Admin, "incidents"), await CountAsync(Admin, "requests")));

        (string Person, string Path)[] screens =
        [
            .. new[] { "new", "inProgress", "onHold", "resolved", "closed", "cancelled" }
                .Select(state => (Admin, $"incidents?state={state}")),
            .. new[] { "waitingForApproval", "rejected", "inFulfillment", "onHold", "fulfilled", "closed", "cancelled" }
                .Select(state => (Admin, $"requests?state={state}")),
            ("employee1", "requests?state=draft"), ("employee1", "requests"), ("employee2", "incidents"),
            ("agent1", "incidents?assignee=me"), ("agent2", "incidents?assignee=me"), ("agent1", "incidents?assignmentGroup=network"),
            ("agent1", "incidents?priority=1,2"), ("agent1", "incidents?major=accepted"), ("agent1", "incidents?major=rejected"),
            ("agent1", "incidents?openedAt[lt]=2100-01-01T00:00:00Z&channel=monitoring"), ("employee2", "incidents?sort=-openedAt"),
            ("manager1", "approvals?approver=me&state=requested"), ("agent2", "approvals?approver=me&state=requested"),
            ("agent1", "tasks?state=open"), ("agent1", "tasks?state=failed"), ("agent1", "tasks?state=inProgress"),
            ("employee1", "major-incidents"), ("agent2", "access-grants"), ("employee1", "catalog/items"),
            ("agent1", "service-levels/clocks?breached=true"),
        ];
        foreach (var (person, path) in screens)
        {
            await RunningSuite.UntilAsync(async () => (await suite.GetAsync(person, path)).Ok().Items.Count, count => count > 0,
                $"Something to show {person} of {path}");
        }

        await RunningSuite.UntilAsync(async () => (await suite.GetAsync("employee1", "search?q=printer")).Ok().Items.Count,
            count => count > 0, "Something to find");
        var held = (await suite.GetAsync(Admin, "incidents?state=onHold&limit=200")).Ok().Items.Select(one => one.Text("holdReason"));
        Assert.Equal(["caller", "change", "problem", "vendor"], held.Distinct().Order(StringComparer.Ordinal));
        Assert.Empty((await suite.GetAsync(Admin, "operations/failed-messages")).Ok().Items);
    }

    private async Task<int> CountAsync(string person, string path) =>
        (await suite.GetAsync(person, $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}count=true&limit=1"))
            .Ok()["count"]!.GetValue<int>();

    public sealed class Suite : RunningSuite;
}
