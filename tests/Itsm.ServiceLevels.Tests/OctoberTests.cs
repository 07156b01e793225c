using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.ServiceLevels.Tests;

/// <summary>A ticket opened on a Friday at 16:50 in Lisbon before the end of summer time, through the gateway, with figures to check by
/// hand.</summary>
[Collection(OwnSuite.Name)]
public sealed class OctoberTests(OwnSuite.Suite suite)
{
    // One to come in which the 29th is a Friday: the shift is on the Sunday after it.
    private static readonly int Year = Enumerable.Range(TimeProvider.System.GetUtcNow().Year + 1, 20)
        .First(year => new DateOnly(year, 10, 29).DayOfWeek == DayOfWeek.Friday);
    private static readonly DateTimeOffset Friday = new(Year, 10, 29, 15, 50, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_ticket_over_the_october_shift_paused_over_a_weekend_and_raised_to_priority_1_adds_up_by_hand()
    {
        var calendar = await suite.CalendarAsync(new
        {
            timeZone = "Europe/Lisbon",
            week = new[] { "monday", "tuesday", "wednesday", "thursday", "friday" }
                .Select(day => new { day, hours = new[] { new { from = "09:00", to = "13:00" }, new { from = "14:00", to = "18:00" } } }),
            holidays = new[] { new { name = "All Saints", date = $"{Year}-11-01" } },
        });
        var service = await suite.AgreementAsync(calendar,
        [
            new { key = "p3", metric = "resolution", priorities = new[] { 3 }, promise = new { kind = "business", duration = "PT24H" } },
            new { key = "p1", metric = "resolution", priorities = new[] { 1 }, promise = new { kind = "business", duration = "PT4H" } },
        ]);
        suite.Clock.Advance(Friday - suite.Clock.GetUtcNow());
        var id = (await suite.OpenForAsync(service, "agent2")).Id;
        var p3 = (await suite.ClocksAsync(id, clocks => clocks.ContainsKey("p3")))["p3"];

        // 1 h 10 min on Friday, nothing on Monday (All Saints), 8 h on Tuesday and on Wednesday, 6 h 50 min on Thursday: 16:50, now an hour
        // later in UTC.
        AtSecond(new(Year, 11, 4, 16, 50, 0, TimeSpan.Zero), p3.At("dueAt"));

        suite.Clock.Advance(Friday.AddMinutes(40) - suite.Clock.GetUtcNow());
        await suite.DoAsync(id, "hold", new { reason = "vendor" }, "agent2");
        p3 = (await suite.ClocksAsync(id, clocks => clocks["p3"].Text("state") == "paused"))["p3"];
        Assert.Null(p3["dueAt"]);

        // Tuesday 09:30: half an hour after opening time.
        suite.Clock.Advance(new DateTimeOffset(Year, 11, 2, 9, 30, 0, TimeSpan.Zero) - suite.Clock.GetUtcNow());
        await suite.DoAsync(id, "resume", person: "agent2");
        p3 = (await suite.ClocksAsync(id, clocks => clocks["p3"].Text("state") == "running"))["p3"];

        // 40 min are used; of the 23 h 20 min left 7.5 h are on Tuesday, 8 h on Wednesday, 7 h 50 min on Thursday.
        AtSecond(new(Year, 11, 4, 17, 50, 0, TimeSpan.Zero), p3.At("dueAt"));

        suite.Clock.Advance(new DateTimeOffset(Year, 11, 2, 10, 0, 0, TimeSpan.Zero) - suite.Clock.GetUtcNow());
        await suite.DoAsync(id, "override-priority", new { priority = 1, reason = "Everybody calls." }, "agent2");
        var raised = await suite.ClocksAsync(id, clocks => clocks.ContainsKey("p1"));
        Assert.Equal(("cancelled", "running"), (raised["p3"].Text("state"), raised["p1"].Text("state")));

        // From the true beginning, with the pause: 40 min and 30 min are used, of the 2 h 50 min left all but none are before lunch: 12:50.
        AtSecond(new(Year, 11, 2, 12, 50, 0, TimeSpan.Zero), raised["p1"].At("dueAt"));

        suite.Clock.Advance(new DateTimeOffset(Year, 11, 2, 11, 0, 0, TimeSpan.Zero) - suite.Clock.GetUtcNow());
        var clock = raised["p1"].Text("clockId");
        await suite.ClockAsync(clock, _ => true);
        var explanation = (await suite.GetAsync("agent2", $"service-levels/clocks/{clock}/explanation")).Ok();
        var stretches = explanation["stretches"]!.AsArray().Select(stretch => stretch!.AsObject()).ToList();
        Assert.Equal(["running", "paused", "running"], stretches.Select(stretch => stretch.Text("kind")));
        Assert.Equal(("hold", "Ana Agent"),
            (stretches[1]["pausedBy"]!.AsObject().Text("action"), stretches[1]["pausedBy"]!["by"]!.AsObject().Text("name")));
        Assert.Equal(Iso(explanation, "elapsed").TotalSeconds, Math.Floor(
            stretches.Where(stretch => stretch.Text("kind") == "running").Sum(stretch => stretch["seconds"]!.GetValue<double>())));
        Assert.InRange(Iso(explanation, "elapsed"), TimeSpan.FromMinutes(40 + 90) - TimeSpan.FromSeconds(20),
            TimeSpan.FromMinutes(40 + 90) + TimeSpan.FromSeconds(20));
        Assert.InRange((await suite.ClocksAsync(id, _ => true))["p1"].Text("remaining"), "PT1H49M", "PT1H50M9");

        var whatIf = (await suite.PostAsync("agent2", $"service-levels/clocks/{clock}/what-if", new { timeZone = "America/New_York" })).Ok();
        AtSecond(raised["p1"].At("dueAt"), whatIf["actual"]!.AsObject().At("dueAt"));

        // On New York's clock it was 11:50 on Friday, 12:30 at the hold; 05:30 on Tuesday at the resumption: 3 h 20 min left from 09:00,
        // 12:20 there.
        AtSecond(new(Year, 11, 2, 16, 20, 0, TimeSpan.Zero), whatIf["whatIf"]!.AsObject().At("dueAt"));
        var unpaused = (await suite.PostAsync("agent2", $"service-levels/clocks/{clock}/what-if",
            new { priority = 3, states = Array.Empty<object>() })).Ok();
        AtSecond(new(Year, 11, 4, 16, 50, 0, TimeSpan.Zero), unpaused["whatIf"]!.AsObject().At("dueAt"));
        AtSecond(raised["p1"].At("dueAt"), (await suite.ClockAsync(clock, _ => true)).At("dueAt"));
    }

    /// <summary>Requests take their time: what was done at an instant was done some seconds after it.</summary>
    private static void AtSecond(DateTimeOffset expected, DateTimeOffset actual) =>
        Assert.InRange(actual, expected.AddSeconds(-30), expected.AddSeconds(30));

    private static TimeSpan Iso(JsonObject json, string name) => System.Xml.XmlConvert.ToTimeSpan(json.Text(name));
}
