namespace Itsm.Contracts.Ticketing;

/// <summary>A kind of ticket as its service declares it, as of one version: said when a release changes it.</summary>
/// <remarks>Published by: incidents, requests. Consumed by: search (which values a filter can have, and what its index is compared
/// with).</remarks>
public sealed record TicketKindChanged : IEntityChanged
{
    /// <inheritdoc/>
    public required Guid Id { get; init; }

    /// <inheritdoc/>
    public required long Version { get; init; }

    /// <summary>As in <see cref="TicketChanged.Kind"/>: <c>incident</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The service that owns it: <c>incidents</c>.</summary>
    public required string Service { get; init; }

    /// <summary>All states that its tickets can have, as in <see cref="TicketChanged.State"/>: <c>inProgress</c>.</summary>
    public required IReadOnlyList<string> States { get; init; }
}
