namespace Itsm.Contracts.Requests;

/// <summary>An item of the service catalog as of one version: written, published as the next edition, or retired.</summary>
/// <remarks>Published by: requests. Consumed by: search, assets.</remarks>
public sealed record CatalogItemChanged : IEntityChanged
{
    /// <inheritdoc/>
    public required Guid Id { get; init; }

    /// <inheritdoc/>
    public required long Version { get; init; }

    /// <summary>Short name in addresses, lower case, unique: <c>laptop</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>What one gets; null where nothing is said.</summary>
    public string? Description { get; init; }

    /// <summary>Id of its node in the catalog's tree; null for none.</summary>
    public Guid? Category { get; init; }

    /// <summary><c>draft</c>, <c>published</c> or <c>retired</c>.</summary>
    public required string State { get; init; }

    /// <summary>Number of the published edition; 0 where none was published yet.</summary>
    public required int Edition { get; init; }

    /// <summary>Id of who owns the service; null for nobody.</summary>
    public Guid? Owner { get; init; }

    /// <summary>Reader tokens: who may see it.</summary>
    public required IReadOnlyList<string> Readers { get; init; }
}
