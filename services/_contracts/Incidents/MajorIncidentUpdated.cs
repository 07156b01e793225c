namespace Itsm.Contracts.Incidents;

/// <summary>A status update of a major incident was published to its audiences.</summary>
/// <remarks>Published by: incidents. Consumed by: (later) notifications.</remarks>
public sealed record MajorIncidentUpdated
{
    /// <summary>Identity of the incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary>Its number.</summary>
    public required string Number { get; init; }

    /// <summary>The update in plain words.</summary>
    public required string Text { get; init; }

    /// <summary>To whom: names of the audiences of the communication plan.</summary>
    public required IReadOnlyList<string> Audiences { get; init; }

    /// <summary>When the next update is due, UTC; null where the plan has no cadence.</summary>
    public DateTimeOffset? NextDueAt { get; init; }

    /// <summary>Who wrote it.</summary>
    public required Actor By { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Reader tokens of the incident.</summary>
    public required IReadOnlyList<string> Readers { get; init; }
}
