namespace Itsm.Contracts.Incidents;

/// <summary>What the snapshot of an incident has beyond that of any ticket.</summary>
public sealed record IncidentDetails
{
    /// <summary>How it came in: <c>portal</c>, <c>phone</c>, <c>mail</c>, <c>chat</c>, <c>monitoring</c>.</summary>
    public required string Channel { get; init; }

    /// <summary>Why it is on hold: <c>caller</c>, <c>change</c>, <c>problem</c>, <c>vendor</c>; null while it is not.</summary>
    public string? HoldReason { get; init; }

    /// <summary>How it was resolved; null while it is not.</summary>
    public string? ResolutionCode { get; init; }

    /// <summary>What was done; null while it is not resolved.</summary>
    public string? ResolutionNotes { get; init; }

    /// <summary>How often it was reopened.</summary>
    public required int ReopenCount { get; init; }

    /// <summary>The incident whose state it follows.</summary>
    public Guid? Parent { get; init; }

    /// <summary>The incident that this one was merged into; null where it was not.</summary>
    public Guid? MergedInto { get; init; }

    /// <summary>Stage of major incident handling: <c>candidate</c>, <c>proposed</c>, <c>accepted</c>, <c>rejected</c>; null where there is
    /// none.</summary>
    public string? Major { get; init; }

    /// <summary>True for a security incident: readers are named one by one.</summary>
    public required bool Security { get; init; }
}
