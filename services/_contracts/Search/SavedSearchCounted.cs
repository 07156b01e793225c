namespace Itsm.Contracts.Search;

/// <summary>The number of things that a saved search finds for one person has changed.</summary>
/// <remarks>Published by: search, for those who asked for the count a short while ago. Consumed by: notifications (live updates).</remarks>
public sealed record SavedSearchCounted
{
    /// <summary>The saved search.</summary>
    public required Guid SavedSearch { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>For whom it was counted: what others find may differ.</summary>
    public required Guid Person { get; init; }

    /// <summary>How many things it finds.</summary>
    public required long Count { get; init; }

    /// <summary>When it was counted, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
