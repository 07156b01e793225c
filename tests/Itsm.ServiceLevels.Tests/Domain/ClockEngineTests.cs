using Itsm.Contracts.Directory;
using Itsm.Contracts.ServiceLevels;
using Itsm.Contracts.Ticketing;
using Itsm.ServiceLevels.Domain;
using static Itsm.ServiceLevels.Tests.Domain.Given;

namespace Itsm.ServiceLevels.Tests.Domain;

/// <summary>Clocks as a function of a ticket's life, the agreements and the calendars.</summary>
public sealed class ClockEngineTests
{
    private static readonly Catalogue Four = Given.Catalogue(Always, Target("resolution", "resolution", Elapsed(4)));

    [Fact]
    public void A_breach_is_the_exact_instant_and_stays_whatever_comes_after()
    {
        var ticket = Ticket("2026-06-01T09:00:00.250Z");
        Assert.Null(ticket.Clock(Four, "2026-06-01T13:00:00.249Z").BreachedAt);
        Assert.Equal(At("2026-06-01T13:00:00.250Z"), ticket.Clock(Four, "2026-06-01T13:00:00.250Z").BreachedAt);
        var resolved = ticket.Hold("2026-06-01 15:00").Resume("2026-06-01 16:00").Resolve("2026-06-02 09:00").Clock(Four, "2026-06-03");
        Assert.Equal((At("2026-06-01T13:00:00.250Z"), ClockState.Completed), (resolved.BreachedAt!.Value, resolved.Snapshot().State));
    }

    [Theory]
    [InlineData("2026-06-01T13:00:00.000Z", false)]
    [InlineData("2026-06-01T13:00:00.001Z", true)]
    public void What_is_done_at_the_last_instant_is_done_in_time(string resolved, bool breached) =>
        Assert.Equal(breached, Ticket("2026-06-01T09:00:00Z").Resolve(resolved).Clock(Four, "2026-06-02").Snapshot().Breached);

    [Fact]
    public void What_came_later_counts_where_the_clock_of_who_made_it_was_behind()
    {
        var clock = Ticket("2026-06-01T09:00:00.000Z").Hold("2026-06-01T10:00:00.500Z").Resume("2026-06-01T10:00:00.200Z")
            .Clock(Four, "2026-06-01 12:00").Snapshot();
        Assert.Equal((ClockState.Running, At("2026-06-01 13:00")), (clock.State, clock.DueAt!.Value));
    }

    [Theory]
    [InlineData("10:00:00", "10:01:30", "10:01:00", "13:01:30")]
    [InlineData("10:00:00", "10:05:00", "10:01:00", "13:01:00")]
    [InlineData("15:00:00", "10:01:00", "10:05:00", "13:00:00")]
    [InlineData("15:00:00", "16:00:00", "10:05:00", "13:00:00")]
    public void What_is_told_of_has_happened_however_far_ahead_the_clock_of_who_did_it_was_and_stays_so(
        string held, string resumed, string heard, string due)
    {
        var ticket = Ticket("2026-06-01 09:00").Hold("2026-06-01 " + held).Resume("2026-06-01 " + resumed);
        var believed = ticket.History.Believed(At("2026-06-01 " + heard), null);
        var clock = Assert.Single(ClockEngine.Evaluate(TicketId, believed, Four, At("2026-06-01 " + heard))).Snapshot();
        Assert.Equal((ClockState.Running, false, At("2026-06-01 " + due)), (clock.State, clock.Breached, clock.DueAt!.Value));

        var later = At("2026-06-01 20:00");
        var resolved = ticket.Resolve("2026-06-01 12:30").History.Believed(later, believed);
        var ended = Assert.Single(ClockEngine.Evaluate(TicketId, resolved, Four, later)).Snapshot();
        Assert.Equal((ClockState.Completed, false, At("2026-06-01 12:30")), (ended.State, ended.Breached, ended.EndedAt!.Value));
    }

    [Fact]
    public void A_reply_that_is_a_little_ahead_breaches_nothing_before_its_time()
    {
        var history = Ticket("2026-06-01 09:00").Answer("2026-06-01T13:00:30Z").History.Believed(At("2026-06-01T12:59:50Z"), null);
        Assert.Null(Assert.Single(ClockEngine.Evaluate(TicketId, history, Four, At("2026-06-01T12:59:50Z"))).BreachedAt);
        Assert.NotNull(Assert.Single(ClockEngine.Evaluate(TicketId, history, Four, At("2026-06-01T13:00:10Z"))).BreachedAt);
    }

    [Fact]
    public void A_clock_that_is_past_its_time_when_it_is_attached_breached_in_the_past()
    {
        var catalogue = Given.Catalogue(Always, Target("p3", "resolution", Elapsed(24), 3), Target("p1", "resolution", Elapsed(1), 1));
        var clock = Ticket("2026-06-01 09:00").Priority("2026-06-01 15:00", 1).Clocks(catalogue, "2026-06-01 15:00")[^1];
        Assert.Equal((At("2026-06-01 10:00"), At("2026-06-01 15:00")), (clock.BreachedAt!.Value, clock.KnownAt));
    }

    [Fact]
    public void A_priority_without_a_promise_has_no_clock_and_the_next_one_counts_from_the_opening()
    {
        var catalogue = Given.Catalogue(Always, Target("p1", "resolution", Elapsed(4), 1));
        var ticket = Ticket("2026-06-01 09:00", priority: 5);
        Assert.Empty(ticket.Clocks(catalogue, "2026-06-01 10:00"));
        Assert.Equal(At("2026-06-01 13:00"),
            ticket.Hold("2026-06-01 09:30").Resume("2026-06-01 09:30:30").Priority("2026-06-01 10:00", 1)
                .Clock(catalogue, "2026-06-01 10:00").DueAt!.Value.AddSeconds(-30));
    }

    [Fact]
    public void Going_up_and_down_again_attaches_each_promise_anew_with_an_identity_of_its_own()
    {
        var catalogue = Given.Catalogue(Always, Target("p3", "resolution", Elapsed(24), 3), Target("p1", "resolution", Elapsed(4), 1));
        var clocks = Ticket("2026-06-01 09:00").Priority("2026-06-01 10:00", 1).Priority("2026-06-01 11:00", 3)
            .Clocks(catalogue, "2026-06-01 12:00");
        Assert.Equal(["p3", "p1", "p3"], clocks.Select(clock => clock.Target.Key));
        Assert.Equal(3, clocks.Select(clock => clock.Id).Distinct().Count());
        Assert.Equal([1, 1, 1], clocks.Select(clock => clock.Life.Cycle));
        Assert.Equal(At("2026-06-02 09:00"), clocks[2].DueAt);
    }

    [Fact]
    public void What_is_cancelled_ends_its_clocks_without_a_result() =>
        Assert.Equal(ClockState.Cancelled,
            Ticket("2026-06-01 09:00").Cancel("2026-06-01 10:00").Clock(Four, "2026-06-02").Snapshot().State);

    [Fact]
    public void The_closest_promise_holds_and_of_two_equally_close_that_of_the_lower_rank()
    {
        var group = Agent;
        var any = Target("any", "resolution", Elapsed(9));
        var vip = Target("vip", "resolution", Elapsed(2)) with { RequesterGroups = [group] };
        var vpn = Target("vpn", "resolution", Elapsed(1)) with { Services = ["vpn"] };
        var p3 = Target("p3", "resolution", Elapsed(8), 3);
        var kind = Target("kind", "resolution", Elapsed(7)) with { Kinds = ["incident"] };
        Catalogue catalogue = new([Agreement(Edition("always", any, vip, vpn, p3, kind)),
            Agreement(Edition("always", Target("better", "resolution", Elapsed(3), 3)), "premium", rank: 1)], [Always]);
        Assert.Equal("better", Key(Ticket("2026-06-01")));
        Assert.Equal("kind", Key(Ticket("2026-06-01", priority: 4)));
        Assert.Equal("vip", Key(Ticket("2026-06-01").Surrounded(new Surroundings { RequesterGroups = [Guid.Empty, group] })));
        Assert.Equal("vpn",
            Key(Ticket("2026-06-01").Surrounded(new Surroundings { RequesterGroups = [group] }).Service("2026-06-01", "vpn")));

        string Key(TicketBuilder ticket) => ticket.Clocks(catalogue, "2026-06-01 00:30")[^1].Target.Key;
    }

    [Fact]
    public void An_agreement_between_groups_is_kept_by_handing_over_in_time()
    {
        var (network, desk) = (Agent, Requester);
        var ownership = Target("network", "resolution", Elapsed(2)) with
        {
            Metric = "ownership", AssignmentGroups = [network],
            Conditions = new()
            {
                Start = Condition.Every(Condition.Is("category", "open"), Condition.Is("group", network.ToString())),
                Stop = Condition.OneOf(Condition.Is("category", "resolved"),
                    new Condition { Not = Condition.Is("group", network.ToString()) }),
            },
        };
        Catalogue catalogue = new([Agreement(Edition("always", ownership), kind: AgreementKind.Ola)], [Always]);
        var clocks = Ticket("2026-06-01 09:00").Group("2026-06-01 10:00", network).Group("2026-06-01 11:00", desk)
            .Group("2026-06-01 12:00", network).Clocks(catalogue, "2026-06-01 15:00");
        Assert.Equal([(ClockState.Completed, false, 1), (ClockState.Running, true, 2)],
            clocks.Select(clock => (clock.Snapshot().State, clock.Snapshot().Breached, clock.Life.Cycle)));
        Assert.Equal(At("2026-06-01 12:00"), clocks[1].Life.Start);
    }

    [Fact]
    public void Updates_are_due_after_each_word_of_an_agent_in_cycles()
    {
        var catalogue = Given.Catalogue(Always, Target("update", "nextUpdate", Elapsed(2)));
        var clocks = Ticket("2026-06-01 09:00").Answer("2026-06-01 10:00").Answer("2026-06-01 11:30").Ask("2026-06-01 12:00")
            .Answer("2026-06-01 14:00").Clocks(catalogue, "2026-06-01 15:00");
        Assert.Equal([(1, false), (2, true), (3, false)], clocks.Select(clock => (clock.Life.Cycle, clock.Snapshot().Breached)));
        Assert.Equal(At("2026-06-01 16:00"), clocks[^1].DueAt);
    }

    [Fact]
    public void Updates_after_a_word_of_the_requester_begin_with_it_and_end_with_the_answer()
    {
        var target =
            Target("update", "nextUpdate", Elapsed(2)) with { Conditions = Metrics.Of("nextUpdate", afterReply: true, pauses: true)! };
        var clocks = Ticket("2026-06-01 09:00").Answer("2026-06-01 10:00").Ask("2026-06-01 11:00").Answer("2026-06-01 12:00")
            .Ask("2026-06-01 15:00").Clocks(Given.Catalogue(Always, target), "2026-06-01 16:00");
        Assert.Equal([(At("2026-06-01 11:00"), ClockState.Completed), (At("2026-06-01 15:00"), ClockState.Running)],
            clocks.Select(clock => (clock.Life.Start, clock.Snapshot().State)));
    }

    [Theory]
    [InlineData(TimeZoneSource.Calendar, "2026-06-01 10:00")]
    [InlineData(TimeZoneSource.RequesterSite, "2026-06-01 01:00")]
    [InlineData(TimeZoneSource.Service, "2026-06-01 14:00")]
    [InlineData(TimeZoneSource.Agreement, "2026-06-01 04:15")]
    public void Hours_are_read_on_the_clock_that_the_agreement_names(TimeZoneSource source, string due)
    {
        var edition = Edition("office", Target("resolution", "resolution", Business(1))) with
        {
            TimeZoneFrom = source, TimeZone = "Asia/Kathmandu",
            ServiceTimeZones = new Dictionary<string, string> { ["vpn"] = "America/New_York" },
        };
        var ticket = Ticket("2026-05-31 12:00").Service(null, "vpn").Surrounded(new Surroundings { TimeZone = "Asia/Tokyo" });
        Assert.Equal(At(due), ticket.Clock(new Catalogue([Agreement(edition)], [Utc]), "2026-05-31 13:00").DueAt);
    }

    [Theory]
    [InlineData(CalendarSource.Agreement, "2026-06-01 10:00")]
    [InlineData(CalendarSource.RequesterSite, "2026-05-31 13:00")]
    [InlineData(CalendarSource.AssignmentGroup, "2026-06-01 09:00")]
    public void The_calendar_is_that_of_the_agreement_the_site_or_the_group(CalendarSource source, string due)
    {
        var edition = Edition("office", Target("resolution", "resolution", Business(1))) with { CalendarFrom = source };
        var ticket = Ticket("2026-05-31 12:00").Surrounded(new Surroundings { SiteCalendar = "always", GroupCalendar = "lisbon" });
        Assert.Equal(At(due), ticket.Clock(new Catalogue([Agreement(edition)], [Utc, Lisbon, Always]), "2026-05-31 12:30").DueAt);
    }

    [Fact]
    public void An_edition_that_keeps_leaves_open_tickets_alone_and_one_that_rebases_takes_them_over_with_their_pauses()
    {
        var agreement = Agreement(Edition("always", Target("resolution", "resolution", Elapsed(24))));
        agreement.Publish(
            Edition("always", Target("resolution", "resolution", Elapsed(12))) with { EffectiveFrom = At("2026-06-01 12:00") },
            AuditOf("2026-06-01 10:00"));
        var ticket = Ticket("2026-06-01 09:00").Hold("2026-06-01 09:30").Resume("2026-06-01 10:30");
        Assert.Equal(At("2026-06-02 10:00"), ticket.Clock(new([agreement], [Always]), "2026-06-01 13:00").DueAt);
        Assert.Equal(At("2026-06-02 00:00"), Ticket("2026-06-01 12:00").Clock(new([agreement], [Always]), "2026-06-01 13:00").DueAt);

        agreement.Publish(Edition("always", Target("resolution", "resolution", Elapsed(6))) with
        {
            EffectiveFrom = At("2026-06-01 14:00"), Running = RunningClocks.Rebase,
        }, AuditOf("2026-06-01 13:00"));
        var clocks = ticket.Clocks(new([agreement], [Always]), "2026-06-01 14:00");
        Assert.Equal([(1, ClockState.Cancelled), (3, ClockState.Running)],
            clocks.Select(clock => (clock.Life.Offer.Edition.Number, clock.Snapshot().State)));
        Assert.Equal(At("2026-06-01 16:00"), clocks[1].DueAt);
    }

    [Fact]
    public void A_new_agreement_leaves_open_tickets_alone_unless_it_rebases()
    {
        var old = Agreement(Edition("always", Target("resolution", "resolution", Elapsed(24))));
        var ticket = Ticket("2026-06-01 09:00");
        Assert.Equal("standard", Latest(RunningClocks.Keep).Life.Offer.Agreement);
        Assert.Equal("better", Latest(RunningClocks.Rebase).Life.Offer.Agreement);

        Clock Latest(RunningClocks running)
        {
            var edition = Edition("always", Target("resolution", "resolution", Elapsed(12), 3)) with { Running = running };
            return ticket.Clocks(new([old,
                ServiceLevels.Domain.Agreement.Create(Guid.Empty, "better", "Better", AgreementKind.Sla, 1, edition,
                    AuditOf("2026-06-01 10:00"))], [Always]), "2026-06-01 11:00")[^1];
        }
    }

    [Fact]
    public void A_corrected_calendar_applies_from_its_publication_or_from_ever_and_never_to_what_has_ended()
    {
        var longer = Utc.And("2026-06-02 12:00", EditionApplies.FromPublication, edition =>
            edition with { Week = [.. edition.Week.Select(day => day with { Hours = [new("09:00", "21:00")] })] });
        var corrected = longer with { Editions = [longer.Editions[0], longer.Editions[1] with { Applies = EditionApplies.Retroactively }] };
        var target = Target("resolution", "resolution", Business(20));
        var ticket = Ticket("2026-06-01 09:00");
        Assert.Equal(At("2026-06-03 13:00"), ticket.Clock(Given.Catalogue(longer, target), "2026-06-02 11:59").DueAt);
        Assert.Equal(At("2026-06-02 21:00"), ticket.Clock(Given.Catalogue(longer, target), "2026-06-02 12:00").DueAt);
        Assert.Equal(At("2026-06-02 17:00"), ticket.Clock(Given.Catalogue(corrected, target), "2026-06-02 12:00").DueAt);

        var ended = Ticket("2026-06-01 09:00").Resolve("2026-06-02 11:00");
        Assert.Equal(ended.Clock(Given.Catalogue(Utc, target), "2026-06-05").Snapshot().Elapsed,
            ended.Clock(Given.Catalogue(corrected, target), "2026-06-05").Snapshot().Elapsed);
    }

    [Fact]
    public void A_breach_that_has_come_is_not_undone_by_a_corrected_calendar()
    {
        var target = Target("resolution", "resolution", Business(4));
        var corrected = Utc.And("2026-06-02 12:00", EditionApplies.Retroactively, edition =>
            edition with { Holidays = [new() { Name = "Forgotten", Date = "2026-06-01" }] });
        Assert.Equal(At("2026-06-01 13:00"), Ticket("2026-06-01 09:00").Clock(Given.Catalogue(corrected, target), "2026-06-03").BreachedAt);
        Assert.Equal(At("2026-06-02 13:00"),
            Ticket("2026-06-01 14:00").Hold("2026-06-01 16:00").Resume("2026-06-02 12:00")
                .Clock(Given.Catalogue(corrected, target), "2026-06-02 12:30").DueAt!.Value.AddHours(-3));
    }

    [Fact]
    public void An_explanation_has_no_gap_and_adds_up_to_what_is_elapsed()
    {
        var calendar = Lisbon.With(new Holiday { Name = "Freedom Day", Yearly = "04-25" },
            new Holiday { Name = "Half", Date = "2028-04-24", Hours = [new("00:00", "12:00")] });
        var catalogue = Given.Catalogue(calendar, Target("resolution", "resolution", Business(30)));
        var ticket = Ticket("2028-04-20 16:00").Hold("2028-04-21 10:00:07").Resume("2028-04-24 09:30:30.500").Resolve("2028-04-26 15:00");
        var clock = ticket.Clock(catalogue, "2028-05-01");
        var explanation = Explanation.Of(clock, TicketId, [], catalogue, At("2028-05-01"));
        Assert.Equal(clock.Snapshot().Elapsed.TotalSeconds,
            explanation.Stretches.Where(stretch => stretch.Kind == StretchKind.Running).Sum(stretch => stretch.Seconds), 6);
        Assert.Equal(explanation.Elapsed.TotalSeconds, explanation.Seconds["running"], 6);
        Assert.All(explanation.Stretches.Zip(explanation.Stretches.Skip(1)), pair => Assert.Equal(pair.First.To, pair.Second.From));
        Assert.Equal((explanation.StartedAt, explanation.Until), (explanation.Stretches[0].From, explanation.Stretches[^1].To));
        Assert.Equal(["Freedom Day", "Half"], explanation.Stretches.Select(stretch => stretch.Holiday).OfType<string>().Distinct().Order());
        Assert.Equal(("hold", "Amir"),
            explanation.Stretches.Where(stretch => stretch.Kind == StretchKind.Paused)
                .Select(stretch => (stretch.PausedBy!.Action, stretch.PausedBy.By!.Name)).Single());
        Assert.Equal("resolve", explanation.EndedBy!.Action);
    }

    [Fact]
    public void The_same_history_gives_the_same_bytes()
    {
        var catalogue = Given.Catalogue(Lisbon, Target("p3", "resolution", Business(16), 3), Target("p1", "resolution", Business(4), 1),
            Target("response", "firstResponse", Business(1)));
        var ticket = Ticket("2026-06-01 09:00").Hold("2026-06-01 10:00").Answer("2026-06-01 10:00").Resume("2026-06-01 15:00")
            .Priority("2026-06-01 16:00", 1);
        Assert.Equal(Bytes("2026-06-01 16:30"), Bytes("2026-06-01 17:30"));

        byte[] Bytes(string now) => TicketClocks.Bytes([.. ticket.Clocks(catalogue, now).Select(clock => clock.Snapshot())]);
    }
}
