namespace Itsm.Contracts.Ticketing;

/// <summary>Somebody attached a file to a ticket, or one was removed.</summary>
/// <remarks>Published by: incidents, requests (later all kinds). Consumed by: notifications.</remarks>
public sealed record TicketAttached
{
    /// <summary>Identity of the attachment.</summary>
    public required Guid Id { get; init; }

    /// <summary>Of the attachment.</summary>
    public required long Version { get; init; }

    /// <summary>The ticket's process: <c>incident</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The ticket.</summary>
    public required Guid Ticket { get; init; }

    /// <summary>The ticket's number.</summary>
    public required string Number { get; init; }

    /// <summary>The comment that it belongs to; null for none.</summary>
    public Guid? Comment { get; init; }

    /// <summary>True where only those who work on the ticket may read it.</summary>
    public required bool Internal { get; init; }

    /// <summary>What the file is called.</summary>
    public required string FileName { get; init; }

    /// <summary>By its content.</summary>
    public required string MediaType { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Who attached or removed it.</summary>
    public required Actor By { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>True where it is there no more.</summary>
    public required bool Removed { get; init; }

    /// <summary>Reader tokens: who may read it as of now.</summary>
    public required IReadOnlyList<string> Readers { get; init; }
}
