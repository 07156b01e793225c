namespace Itsm.Contracts.Ticketing;

/// <summary>Somebody wrote a public comment or an internal work note on a ticket.</summary>
/// <remarks>Published by: incidents, requests (later all kinds). Consumed by: incidents, notifications, requests, search,
/// service-levels.</remarks>
public sealed record TicketCommented : IEntityChanged, IRouted
{
    /// <summary>Identity of the comment.</summary>
    public required Guid Id { get; init; }

    /// <inheritdoc/>
    public required long Version { get; init; }

    /// <summary>The ticket's process: <c>incident</c>.</summary>
    public required string Kind { get; init; }

    string IRouted.RoutingKey => Kind;

    /// <summary>The ticket.</summary>
    public required Guid Ticket { get; init; }

    /// <summary>True for a work note, which only those who work on the ticket may read.</summary>
    public required bool Internal { get; init; }

    /// <summary>The text.</summary>
    public required string Text { get; init; }

    /// <summary>Who wrote it.</summary>
    public required Actor By { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>True where the author worked on the ticket, false where they did not; null from services older than this field.</summary>
    public bool? FromWorker { get; init; }

    /// <summary>False where the requester says with it that a resolved ticket stays so; null means true.</summary>
    public bool? Reopens { get; init; }

    /// <summary>The people whom it speaks to, of those who might read it then; null for nobody, and from services older than this
    /// field.</summary>
    public IReadOnlyList<Guid>? Mentioned { get; init; }

    /// <summary>Version of the ticket when it was written, as its service had read it; null where a change of the ticket brought it
    /// along, where it is said again for somebody's copy, and from services older than this field.</summary>
    public long? TicketVersion { get; init; }

    /// <summary>The ticket's number; null where it is said again for somebody's copy, and from services older than this field.</summary>
    public string? Number { get; init; }

    /// <summary>Reader tokens: who may read it as of now; null where <see cref="Number"/> is. Whoever keeps comments joins them with the
    /// newest <see cref="TicketChanged"/> of their ticket instead, for readers change.</summary>
    public IReadOnlyList<string>? Readers { get; init; }
}
