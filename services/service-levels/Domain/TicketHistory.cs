using Itsm.Contracts;
using Itsm.Contracts.Ticketing;

namespace Itsm.ServiceLevels.Domain;

/// <summary>All that clocks depend on in a ticket, from its own snapshot and comments.</summary>
public sealed record TicketHistory
{
    private const int Beside = 3;

    /// <summary>How far clocks of nodes are apart at most.</summary>
    private static readonly TimeSpan MostAhead = TimeSpan.FromMinutes(1);

    /// <summary>Which process.</summary>
    public required string Kind { get; init; }

    /// <summary>When it was opened.</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>When the suite first knew of it.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>For whom it is.</summary>
    public required Guid Requester { get; init; }

    /// <summary>When it was first answered.</summary>
    public DateTimeOffset? FirstAnsweredAt { get; init; }

    /// <summary>Every change of what matters.</summary>
    public required IReadOnlyList<TimelineEntry> Timeline { get; init; }

    /// <summary>Every public comment.</summary>
    public IReadOnlyList<Reply> Replies { get; init; } = [];

    /// <summary>The history of a ticket as its snapshot tells it.</summary>
    public static TicketHistory Of(TicketChanged ticket) => new()
    {
        Kind = ticket.Kind, OpenedAt = ticket.OpenedAt, RecordedAt = ticket.RecordedAt ?? ticket.OpenedAt, Requester = ticket.Requester,
        FirstAnsweredAt = ticket.FirstAnsweredAt, Timeline = ticket.Timeline,
    };

    /// <summary>What somebody tells of has happened: an instant that has not come is that of hearing, but for a little.</summary>
    internal static DateTimeOffset Believed(DateTimeOffset at, DateTimeOffset now) => at > now + MostAhead ? now : at;

    /// <summary>As heard now: what is far ahead happened now, and before what stands later in the timeline.</summary>
    /// <param name="now">The time.</param>
    /// <param name="known">What was heard before, which stays as it was believed then; null for nothing.</param>
    internal TicketHistory Believed(DateTimeOffset now, TicketHistory? known)
    {
        var (timeline, limit) = (Timeline, now);
        TimelineEntry[]? changed = null;
        for (var index = timeline.Count - 1; index >= 0; index--)
        {
            var at = One(timeline[index].At, index < known?.Timeline.Count ? known.Timeline[index].At : null);
            if (at != timeline[index].At)
            {
                (changed ??= [.. timeline])[index] = timeline[index] with { At = at };
            }

            limit = at < limit ? at : limit;
        }

        return this with
        {
            OpenedAt = One(OpenedAt, known?.OpenedAt), RecordedAt = One(RecordedAt, known?.RecordedAt), Timeline = changed ?? timeline,
            FirstAnsweredAt = FirstAnsweredAt is { } answered
                ? known?.FirstAnsweredAt < answered ? known.FirstAnsweredAt : Believed(answered, now) : null,
        };

        DateTimeOffset One(DateTimeOffset told, DateTimeOffset? before) =>
            before < told ? before.Value : told > now + MostAhead ? limit : told;
    }

    /// <summary>Its moments until an instant, oldest first: each with what holds from then on.</summary>
    /// <param name="others">Instants at which something beside the ticket may change its clocks.</param>
    /// <param name="until">Inclusive; what is a little after it in the ticket is taken in: the clock of who did it is ahead.</param>
    internal List<Moment> Moments(IEnumerable<(DateTimeOffset At, string Action)> others, DateTimeOffset until)
    {
        var moments = new List<Moment>();
        var entry = 0;
        var last = "none";
        var events = Changes().Select((at, index) => (At: at, Order: 0, Index: index))
            .Concat(Replies.Select((one, index) => (one.At, Order: 1, Index: index)))
            .Concat(FirstAnsweredAt is { } answered ? [(At: answered, Order: 2, Index: 0)] : [])
            .Concat(others.Select((one, index) => (one.At, Order: Beside, Index: index)))
            .Where(one => one.At <= (one.Order == Beside ? until : until + MostAhead))
            .OrderBy(one => one.At).ThenBy(one => one.Order).ThenBy(one => one.Index);
        foreach (var (at, order, index) in events)
        {
            entry = order == 0 ? index : entry;
            var current = Timeline[entry];
            var reply = order == 1 ? (Replies[index].By.Person == Requester ? "requester" : "agent") : "none";
            last = order == 1 ? reply : last;
            var moment = new Moment(at, current, FirstAnsweredAt is { } first ? first <= at : current.Answered, reply, last, order switch
            {
                0 => current.Action ?? "change", 1 => "comment", 2 => "answer", _ => others.ElementAt(index).Action,
            }, order switch { 0 => current.By, 1 => Replies[index].By, _ => null })
            {
                Before = order == 0 && index > 0 ? Timeline[index - 1] : current,
            };
            if (moments.Count == 0 && order != 0)
            {
                // Nothing holds before the ticket was opened.
                continue;
            }

            moments.Add(moment);
        }

        return moments;
    }

    /// <summary>When each change was made: what stands later in the timeline came later, though older versions wrote earlier
    /// instants where a node's clock was behind.</summary>
    private IEnumerable<DateTimeOffset> Changes()
    {
        var latest = DateTimeOffset.MinValue;
        foreach (var (index, one) in Timeline.Index())
        {
            var at = index == 0 && one.At > OpenedAt ? OpenedAt : one.At;
            yield return latest = at > latest ? at : latest;
        }
    }
}

/// <summary>A public comment.</summary>
/// <param name="Comment">Its identity.</param>
/// <param name="At">When.</param>
/// <param name="By">Who wrote it.</param>
public sealed record Reply(Guid Comment, DateTimeOffset At, Actor By);

/// <summary>An instant in a ticket's life and what holds from then on.</summary>
/// <param name="At">When.</param>
/// <param name="Entry">The ticket's fields.</param>
/// <param name="Answered">True from the first answer on.</param>
/// <param name="Reply">Who replied at just this instant.</param>
/// <param name="LastReply">Who replied last.</param>
/// <param name="Action">What happened.</param>
/// <param name="By">Who did it.</param>
internal sealed record Moment(DateTimeOffset At, TimelineEntry Entry, bool Answered, string Reply, string LastReply, string Action,
    Actor? By)
{
    /// <summary>The ticket's fields just before.</summary>
    public required TimelineEntry Before { get; init; }

    public string Value(string field) => field switch
    {
        "category" =>
            Entry.Category switch
            {
                StateCategory.Open => "open",
                StateCategory.Paused => "paused",
                StateCategory.Resolved => "resolved",
                _ => "closed",
            },
        "state" => Entry.State,
        "priority" => Entry.Priority.ToString(System.Globalization.CultureInfo.InvariantCulture),
        "group" => Entry.AssignmentGroup?.ToString() ?? "none",
        "assigned" => Entry.Assignee is null ? "false" : "true",
        "service" => Entry.AffectedService ?? "none",
        "answered" => Answered ? "true" : "false",
        "reply" => Reply,
        _ => LastReply,
    };

    public bool Meets(Condition? condition) => condition is not null && condition.Holds(Value);
}
