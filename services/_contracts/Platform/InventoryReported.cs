namespace Itsm.Contracts.Platform;

/// <summary>A page of what an owner has, in which versions.</summary>
/// <remarks>Sent or published by: every service that says what others keep copies of. Consumed by: whoever asked.</remarks>
public sealed record InventoryReported
{
    /// <summary>The comparison that asked.</summary>
    public required Guid Comparison { get; init; }

    /// <summary>Short name of the message type: <c>TicketChanged</c>.</summary>
    public required string Message { get; init; }

    /// <summary>The service that answers.</summary>
    public required string Source { get; init; }

    /// <summary>Where this page began; null for the first.</summary>
    public string? After { get; init; }

    /// <summary>Where the next page begins; null where there is none.</summary>
    public string? Next { get; init; }

    /// <summary>Schema in which the owner says the things of this page; 1 where null.</summary>
    public int? Schema { get; init; }

    /// <summary>The things of this page, at most 1,000.</summary>
    public required IReadOnlyList<InventoryEntry> Entries { get; init; }
}

/// <summary>One thing that the owner has.</summary>
/// <param name="Id">Identity.</param>
/// <param name="Version">Its version as of now.</param>
/// <param name="Of">What it belongs to, such as the ticket of a comment; null where it stands alone.</param>
public sealed record InventoryEntry(Guid Id, long Version, Guid? Of);
