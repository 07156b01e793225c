using Itsm.Contracts.ServiceLevels;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.ServiceLevels.Domain;

/// <summary>The clocks of one ticket, with all that they are computed from. Its id is the ticket's.</summary>
public sealed class TicketClocks : Aggregate
{
    /// <summary>The next instant at which there is something to say.</summary>
    internal const string NextField = "nextAt";

    internal const string BreachNotice = "breach";
    private const string MetNotice = "met";
    private bool _clocksChanged;
    private IReadOnlyList<ServiceLevelClock> _recorded = [];

    /// <summary>The ticket's number; empty until the ticket itself was received.</summary>
    public string Number { get; private set; } = "";

    /// <summary>The ticket's process.</summary>
    public string Kind { get; private set; } = "";

    /// <summary>The ticket's version that was last received.</summary>
    public long TicketVersion { get; private set; }

    /// <summary>What happened to the ticket; null until it was received.</summary>
    [Unaudited]
    public TicketHistory? TicketHistory { get; private set; }

    /// <summary>Its public comments.</summary>
    [AtMost(10_000)]
    public IReadOnlyList<Reply> Replies { get; private set; } = [];

    /// <summary>Its clocks, in the order in which they were attached.</summary>
    [Unaudited]
    [AtMost(1_000)]
    public IReadOnlyList<ServiceLevelClock> Clocks { get; private set; } = [];

    /// <summary>How often the clocks came out differently.</summary>
    public int Counts { get; private set; }

    /// <summary>What was said and asked for, so that it is once.</summary>
    [AtMost(10_000)]
    public IReadOnlyList<Notice> Notices { get; private set; } = [];

    /// <summary>When there is something to say next.</summary>
    public DateTimeOffset? NextAt { get; private set; }

    /// <summary>True where a clock has not ended; null where all have.</summary>
    public bool? Live { get; private set; }

    /// <summary>Keys of the calendars by which the clocks that have not ended count.</summary>
    [AtMost(1_000)]
    public IReadOnlyList<string>? Calendars { get; private set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<TicketClocks> Definition { get; } = new("ticket-clocks", null,
        new IndexDefinition("number") { Serves = "rebuilds" },
        new IndexDefinition("live", "number") { Sparse = true, Serves = "new editions of agreements" },
        new IndexDefinition("calendars", "number") { Sparse = true, Serves = "new editions of calendars" },
        new IndexDefinition(NextField) { Sparse = true, Serves = "what comes due" }) { Noun = "ticket", HasHistory = false };

    /// <summary>The clocks of a ticket that nothing is known of yet.</summary>
    public static TicketClocks Of(Guid ticket) => new() { Id = ticket };

    /// <summary>Takes in how the ticket is; an older version changes nothing.</summary>
    public void Hear(TicketChanged ticket, DateTimeOffset now)
    {
        if (ticket.Version > TicketVersion)
        {
            // Who may see the ticket may see its clocks: their records must change with it.
            if (Clocks.Count > 0 && !Readers.SequenceEqual(ticket.Readers))
            {
                (_clocksChanged, _recorded) = (true, []);
            }

            (Number, Kind, TicketVersion, Readers) = (ticket.Number, ticket.Kind, ticket.Version, ticket.Readers);
            TicketHistory = TicketHistory.Of(ticket).Believed(now, TicketHistory);
        }
    }

    /// <summary>Takes in a public comment; the same one again changes nothing.</summary>
    public void Hear(TicketCommented comment, DateTimeOffset now)
    {
        if (!comment.Internal && Replies.All(known => known.Comment != comment.Id))
        {
            var reply = new Reply(comment.Id, TicketHistory.Believed(comment.At, now), comment.By);
            Replies = [.. Replies.Append(reply).OrderBy(one => one.At)];
        }
    }

    /// <summary>Computes the clocks anew, says what there is to say until now, and sets the timer for what comes next. What has ended stays
    /// as it is.</summary>
    /// <param name="catalogue">Agreements and calendars.</param>
    /// <param name="now">The time.</param>
    /// <param name="silently">True where all that has happened so far was said before, by whoever lost it.</param>
    internal void Count(Catalogue catalogue, DateTimeOffset now, bool silently = false)
    {
        if (Evaluate(catalogue, now) is not { } clocks)
        {
            return;
        }

        var ended = Clocks.Where(clock => clock.EndedAt is not null).ToDictionary(clock => clock.ClockId);
        List<ServiceLevelClock> counted = [.. clocks.Select(clock => ended.Remove(clock.Id, out var kept) ? kept : clock.Snapshot())];
        counted.InsertRange(0, ended.Values);
        if (counted.Count != Clocks.Count || counted.Zip(Clocks).Any(pair => !AreSame(pair.First, pair.Second)))
        {
            foreach (var gone in Clocks.Where(clock => counted.TrueForAll(other => other.ClockId != clock.ClockId)))
            {
                Delete(ClockRecord.Definition, gone.ClockId);
            }

            _recorded = _clocksChanged ? [] : Clocks;
            (Clocks, Counts, _clocksChanged) = (counted, Counts + 1, true);
        }

        Live = clocks.Any(clock => clock.Lives) ? true : null;
        Calendars = Live is null
            ? null
            : [.. clocks.Where(clock => clock.Lives).Select(clock => clock.Calendar).Distinct().Order(StringComparer.Ordinal)];
        DateTimeOffset? next = null;
        foreach (var (clock, point) in clocks.SelectMany(clock => PointsOf(clock).Select(point => (clock, point)))
            .OrderBy(one => one.point.At))
        {
            if (point.At > now)
            {
                next = next < point.At ? next : point.At;
            }
            else if (Notices.All(given => given.Clock != clock.Id || given.Name != point.Name))
            {
                Notices = [.. Notices, new Notice(clock.Id, point.Name, point.At, now)];
                if (!silently)
                {
                    point.Say(point.At < clock.KnownAt);
                }
            }
        }

        NextAt = next;

        IEnumerable<(string Name, DateTimeOffset At, Action<bool> Say)> PointsOf(Clock clock) => Points(clock, now);
    }

    /// <summary>The clocks as they come out by all that is known; null where the ticket was not received.</summary>
    internal IReadOnlyList<Clock>? Evaluate(Catalogue catalogue, DateTimeOffset now) =>
        Known(now) is { } history ? ClockEngine.Evaluate(Id, history, catalogue, now) : null;

    /// <summary>All that is known of the ticket, also what earlier versions have stored as they heard it; null where it was not
    /// received.</summary>
    internal TicketHistory? Known(DateTimeOffset now) => TicketHistory is { Timeline.Count: > 0 } history
        ? history.Believed(now, null) with
        {
            Replies = [.. Replies.Select(reply => reply with { At = TicketHistory.Believed(reply.At, now) })],
        }
        : null;

    /// <summary>The bytes of clocks, to compute a digest of.</summary>
    internal static byte[] Bytes(IReadOnlyList<ServiceLevelClock> clocks) => BsonMapping.ToBytes(new ClockList(clocks));

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed)
    {
        if (_clocksChanged)
        {
            _clocksChanged = false;
            var message = new TicketClocksChanged
            {
                Id = Id, Version = Version, Kind = Kind, Number = Number, Readers = Readers, Clocks = Clocks, At = audit.At,
                DueAt = Clocks.Where(clock => clock is { EndedAt: null, Breached: false }).Min(clock => clock.DueAt),
                Breached = Clocks.Any(clock => clock is { EndedAt: null, Breached: true }),
            };
            foreach (var clock in Clocks.Where(clock => !_recorded.Any(known => AreSame(known, clock))))
            {
                Write(ClockRecord.Definition, ClockRecord.Of(message, clock));
            }

            Raise(message);
        }
    }

    /// <summary>True where two computations came to the same.</summary>
    internal static bool AreSame(ServiceLevelClock one, ServiceLevelClock other) =>
        one == other with { Ahead = one.Ahead } && (one.Ahead ?? []).SequenceEqual(other.Ahead ?? []);

    private IEnumerable<(string Name, DateTimeOffset At, Action<bool> Say)> Points(Clock clock, DateTimeOffset now)
    {
        var (offer, target) = (clock.Life.Offer, clock.Target);
        foreach (var warning in offer.Edition.Warnings)
        {
            if (clock.Reaches(warning.Of(clock.Promised)) is { } at)
            {
                yield return ($"warning {warning.Name}", at, late => Raise(new ServiceLevelWarned
                {
                    ClockId = clock.Id, Ticket = Id, Kind = Kind, Number = Number, Agreement = offer.Agreement, Target = target.Key,
                    Metric = target.Metric, Warning = warning.Name, DueAt = clock.BreachedAt is null ? clock.DueAt : null, At = at,
                    NoticedAt = now, OnAttach = late, Readers = Readers,
                }));
            }
        }

        if (clock.DueAt is { } due && (clock.BreachedAt is not null || clock.Lives))
        {
            yield return (BreachNotice, due, late => Raise(new ServiceLevelBreached
            {
                ClockId = clock.Id, Ticket = Id, Kind = Kind, Number = Number, Agreement = offer.Agreement, Target = target.Key,
                Metric = target.Metric, At = due, NoticedAt = now, OnAttach = late, Readers = Readers,
            }));
        }

        for (var index = 0; index < offer.Edition.Escalations.Count; index++)
        {
            var step = offer.Edition.Escalations[index];
            if ((step.Metric is null || step.Metric == target.Metric) && clock.Reaches(step.At.Of(clock.Promised)) is { } at)
            {
                var name = $"step {index + 1}";
                yield return (name, at, late => Escalate(clock, step, name, late));
            }
        }

        if (clock is { BreachedAt: null, Life: { Outcome: ClockState.Completed, EndedAt: { } end } })
        {
            yield return (MetNotice, end.At, _ => Raise(new ServiceLevelMet
            {
                ClockId = clock.Id, Ticket = Id, Kind = Kind, Number = Number, Agreement = offer.Agreement, Target = target.Key,
                Metric = target.Metric, At = end.At, NoticedAt = now, Readers = Readers,
            }));
        }
    }

    private void Escalate(Clock clock, EscalationStep step, string name, bool late)
    {
        // What a clock that has ended would have asked for helps nobody any more.
        if (clock.Lives && (!late || clock.Life.Offer.Edition.EscalatesOnAttach))
        {
            Raise(new TicketEscalationRequested
            {
                Id = DerivedId.From(clock.Id.ToString(), name), Kind = Kind, Ticket = Id, RaisePriority = step.RaisePriority,
                AssignTo = step.AssignTo, Notify = step.Notify,
                Reason = $"Agreement {clock.Life.Offer.Agreement}, {clock.Target.Key}: {step.At.Name}.",
            });
        }
    }

    private sealed record ClockList(IReadOnlyList<ServiceLevelClock> Clocks);
}

/// <summary>Something that was said, or asked for, about a clock.</summary>
/// <param name="Clock">Which.</param>
/// <param name="Name">What.</param>
/// <param name="At">The exact instant.</param>
/// <param name="NoticedAt">When the service noticed.</param>
public sealed record Notice(Guid Clock, string Name, DateTimeOffset At, DateTimeOffset NoticedAt);
