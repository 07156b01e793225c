namespace Itsm.Contracts.Directory;

/// <summary>A person as of one version: created, changed, deactivated or activated again.</summary>
/// <remarks>Published by: directory. Consumed by: every service (who may do what; names in answers).</remarks>
public sealed record PersonChanged : IEntityChanged
{
    /// <inheritdoc/>
    public static int CurrentSchema => 2;

    /// <inheritdoc/>
    public required Guid Id { get; init; }

    /// <inheritdoc/>
    public required long Version { get; init; }

    /// <summary>Name for signing in, lower case, unique.</summary>
    public required string UserName { get; init; }

    /// <summary>Name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>Mail address; null where unknown.</summary>
    public string? Mail { get; init; }

    /// <summary>Id of the manager; null where there is none.</summary>
    public Guid? Manager { get; init; }

    /// <summary>Key of the site; null where unknown.</summary>
    public string? Site { get; init; }

    /// <summary>IANA name of the site's time zone; null where unknown.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Key of the site's calendar of working time; null where it names none.</summary>
    public string? Calendar { get; init; }

    /// <summary>Tag of the language in which they are answered: <c>de</c>; null where each request says.</summary>
    /// <remarks>Added with schema 2.</remarks>
    public string? Language { get; init; }

    /// <summary>False from the moment of deactivation: may do and see nothing.</summary>
    public required bool Active { get; init; }

    /// <summary>Who may approve for them, and when; null where nobody may.</summary>
    public IReadOnlyList<Substitution>? Substitutes { get; init; }

    /// <summary>Keys of the roles held: <c>requester</c>, <c>agent</c>…</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>The account at the identity provider that signs in as this person; null until the first sign-in by user name.</summary>
    public ProviderAccount? Account { get; init; }

    /// <summary>The system that an import found them in; null for those entered here.</summary>
    public string? Source { get; init; }

    /// <inheritdoc/>
    public int Schema { get; init; } = 1;
}

/// <summary>An account at an identity provider, which stays the same when its user name changes.</summary>
/// <param name="Issuer">Claim <c>iss</c>.</param>
/// <param name="Subject">Claim <c>sub</c>.</param>
public sealed record ProviderAccount(string Issuer, string Subject);

/// <summary>Somebody who may approve for another person.</summary>
/// <param name="Person">Id of the substitute.</param>
/// <param name="From">From when, UTC, inclusive.</param>
/// <param name="Until">Until when, UTC, exclusive.</param>
public sealed record Substitution(Guid Person, DateTimeOffset From, DateTimeOffset Until);
