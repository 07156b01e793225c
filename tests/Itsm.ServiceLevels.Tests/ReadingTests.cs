using System.Globalization;
using System.Text.Json.Nodes;
using Itsm.Platform.Http;
using Itsm.Testing;
using static Itsm.ServiceLevels.Tests.Shortcuts;

namespace Itsm.ServiceLevels.Tests;

/// <summary>Clocks as those see them who may: lists, single reads, explanations, reports, and the tickets themselves.</summary>
public sealed class ReadingTests(ServiceLevelsSuite suite)
{
    [Fact]
    public async Task A_new_ticket_of_the_demo_organisation_carries_its_clocks()
    {
        var incident = await suite.OpenAsync();
        var clocks = await suite.ClocksAsync(incident.Id, clocks => clocks.Count == 2);
        Assert.Equal(["resolution-p3", "response-p3"], clocks.Keys.Order());
        var item = (await suite.GetAsync("agent1", "incidents?sort=-openedAt")).Ok().Items.First(item => item.Id == incident.Id);
        Assert.Equal(2, item["serviceLevels"]!["clocks"]!.AsArray().Count);
        Assert.NotNull(item["serviceLevels"]!["clocks"]![0]!["remaining"]);
        Assert.Null(item["serviceLevels"]!["clocks"]![0]!["ahead"]);
        var chosen = (await suite.GetAsync("agent1", "incidents?sort=-openedAt&fields=serviceLevels")).Ok()
            .Items.First(item => item.Id == incident.Id);
        Assert.True(chosen["title"] is null && chosen["serviceLevels"] is not null, chosen.ToJsonString());
        var table = CsvTable.Parse((await suite.GetAsync("agent1", "incidents/export?format=csv&sort=-openedAt&fields=serviceLevels")).Text);
        var cell = JsonNode.Parse(table.Rows.First(row => row.Values[0] == incident.Id).Values[1])!;
        Assert.NotNull(cell["clocks"]![1]!["remaining"]);
        var again = (await suite.GetAsync("agent1", "incidents/" + incident.Id)).Ok();
        Assert.Equal(1, again.Version);
        (await suite.PatchAsync("agent1", "incidents/" + incident.Id, new { description = "More." }, incident.Tag)).Ok();
    }

    [Fact]
    public async Task A_list_by_due_instant_is_in_order_pages_on_and_has_what_has_none_at_its_end()
    {
        var service = await suite.AgreementAsync(await suite.AlwaysAsync(),
            [Target("p2", "PT1H"),
                new
                {
                    key = "p4", metric = "resolution", priorities = new[] { 4 }, promise = new { kind = "elapsed", duration = "PT100H" },
                }]);
        var ids = new List<string>();
        foreach (var impact in new[] { "high", "low", "medium", "low" })
        {
            ids.Add((await suite.OpenForAsync(service, "agent1", new { impact })).Id);
        }

        foreach (var id in ids)
        {
            await suite.ClocksAsync(id, clocks => clocks.Count > 0);
        }

        await suite.ActAsync("agent1", $"incidents/{ids[3]}/hold", new { reason = "vendor" });
        await suite.ClocksAsync(ids[3], clocks => clocks.Values.All(clock => clock.TextOrNull("dueAt") is null));
        foreach (var sort in new[] { "dueAt", "-dueAt" })
        {
            var (found, path) = (new List<JsonObject>(), $"incidents?sort={sort}&limit=2&requester=agent1");
            for (string? cursor = ""; cursor is not null;)
            {
                var page = (await suite.GetAsync("agent1", path + (cursor.Length == 0 ? "" : "&cursor=" + cursor))).Ok();
                found.AddRange(page.Items);
                cursor = page.TextOrNull("next");
            }

            // The same things as in any order, those without a due instant last.
            var all = (await suite.GetAsync("agent1", "incidents?limit=200&count=true&requester=agent1")).Ok();
            Assert.Equal(all.Items.Select(item => item.Id).Order(), found.Select(item => item.Id).Order());
            Assert.Equal(all["count"]!.GetValue<int>(),
                (await suite.GetAsync("agent1", $"incidents?limit=1&count=true&sort={sort}&requester=agent1"))
                    .Ok()["count"]!.GetValue<int>());
            DateTimeOffset[] due = [.. found.Select(item => item["serviceLevels"]?.AsObject().TextOrNull("dueAt")).OfType<string>()
                .Select(text => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture))];
            Assert.Equal(sort[0] == '-' ? due.OrderDescending() : due.Order(), due);
            Assert.Equal(sort[0] == '-' ? [ids[1], ids[2], ids[0], ids[3]] : new[] { ids[0], ids[2], ids[1], ids[3] },
                found.Select(item => item.Id).Where(ids.Contains));
        }

        var until = (await suite.GetAsync("agent1", "incidents/" + ids[2])).Ok()["serviceLevels"]!.AsObject().Text("dueAt");
        Assert.DoesNotContain((await suite.GetAsync("agent1", $"incidents?dueAt[lte]={until}&sort=dueAt&limit=200")).Ok().Items, item =>
            item.Id == ids[1]);
        (await suite.GetAsync("agent1", "incidents?sort=remaining")).Problem(400);
    }

    [Fact]
    public async Task Nobody_sees_the_clock_of_a_ticket_that_they_do_not_see()
    {
        var service = await suite.AgreementAsync(await suite.AlwaysAsync(), [Target("resolution", "PT4H")]);
        var id = (await suite.OpenForAsync(service)).Id;
        var clock = (await suite.ClocksAsync(id, clocks => clocks.Count > 0))["resolution"].Text("clockId");
        await suite.ClockAsync(clock, _ => true, "employee1");
        (await suite.GetAsync("employee1", $"service-levels/clocks/{clock}/explanation")).Ok();
        (await suite.GetAsync("employee2", $"service-levels/clocks/{clock}")).Problem(404);
        (await suite.GetAsync("employee2", $"service-levels/clocks/{clock}/explanation")).Problem(404);
        (await suite.PostAsync("employee2", $"service-levels/clocks/{clock}/what-if", new { priority = 1 })).Problem(404);
        Assert.Empty((await suite.GetAsync("employee2", $"service-levels/clocks?ticket={id}&agreement={service}")).Ok().Items);
        Assert.Single((await suite.GetAsync("employee1", $"service-levels/clocks?ticket={id}&agreement={service}")).Ok().Items);
        (await suite.GetAsync("employee1", "service-levels/compliance?by=target")).Problem(403);
        (await suite.PostAsync("agent1", "service-levels/agreements", new { })).Problem(403);
        (await suite.PostAsync("agent1", "service-levels/rebuilds", new { reason = "I want to." })).Problem(403);
    }

    [Fact]
    public async Task Who_may_no_longer_see_a_ticket_sees_its_clocks_no_longer()
    {
        var service = await suite.AgreementAsync(await suite.AlwaysAsync(), [Target("resolution", "PT4H")]);
        var id = (await suite.OpenForAsync(service)).Id;
        var clock = (await suite.ClocksAsync(id, clocks => clocks.ContainsKey("resolution")))["resolution"].Text("clockId");
        await suite.ClockAsync(clock, _ => true, "agent2");
        await suite.PostAsync("agent1", $"incidents/{id}/assign", new { assignmentGroup = "security" }, "*");
        await suite.DoAsync(id, "mark-security",
            new { category = "phishing", severity = "high", groups = new[] { "security" }, reason = "It looks forged." }, "analyst1");
        await RunningSuite.UntilAsync(() => suite.GetAsync("agent2", $"service-levels/clocks/{clock}"), answer => (int)answer.Status == 404,
            "The end of the sight");
        Assert.Empty((await suite.GetAsync("agent2", $"service-levels/clocks?ticket={id}")).Ok().Items);
        (await suite.GetAsync("agent2", $"service-levels/clocks/{clock}/explanation")).Problem(404);
        (await suite.GetAsync("analyst1", $"service-levels/clocks/{clock}/explanation")).Ok();
    }

    [Fact]
    public async Task Each_figure_of_a_report_is_the_length_of_the_list_that_it_names()
    {
        var service = await suite.AgreementAsync(await suite.AlwaysAsync(),
            [Target("resolution", "PT4H"), Target("response", "PT2H", metric: "firstResponse"),
                Target("at-once", "PT1S", "elapsed", "nextUpdate")]);
        var ids = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => (await suite.OpenForAsync(service)).Id));
        foreach (var id in ids)
        {
            await suite.ClocksAsync(id, clocks => clocks.Count == 2);
        }

        (await suite.PostAsync("agent1", $"incidents/{ids[0]}/comments", new { text = "We are looking at it.", @internal = false })).Ok();
        await suite.ClocksAsync(ids[0], clocks =>
            clocks["response"].Text("state") == "completed" && clocks["at-once"]["breached"]!.GetValue<bool>());
        await suite.ResolveAsync(ids[0]);
        await suite.ResolveAsync(ids[1]);
        await suite.DoAsync(ids[2], "cancel", new { reason = "A mistake." });
        var report = await RunningSuite.UntilAsync(
            async () => (await suite.GetAsync("agent1", $"service-levels/compliance?by=target&agreement={service}")).Ok(),
            found =>
                Row(found, "resolution")?["met"]!["count"]!.GetValue<int>() == 2
                    && Row(found, "at-once")?["missed"]!["count"]!.GetValue<int>() == 1
                    && Row(found, "resolution")!["open"]!["count"]!.GetValue<int>() == 1, "The report");
        Assert.Equal(100, Row(report, "resolution")!["compliance"]!.GetValue<double>());
        Assert.Equal(0, Row(report, "at-once")!["compliance"]!.GetValue<double>());
        foreach (var by in new[] { "target", "agreement", "priority", "assignmentGroup", "endedMonth", "metric" })
        {
            foreach (var row in (await suite.GetAsync("agent1", $"service-levels/compliance?by={by}&agreement={service}"))
                .Ok()["rows"]!.AsArray())
            {
                foreach (var figure in new[] { "met", "missed", "open", "openBreached" })
                {
                    if (row!["value"]!.GetValue<string>() != "none" || by == "assignmentGroup")
                    {
                        Assert.Equal(row[figure]!["count"]!.GetValue<int>(),
                            (await suite.GetAsync("agent1", row[figure]!["clocks"]!.GetValue<string>() + "&limit=200")).Ok().Items.Count);
                    }
                }
            }
        }

        (await suite.GetAsync("agent1", "service-levels/compliance?by=colour")).Problem(400);

        static JsonNode? Row(JsonObject report, string value) =>
            report["rows"]!.AsArray().FirstOrDefault(row => row!["value"]!.GetValue<string>() == value);
    }

    [Fact]
    public async Task The_facts_of_the_requester_and_the_group_decide_calendar_and_selection()
    {
        var day = await suite.CalendarAsync(new { timeZone = "UTC", week = Week("00:00", "24:00", Enum.GetNames<DayOfWeek>()) });
        (await suite.PatchAsync("admin", "groups/applications", new { calendar = day }, "*")).Ok();
        var never = await suite.CalendarAsync(new { timeZone = "UTC", week = Week("00:00", "00:01", "monday") });
        var key = NewKey("agreement");
        var target = Target("resolution", "PT1H");
        (await RunningSuite.UntilAsync(() => suite.PostAsync("admin", "service-levels/agreements", new
        {
            key, name = key, kind = "ola",
            edition = new { calendar = never, calendarFrom = "assignmentGroup", targets = new[] { ForService(target, key) } },
        }), answer => !answer.Text.Contains("No calendar", StringComparison.Ordinal), "The calendar")).Ok();
        var id = (await suite.OpenForAsync(key, "agent1", new { assignmentGroup = "applications" })).Id;
        var clock = (await suite.ClocksAsync(id, clocks => clocks.Count > 0))["resolution"];
        Assert.Equal(clock.At("startedAt").AddHours(1), clock.At("dueAt"));
        await suite.ClockAsync(clock.Text("clockId"), _ => true);
        Assert.Equal(day,
            (await suite.GetAsync("agent1", $"service-levels/clocks/{clock.Text("clockId")}/explanation")).Ok().Text("calendar"));
    }
}
