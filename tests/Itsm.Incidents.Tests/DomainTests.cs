using CsCheck;
using Itsm.Contracts;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Ticketing;
using Itsm.Incidents.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Ticketing;
using MongoDB.Bson;

namespace Itsm.Incidents.Tests;

/// <summary>Any sequence of actions, on the domain alone.</summary>
public sealed class DomainTests
{
    private static readonly TimeSpan CloseAfter = TimeSpan.FromDays(7);
    private static readonly Guid Person = Guid.Parse("01900000-0000-7000-8000-000000000001");
    private static readonly Guid Group = Guid.Parse("01900000-0000-7000-8000-000000000002");

    private static readonly GroupChanged Taker =
        new() { Id = Group, Version = 1, Key = "network", Name = "Network", Members = [], Active = true };

    private static readonly (string Name, Action<Incident, AuditContext> Do)[] Deeds =
    [
        (Moves.Start, (incident, audit) => incident.Move(Moves.Start, CloseAfter, audit)),
        (Moves.Hold, (incident, audit) => incident.Hold(HoldReason.Vendor, null, audit)),
        (Moves.Hold, (incident, audit) => incident.Hold(HoldReason.Caller, "Which one?", audit)),
        (Moves.Resume, (incident, audit) => incident.Move(Moves.Resume, CloseAfter, audit)),
        (IncidentLifeCycle.Resolve, (incident, audit) => incident.Resolve(ResolutionCode.FixedPermanently, "Done.", CloseAfter, audit)),
        (Moves.Reopen, (incident, audit) => incident.Move(Moves.Reopen, CloseAfter, audit)),
        (Moves.Close, (incident, audit) => incident.Move(Moves.Close, CloseAfter, audit)),
        (Moves.Cancel, (incident, audit) => incident.Move(Moves.Cancel, CloseAfter, audit)),
        ("close-when-due", (incident, audit) => incident.CloseWhenDue(audit)),
        ("assign", (incident, _) => incident.Assign(Taker, null)),
        ("escalate", (incident, audit) => incident.Escalate(null, Person, "Up.", audit)),
        ("escalate", (incident, audit) => incident.Escalate(Taker, null, "Over.", audit)),
        ("edit", (incident, audit) => incident.Describe($"At {audit.At:O}", null)),
        ("edit", (incident, _) => incident.Rate(Level.High, Level.High, PriorityMatrix<Incident>.Default())),
        ("edit", (incident, _) => incident.Rate(Level.Low, Level.High, PriorityMatrix<Incident>.Default())),
        ("override-priority", (incident, audit) => incident.OverridePriority(1, "Boss.", audit)),
        ("clear-priority-override", (incident, _) => incident.ClearPriorityOverride()),
        ("propose-major", (incident, audit) => incident.ProposeMajor("Grows.", audit)),
        ("accept-major", (incident, audit) => incident.AcceptMajor(Person, audit)),
        ("reject-major", (incident, audit) => incident.RejectMajor("No.", audit)),
        ("demote-major", (incident, audit) => incident.DemoteMajor("Small.", CloseAfter, audit)),
        ("plan", (incident, audit) => incident.PlanCommunication([new Audience("staff", "chat", TimeSpan.FromHours(1))], audit)),
        ("publish", (incident, audit) => incident.PublishUpdate("Soon.", [], audit)),
        ("publish", (incident, audit) => incident.PublishUpdate("Soon.", ["press"], audit)),
        ("overdue", (incident, audit) => incident.NoteUpdateOverdue(audit)),
        ("report", (incident, _) => incident.Report("Fire.", null, null)),
        ("secure", (incident, audit) => incident.Secure(SecurityCategory.Malware, SecuritySeverity.High, [], [Group], audit)),
        ("name-readers", (incident, _) => incident.NameReaders([], [])),
        ("investigate", (incident, audit) => incident.Investigate(SecurityPhase.Contain, "Locked.", audit)),
        ("set-parent", (incident, audit) => incident.SetParent(New(audit))),
        ("set-parent", (incident, _) => incident.SetParent(incident)),
        ("mark-duplicate", (incident, audit) => incident.MarkDuplicate(New(audit), audit)),
        ("merge", (incident, audit) => incident.MergeInto(New(audit), audit)),
        ("follow", (incident, audit) => incident.Follow(IncidentState.InProgress, null, null, null, false, CloseAfter, audit)),
        ("follow", (incident, audit) => incident.Follow(IncidentState.OnHold, HoldReason.Change, null, null, false, CloseAfter, audit)),
        ("follow", (incident, audit) =>
            incident.Follow(IncidentState.Resolved, null, ResolutionCode.FixedByVendor, null, false, CloseAfter, audit)),
        ("follow", (incident, audit) => incident.Follow(IncidentState.Cancelled, null, null, null, false, CloseAfter, audit)),
    ];

    [Theory]
    [InlineData(0, 60, null)]
    [InlineData(1, -60, Moves.Resume)]
    [InlineData(null, 60, Moves.Resume)]
    [InlineData(null, -60, null)]
    public void A_comment_answers_the_state_in_which_it_was_written_whatever_the_clocks_say(int? seen, int seconds, string? reaction)
    {
        var audit = new AuditContext { By = new Actor(Person, "Erin"), Action = Moves.Hold, At = DateTimeOffset.UnixEpoch.AddDays(1) };
        var incident = New(audit);
        incident.Hold(HoldReason.Caller, "Which one?", audit);
        Assert.Equal(reaction, incident.ReactionTo(new TicketCommented
        {
            Id = Group, Version = 1, Kind = "incident", Ticket = incident.Id, Internal = false, Text = "This one.",
            By = new Actor(incident.Requester, "Erin"), At = audit.At.AddSeconds(seconds), TicketVersion = seen,
        }));
    }

    [Fact]
    public void No_sequence_of_actions_reaches_a_state_by_a_way_that_the_table_does_not_have() => Walks((before, deed, after, refused) =>
    {
        Assert.True(before.State == after.State
            || IncidentLifeCycle.Table.Table.Any(row => row.From.Contains(before.State) && row.To == after.State),
            $"{before.State} → {after.State} by {deed}");
        if (!refused && IncidentLifeCycle.Table.Table.Where(row => row.Action == deed).ToList() is { Count: > 0 } rows)
        {
            Assert.Contains(rows, row => row.From.Contains(before.State) && row.To == after.State);
        }
    });

    [Fact]
    public void A_refused_action_leaves_everything_as_it_was() => Walks((before, deed, after, refused) =>
        Assert.True(!refused || BsonMapping.ToBytes(before).AsSpan().SequenceEqual(BsonMapping.ToBytes(after)), deed));

    [Fact]
    public void What_an_incident_says_of_itself_fits_its_state() => Walks((_, deed, after, _) =>
    {
        Assert.Equal(after.State == IncidentState.OnHold, after.HoldReason is not null);
        Assert.Equal(after.State is IncidentState.Resolved or IncidentState.Closed, after.ResolvedAt is not null);
        Assert.Equal(after.State is IncidentState.Closed or IncidentState.Cancelled, after.ClosedAt is not null);
        Assert.Equal(after.State == IncidentState.Resolved && after.Major?.Stage != MajorStage.Accepted, after.ClosesAt is not null);
        Assert.Equal(after.PriorityOverride?.Priority ?? after.ComputedPriority, after.Priority);
        Assert.True(after.Major?.NextUpdateAt is null
            || (after.Major.Stage == MajorStage.Accepted
                && after.State is not (IncidentState.Resolved or IncidentState.Closed or IncidentState.Cancelled)), deed);
    });

    [Fact]
    public void The_first_answer_counts_whatever_is_heard_of_first()
    {
        var at = new DateTimeOffset(2031, 1, 1, 8, 0, 0, TimeSpan.Zero);
        var incident = New(ActAt(at, "create"));
        foreach (var (minutes, first) in new[] { (3, 3), (5, 3), (2, 2), (4, 2) })
        {
            incident.NoteAnswer(at.AddMinutes(minutes));
            Assert.Equal(at.AddMinutes(first), incident.FirstAnsweredAt);
        }
    }

    [Fact]
    public void An_incident_whose_timeline_is_full_can_still_be_resolved_and_closed_and_nothing_else()
    {
        var at = new DateTimeOffset(2031, 1, 1, 8, 0, 0, TimeSpan.Zero);
        var incident = New(ActAt(at, "create"));
        AggregateStore<Incident>.Stage(incident, ActAt(at, "create"));
        var fields = BsonMapping.FromBytes<BsonDocument>(BsonMapping.ToBytes(incident));
        fields["timeline"] = new BsonArray(Enumerable.Repeat(fields["timeline"][0], 5_000));
        var stored = new StoredDocument(incident.Id, 1, BsonMapping.ToBytes(fields));
        var full = AggregateStore<Incident>.Load(stored);
        var audit = ActAt(at.AddMinutes(1), "edit");
        full.Describe("Still the same", null);
        AggregateStore<Incident>.Stage(full, audit);
        var rated = AggregateStore<Incident>.Load(stored);
        rated.Rate(Level.High, Level.High, PriorityMatrix<Incident>.Default());
        var refused = Assert.Throws<RuleViolationException>(() => AggregateStore<Incident>.Stage(rated, audit));
        Assert.Equal("ticket.history-full", refused.Code);
        full.Move(Moves.Start, CloseAfter, audit);
        full.Resolve(ResolutionCode.FixedPermanently, "Done.", CloseAfter, audit);
        AggregateStore<Incident>.Stage(full, audit);
        full.Move(Moves.Close, CloseAfter, audit);
        AggregateStore<Incident>.Stage(full, audit);
        Assert.Equal(5_002, full.Timeline.Count);
    }

    private static void Walks(Action<Incident, string, Incident, bool> check) =>
        Gen.Select(Gen.Int[0, Deeds.Length - 1], Gen.Int[0, 4]).Array[1, 30].Sample(steps =>
        {
            var now = new DateTimeOffset(2031, 1, 1, 8, 0, 0, TimeSpan.Zero);
            var incident = New(ActAt(now, "create"));
            foreach (var (index, days) in steps)
            {
                now += TimeSpan.FromDays(days) + TimeSpan.FromMinutes(1);
                var (name, audit) = (Deeds[index].Name, ActAt(now, Deeds[index].Name));
                var before = Copy(incident);
                var refused = false;
                try
                {
                    Deeds[index].Do(incident, audit);
                }
                catch (Exception e) when (e is RuleViolationException or InvalidValueException)
                {
                    refused = true;
                }

                check(before, name, incident, refused);
            }
        }, iter: 400, threads: 1);

    private static Incident Copy(Incident incident) => BsonMapping.FromBytes<Incident>(BsonMapping.ToBytes(incident));

    private static AuditContext ActAt(DateTimeOffset at, string action) =>
        new() { By = new Actor(Person, "Pat"), Action = action, At = at };

    private static Incident New(AuditContext audit) =>
        Incident.Open(new NewIncident { Number = "INC0000001", Title = "Fire", Requester = Person, OpenedBy = Person },
            PriorityMatrix<Incident>.Default(), audit);
}
