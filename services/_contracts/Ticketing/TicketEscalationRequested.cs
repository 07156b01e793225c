namespace Itsm.Contracts.Ticketing;

/// <summary>A step of an agreement asks for something to be done about a ticket: the ticket's own service does it, or refuses by its
/// rules.</summary>
/// <remarks>Published by: service-levels. Consumed by: the ticket's own service. Each <see cref="Id"/> is carried out once.</remarks>
public sealed record TicketEscalationRequested : IRouted
{
    /// <summary>Identity of the request: the same on every delivery.</summary>
    public required Guid Id { get; init; }

    /// <summary>The ticket's process: <c>incident</c>.</summary>
    public required string Kind { get; init; }

    string IRouted.RoutingKey => Kind;

    /// <summary>The ticket.</summary>
    public required Guid Ticket { get; init; }

    /// <summary>True to raise its priority by one.</summary>
    public required bool RaisePriority { get; init; }

    /// <summary>The group that is to work on it; null to leave it where it is.</summary>
    public Guid? AssignTo { get; init; }

    /// <summary>People to whom it is brought to attention.</summary>
    public required IReadOnlyList<Guid> Notify { get; init; }

    /// <summary>Why, for its history.</summary>
    public required string Reason { get; init; }
}
