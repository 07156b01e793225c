namespace Itsm.Contracts.Ticketing;

/// <summary>Where a task of a ticket stands.</summary>
public sealed record TicketTaskState
{
    /// <summary>Identity.</summary>
    public required Guid TaskId { get; init; }

    /// <summary>Key, unique in the ticket.</summary>
    public required string Key { get; init; }

    /// <summary>What kind of work: <c>general</c>, <c>investigation</c>, <c>remediation</c>, <c>followUp</c>; of a request <c>work</c>,
    /// <c>call</c>, <c>request</c>, <c>recover</c>, <c>deactivate</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>One line.</summary>
    public required string Title { get; init; }

    /// <summary>Where it stands: <c>waiting</c>, <c>open</c>, <c>inProgress</c>, <c>failed</c>, <c>done</c>, <c>skipped</c>, <c>waived</c>,
    /// <c>cancelled</c>.</summary>
    public required string State { get; init; }

    /// <summary>The group that does it.</summary>
    public Guid? AssignmentGroup { get; init; }

    /// <summary>The person who does it.</summary>
    public Guid? Assignee { get; init; }

    /// <summary>When it should be done, UTC.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>When its turn came, UTC.</summary>
    public DateTimeOffset? OpenedAt { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}
