namespace Itsm.Contracts.Ticketing;

/// <summary>A node of a service's category tree as of one version: created, renamed, or retired.</summary>
/// <remarks>Published by: incidents. Consumed by: search (names of categories in facets and filters).</remarks>
public sealed record CategoryChanged : IEntityChanged
{
    /// <inheritdoc/>
    public required Guid Id { get; init; }

    /// <inheritdoc/>
    public required long Version { get; init; }

    /// <summary>Short name in addresses, lower case, unique in its service: <c>network-vpn</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>Id of the node above; null for a root.</summary>
    public Guid? Parent { get; init; }

    /// <summary>False when retired: no new tickets.</summary>
    public required bool Active { get; init; }
}
