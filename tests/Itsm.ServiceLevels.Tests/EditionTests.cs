using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.ServiceLevels.Tests.Shortcuts;

namespace Itsm.ServiceLevels.Tests;

/// <summary>Agreements and calendars that change under running clocks.</summary>
[Collection(OwnSuite.Name)]
public sealed class EditionTests(OwnSuite.Suite suite)
{
    [Fact]
    public async Task A_corrected_calendar_moves_running_clocks_by_its_rule_and_leaves_ended_ones_alone()
    {
        var calendar = await suite.AlwaysAsync();
        var service = await suite.AgreementAsync(calendar, [Target("resolution", "PT48H")]);
        var (ended, running) = (await suite.OpenForAsync(service), await suite.OpenForAsync(service));
        suite.Clock.Advance(TimeSpan.FromHours(1));
        await suite.ResolveAsync(ended.Id);
        var before = (await suite.ClocksAsync(ended.Id, clocks => clocks.Count > 0 && clocks["resolution"].Text("state") == "completed"))[
            "resolution"];
        var due = (await suite.ClocksAsync(running.Id, clocks => clocks.Count > 0))["resolution"].At("dueAt");
        var tomorrow = due.AddDays(-1).ToString("yyyy-MM-dd");
        (await suite.PostAsync("admin", $"calendars/{calendar}/publish",
            new
            {
                holidays = new[] { new { name = "Forgotten", date = tomorrow } }, applies = "retroactively", reason = "It was forgotten.",
            }, "*")).Ok();
        var moved = (await suite.ClocksAsync(running.Id, clocks => clocks["resolution"].At("dueAt") != due))["resolution"];
        Assert.Equal(due.AddDays(1), moved.At("dueAt"));
        Assert.Equal(before.ToJsonString(), (await suite.ClocksAsync(ended.Id, _ => true))["resolution"].ToJsonString());
        Assert.Equal(2,
            (await suite.GetAsync("agent1", $"service-levels/clocks/{moved.Text("clockId")}/explanation"))
                .Ok()["calendarEdition"]!.GetValue<int>());
        await RebuildFindsNothingAsync();
    }

    [Fact]
    public async Task An_edition_takes_running_clocks_over_where_it_rebases_and_only_new_tickets_where_it_keeps()
    {
        var calendar = await suite.AlwaysAsync();
        var service = await suite.AgreementAsync(calendar, [Target("resolution", "PT24H")]);
        var first = await suite.OpenForAsync(service);
        await suite.ClocksAsync(first.Id, clocks => clocks.Count > 0);
        await PublishAsync(service, calendar, "PT12H", "keep");
        suite.Clock.Advance(TimeSpan.FromMinutes(1));
        var second = await suite.OpenForAsync(service);
        Assert.Equal(second.At("openedAt").AddHours(12),
            (await suite.ClocksAsync(second.Id, clocks => clocks.Count > 0))["resolution"].At("dueAt"));
        Assert.Equal(first.At("openedAt").AddHours(24), (await suite.ClocksAsync(first.Id, _ => true))["resolution"].At("dueAt"));

        await PublishAsync(service, calendar, "PT6H", "rebase");
        Assert.Equal(first.At("openedAt").AddHours(6),
            (await suite.ClocksAsync(first.Id, clocks => clocks["resolution"]["edition"]!.GetValue<int>() == 3))["resolution"].At("dueAt"));
        Assert.Equal(second.At("openedAt").AddHours(6),
            (await suite.ClocksAsync(second.Id, clocks => clocks["resolution"]["edition"]!.GetValue<int>() == 3))["resolution"].At("dueAt"));
        await suite.ActAsync("admin", $"service-levels/agreements/{service}/retire", new { running = "rebase", reason = "It is over." });
        foreach (var ticket in new[] { first, second })
        {
            await suite.ClocksAsync(ticket.Id, clocks =>
                clocks["resolution"].Text("state") == "cancelled"
                    && !clocks.Values.Any(clock => clock.Text("agreement") == service && clock["endedAt"] is null));
        }

        Assert.Equal("agreement.retired",
            (await suite.PostAsync("admin", $"service-levels/agreements/{service}/retire", new { reason = "Once more." }, "*")).Problem(409)
                .Text("code"));
        await RebuildFindsNothingAsync();
    }

    [Fact]
    public async Task Two_who_publish_at_once_do_not_both_win()
    {
        var calendar = await suite.AlwaysAsync();
        var service = await suite.AgreementAsync(calendar, [Target("resolution", "PT24H")]);
        var tag = (await suite.GetAsync("admin", "service-levels/agreements/" + service)).Tag;
        var answers = await Task.WhenAll(Enumerable.Range(1, 5).Select(hours => suite.PostAsync(
            "admin", $"service-levels/agreements/{service}/publish",
            new { edition = Edition(calendar, [ForService(Target("resolution", $"PT{hours}H"), service)]), reason = "At once." }, tag)));
        Assert.Single(answers, answer => (int)answer.Status == 200);
        Assert.Equal(2, (await suite.GetAsync("admin", "service-levels/agreements/" + service)).Ok()["editions"]!.AsArray().Count);
    }

    private async Task PublishAsync(string service, string calendar, string duration, string running)
    {
        var edition = Edition(calendar, [ForService(Target("resolution", duration), service)]);
        edition["running"] = running;
        (await suite.PostAsync("admin", $"service-levels/agreements/{service}/publish", new { edition, reason = "Better." }, "*")).Ok();
    }

    private async Task RebuildFindsNothingAsync()
    {
        var started = (await suite.PostAsync("admin", "service-levels/rebuilds", new { reason = "Nobody should notice." })).Ok();
        var done = await suite.UntilAsync("admin", "service-levels/rebuilds/" + started.Id, rebuild => rebuild.Text("state") == "done");
        Assert.True(done["different"]!.GetValue<long>() == 0, done.ToJsonString());
        Assert.True(done["clocks"]!.GetValue<long>() > 0);
    }
}
