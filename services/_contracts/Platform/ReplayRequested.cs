namespace Itsm.Contracts.Platform;

/// <summary>A copy lacks things: the owner of this kind of message says it again for these, or for everything it has, page by page.</summary>
/// <remarks>Published by: any service with a copy. Consumed by: the owner, which sends it to itself for each page but the first.</remarks>
public sealed record ReplayRequested : IRouted
{
    /// <summary>Short name of the message type: <c>PersonChanged</c>.</summary>
    public required string Message { get; init; }

    string IRouted.RoutingKey => Message;

    /// <summary>Who asks: name of a service.</summary>
    public required string By { get; init; }

    /// <summary>Ids of the things to say again, at most 1,000; all where null.</summary>
    public IReadOnlyList<Guid>? Only { get; init; }

    /// <summary>Queue of the asker that alone takes the answers, pages of <see cref="EntitiesReplayed"/>; null where everybody gets
    /// each.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>Where the page begins, in the owner's words; null for the first. Set by the owner alone.</summary>
    public string? After { get; init; }
}
