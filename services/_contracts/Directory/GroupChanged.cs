namespace Itsm.Contracts.Directory;

/// <summary>A group as of one version: created, renamed, its members or manager changed, or retired.</summary>
/// <remarks>Published by: directory. Consumed by: every service that assigns to groups or grants by them.</remarks>
public sealed record GroupChanged : IEntityChanged
{
    /// <inheritdoc/>
    public required Guid Id { get; init; }

    /// <inheritdoc/>
    public required long Version { get; init; }

    /// <summary>Short name in addresses, lower case, unique: <c>network</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>Id of the person who manages it; null where nobody does.</summary>
    public Guid? Manager { get; init; }

    /// <summary>Ids of its members.</summary>
    public required IReadOnlyList<Guid> Members { get; init; }

    /// <summary>Key of its calendar of working time; null where it names none.</summary>
    public string? Calendar { get; init; }

    /// <summary>False when retired: nothing new is assigned to it.</summary>
    public required bool Active { get; init; }

    /// <summary>The system that an import found it in; null for those entered here.</summary>
    public string? Source { get; init; }
}
