using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Directory.Tests;

/// <summary>Calendars of working time, and the sites and groups that name them.</summary>
public sealed class CalendarTests(DirectorySuite suite) : DirectoryTests(suite)
{
    private static readonly object[] Week = [
        new { day = "monday", hours = new[] { new { from = "09:00", to = "12:00" }, new { from = "13:00", to = "17:00" } } }];

    private const string Feed = """
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//test//test//EN
        BEGIN:VEVENT
        UID:1
        SUMMARY:Company day
        DTSTART;VALUE=DATE:20300610
        END:VEVENT
        BEGIN:VEVENT
        UID:2
        SUMMARY:Founding
        DTSTART;VALUE=DATE:20300501
        RRULE:FREQ=YEARLY;COUNT=3
        END:VEVENT
        BEGIN:VEVENT
        UID:3
        SUMMARY:Move
        DTSTART;VALUE=DATE:20301002
        DTEND;VALUE=DATE:20301004
        END:VEVENT
        BEGIN:VEVENT
        UID:4
        SUMMARY:Party
        DTSTART:20301223T120000Z
        DTEND:20301223T150000Z
        END:VEVENT
        END:VCALENDAR
        """;

    [Fact]
    public async Task A_calendar_is_added_gets_editions_and_keeps_the_earlier_ones()
    {
        var key = await AddAsync();
        var published = await Suite.ActAsync(Admin, $"calendars/{key}/publish",
            new { timeZone = "Europe/Lisbon", applies = "retroactively", reason = "We have moved." });
        var editions = published["editions"]!.AsArray();
        Assert.Equal(["Europe/Berlin", "Europe/Lisbon"], editions.Select(edition => edition!["timeZone"]!.GetValue<string>()));
        Assert.Equal((2, "retroactively"), (editions[1]!["number"]!.GetValue<int>(), editions[1]!["applies"]!.GetValue<string>()));
        Assert.True(JsonNode.DeepEquals(editions[0]!["week"], editions[1]!["week"]));
        Assert.Equal("We have moved.", (await Suite.GetAsync(Admin, $"calendars/{key}/history")).Ok().Items[0].Text("reason"));
        Assert.Contains((await Suite.GetAsync("employee1", "calendars?limit=200")).Ok().Items, item => item.Text("key") == key);
        (await Suite.PostAsync("agent1", $"calendars/{key}/publish", new { applies = "retroactively", reason = "I want to." }, "*"))
            .Problem(403);
        (await Suite.PostAsync(Admin, "calendars", new { key, name = "Again", timeZone = "UTC", week = Week })).Problem(409);
    }

    [Fact]
    public async Task Holidays_are_read_from_iCalendar_with_recurring_ones_ranges_and_hours_off()
    {
        var key = await AddAsync();
        var imported = await Suite.ActAsync(Admin, $"calendars/{key}/import-holidays",
            new { iCalendar = Feed, applies = "fromPublication" });
        var holidays = imported["editions"]![1]!["holidays"]!.AsArray()
            .ToDictionary(day => day!["date"]!.GetValue<string>(), day => day!.AsObject());
        Assert.Equal(["2030-05-01", "2030-06-10", "2030-10-02", "2030-10-03", "2030-12-23", "2031-05-01", "2032-05-01"],
            holidays.Keys.Order());
        Assert.Equal("Founding", holidays["2031-05-01"].Text("name"));
        Assert.Null(holidays["2030-10-03"]["hours"]);

        // 12:00 to 15:00 UTC is 13:00 to 16:00 in Berlin.
        Assert.Equal(["00:00:00-13:00:00", "16:00:00-24:00"],
            holidays["2030-12-23"]["hours"]!.AsArray().Select(hours => $"{hours!["from"]}-{hours["to"]}"));
        var again = await Suite.ActAsync(Admin, $"calendars/{key}/import-holidays", new { iCalendar = Feed, applies = "fromPublication" });
        Assert.Equal(7, again["editions"]![2]!["holidays"]!.AsArray().Count);
        PointsAt(await Suite.PostAsync(Admin, $"calendars/{key}/import-holidays",
            new { iCalendar = "BEGIN:VCALENDAR\nEND:VCALENDAR", applies = "fromPublication" }, "*"), "/iCalendar");
        PointsAt(await Suite.PostAsync(Admin, $"calendars/{key}/import-holidays",
            new { iCalendar = "days off: all", applies = "fromPublication" }, "*"), "/iCalendar");
    }

    [Theory]
    [InlineData("DTSTART:20300101T000000Z\nRRULE:FREQ=SECONDLY")]
    [InlineData("DTSTART:20300101T000000Z\nRRULE:FREQ=MINUTELY;COUNT=5")]
    [InlineData("DTSTART:20300101T000000Z\nRRULE:FREQ=HOURLY;INTERVAL=2")]
    [InlineData("DTSTART:20300101T000000Z\nRRULE:FREQ=YEARLY\nRRULE:FREQ=SECONDLY")]
    [InlineData("DTSTART:20300101T000000Z\nRRULE:FREQ=DAILY;BYHOUR=1,2,3;BYSECOND=1,2,3")]
    [InlineData("DTSTART:20300101T000000Z\nRRULE:FREQ=DAILY")]
    [InlineData("DTSTART;VALUE=DATE:20300101\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")]
    [InlineData("DTSTART;TZID=Mars/Olympus:20300101T000000")]
    [InlineData("DTSTART;VALUE=DATE:20300230")]
    [InlineData("DTSTART;VALUE=DATE:20301301")]
    [InlineData("DTSTART;VALUE=DATE:20300101\nDTEND;VALUE=DATE:99991231")]
    [InlineData("DTSTART:20300101T000000Z\nRRULE:FREQ=DAILY;COUNT=300\nEXRULE:FREQ=SECONDLY")]
    [InlineData("DTSTART;VALUE=DATE:20300101\nRRULE:FREQ=NEVER")]
    public async Task Events_without_end_and_dates_that_are_none_are_refused_and_soon(string lines)
    {
        var key = await AddAsync();
        var feed =
            $"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\nBEGIN:VEVENT\nUID:1@example.org\nDTSTAMP:20300101T000000Z\n{lines}\nSUMMARY:Off\nEND:VEVENT\nEND:VCALENDAR\n";
        PointsAt(await Suite.PostAsync(
            Admin, $"calendars/{key}/import-holidays", new { iCalendar = feed, applies = "fromPublication" }, "*").WaitAsync(Patience.Most),
            "/iCalendar");
        Assert.Single((await Suite.GetAsync(Admin, $"calendars/{key}")).Ok()["editions"]!.AsArray());
    }

    [Theory]
    [InlineData("""{"timeZone":"Mars/Olympus"}""", "/timeZone")]
    [InlineData("""{"week":[{"day":"monday","hours":[{"from":"09:00","to":"12:00"},{"from":"11:00","to":"17:00"}]}]}""", "/week/0/hours/1")]
    [InlineData("""{"week":[{"day":"monday","hours":[{"from":"22:00","to":"06:00"}]}]}""", "/week/0/hours/0")]
    [InlineData("""{"week":[{"day":"monday","hours":[]}]}""", "/week")]
    [InlineData("""{"holidays":[{"name":"x","date":"2026-02-30"}]}""", "/holidays/0/date")]
    public async Task A_calendar_that_makes_no_sense_is_refused(string change, string place)
    {
        var key = Fresh("calendar");
        var body =
            JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(new { key, name = "Wrong", timeZone = "UTC", week = Week }))!.AsObject(
                );
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
        {
            body[name] = value!.DeepClone();
        }

        PointsAt(await Suite.PostAsync(Admin, "calendars", body), place);
        (await Suite.GetAsync(Admin, "calendars/" + key)).Problem(404);
    }

    [Fact]
    public async Task People_follow_their_site_when_its_zone_or_calendar_changes()
    {
        var (calendar, site, person) = (await AddAsync(), Fresh("site"), Fresh());
        (await Suite.PostAsync(Admin, "sites", new { key = site, name = "A site", timeZone = "UTC" })).Ok();
        (await Suite.PostAsync(Admin, "people", new { userName = person, name = "Somebody New", site, roles = new[] { "requester" } })).Ok();
        (await Suite.PatchAsync(Admin, "sites/" + site, new { timeZone = "Asia/Tokyo", calendar }, "*")).Ok();
        await Suite.UntilAsync(Admin, "people/" + person, found =>
            found.TextOrNull("timeZone") == "Asia/Tokyo" && found.TextOrNull("calendar") == calendar);
        PointsAt(await Suite.PatchAsync(Admin, "sites/" + site, new { calendar = "nowhere" }, "*"), "/calendar");
        PointsAt(await Suite.PatchAsync(Admin, "groups/network", new { calendar = "nowhere" }, "*"), "/calendar");
    }

    private async Task<string> AddAsync()
    {
        var key = Fresh("calendar");
        (await Suite.PostAsync(Admin, "calendars", new { key, name = "An office", timeZone = "Europe/Berlin", week = Week })).Ok();
        return key;
    }
}
