namespace Itsm.Contracts.Incidents;

/// <summary>A proposed major incident was accepted: the organisation now handles it as one.</summary>
/// <remarks>Published by: incidents. Consumed by: (later) notifications.</remarks>
public sealed record MajorIncidentDeclared
{
    /// <summary>Identity of the incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary>Its number.</summary>
    public required string Number { get; init; }

    /// <summary>Its title.</summary>
    public required string Title { get; init; }

    /// <summary>Id of the person who coordinates.</summary>
    public required Guid Coordinator { get; init; }

    /// <summary>Who accepted it.</summary>
    public required Actor By { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Reader tokens of the incident.</summary>
    public required IReadOnlyList<string> Readers { get; init; }
}
