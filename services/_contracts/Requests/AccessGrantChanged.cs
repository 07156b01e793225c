namespace Itsm.Contracts.Requests;

/// <summary>Somebody's access to an application as of one version: given, confirmed, or ended.</summary>
/// <remarks>Published by: requests. Consumed by: requests (offboarding), notifications (its end is announced).</remarks>
public sealed record AccessGrantChanged : IEntityChanged
{
    /// <inheritdoc/>
    public required Guid Id { get; init; }

    /// <inheritdoc/>
    public required long Version { get; init; }

    /// <summary>Id of the person who has it.</summary>
    public required Guid Person { get; init; }

    /// <summary>To which application.</summary>
    public required string Application { get; init; }

    /// <summary>In which role.</summary>
    public required string Role { get; init; }

    /// <summary><c>active</c>, <c>expired</c> or <c>revoked</c>.</summary>
    public required string State { get; init; }

    /// <summary>When it was given, UTC.</summary>
    public required DateTimeOffset GrantedAt { get; init; }

    /// <summary>When it ends by itself, UTC; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it ended, UTC; null while it has not.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Id of who owns the data; null for nobody.</summary>
    public Guid? Owner { get; init; }

    /// <summary>How much harm wrong hands could do: <c>normal</c>, <c>confidential</c>, <c>sensitive</c>.</summary>
    public required string Sensitivity { get; init; }

    /// <summary>Id of the request by which it was asked for.</summary>
    public required Guid Request { get; init; }

    /// <summary>When its end was announced, UTC; null while it was not.</summary>
    public DateTimeOffset? NoticedAt { get; init; }

    /// <summary>Names of the fields that this version changed; empty where it is said again.</summary>
    public IReadOnlyList<string> Changed { get; init; } = [];

    /// <summary>Reader tokens: who may see it.</summary>
    public required IReadOnlyList<string> Readers { get; init; }
}
