using Itsm.Contracts;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;

namespace Itsm.Ticketing;

// What each save derives: readers, timeline and message.
public abstract partial class Ticket
{
    private const string ReplayAction = "replay";
    private const string TasksField = "tasks";
    private const int MostTimeline = 5_000;
    private static readonly TimeSpan MostBehind = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed)
    {
        audit = audit with { At = After(audit.At) };
        UpdatedAt = audit.At;
        RecordedAt = RecordedAt == default ? audit.At : RecordedAt;
        List<Guid> holders = [.. TaskList.Where(task => !task.HasEnded).SelectMany(task => new[] { task.AssignmentGroup, task.Assignee })
            .OfType<Guid>().Distinct()];
        TaskHolders = holders.Count > 0 ? holders : null;
        var (readers, noteReaders) = ComputeReaders();
        if (IsStored)
        {
            changed = [.. changed, .. Readers.SequenceEqual(readers) ? [] : new[] { "readers" },
                .. NoteReaders.SequenceEqual(noteReaders) ? [] : new[] { "noteReaders" }];
        }

        (Readers, NoteReaders) = (readers, noteReaders);
        var now = new TimelineEntry(audit.At, StateWord, StateCategory, Priority, AssignmentGroup, Assignee, AffectedService,
            FirstAnsweredAt is not null)
        {
            By = audit.By, Action = audit.Action, Surroundings = Surroundings,
        };
        if (Timeline.Count == 0
            || Timeline[^1] with { At = now.At, By = now.By, Action = now.Action, Surroundings = now.Surroundings } != now
            || !SurroundedAs(Timeline[^1].Surroundings))
        {
            // What ends it is still possible, and what the service itself does: nothing open is ever stuck, or in nobody's hands.
            if (Timeline.Count >= MostTimeline && audit.By.Person is not null
                && (StateCategory == Timeline[^1].Category || StateCategory is not (StateCategory.Resolved or StateCategory.Closed)))
            {
                throw new RuleViolationException("ticket.history-full",
                    $"{Number} has changed {MostTimeline} times in what its clocks depend on; it can only be resolved or closed. Open another.");
            }

            Timeline = [.. Timeline, now];
        }

        Raise(Snapshot(audit, changed));
    }

    /// <summary>The instant of a change, put after the last one's where it is a little before that: by its node's clock, or after a lost
    /// race. A comment of who has seen that change is put there, too.</summary>
    public DateTimeOffset After(DateTimeOffset at) =>
        UpdatedAt > at && UpdatedAt < at + MostBehind ? UpdatedAt + TimeSpan.FromMilliseconds(1) : at;

    private bool SurroundedAs(Surroundings? other) => ReferenceEquals(Surroundings, other) || (Surroundings is { } mine && other is not null
        && mine with { RequesterGroups = null } == other with { RequesterGroups = null }
        && (mine.RequesterGroups ?? []).SequenceEqual(other.RequesterGroups ?? []));

    /// <summary>Who may see it, and who may read its work notes.</summary>
    protected virtual (IReadOnlyList<string> Readers, IReadOnlyList<string> NoteReaders) ComputeReaders()
    {
        var workers = WorkerTokens();
        return ([.. workers.Concat(Watchers.Prepend(Requester).Append(OpenedBy).Select(ReaderToken.Person)).Distinct()], workers);
    }

    /// <summary>Those who work on it or on one of its tasks, and all agents unless it is confidential.</summary>
    protected List<string> WorkerTokens() =>
    [
        .. Confidential ? [] : new[] { ReaderToken.Role(KnownRoles.Agent) },
        .. TaskList.Select(task => task.AssignmentGroup).Append(AssignmentGroup).OfType<Guid>().Distinct().Select(ReaderToken.Group),
        .. TaskList.Select(task => task.Assignee).Append(Assignee).OfType<Guid>().Distinct().Select(ReaderToken.Person),
    ];

    /// <summary>The message of this version once more, for those who ask for a replay.</summary>
    public TicketChanged Replay() =>
        Snapshot(new AuditContext { By = new Actor(null, "replay"), Action = ReplayAction, At = UpdatedAt }, []);

    /// <summary>The message of this version.</summary>
    protected virtual TicketChanged Snapshot(AuditContext audit, IReadOnlyList<string> changed) => new()
    {
        Id = Id, Version = Version, Kind = Kind, Number = Number, Title = Title, Description = Description, State = StateWord,
        Category = StateCategory, Priority = Priority, Impact = (int)Impact, Urgency = (int)Urgency, Requester = Requester,
        OpenedBy = OpenedBy, AssignmentGroup = AssignmentGroup, Assignee = Assignee, TicketCategory = Category,
        AffectedService = AffectedService, ConfigurationItems = ConfigurationItems, Watchers = Watchers, Readers = Readers,
        NoteReaders = NoteReaders, OpenedAt = OpenedAt, ResolvedAt = ResolvedAt, ClosedAt = ClosedAt, RecordedAt = RecordedAt,
        FirstAnsweredAt = FirstAnsweredAt, Timeline = Timeline, Changed = changed,
        Confidential = !ShowsTasks && changed.Contains(TasksField) ? [TasksField] : null,
        Tasks = [.. TaskList.Select(task => task.Snapshot(Id))], By = audit.By, Action = audit.Action,
        Reason = audit.Reason,
        At = audit.At, Timer = audit.Timer,
    };
}
