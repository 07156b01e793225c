using Itsm.Contracts.Incidents;
using Itsm.Contracts.Requests;

namespace Itsm.Contracts.Ticketing;

/// <summary>A ticket of any kind as of one version: its whole public state, what changed, by whom and why.</summary>
/// <remarks>Published by: incidents, requests (later: problems, changes). Consumed by: incidents (parents and children), requests
/// (children, approvals), notifications, search, service-levels; later by insights. The newest one alone tells all: see
/// <see cref="Timeline"/>.</remarks>
public sealed record TicketChanged : IEntityChanged, IRouted
{
    /// <inheritdoc/>
    public required Guid Id { get; init; }

    /// <inheritdoc/>
    public required long Version { get; init; }

    /// <summary>Which process: <c>incident</c>, <c>request</c>.</summary>
    public required string Kind { get; init; }

    string IRouted.RoutingKey => Kind;

    /// <summary>Number shown to people, for example INC0001042. Never reused.</summary>
    public required string Number { get; init; }

    /// <summary>One line.</summary>
    public required string Title { get; init; }

    /// <summary>The full text; null where there is none.</summary>
    public string? Description { get; init; }

    /// <summary>State in the words of its kind: <c>onHold</c>.</summary>
    public required string State { get; init; }

    /// <summary>What clocks and reports look at, the same for all kinds.</summary>
    public required StateCategory Category { get; init; }

    /// <summary>1 (critical) to 5 (planning).</summary>
    public required int Priority { get; init; }

    /// <summary>1 (high) to 3 (low).</summary>
    public required int Impact { get; init; }

    /// <summary>1 (high) to 3 (low).</summary>
    public required int Urgency { get; init; }

    /// <summary>For whom it is: id of a person.</summary>
    public required Guid Requester { get; init; }

    /// <summary>Who wrote it down: id of a person.</summary>
    public required Guid OpenedBy { get; init; }

    /// <summary>The group that works on it.</summary>
    public Guid? AssignmentGroup { get; init; }

    /// <summary>The person who works on it.</summary>
    public Guid? Assignee { get; init; }

    /// <summary>Id of its category in the tree of its service.</summary>
    public Guid? TicketCategory { get; init; }

    /// <summary>Reference to the affected service.</summary>
    public string? AffectedService { get; init; }

    /// <summary>References to the affected configuration items.</summary>
    public required IReadOnlyList<string> ConfigurationItems { get; init; }

    /// <summary>Ids of people who want to hear of it.</summary>
    public required IReadOnlyList<Guid> Watchers { get; init; }

    /// <summary>Reader tokens: who may see it and its public comments.</summary>
    public required IReadOnlyList<string> Readers { get; init; }

    /// <summary>Reader tokens: who may see its work notes.</summary>
    public required IReadOnlyList<string> NoteReaders { get; init; }

    /// <summary>When it was opened, UTC.</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>When it was last resolved, UTC; null while it is not.</summary>
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>When it ended, UTC; null while it has not.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>When this suite first knew of it, UTC: later than it was opened where an import brought it; null from services older than
    /// this field.</summary>
    public DateTimeOffset? RecordedAt { get; init; }

    /// <summary>When somebody other than its requester first answered in public, UTC; null while nobody has.</summary>
    public DateTimeOffset? FirstAnsweredAt { get; init; }

    /// <summary>Every change of the fields that clocks and reports depend on, oldest first.</summary>
    public required IReadOnlyList<TimelineEntry> Timeline { get; init; }

    /// <summary>Names of the fields that this version changed.</summary>
    public required IReadOnlyList<string> Changed { get; init; }

    /// <summary>Those of <see cref="Changed"/> that only those who may see its work notes learn of; null where there are none.</summary>
    public IReadOnlyList<string>? Confidential { get; init; }

    /// <summary>Who changed it.</summary>
    public required Actor By { get; init; }

    /// <summary>By which use case: <c>resolve</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Why, in the actor's words.</summary>
    public string? Reason { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The timer that came due and made this change; null where none did.</summary>
    public DueTimer? Timer { get; init; }

    /// <summary>Who must approve it, and what they said, oldest first; null for kinds and tickets without approvals.</summary>
    public IReadOnlyList<TicketApproval>? Approvals { get; init; }

    /// <summary>Its tasks, for those who may see its work notes, in the order in which they were planned and added; null from services
    /// older than this field.</summary>
    public IReadOnlyList<TicketTaskState>? Tasks { get; init; }

    /// <summary>What only service requests have; null for other kinds.</summary>
    public RequestDetails? Request { get; init; }

    /// <summary>What only incidents have; null for other kinds.</summary>
    public IncidentDetails? Incident { get; init; }
}

/// <summary>A timer of a ticket that came due.</summary>
/// <param name="Name">Tells the timers of a ticket apart: <c>close</c>.</param>
/// <param name="DueAt">When it was due, UTC; later than that it ran.</param>
public sealed record DueTimer(string Name, DateTimeOffset DueAt);

/// <summary>What clocks and reports distinguish in a ticket's state.</summary>
[UnknownCountsAs(nameof(Open))]
public enum StateCategory
{
    /// <summary>Work is due.</summary>
    Open,

    /// <summary>Work waits for somebody else.</summary>
    Paused,

    /// <summary>Done, may still be reopened.</summary>
    Resolved,

    /// <summary>Ended for good.</summary>
    Closed,
}

/// <summary>The values of a ticket's clock-relevant fields from one instant on.</summary>
/// <param name="At">From when, UTC.</param>
/// <param name="State">State in the words of the kind.</param>
/// <param name="Category">Category of that state.</param>
/// <param name="Priority">1 to 5.</param>
/// <param name="AssignmentGroup">The group.</param>
/// <param name="Assignee">The person.</param>
/// <param name="AffectedService">The service.</param>
/// <param name="Answered">True from the first public answer of an agent on.</param>
public sealed record TimelineEntry(
    DateTimeOffset At, string State, StateCategory Category, int Priority, Guid? AssignmentGroup, Guid? Assignee, string? AffectedService,
    bool Answered)
{
    /// <summary>Who made the change; null from services older than this field.</summary>
    public Actor? By { get; init; }

    /// <summary>By which use case: <c>hold</c>; null from services older than this field.</summary>
    public string? Action { get; init; }

    /// <summary>What the directory said then of the people concerned; null where nothing was known.</summary>
    public Surroundings? Surroundings { get; init; }
}

/// <summary>What the directory says of a ticket's requester and group at the time of a change: kept, so that clocks can be computed again
/// however the directory has changed since.</summary>
public sealed record Surroundings
{
    /// <summary>IANA name of the time zone of the requester's site; null where unknown.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Key of the calendar of the requester's site; null where it names none.</summary>
    public string? SiteCalendar { get; init; }

    /// <summary>Key of the calendar of the assignment group; null where it names none.</summary>
    public string? GroupCalendar { get; init; }

    /// <summary>Ids of the groups that the requester is a member of, in order; null where there are none.</summary>
    public IReadOnlyList<Guid>? RequesterGroups { get; init; }
}
