namespace Itsm.Contracts.Directory;

/// <summary>A site as of one version: added or changed.</summary>
/// <remarks>Published by: directory. Consumed by: assets (where things are).</remarks>
public sealed record SiteChanged : IEntityChanged
{
    /// <inheritdoc/>
    public required Guid Id { get; init; }

    /// <inheritdoc/>
    public required long Version { get; init; }

    /// <summary>Short name, lower case, unique: <c>berlin</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>IANA name of its time zone.</summary>
    public required string TimeZone { get; init; }

    /// <summary>Key of the calendar by which is worked there; null where it names none.</summary>
    public string? Calendar { get; init; }
}
