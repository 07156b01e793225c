using Itsm.Contracts;
using Itsm.Contracts.Ticketing;

namespace Itsm.ServiceLevels.Domain;

/// <summary>All that clocks depend on in a ticket, from its own snapshot and comments.</summary>
public sealed record TicketHistory
{
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
    public static TicketHistory Of(TicketChanged ticket, IReadOnlyList<Reply> replies) => new()
    {
        Kind = ticket.Kind, OpenedAt = ticket.OpenedAt, RecordedAt = ticket.RecordedAt ?? ticket.OpenedAt, Requester = ticket.Requester,
        FirstAnsweredAt = ticket.FirstAnsweredAt, Timeline = ticket.Timeline, Replies = replies,
    };

    /// <summary>Its moments until an instant, oldest first: each with what holds from then on.</summary>
    /// <param name="others">Instants at which something beside the ticket may change its clocks.</param>
    /// <param name="until">Inclusive.</param>
    internal List<Moment> Moments(IEnumerable<(DateTimeOffset At, string Action)> others, DateTimeOffset until)
    {
        var moments = new List<Moment>();
        var entry = 0;
        var last = "none";
        var events = Changes().Select((at, index) => (At: at, Order: 0, Index: index))
            .Concat(Replies.Select((one, index) => (one.At, Order: 1, Index: index)))
            .Concat(FirstAnsweredAt is { } answered ? [(At: answered, Order: 2, Index: 0)] : [])
            .Concat(others.Select((one, index) => (one.At, Order: 3, Index: index)))
            .Where(one => one.At <= until).OrderBy(one => one.At).ThenBy(one => one.Order).ThenBy(one => one.Index);
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

    /// <summary>When each change was made: not after one that stands later in the timeline, whatever the clocks of those who made them
    /// said.</summary>
    private DateTimeOffset[] Changes()
    {
        DateTimeOffset[] made = [.. Timeline.Select((one, index) => index == 0 && one.At > OpenedAt ? OpenedAt : one.At)];
        for (var index = made.Length - 2; index >= 0; index--)
        {
            made[index] = made[index] < made[index + 1] ? made[index] : made[index + 1];
        }

        return made;
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
