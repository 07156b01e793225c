using Itsm.Ticketing;

namespace Itsm.Incidents.Domain;

/// <summary>What an incident is opened with; ids are known to be good.</summary>
public sealed record NewIncident
{
    /// <summary>From the number series.</summary>
    public required string Number { get; init; }

    /// <summary>One line.</summary>
    public required string Title { get; init; }

    /// <summary>The full text.</summary>
    public string? Description { get; init; }

    /// <summary>For whom it is.</summary>
    public required Guid Requester { get; init; }

    /// <summary>Who writes it down.</summary>
    public required Guid OpenedBy { get; init; }

    /// <summary>How far the damage reaches.</summary>
    public Level Impact { get; init; } = Level.Medium;

    /// <summary>How soon it must end.</summary>
    public Level Urgency { get; init; } = Level.Medium;

    /// <summary>How it came in.</summary>
    public Channel Channel { get; init; }

    /// <summary>Its node in the category tree.</summary>
    public Guid? Category { get; init; }

    /// <summary>True: of those who work on incidents only those see it who have it.</summary>
    public bool Confidential { get; init; }

    /// <summary>The group that works on it.</summary>
    public Guid? AssignmentGroup { get; init; }

    /// <summary>The person who works on it.</summary>
    public Guid? Assignee { get; init; }

    /// <summary>Reference to the affected service.</summary>
    public string? AffectedService { get; init; }

    /// <summary>References to the affected configuration items.</summary>
    public IReadOnlyList<string> ConfigurationItems { get; init; } = [];
}
