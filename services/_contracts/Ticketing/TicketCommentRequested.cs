namespace Itsm.Contracts.Ticketing;

/// <summary>A change of a ticket brings a comment along: the ticket's own service writes it as a document of its own.</summary>
/// <remarks>Published by: incidents. Consumed by: incidents.</remarks>
public sealed record TicketCommentRequested : IRouted
{
    /// <summary>Identity that the comment will have: the same on every delivery.</summary>
    public required Guid CommentId { get; init; }

    /// <summary>The ticket's process: <c>incident</c>.</summary>
    public required string Kind { get; init; }

    string IRouted.RoutingKey => Kind;

    /// <summary>The ticket.</summary>
    public required Guid Ticket { get; init; }

    /// <summary>True for a work note.</summary>
    public required bool Internal { get; init; }

    /// <summary>The text.</summary>
    public required string Text { get; init; }

    /// <summary>Who wrote it; always a person.</summary>
    public required Actor By { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
