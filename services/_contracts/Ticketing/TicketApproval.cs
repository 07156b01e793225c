namespace Itsm.Contracts.Ticketing;

/// <summary>What one approver is asked, and what they answered. It is bound to exactly what the digest was made of.</summary>
public sealed record TicketApproval
{
    /// <summary>Identity.</summary>
    public required Guid ApprovalId { get; init; }

    /// <summary>1 at first; an edit of what is to be approved begins the next.</summary>
    public required int Round { get; init; }

    /// <summary>Key of the stage in the policy.</summary>
    public required string Stage { get; init; }

    /// <summary>Name of the stage.</summary>
    public required string StageName { get; init; }

    /// <summary>Id of the approver.</summary>
    public required Guid Approver { get; init; }

    /// <summary>The approver's name when they were asked.</summary>
    public required string ApproverName { get; init; }

    /// <summary>Why they: <c>manager of Erin Employee</c>.</summary>
    public required string Because { get; init; }

    /// <summary>True where they are asked as one of a group or role, not for themselves: nobody stands in for them once they are
    /// deactivated.</summary>
    public bool AsMember { get; init; }

    /// <summary>The reader token that tells who is one of that group or role now; null for who is asked for themselves.</summary>
    public string? MemberOf { get; init; }

    /// <summary>Where it stands.</summary>
    public required ApprovalState State { get; init; }

    /// <summary>SHA-256 of what is to be approved, in hex.</summary>
    public required string Digest { get; init; }

    /// <summary>When they were asked, UTC.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>When they are to be reminded, UTC; null for never, and once they were.</summary>
    public DateTimeOffset? RemindAt { get; init; }

    /// <summary>When they were reminded, UTC.</summary>
    public DateTimeOffset? RemindedAt { get; init; }

    /// <summary>When it goes to their manager, UTC; null for never.</summary>
    public DateTimeOffset? EscalateAt { get; init; }

    /// <summary>To whom it goes then: id of a person.</summary>
    public Guid? EscalateTo { get; init; }

    /// <summary>That person's name.</summary>
    public string? EscalateToName { get; init; }

    /// <summary>When that person is reminded then, UTC; null for never.</summary>
    public DateTimeOffset? EscalatedRemindAt { get; init; }

    /// <summary>When it expires, UTC; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was decided, or ended otherwise, UTC.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Who decided: the approver or a substitute.</summary>
    public Actor? By { get; init; }

    /// <summary>For whom, where a substitute decided.</summary>
    public Actor? OnBehalfOf { get; init; }

    /// <summary>Why, in the words of who decided.</summary>
    public string? Comment { get; init; }
}

/// <summary>Where an approval stands.</summary>
[UnknownCountsAs(nameof(Requested))]
public enum ApprovalState
{
    /// <summary>Waits for the approver.</summary>
    Requested,

    /// <summary>Granted.</summary>
    Approved,

    /// <summary>Refused.</summary>
    Rejected,

    /// <summary>Decided without this approver.</summary>
    NotRequired,

    /// <summary>Went to the approver's manager.</summary>
    Escalated,

    /// <summary>Nobody decided in time, or nobody is there who could; counts as refused.</summary>
    Expired,

    /// <summary>The approver is deactivated, or no more one of the group or role for which they were asked, and counts neither
    /// way.</summary>
    Absent,

    /// <summary>What was to be approved changed, or is not wanted any more.</summary>
    Void,
}
