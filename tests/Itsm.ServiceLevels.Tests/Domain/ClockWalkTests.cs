using System.Collections.Concurrent;
using CsCheck;
using Itsm.Contracts.Directory;
using Itsm.Contracts.ServiceLevels;
using Itsm.ServiceLevels.Domain;
using NodaTime;
using static Itsm.ServiceLevels.Tests.Domain.Given;

namespace Itsm.ServiceLevels.Tests.Domain;

/// <summary>The clock of a ticket with random pauses, resolutions and changes of priority against a walk through its life, second by
/// second.</summary>
public sealed class ClockWalkTests
{
    private const int Days = 4;
    private const int Seconds = Days * 86_400;

    private static readonly (string Zone, string Start)[] Places =
    [
        ("Europe/Lisbon", "2026-10-23T12:00:00Z"), ("Europe/Lisbon", "2027-03-26T12:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-02T12:00:00Z"), ("Pacific/Chatham", "2027-04-02T12:00:00Z"),
        ("America/Sao_Paulo", "2018-11-02T12:00:00Z"), ("Asia/Kathmandu", "2028-02-27T12:00:00Z"),
    ];

    private static readonly Dictionary<(string, string), (CalendarChanged Calendar, int[] Worked, int[] Reached)> Walked =
        Places.ToDictionary(place => place, place => Walk(place.Zone, At(place.Start)));

    private static readonly ConcurrentDictionary<(int Place, int P3, int P1), Catalogue> Catalogues = new();

    /// <summary>What happens, each some seconds after what was before.</summary>
    private static readonly Gen<(int After, int What)[]> Happenings = Gen.Select(Gen.Int[1, 90_000], Gen.Int[0, 4], (after, what) =>
        (after, what)).Array[0, 7];

    [Fact]
    public void A_clock_shows_what_a_walk_through_the_tickets_life_counts() =>
        Gen.Select(Gen.Int[0, Places.Length - 1], Gen.Int[0, 20_000], Happenings, Gen.Int[1, 6], Gen.Int[1, 6]).Sample(
        (index, opened, happenings, longer, shorter) =>
        {
            var (hoursP3, hoursP1) = (longer * 5, shorter * 3);
            var place = Places[index];
            var (calendar, worked, reached) = Walked[place];
            var (start, now) = (At(place.Start), At(place.Start).AddSeconds(Seconds - 1));
            var ticket = Ticket(start.AddSeconds(opened).ToString("O"));
            var (second, paused, resolved, priority) = (opened, false, false, 3);
            var life = new List<(int At, bool Runs, int Priority, bool Resolved)> { (opened, true, 3, false) };
            foreach (var (after, what) in happenings)
            {
                if ((second += after) >= Seconds - 1)
                {
                    break;
                }

                var at = start.AddSeconds(second).ToString("O");
                (paused, resolved, priority) = (what, paused, resolved) switch
                {
                    (0, false, false) => Do(() => ticket.Hold(at), (true, false, priority)),
                    (1, true, false) => Do(() => ticket.Resume(at), (false, false, priority)),
                    (2, _, false) => Do(() => ticket.Resolve(at), (false, true, priority)),
                    (3, _, true) => Do(() => ticket.Reopen(at), (false, false, priority)),
                    (4, _, false) => Do(() => ticket.Priority(at, 4 - priority), (paused, false, 4 - priority)),
                    _ => (paused, resolved, priority),
                };
                life.Add((second, !paused && !resolved, priority, resolved));
            }

            var clocks = ticket.Clocks(Catalogues.GetOrAdd((index, hoursP3, hoursP1), _ =>
                Given.Catalogue(calendar, Target("p3", "resolution", Business(hoursP3), 3),
                    Target("p1", "resolution", Business(hoursP1), 1))), now.ToString("O"));
            Compare(clocks[^1], life, worked, reached, new() { ["p3"] = hoursP3 * 3600, ["p1"] = hoursP1 * 3600 }, start);
        }, iter: 50_000, threads: 2);

    private static T Do<T>(Action audit, T result)
    {
        audit();
        return result;
    }

    /// <summary>Walks the last cycle: counts the worked seconds in which the ticket runs, whatever its priority was then.</summary>
    private static void Compare(
        Clock clock, List<(int At, bool Runs, int Priority, bool Resolved)> life, int[] worked, int[] reached,
        Dictionary<string, int> promised, DateTimeOffset start)
    {
        var begin =
            life.FindLastIndex(one => one.Resolved) is var end && end >= 0 && end < life.Count - 1 && !life[^1].Resolved ? end + 1 : 0;
        if (life[^1].Resolved)
        {
            // The last cycle is the one that the last resolution ended.
            end = life.FindIndex(life.FindLastIndex(one => !one.Resolved) + 1, one => one.Resolved);
            begin = life.FindLastIndex(end - 1, one => one.Resolved) + 1;
        }
        else
        {
            end = life.Count;
        }

        var last = end < life.Count ? life[end].At : Seconds - 1;
        var elapsed = 0;
        int? breach = null;
        for (var step = begin; step < life.Count && life[step].At < last; step++)
        {
            if (life[step].Runs)
            {
                var (from, to) = (life[step].At, step + 1 < life.Count ? Math.Min(life[step + 1].At, last) : last);
                var left = promised[clock.Target.Key] - elapsed;
                if (breach is null && worked[to] - worked[from] >= left)
                {
                    breach = reached[worked[from] + left];
                }

                elapsed += worked[to] - worked[from];
            }
        }

        // The very last instant: done then is done in time.
        breach = breach == last && end < life.Count ? null : breach;
        Assert.Equal(life[begin].At, (clock.Life.Start - start).TotalSeconds);
        Assert.Equal(elapsed, clock.ElapsedAt(start.AddSeconds(last)).TotalSeconds);
        Assert.Equal(breach, clock.BreachedAt is { } at ? (int?)(at - start).TotalSeconds : null);
        Assert.Equal(end < life.Count, !clock.Lives);
    }

    /// <summary>How many seconds are worked before each second, and the second before which so many are reached.</summary>
    private static (CalendarChanged Calendar, int[] Worked, int[] Reached) Walk(string zoneName, DateTimeOffset start)
    {
        var calendar = Calendar("walked", zoneName, ["00:00-02:30", "09:00-12:15", "13:00-18:00"], Enum.GetValues<DayOfWeek>());
        var (zone, worked, reached) = (DateTimeZoneProviders.Tzdb[zoneName], new int[Seconds + 1], new int[Seconds + 1]);
        for (var second = 0; second < Seconds; second++)
        {
            var time = Instant.FromDateTimeOffset(start).Plus(Duration.FromSeconds(second)).InZone(zone)
                .TimeOfDay.NanosecondOfDay / 1_000_000_000;
            var works = time is < 9_000 or (>= 32_400 and < 44_100) or (>= 46_800 and < 64_800);
            worked[second + 1] = worked[second] + (works ? 1 : 0);
            if (works)
            {
                reached[worked[second + 1]] = second + 1;
            }
        }

        return (calendar, worked, reached);
    }
}
