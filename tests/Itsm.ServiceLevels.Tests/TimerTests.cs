using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.ServiceLevels.Tests.Shortcuts;

namespace Itsm.ServiceLevels.Tests;

/// <summary>Warnings, breaches and steps come at their instants, once, also over a restart.</summary>
[Collection(OwnSuite.Name)]
public sealed class TimerTests(OwnSuite.Suite suite)
{
    [Fact]
    public async Task Warnings_and_the_breach_are_told_in_order_at_their_instants_and_the_list_shows_what_is_late()
    {
        var service = await suite.AgreementAsync(await suite.AlwaysAsync(), [Target("resolution", "PT4H")],
            warnings: [new { percent = 75 }, new { before = "PT30M" }]);
        await using var stream = await EventStream.OpenAsync(suite.As("agent1"), "?types=serviceLevel");
        var incident = await suite.OpenForAsync(service);
        var due = (await suite.ClocksAsync(incident.Id, clocks => clocks.Count > 0))["resolution"].At("dueAt");
        Assert.Equal(incident.At("openedAt").AddHours(4), due);
        Assert.Contains((await suite.GetAsync("agent1", "incidents?breached=false&sort=dueAt&limit=200")).Ok().Items, item =>
            item.Id == incident.Id);

        suite.Clock.Advance(TimeSpan.FromHours(3));
        await stream.UntilAsync(_ => Told(stream, service).Count == 1);
        suite.Clock.Advance(TimeSpan.FromHours(2));
        await stream.UntilAsync(_ => Told(stream, service).Count == 3);
        Assert.Equal(["warned 75%", "warned PT30M before", "breached "], Told(stream, service));
        var breached = (await suite.ClocksAsync(incident.Id, clocks => clocks["resolution"]["breached"]!.GetValue<bool>()))["resolution"];
        Assert.Equal((due, due, "PT0S"), (breached.At("breachedAt"), breached.At("dueAt"), breached.Text("remaining")));
        Assert.Contains((await suite.GetAsync("agent1", "incidents?breached=true&limit=200")).Ok().Items, item => item.Id == incident.Id);
        Assert.DoesNotContain((await suite.GetAsync("agent1", "incidents?breached=false&limit=200")).Ok().Items, item =>
            item.Id == incident.Id);
        Assert.True((await suite.GetAsync("agent1", "incidents?sort=dueAt&limit=1")).Ok()
            .Items[0]["serviceLevels"]!["breached"]!.GetValue<bool>());
        await suite.ResolveAsync(incident.Id);
        await suite.ClocksAsync(incident.Id, clocks => clocks["resolution"].Text("state") == "completed");
        Assert.DoesNotContain((await suite.GetAsync("agent1", "incidents?breached=true&limit=200")).Ok().Items, item =>
            item.Id == incident.Id);
    }

    [Fact]
    [OuterTier]
    public async Task A_breach_while_nobody_ran_is_told_once_on_return_with_its_own_instant()
    {
        var service = await suite.AgreementAsync(await suite.AlwaysAsync(), [Target("resolution", "PT1H")]);
        var incident = await suite.OpenForAsync(service);
        var clock = (await suite.ClocksAsync(incident.Id, clocks => clocks.Count > 0))["resolution"];
        suite.Clock.Jump(TimeSpan.FromMinutes(59));
        await suite.RestartAsync();
        suite.Clock.Jump(TimeSpan.FromHours(3));
        await suite.RestartAsync();
        var stream = await EventStream.OpenAsync(suite.As("agent1"), "?types=serviceLevel");
        var late = await suite.ClockAsync(clock.Text("clockId"), found => found["breached"]!.GetValue<bool>());
        Assert.Equal(clock.At("dueAt"), late.At("breachedAt"));
        await stream.DisposeAsync();
        await suite.RestartAsync();
        suite.Clock.Advance(TimeSpan.FromMinutes(10));
        await suite.DoAsync(incident.Id, "start");
        await suite.ClocksAsync(incident.Id, clocks => clocks["resolution"].Text("elapsed") != "PT0S");
        Assert.InRange(stream.Events.Count(one =>
            one.Data["ticket"]?.GetValue<string>() == incident.Id && one.Data["clock"]!.GetValue<string>() == clock.Text("clockId")), 0, 1);
    }

    [Theory]
    [InlineData("agent1", "resume")]
    [InlineData("employee1", "comments")]
    public async Task A_change_by_a_node_whose_clock_is_behind_comes_after_the_last_one(string person, string change)
    {
        var service = await suite.AgreementAsync(await suite.AlwaysAsync(), [Target("resolution", "PT4H")]);
        var incident = await suite.OpenForAsync(service);
        var held = await suite.DoAsync(incident.Id, "hold", new { reason = "caller", comment = "Which one?" });
        await suite.ClocksAsync(incident.Id, clocks => StateOf(clocks) == "paused");
        suite.Clock.Jump(TimeSpan.FromSeconds(-30));
        try
        {
            object body = change == "comments" ? new { text = "The one on the left." } : new { };
            (await suite.PostAsync(person, $"incidents/{incident.Id}/{change}", body, ifMatch: "*")).Ok();
            await suite.ClocksAsync(incident.Id, clocks => StateOf(clocks) == "running");
            var resumed = (await suite.GetAsync("agent1", "incidents/" + incident.Id)).Ok();
            Assert.All(["updatedAt", "stateSince"], instant => Assert.True(resumed.At(instant) >= held.At("stateSince"), instant));
        }
        finally
        {
            suite.Clock.Jump(TimeSpan.FromSeconds(30));
        }

        static string? StateOf(IReadOnlyDictionary<string, JsonObject> clocks) =>
            clocks.TryGetValue("resolution", out var clock) ? clock.Text("state") : null;
    }

    [Fact]
    public async Task Steps_raise_the_priority_hand_over_and_tell_people_once_with_the_reason_in_the_history()
    {
        var service = await suite.AgreementAsync(await suite.AlwaysAsync(), [Target("resolution", "PT4H")], escalations:
        [
            new { at = new { percent = 50 }, raisePriority = true },
            new { at = new { before = "PT1H" }, assignTo = "network", notify = new[] { "manager1" } },
            new { at = new { after = "PT1H" }, metric = "firstResponse", raisePriority = true },
        ]);
        var id = (await suite.OpenForAsync(service)).Id;
        await suite.ClocksAsync(id, clocks => clocks.Count > 0);
        suite.Clock.Advance(TimeSpan.FromMinutes(121));
        var raised = await suite.UntilAsync("agent1", "incidents/" + id, incident => incident["priority"]!.GetValue<int>() == 2);
        Assert.Equal($"Agreement {service}, resolution: 50%.", raised["priorityOverride"]!.AsObject().Text("reason"));
        suite.Clock.Advance(TimeSpan.FromMinutes(60));
        var handed = await suite.UntilAsync("agent1", "incidents/" + id, incident =>
            incident["assignmentGroup"] is not null && incident["watchers"]!.AsArray().Count > 0);
        Assert.Equal(2, handed["escalations"]!.AsArray().Count);
        suite.Clock.Advance(TimeSpan.FromHours(6));
        await suite.ClocksAsync(id, clocks => clocks["resolution"]["breached"]!.GetValue<bool>());
        var history = (await suite.GetAsync("agent1", $"incidents/{id}/history?limit=200")).Ok()
            .Items.Where(entry => entry.Text("action") == "follow-agreement").ToList();
        Assert.Equal(2, history.Count);
        Assert.All(history, entry => Assert.Equal("service-levels", entry["by"]!.AsObject().Text("name")));
    }

    private static List<string> Told(EventStream stream, string agreement) =>
        [.. stream.Events.Where(one => one.Type == "serviceLevel" && one.Data["details"]!["agreement"]!.GetValue<string>() == agreement)
            .Select(one => $"{one.Data["what"]} {one.Data["details"]!["warning"]}")];
}
