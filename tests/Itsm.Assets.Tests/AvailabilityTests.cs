using System.Text.Json.Nodes;
using CsCheck;
using Itsm.Assets.Domain;
using Itsm.Contracts.Directory;
using Itsm.Platform.WorkingTime;
using Itsm.Testing;
using static Itsm.Assets.Tests.Shortcuts;

namespace Itsm.Assets.Tests;

public sealed class AvailabilityTests(AssetSuite suite)
{
    private static readonly DateTimeOffset Begin = new(2026, 10, 20, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A week with a clock change in it.</summary>
    private static readonly WorkingSchedule Berlin = WorkingSchedule.Of(WorkingCalendar.Of(new CalendarEdition
    {
        Number = 1, PublishedAt = Begin, Applies = EditionApplies.FromPublication, TimeZone = "Europe/Berlin",
        Week =
        [
            new(DayOfWeek.Tuesday, [new("09:00", "12:00"), new("13:00", "17:30")]), new(DayOfWeek.Friday, [new("00:00", "24:00")]),
            new(DayOfWeek.Sunday, [new("01:00", "04:00")]),
        ],
        Holidays = [],
    }));

    [Fact]
    public void What_is_down_is_what_is_counted_minute_by_minute() => Gen.Select(
        Gen.Bool, Gen.Int[0, 10_000], Gen.Int[0, 10_000],
        Gen.Select(Gen.Int[0, 2], Gen.Int[-500, 10_500], Gen.Int[1, 4_000]).Array[0, 6])
        .Sample((always, one, other, planned) =>
        {
            var hours = always ? WorkingSchedule.Always : Berlin;
            var (from, to) = (Begin.AddMinutes(Math.Min(one, other)), Begin.AddMinutes(Math.Max(one, other)));
            var outages = planned.Select(outage => (Kind: (OutageKind)outage.Item1, From: Begin.AddMinutes(outage.Item2),
                To: Begin.AddMinutes(outage.Item2 + outage.Item3))).ToList();
            var (agreed, minutes) = (0, new int[3]);
            for (var at = from; at < to; at = at.AddMinutes(1))
            {
                if (hours.Between(at, at.AddMinutes(1)) > TimeSpan.Zero)
                {
                    agreed++;
                    if (outages.Where(outage => outage.From <= at && at < outage.To).Select(outage => (int?)outage.Kind).Min() is { } worst)
                    {
                        minutes[worst]++;
                    }
                }
            }

            var found = Availability.Of(hours, from, to, outages);
            Assert.Equal((agreed, minutes[0], minutes[1], minutes[2]), (found.Agreed.TotalMinutes, found.Down.TotalMinutes,
                found.Degraded.TotalMinutes, found.Maintenance.TotalMinutes));
            Assert.Equal(agreed == 0, found.Percent is null);
            Assert.Equal(found.Down == TimeSpan.Zero && agreed > 0, found.Percent == 100);
        }, iter: 60);

    [Fact]
    public async Task Outages_of_a_month_count_once_within_the_service_hours()
    {
        var service = await ReportAsync("nobody-knows");
        await RecordAsync("outage", 0, 60);
        await RecordAsync("outage", 30, 60);
        await RecordAsync("degradation", 60, 120);
        await RecordAsync("maintenance", 600, 60);
        await suite.RecordAsync(service, new
        {
            kind = "outage", beginsAt = At(1_000), endsAt = At(2_000), notCounted = true, notCountedReason = "Nobody was there.",
        });
        var (month, last) = ($"{Month():yyyy-MM}", new DateTimeOffset(Month().AddMonths(1), TimeSpan.Zero));
        var found = (await suite.GetAsync(Employee, $"services/{service.Text("key")}/availability?month={month}")).Ok();
        Assert.Equal((null, "UTC"), (found.TextOrNull("calendar"), found.Text("timeZone")));
        var one = Assert.Single(found["months"]!.AsArray())!.AsObject();
        Assert.Equal(("PT1H30M", "PT1H30M", "PT1H", 2, 4), (one.Text("down"), one.Text("degraded"), one.Text("maintenance"),
            one["outages"]!.GetValue<int>(), one["counted"]!.AsArray().Count));
        var agreed = (decimal)(last - new DateTimeOffset(Month(), TimeSpan.Zero)).TotalMinutes;
        Assert.Equal(Math.Floor((agreed - 90) / agreed * 100_000) / 1_000, one["availability"]!.GetValue<decimal>());

        var report = (await suite.GetAsync(Employee, $"service-reports/availability?month={month}")).Ok();
        var line = report.Items.Single(item => item.Id == service.Id);
        Assert.Equal((one.Text("down"), one["availability"]!.GetValue<decimal>()),
            (line.Text("down"), line["availability"]!.GetValue<decimal>()));

        var mail = report.Items.Single(item => item.TextOrNull("key") == "mail");
        Assert.Equal(("PT42M", 1), (mail.Text("down"), mail["outages"]!.GetValue<int>()));
        Assert.InRange(mail["availability"]!.GetValue<decimal>(), 99.8m, 99.95m);

        // An outage that goes on counts until now; what is to come is empty.
        await RecordAsync("outage", -14_400, null);
        var now = suite.Clock.GetUtcNow();
        found = (await suite.GetAsync(Employee, $"services/{service.Id}/availability?from={month}&to={now.AddMonths(1):yyyy-MM}")).Ok();
        Assert.Equal([0m, 0m, null], found["months"]!.AsArray().Select(part => part!["availability"]?.GetValue<decimal>()));
        var open = (await suite.GetAsync(Agent, $"outages?service={service.Id}&open=true")).Ok().Items[0];
        await suite.ActAsync(Agent, $"outages/{open.Id}/end");

        foreach (var wrong in new[]
        {
            "month=2026-13", "month=2026-1", $"month={month}&from={month}", $"to={month}", "from=2026-03&to=2026-02",
            "from=2024-01&to=2026-01",
        })
        {
            (await suite.GetAsync(Employee, $"services/{service.Id}/availability?{wrong}")).Problem(400);
        }

        Task<JsonObject> RecordAsync(string kind, int begin, int? minutes) => suite.RecordAsync(service,
            new { kind, beginsAt = At(begin), endsAt = minutes is { } length ? At(begin + length) : (DateTimeOffset?)null });
    }

    [Fact]
    public async Task People_name_a_calendar_that_is_known_and_leave_what_stands_there()
    {
        await suite.UntilAsync(Employee, $"services/mail/availability?month=2024-10", one => one.TextOrNull("calendar") is not null);
        var body = JsonNode.Parse("""{"class":"it-service","name":"Night shift","attributes":{"serviceHours":"at-night"}}""")!;
        var refused = (await suite.PostAsync(Agent, "configuration-items", body)).Problem(400);
        Assert.Equal(("/attributes/serviceHours", "No calendar \"at-night\" is known."), (refused.Pointer, refused.Text("detail")));
        var service = await suite.AddServiceAsync(new { attributes = new { serviceHours = "berlin-office" } });
        var errors = (await EditAsync(service, new { serviceHours = "at-night", color = "red" })).Problem(400)["errors"]!.AsArray();
        Assert.Equal(["/attributes/color", "/attributes/serviceHours"],
            errors.Select(error => error!["pointer"]!.GetValue<string>()).Order());

        // What a source said, a person may repeat; another text they may not say.
        var reported = await ReportAsync("at-night");
        (await EditAsync(reported, new { serviceHours = "at-night", help = new[] { "https://example.org" } })).Ok();
        (await EditAsync(reported, new { serviceHours = "at-night" })).Ok();
        (await suite.PatchAsync(Agent, $"configuration-items/{reported.Id}", new { criticality = 1 }, "*")).Ok();
        Assert.Equal("/attributes/serviceHours", (await EditAsync(reported, new { serviceHours = "by-day" })).Problem(400).Pointer);
        var edited = (await EditAsync(reported, new { serviceHours = "lisbon-office" })).Ok()["attributes"]!;
        Assert.Equal("lisbon-office", edited["serviceHours"]!.GetValue<string>());

        // Of other classes it is a word as any other.
        var key = Fresh("bridge");
        (await suite.PostAsync(Admin, "configuration-classes", new
        {
            key, name = "Bridge", attributes = new { properties = new { serviceHours = new { type = "string" } } },
        })).Ok();
        await suite.AddItemAsync(key, new { attributes = new { serviceHours = "at-night" } });

        Task<Answer> EditAsync(JsonObject item, object attributes) =>
            suite.PatchAsync(Agent, $"configuration-items/{item.Id}", new { attributes }, "*");
    }

    [Fact]
    public async Task What_began_years_ago_counts_until_it_ends()
    {
        var (service, month) = (await suite.AddServiceAsync(), $"{Month():yyyy-MM}");
        var outage = await suite.RecordAsync(service, new { kind = "outage", beginsAt = suite.Clock.GetUtcNow().AddDays(-900) });
        for (var twice = 0; twice < 2; twice++)
        {
            var one = (await suite.GetAsync(Employee, $"services/{service.Id}/availability?month={month}")).Ok()["months"]![0]!;
            var line = (await suite.GetAsync(Employee, $"service-reports/availability?month={month}")).Ok().Items
                .Single(item => item.Id == service.Id);
            Assert.Equal((0m, 0m), (one["availability"]!.GetValue<decimal>(), line["availability"]!.GetValue<decimal>()));
            Assert.Equal(outage.Id, one["counted"]!.AsArray().Single()!["id"]!.GetValue<string>());
            if (twice == 0)
            {
                await suite.ActAsync(Agent, $"outages/{outage.Id}/end");
            }
        }
    }

    [Fact]
    public async Task Months_and_hours_are_those_of_the_service_s_calendar()
    {
        var service = await suite.AddServiceAsync(new { attributes = new { serviceHours = "berlin-office" } });
        var found = await suite.UntilAsync(Employee, $"services/{service.Id}/availability?month=2024-10",
            one => one.TextOrNull("calendar") == "berlin-office");
        var month = found["months"]![0]!.AsObject();
        Assert.Equal(("Europe/Berlin", "2024-09-30T22:00:00Z", "2024-10-31T23:00:00Z"),
            (found.Text("timeZone"), month.Text("from"), month.Text("to")));
        await suite.RecordAsync(service,
            new { kind = "outage", beginsAt = "2024-10-05T00:00:00Z", endsAt = "2024-10-07T00:00:00Z" });
        month = (await suite.GetAsync(Employee, $"services/{service.Id}/availability?month=2024-10")).Ok()["months"]![0]!.AsObject();
        Assert.Equal(("PT0S", 100m, 1),
            (month.Text("down"), month["availability"]!.GetValue<decimal>(), month["outages"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Services_that_nobody_answers_for_are_reported()
    {
        var owned = await suite.AddServiceAsync(new { owner = "agent2" });
        var ownerless = await suite.AddServiceAsync(new { criticality = 2 });
        var report = (await suite.GetAsync(Agent, "service-reports/ownerless")).Ok().Items;
        Assert.DoesNotContain(report, one => one.Id == owned.Id);
        var line = Assert.Single(report, one => one.Id == ownerless.Id);
        Assert.Equal((2, ownerless.Id), (line["criticality"]!.GetValue<int>(), (await suite.GetAsync(Agent, line.Text("href"))).Ok().Id));
    }

    private DateTime Month() => new DateTime(suite.Clock.GetUtcNow().Year, suite.Clock.GetUtcNow().Month, 1, 0, 0, 0, DateTimeKind.Utc)
        .AddMonths(-1);

    private DateTimeOffset At(int minutes) => new DateTimeOffset(Month(), TimeSpan.Zero).AddDays(10).AddMinutes(minutes);

    /// <summary>A service whose hours a source has named.</summary>
    private async Task<JsonObject> ReportAsync(string serviceHours)
    {
        var key = Fresh("service");
        (await suite.PostAsync(Admin, "configuration-items/reports", new
        {
            source = "discovery", items = new[] { new { @class = "it-service", key, name = key, attributes = new { serviceHours } } },
        })).Ok();
        return (await suite.GetAsync(Agent, $"configuration-items/{key}")).Ok();
    }
}
