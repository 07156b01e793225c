using Itsm.Contracts;
using Itsm.Platform.Aggregates;
using Itsm.Ticketing;

namespace Itsm.Incidents.Domain;

/// <summary>What another system recorded: taken over as it was, without the rules that hold for changes made here.</summary>
public sealed partial class Incident
{
    private static readonly Actor Importer = new(null, "import");

    /// <summary>An incident that another system knew; its recorded events follow.</summary>
    internal static Incident Found(Guid id, string number, ImportSource source, Guid openedBy, DateTimeOffset openedAt, Channel channel,
        DateTimeOffset recordedAt) => new()
    {
        Id = id, Number = number, Source = source, OpenedBy = openedBy, OpenedAt = openedAt, Channel = channel, RecordedAt = recordedAt,
    };

    /// <summary>Takes over the whole state after one event of the other system. The life-cycle table does not apply (a jump that it forbids
    /// did happen there), and no timers are set.</summary>
    internal void Record(RecordedState recorded, PriorityMatrix matrix, AuditContext audit)
    {
        if (Version == 0 || recorded.State != State)
        {
            StateSince = audit.At;
        }

        if (recorded.ReopenCount > ReopenCount)
        {
            (ReopenedAt, ReopenedBy) = (audit.At, audit.By);
        }

        (State, HoldReason, ReopenCount) = (recorded.State, recorded.HoldReason, recorded.ReopenCount);
        (Title, Description, Requester) = (recorded.Title, recorded.Description, recorded.Requester);
        (AssignmentGroup, Assignee, Category) = (recorded.AssignmentGroup, recorded.Assignee, recorded.Category);
        ConfigurationItems = recorded.ConfigurationItems;
        Links = [.. recorded.Links.Distinct().Select(link => LinkTo(link, audit))];
        (ResolutionCode, ResolutionNotes, ResolvedBy, ResolvedAt) = recorded.Resolution is { } resolution
            ? (Domain.ResolutionCode.Imported, resolution.Notes, resolution.By, resolution.At)
            : ((ResolutionCode?)null, (string?)null, (Actor?)null, (DateTimeOffset?)null);
        ClosedAt = recorded.ClosedAt;
        RecordPriority(recorded, matrix, audit);
    }

    /// <summary>Lets an incident that came in as resolved close by itself, as any other does. Counted from the import: its caller gets
    /// the whole time to reopen it here, however long ago it was resolved there.</summary>
    internal void CloseImportedAt(DateTimeOffset due)
    {
        if (State == IncidentState.Resolved)
        {
            ScheduleClosing(due);
        }
    }

    private void RecordPriority(RecordedState recorded, PriorityMatrix matrix, AuditContext audit)
    {
        (Impact, Urgency) = (recorded.Impact, recorded.Urgency);
        ComputedPriority = matrix.Priority(Impact, Urgency);
        Priority = recorded.Priority ?? ComputedPriority;
        if (Priority == ComputedPriority)
        {
            PriorityOverride = null;
        }
        else if (PriorityOverride?.Priority != Priority)
        {
            PriorityOverride = new PriorityOverride(Priority, Importer, $"Priority in {Source!.System}.", audit.At);
        }
    }

    private TicketLink LinkTo(RecordedLink link, AuditContext audit) =>
        Links.FirstOrDefault(known => known.TargetKind == link.Kind && known.Target == link.Target)
        ?? new TicketLink(Platform.Documents.DerivedId.From(Id.ToString(), link.Kind, link.Target), LinkType.RelatesTo, link.Kind,
            link.Target, audit.By, audit.At);
}

/// <summary>The whole state of an incident after one event of another system; ids are those of this suite.</summary>
internal sealed record RecordedState
{
    public required IncidentState State { get; init; }

    public HoldReason? HoldReason { get; init; }

    public required string Title { get; init; }

    public string? Description { get; init; }

    public required Guid Requester { get; init; }

    public Guid? AssignmentGroup { get; init; }

    public Guid? Assignee { get; init; }

    public Guid? Category { get; init; }

    public Level Impact { get; init; } = Level.Medium;

    public Level Urgency { get; init; } = Level.Medium;

    /// <summary>1 to 5; null where the source has none: as computed.</summary>
    public int? Priority { get; init; }

    public IReadOnlyList<string> ConfigurationItems { get; init; } = [];

    public IReadOnlyList<RecordedLink> Links { get; init; } = [];

    public int ReopenCount { get; init; }

    /// <summary>Null unless resolved or closed.</summary>
    public RecordedResolution? Resolution { get; init; }

    /// <summary>Null unless ended.</summary>
    public DateTimeOffset? ClosedAt { get; init; }
}

/// <summary>How the source says that it was resolved.</summary>
internal sealed record RecordedResolution(string Notes, Actor By, DateTimeOffset At);

/// <summary>Something that the source relates it to, by the source's own reference.</summary>
internal sealed record RecordedLink(string Kind, string Target);
