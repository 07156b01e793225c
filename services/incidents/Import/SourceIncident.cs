using Itsm.Incidents.Domain;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Incidents.Import;

/// <summary>An incident as its source tells it: people, groups and categories by the names they have there.</summary>
internal sealed record SourceIncident
{
    public required string Number { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>Null where the source does not know: whoever it is for.</summary>
    public string? OpenedBy { get; init; }

    public Channel Channel { get; init; }

    /// <summary>Oldest first; at least one.</summary>
    public required IReadOnlyList<SourceEvent> Events { get; init; }

    /// <summary>Everybody whom it names.</summary>
    public IEnumerable<string> People =>
        Events.SelectMany(one => new[] { one.By, one.Requester, one.Assignee, one.Resolution?.By }).Append(OpenedBy).OfType<string>();

    /// <summary>All groups that it names.</summary>
    public IEnumerable<string> Groups => Events.Select(one => one.Group).OfType<string>();
}

/// <summary>One event, with the whole state after it.</summary>
internal sealed record SourceEvent
{
    /// <summary>Where in the source: <c>update 3</c>.</summary>
    public required string Label { get; init; }

    /// <summary>When, by the source's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Null where the source does not know.</summary>
    public string? By { get; init; }

    public required IncidentState State { get; init; }

    public HoldReason? HoldReason { get; init; }

    public required string Title { get; init; }

    public string? Description { get; init; }

    /// <summary>Null where the source has none: whoever imports it.</summary>
    public string? Requester { get; init; }

    public string? Group { get; init; }

    public string? Assignee { get; init; }

    public Level Impact { get; init; } = Level.Medium;

    public Level Urgency { get; init; } = Level.Medium;

    public int? Priority { get; init; }

    public string? Category { get; init; }

    /// <summary>Below the category; null where the source has none.</summary>
    public string? Subcategory { get; init; }

    public IReadOnlyList<string> ConfigurationItems { get; init; } = [];

    public IReadOnlyList<RecordedLink> Links { get; init; } = [];

    public int ReopenCount { get; init; }

    /// <summary>Null unless resolved or closed.</summary>
    public SourceResolution? Resolution { get; init; }

    /// <summary>Null unless ended.</summary>
    public DateTimeOffset? ClosedAt { get; init; }
}

/// <summary>How it was resolved; by whom only where the source knows.</summary>
internal sealed record SourceResolution(string Notes, string? By, DateTimeOffset At);

/// <summary>An incident that can't be taken, and why.</summary>
internal sealed class RefusedException(Sentence reason) : Exception
{
    public Sentence Why { get; } = reason;

    public override string Message => Why.ToString();
}
