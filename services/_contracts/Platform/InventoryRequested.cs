namespace Itsm.Contracts.Platform;

/// <summary>Somebody compares a copy with its source: the owner of this kind of message says which things it has, in which versions, a page
/// of them.</summary>
/// <remarks>Published by: any service with a copy. Consumed by: the owners; each answers with <see cref="InventoryReported"/>.</remarks>
public sealed record InventoryRequested : IRouted
{
    /// <summary>As <see cref="Source"/>: all that say the message answer.</summary>
    public const string AnySource = "*";

    /// <summary>The comparison that asks.</summary>
    public required Guid Comparison { get; init; }

    /// <summary>Short name of the message type: <c>TicketChanged</c>.</summary>
    public required string Message { get; init; }

    string IRouted.RoutingKey => Message;

    /// <summary>The service that is asked; others that say the same message stay silent. <see cref="AnySource"/> for all of them.</summary>
    public required string Source { get; init; }

    /// <summary>Where the page begins: what the page before said; null for the first.</summary>
    public string? After { get; init; }

    /// <summary>Queue of the asker that alone takes the answer; null where it is published.</summary>
    public string? ReplyTo { get; init; }
}
