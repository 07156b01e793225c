using Itsm.Contracts.Directory;
using Itsm.Contracts.ServiceLevels;
using Itsm.ServiceLevels.Domain;
using static Itsm.ServiceLevels.Tests.Domain.Given;

namespace Itsm.ServiceLevels.Tests.Domain;

/// <summary>What users of other systems complain of, each as a case that comes out right here.</summary>
public sealed class ComplaintTests
{
    private static readonly Catalogue Eight = Given.Catalogue(Utc, Target("resolution", "resolution", Business(8)));

    /// <summary>Complaint 1.</summary>
    [Fact]
    public void A_pause_over_a_weekend_gives_back_its_working_time_and_no_more()
    {
        // Friday 15:00 to Monday 10:00: two hours and one are worked in it.
        var clock = Ticket("2026-06-05 13:00").Hold("2026-06-05 15:00").Resume("2026-06-08 10:00").Clock(Eight, "2026-06-08 11:00");
        Assert.Equal(TimeSpan.FromHours(3), clock.ElapsedAt(At("2026-06-08 11:00")));
        Assert.Equal(At("2026-06-08 16:00"), clock.DueAt);
        var days = Ticket("2026-06-05 13:00")
            .Clock(Given.Catalogue(Utc, Target("resolution", "resolution", EndOfDay(2))), "2026-06-05 14:00");
        Assert.Equal(At("2026-06-09 17:00"), days.DueAt);
    }

    /// <summary>Complaint 2.</summary>
    [Fact]
    public void A_raised_priority_keeps_the_pauses_that_were_earned_and_counts_from_the_true_beginning()
    {
        var catalogue = Given.Catalogue(Utc, Target("p3", "resolution", Business(16), 3), Target("p1", "resolution", Business(4), 1));
        var clocks = Ticket("2026-06-01 09:00").Hold("2026-06-01 10:00").Resume("2026-06-01 15:00").Priority("2026-06-01 16:00", 1)
            .Clocks(catalogue, "2026-06-01 16:30");
        Assert.Equal([("p3", ClockState.Cancelled), ("p1", ClockState.Running)],
            clocks.Select(clock => (clock.Target.Key, clock.Snapshot().State)));
        Assert.Equal(At("2026-06-01 09:00"), clocks[1].Life.Start);
        Assert.Equal(TimeSpan.FromHours(2.5), clocks[1].ElapsedAt(At("2026-06-01 16:30")));
        Assert.Equal(At("2026-06-02 10:00"), clocks[1].DueAt);
    }

    /// <summary>Complaint 3.</summary>
    [Fact]
    public void One_hour_before_is_an_hour_of_work_before_also_over_several_ranges_of_hours()
    {
        // Nine hours from 16:30 are over at 9:30 two days later: an hour of work before that is the afternoon before.
        var clock = Ticket("2026-06-01 15:30")
            .Clock(Given.Catalogue(Lisbon, Target("resolution", "resolution", Business(9))), "2026-06-01 16:00");
        Assert.Equal(At("2026-06-02 16:30"), clock.DueAt);
        Assert.Equal(At("2026-06-02 15:30"), clock.Reaches(new ClockPoint { Before = TimeSpan.FromHours(1) }.Of(clock.Promised)));
        Assert.Equal(At("2026-06-02 12:00"), clock.Reaches(new ClockPoint { Before = TimeSpan.FromHours(3.5) }.Of(clock.Promised)));
        Assert.Equal(At("2026-06-02 11:30"), clock.Reaches(new ClockPoint { Before = TimeSpan.FromHours(4) }.Of(clock.Promised)));
    }

    /// <summary>Complaint 4.</summary>
    [Fact]
    public void A_ticket_opened_outside_hours_reaches_no_point_at_its_creation()
    {
        var clock = Ticket("2026-06-06 03:00").Clock(Eight, "2026-06-07 12:00");
        Assert.Equal(TimeSpan.Zero, clock.ElapsedAt(At("2026-06-07 12:00")));
        Assert.All(new[] { 1, 50, 75, 99.99 }, percent =>
            Assert.InRange(clock.Reaches(new ClockPoint { Percent = percent }.Of(clock.Promised))!.Value, At("2026-06-08 09:00"),
                At("2026-06-08 17:00")));
    }

    /// <summary>Complaint 5.</summary>
    [Fact]
    public void The_time_between_resolution_and_reopening_belongs_to_no_clock()
    {
        var clocks = Ticket("2026-06-01 09:00").Resolve("2026-06-01 10:00").Reopen("2026-06-03 09:00").Clocks(Eight, "2026-06-03 12:00");
        Assert.Equal([(1, ClockState.Completed, 1.0), (2, ClockState.Running, 3.0)],
            clocks.Select(clock => (clock.Life.Cycle, clock.Snapshot().State, clock.ElapsedAt(At("2026-06-03 12:00")).TotalHours)));
    }

    /// <summary>Complaint 6.</summary>
    [Fact]
    public void Warnings_and_steps_of_a_paused_ticket_wait_with_it_and_keep_to_working_hours()
    {
        var paused = Ticket("2026-06-01 09:00").Hold("2026-06-01 10:00");
        Assert.Null(paused.Clock(Eight, "2026-07-01 00:00").Reaches(TimeSpan.FromHours(2)));
        Assert.Null(paused.Clock(Eight, "2026-07-01 00:00").DueAt);
        Assert.Equal(At("2026-06-08 10:00"),
            paused.Resume("2026-06-06 12:00").Clock(Eight, "2026-06-06 13:00").Reaches(TimeSpan.FromHours(2)));
    }

    /// <summary>Complaint 7.</summary>
    [Fact]
    public void A_tight_promise_of_updates_does_not_take_the_place_of_a_longer_first_response()
    {
        var catalogue = Given.Catalogue(Utc, Target("update", "nextUpdate", Business(1)), Target("response", "firstResponse", Business(4)));
        var ticket = Ticket("2026-06-01 09:00");
        Assert.Equal(["response"], ticket.Clocks(catalogue, "2026-06-01 12:00").Select(clock => clock.Target.Key));
        var clocks = ticket.Answer("2026-06-01 12:00").Clocks(catalogue, "2026-06-01 12:30");
        Assert.Equal([("response", (DateTimeOffset?)null), ("update", At("2026-06-01 13:00"))],
            clocks.OrderBy(clock => clock.Target.Key, StringComparer.Ordinal).Select(clock => (clock.Target.Key, clock.DueAt)));
    }

    /// <summary>Complaint 8.</summary>
    [Fact]
    public void No_point_falls_on_midnight_or_a_weekend_but_in_working_hours()
    {
        for (var minute = 0; minute < 7 * 24 * 60; minute += 37)
        {
            var opened = At("2026-06-01 00:00").AddMinutes(minute);
            var clock = Ticket(opened.ToString("O")).Clock(Eight, opened.ToString("O"));
            foreach (var percent in new double[] { 10, 50, 75, 100, 150 })
            {
                var at = clock.Reaches(new ClockPoint { Percent = percent }.Of(clock.Promised))!.Value;
                Assert.True(at.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)
                    && at.TimeOfDay >= TimeSpan.FromHours(9)
                    && at.TimeOfDay <= TimeSpan.FromHours(17), $"{percent} % of {opened:O} is {at:O}");
            }
        }
    }

    /// <summary>Complaint 9.</summary>
    [Fact]
    public void Nobody_works_at_lunch()
    {
        // 12:00 to 15:00 in Lisbon with an hour of break is two hours.
        var clock = Ticket("2026-06-01 11:00")
            .Clock(Given.Catalogue(Lisbon, Target("resolution", "resolution", Business(2))), "2026-06-01 11:30");
        Assert.Equal(At("2026-06-01 14:00"), clock.DueAt);
        Assert.Equal(TimeSpan.FromHours(1), clock.ElapsedAt(At("2026-06-01 12:59")));
    }

    /// <summary>Complaint 10.</summary>
    [Fact]
    public void A_ticket_resolved_while_on_hold_used_no_time_of_the_hold_and_deadlines_are_instants()
    {
        var clock = Ticket("2026-06-01 09:00").Hold("2026-06-01 10:00").Resolve("2026-07-13 10:00").Clock(Eight, "2026-07-13 11:00");
        Assert.Equal((TimeSpan.FromHours(1), ClockState.Completed, false),
            (clock.ElapsedAt(At("2026-08-01")), clock.Snapshot().State, clock.Snapshot().Breached));
        Assert.Equal(TimeSpan.Zero, Ticket("2026-06-01 09:00").Clock(Eight, "2026-06-01 10:00").DueAt!.Value.Offset);
    }

    /// <summary>Complaint 11.</summary>
    [Fact]
    public void Hold_time_lengthens_what_is_left_and_is_not_added_to_the_creation()
    {
        var ticket = Ticket("2026-06-01 09:00").Hold("2026-06-01 11:00");
        Assert.Equal(TimeSpan.FromHours(2), ticket.Clock(Eight, "2026-06-01 16:00").ElapsedAt(At("2026-06-01 16:00")));
        var clock = ticket.Resume("2026-06-02 09:00").Clock(Eight, "2026-06-02 09:30");
        Assert.Equal((At("2026-06-01 09:00"), At("2026-06-02 15:00")), (clock.Life.Start, clock.DueAt!.Value));
    }
}
