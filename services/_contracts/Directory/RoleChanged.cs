namespace Itsm.Contracts.Directory;

/// <summary>What a role may do beyond, or short of, what each service grants it by default.</summary>
/// <remarks>Published by: directory. Consumed by: every service.</remarks>
public sealed record RoleChanged : IEntityChanged
{
    /// <inheritdoc/>
    public required Guid Id { get; init; }

    /// <inheritdoc/>
    public required long Version { get; init; }

    /// <summary>Short name, lower case, unique: <c>agent</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>Permissions given in addition to the defaults: <c>incidents.close</c>.</summary>
    public required IReadOnlyList<string> Granted { get; init; }

    /// <summary>Default permissions taken away.</summary>
    public required IReadOnlyList<string> Revoked { get; init; }
}
