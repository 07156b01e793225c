using Itsm.Contracts;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;

namespace Itsm.Ticketing;

// What each save says of it: readers, timeline and message.
public abstract partial class Ticket
{
    private const string ReplayAction = "replay";

    /// <inheritdoc/>
    protected override void OnSaving(Act act, IReadOnlyList<string> changed)
    {
        UpdatedAt = act.At;
        RecordedAt = RecordedAt == default ? act.At : RecordedAt;
        var (readers, noteReaders) = ComputeReaders();
        if (IsStored)
        {
            changed = [.. changed, .. Readers.SequenceEqual(readers) ? [] : new[] { "readers" },
                .. NoteReaders.SequenceEqual(noteReaders) ? [] : new[] { "noteReaders" }];
        }

        (Readers, NoteReaders) = (readers, noteReaders);
        var now = new TimelineEntry(act.At, StateName, StateCategory, Priority, AssignmentGroup, Assignee, AffectedService,
            FirstAnsweredAt is not null)
        {
            By = act.By, Action = act.Action, Surroundings = Surroundings,
        };
        if (Timeline.Count == 0
            || Timeline[^1] with { At = now.At, By = now.By, Action = now.Action, Surroundings = now.Surroundings } != now
            || !SurroundedAs(Timeline[^1].Surroundings))
        {
            Timeline = [.. Timeline, now];
        }

        Raise(Snapshot(act, changed));
    }

    private bool SurroundedAs(Surroundings? other) => ReferenceEquals(Surroundings, other) || (Surroundings is { } mine && other is not null
        && mine with { RequesterGroups = null } == other with { RequesterGroups = null }
        && (mine.RequesterGroups ?? []).SequenceEqual(other.RequesterGroups ?? []));

    /// <summary>Who may see it, and who may read its work notes.</summary>
    protected virtual (IReadOnlyList<string> Readers, IReadOnlyList<string> NoteReaders) ComputeReaders()
    {
        List<string> workers =
            [ReaderToken.Role(KnownRoles.Agent), .. AssignmentGroup is { } group ? new[] { ReaderToken.Group(group) } : [],
                .. Assignee is { } assignee ? new[] { ReaderToken.Person(assignee) } : []];
        return ([.. workers.Concat(Watchers.Prepend(Requester).Append(OpenedBy).Select(ReaderToken.Person)).Distinct()], workers);
    }

    /// <summary>The message of this version once more, for those who ask for a replay.</summary>
    public TicketChanged Replay() => Snapshot(new Act { By = new Actor(null, "replay"), Action = ReplayAction, At = UpdatedAt }, []);

    /// <summary>The message of this version.</summary>
    protected virtual TicketChanged Snapshot(Act act, IReadOnlyList<string> changed) => new()
    {
        Id = Id, Version = Version, Kind = Kind, Number = Number, Title = Title, Description = Description, State = StateName,
        Category = StateCategory, Priority = Priority, Impact = (int)Impact, Urgency = (int)Urgency, Requester = Requester,
        OpenedBy = OpenedBy, AssignmentGroup = AssignmentGroup, Assignee = Assignee, TicketCategory = Category,
        AffectedService = AffectedService, ConfigurationItems = ConfigurationItems, Watchers = Watchers, Readers = Readers,
        NoteReaders = NoteReaders, OpenedAt = OpenedAt, ResolvedAt = ResolvedAt, ClosedAt = ClosedAt, RecordedAt = RecordedAt,
        FirstAnsweredAt = FirstAnsweredAt, Timeline = Timeline, Changed = changed, By = act.By, Action = act.Action, Reason = act.Reason,
        At = act.At, Timer = act.Timer,
    };
}
