using CsCheck;
using Itsm.Contracts.Directory;
using Itsm.Platform.WorkingTime;
using Itsm.Testing;
using NodaTime;
using static Itsm.Platform.Tests.WorkingTime.Editions;

namespace Itsm.Platform.Tests.WorkingTime;

/// <summary>Working time against a walk second by second, on zones and days on which others go wrong.</summary>
public sealed class WorkingScheduleTests
{
    private const int Walks = 40;
    private const int CasesOfWalk = 3_000;
    private const int DaysOfWalk = 6;

    /// <summary>Local days around which a walk is put: 23 and 25 hours, half-hour and 45-minute offsets, a half-hour shift, midnight
    /// shifts, a skipped day, leap days, a change at the end of the year.</summary>
    private static readonly (string Zone, LocalDate Day)[] Days =
    [
        ("Europe/Lisbon", new(2026, 10, 25)), ("Europe/Lisbon", new(2027, 3, 28)), ("Europe/Berlin", new(2026, 3, 29)),
        ("America/New_York", new(2026, 11, 1)), ("America/New_York", new(2027, 3, 14)), ("Australia/Lord_Howe", new(2026, 10, 4)),
        ("Australia/Lord_Howe", new(2027, 4, 4)), ("Asia/Kathmandu", new(2026, 6, 1)), ("Asia/Kolkata", new(2028, 2, 29)),
        ("Pacific/Chatham", new(2026, 9, 27)), ("Pacific/Chatham", new(2027, 4, 4)), ("America/St_Johns", new(2008, 11, 2)),
        ("America/Sao_Paulo", new(2018, 11, 4)), ("America/Sao_Paulo", new(2018, 2, 18)), ("Asia/Beirut", new(2022, 3, 27)),
        ("Pacific/Apia", new(2011, 12, 30)), ("Africa/Casablanca", new(2026, 2, 15)), ("Europe/London", new(2026, 12, 31)),
        ("UTC", new(2028, 2, 29)), ("America/Havana", new(2026, 11, 1)),
    ];

    private static Gen<T> Pick<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static readonly Gen<string> Time = Gen.Select(Gen.Int[0, 23], Pick(0, 0, 0, 1, 15, 30, 59), Pick(0, 0, 0, 30, 59),
        (hour, minute, second) => $"{hour:00}:{minute:00}:{second:00}");

    private static readonly Gen<IReadOnlyList<WorkingHours>> Hours = Gen.OneOf(
        Gen.Const<IReadOnlyList<WorkingHours>>(() => [new("00:00", "24:00")]),
        Time.Array[2, 8].Select(IReadOnlyList<WorkingHours> (times) =>
            [.. times.Order(StringComparer.Ordinal).Distinct().Chunk(2).Where(pair => pair.Length == 2)
                .Select(pair => new WorkingHours(pair[0], pair[1]))]),
        Time.Select(IReadOnlyList<WorkingHours> (time) => [new(time, "24:00")]));

    private static readonly Gen<(CalendarEdition Edition, LocalDate Day)> Edition = Gen.Select(
        Pick(Days), Hours.Array[7], Gen.Bool.Array[7], Gen.Int[-2, 4], Hours, Gen.Int[0, 3], (day, hours, free, offset, left, holidays) =>
        {
            List<WorkingDay> week = [.. Enum.GetValues<DayOfWeek>()
                .Where(one => hours[(int)one].Count > 0 && (!free[(int)one] || one == DayOfWeek.Wednesday))
                .Select(one => new WorkingDay(one, hours[(int)one]))];
            var date = day.Day.PlusDays(offset);
            List<Holiday> off = holidays switch
            {
                0 => [],
                1 => [new() { Name = "off", Date = date.ToString("yyyy-MM-dd", null) }],
                2 => [new() { Name = "half", Yearly = date.ToString("MM-dd", null), Hours = left }],
                _ =>
                    [new() { Name = "half", Date = date.ToString("yyyy-MM-dd", null), Hours = left },
                        new() { Name = "off", Yearly = date.PlusDays(1).ToString("MM-dd", null) }],
            };
            return (Of(day.Zone, week.Count == 0 ? [new(DayOfWeek.Monday, [new("09:00", "17:00")])] : week, off), day.Day);
        });

    [Fact]
    [OuterTier]
    public void It_counts_as_a_walk_second_by_second_in_120000_random_cases() => Edition.Sample(
        one =>
        {
            var zone = DateTimeZoneProviders.Tzdb[one.Edition.TimeZone];
            var walk = new SecondWalker(one.Edition, one.Day.PlusDays(-2).AtMidnight().InZoneLeniently(zone).ToInstant(),
                DaysOfWalk * 86_400);
            var schedule = WorkingSchedule.Of(WorkingCalendar.Of(one.Edition));
            var random = new Random(one.GetHashCode());
            for (var number = 0; number < CasesOfWalk; number++)
            {
                // Full minutes are where hours begin and end.
                var (first, second) = (random.Next(walk.Seconds), random.Next(walk.Seconds));
                var (from, to) = number % 3 == 0 ? (first / 60 * 60, second / 60 * 60) : (first, second);
                (from, to) = (Math.Min(from, to), Math.Max(from, to));
                var worked = walk.Between(from, to);
                Equal(worked, schedule.Between(At(from), At(to)).TotalSeconds, $"between {At(from):O} and {At(to):O}");
                Equal(worked,
                    schedule.Stretches(At(from), At(to)).Where(stretch => stretch.Works)
                        .Sum(stretch => (stretch.To - stretch.From).TotalSeconds), "stretches");
                if (number % 10 == 0 && worked > 0)
                {
                    var part = random.Next(worked) + 1;
                    Equal(walk.Add(from, part)!.Value, (schedule.Add(At(from), TimeSpan.FromSeconds(part))!.Value - At(0)).TotalSeconds,
                        $"add {part} s to {At(from):O}");
                }
            }

            DateTimeOffset At(int second) => walk.From.Plus(Duration.FromSeconds(second)).ToDateTimeOffset();

            static void Equal(double expected, double actual, string what) =>
                Assert.True(expected == actual, $"{what}: walked {expected}, computed {actual}");
        }, iter: Walks, threads: 2);

    [Fact]
    public void Pauses_split_the_time_but_lose_none_of_it()
    {
        var schedule = WorkingSchedule.Of(WorkingCalendar.Of(Office("Europe/Lisbon")));
        Gen.Select(Gen.Int[0, 40 * 86_400].Array[2, 12], Gen.Int[1, 100]).Sample((seconds, hours) =>
        {
            DateTimeOffset[] instants = [.. seconds.Order()
                .Select(second => new DateTimeOffset(2026, 10, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(second))];
            var whole = schedule.Between(instants[0], instants[^1]);
            var parts = instants.Zip(instants.Skip(1))
                .Aggregate(TimeSpan.Zero, (sum, pair) => sum + schedule.Between(pair.First, pair.Second));
            var due = schedule.Add(instants[0], TimeSpan.FromHours(hours))!.Value;
            return whole == parts
                && schedule.Between(instants[0], due) == TimeSpan.FromHours(hours)
                && schedule.Between(instants[0], due.AddMilliseconds(-1)) < TimeSpan.FromHours(hours);
        }, iter: 5_000);
    }

    [Fact]
    public void Later_editions_count_from_their_publication_or_from_ever()
    {
        var first = Office("UTC") with { Number = 1 };
        var (monday, noon) = (new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero),
            new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));
        var longer = first with { Number = 2, PublishedAt = noon, Week = [new(DayOfWeek.Monday, [new("08:00", "20:00")])] };
        Assert.Equal(TimeSpan.FromHours(7.5), Day([first], noon));
        Assert.Equal(TimeSpan.FromHours(3 + 8), Day([first, longer], noon));
        Assert.Equal(TimeSpan.FromHours(7.5), Day([first, longer], noon.AddSeconds(-1)));
        Assert.Equal(TimeSpan.FromHours(12), Day([first, longer with { Applies = EditionApplies.Retroactively }], noon));

        TimeSpan Day(IReadOnlyList<CalendarEdition> editions, DateTimeOffset known) =>
            WorkingSchedule.Of(editions, known, edition => WorkingCalendar.Of(edition)).Between(monday, monday.AddDays(1));
    }

    [Theory]
    [InlineData("2026-06-05T16:50:00Z", 1, "2026-06-08T17:00:00Z")] // Friday to Monday
    [InlineData("2026-06-06T10:00:00Z", 1, "2026-06-08T17:00:00Z")] // Saturday to Monday
    [InlineData("2026-06-08T05:00:00Z", 1, "2026-06-09T17:00:00Z")] // before opening: the next day all the same
    [InlineData("2026-06-05T16:50:00Z", 3, "2026-06-10T17:00:00Z")]
    [InlineData("2026-12-23T10:00:00Z", 1, "2026-12-24T12:00:00Z")] // a half day
    [InlineData("2026-12-24T10:00:00Z", 1, "2026-12-28T17:00:00Z")] // over a holiday and a weekend
    public void The_end_of_a_working_day_is_the_end_of_its_last_hours(string from, int days, string end) => Assert.Equal(
        DateTimeOffset.Parse(end),
        WorkingSchedule.Of(WorkingCalendar.Of(Office("UTC", new() { Name = "Eve", Yearly = "12-24", Hours = [new("00:00", "12:00")] },
            new() { Name = "Day", Date = "2026-12-25" }))).EndOfWorkingDay(DateTimeOffset.Parse(from), days));

    [Theory]
    [InlineData("2026-12-28", 0, "2026-12-28T17:00:00Z")]
    [InlineData("2026-12-28", -1, "2026-12-24T12:00:00Z")] // back over a weekend and a holiday to a half day
    [InlineData("2026-12-28", -3, "2026-12-22T17:00:00Z")]
    [InlineData("2026-12-24", 1, "2026-12-28T17:00:00Z")]
    [InlineData("2026-12-27", 0, "2026-12-24T12:00:00Z")] // a Sunday: the last working day before it stands in its place
    [InlineData("2026-12-27", -1, "2026-12-23T17:00:00Z")]
    public void Working_days_are_counted_from_a_date_in_both_directions(string date, int days, string end) => Assert.Equal(
        DateTimeOffset.Parse(end),
        WorkingSchedule.Of(WorkingCalendar.Of(Office("UTC", new() { Name = "Eve", Yearly = "12-24", Hours = [new("00:00", "12:00")] },
            new() { Name = "Day", Date = "2026-12-25" }))).EndOfWorkingDay(DateOnly.Parse(date), days));

    [Fact]
    public void Going_so_many_working_days_back_and_forth_leads_to_where_one_began() => Gen.Select(Gen.Int[0, 700], Gen.Int[0, 60]).Sample((start, days) =>
    {
        var schedule = WorkingSchedule.Of(WorkingCalendar.Of(Office("Europe/Berlin", new() { Name = "Eve", Yearly = "12-24" },
            new() { Name = "Labour Day", Yearly = "05-01" })));
        var date = new DateOnly(2026, 1, 1).AddDays(start);
        var first = DateIn(schedule.EndOfWorkingDay(date, 0)!.Value);
        var last = DateIn(schedule.EndOfWorkingDay(first, days)!.Value);
        Assert.Equal(first, DateIn(schedule.EndOfWorkingDay(last, -days)!.Value));
        Assert.True(first <= date && last >= first);

        static DateOnly DateIn(DateTimeOffset at) =>
            DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")).DateTime);
    }, iter: 2_000);

    [Fact]
    public void Time_that_never_comes_is_null_and_not_an_endless_search()
    {
        var never = WorkingSchedule.Of(WorkingCalendar.Of(Of("UTC", [new(DayOfWeek.Monday, [new("09:00", "17:00")])],
            [new() { Name = "half", Yearly = "06-01", Hours = [] }])));
        Assert.Null(never.Add(new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero), TimeSpan.FromHours(200_000)));
        Assert.NotNull(never.Add(new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero), TimeSpan.FromHours(10)));
    }

    [Theory, MemberData(nameof(Wrong))]
    public void An_edition_that_makes_no_sense_is_refused_with_its_place(string place, CalendarEdition edition) =>
        Assert.Equal(place, Assert.Throws<CalendarException>(() => WorkingCalendar.Of(edition)).Pointer);

    public static TheoryData<string, CalendarEdition> Wrong => new()
    {
        { "/timeZone", Office("Europe/Nowhere") },
        { "/timeZone", Office("CET+1") },
        { "/week", Of("UTC", [], []) },
        { "/week", Of("UTC", [new(DayOfWeek.Monday, [])], []) },
        { "/week/0/hours/1", Of("UTC", [new(DayOfWeek.Monday, [new("09:00", "12:00"), new("11:59:59", "17:00")])], []) },
        { "/week/0/hours/1", Of("UTC", [new(DayOfWeek.Monday, [new("13:00", "17:00"), new("09:00", "12:00")])], []) },
        { "/week/0/hours/0", Of("UTC", [new(DayOfWeek.Monday, [new("22:00", "06:00")])], []) },
        { "/week/0/hours/0", Of("UTC", [new(DayOfWeek.Monday, [new("09:00", "09:00")])], []) },
        { "/week/0/hours/0/to", Of("UTC", [new(DayOfWeek.Monday, [new("09:00", "25:00")])], []) },
        { "/week/0/hours/0/from", Of("UTC", [new(DayOfWeek.Monday, [new("9 am", "17:00")])], []) },
        { "/week/1/day", Of("UTC", [new(DayOfWeek.Monday, [new("09:00", "17:00")]), new(DayOfWeek.Monday, [new("09:00", "17:00")])], []) },
        { "/holidays/0/date", Office("UTC", new Holiday { Name = "x", Date = "2026-02-30" }) },
        { "/holidays/0/yearly", Office("UTC", new Holiday { Name = "x", Yearly = "13-01" }) },
        { "/holidays/0", Office("UTC", new Holiday { Name = "x" }) },
        { "/holidays/0", Office("UTC", new Holiday { Name = "x", Date = "2026-12-24", Yearly = "12-24" }) },
        { "/holidays/1/date",
            Office("UTC", new Holiday { Name = "x", Date = "2026-12-24" }, new Holiday { Name = "y", Date = "2026-12-24" }) },
        { "/holidays/0/hours/0", Office("UTC", new Holiday { Name = "x", Date = "2026-12-24", Hours = [new("12:00", "09:00")] }) },
    };
}

/// <summary>Editions that tests begin with.</summary>
internal static class Editions
{
    public static CalendarEdition Of(string zone, IReadOnlyList<WorkingDay> week, IReadOnlyList<Holiday> holidays) => new()
    {
        Number = 1, PublishedAt = DateTimeOffset.UnixEpoch, Applies = EditionApplies.FromPublication, TimeZone = zone, Week = week,
        Holidays = holidays,
    };

    /// <summary>Monday to Friday, 9 to 17 with half an hour of break.</summary>
    public static CalendarEdition Office(string zone, params IReadOnlyList<Holiday> holidays) =>
        Of(zone,
            [.. Enum.GetValues<DayOfWeek>().Where(day => day is not (DayOfWeek.Saturday or DayOfWeek.Sunday))
                .Select(day => new WorkingDay(day, [new("09:00", "12:00"), new("12:30", "17:00")]))], holidays);
}
