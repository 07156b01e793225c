namespace Itsm.Contracts.Requests;

/// <summary>A recertification campaign as of one version: its owners are asked, reminded, or not asked any more.</summary>
/// <remarks>Published by: requests. Consumed by: requests (asks the owners, ends what nobody answered for), notifications.</remarks>
public sealed record RecertificationChanged : IEntityChanged
{
    /// <inheritdoc/>
    public required Guid Id { get; init; }

    /// <inheritdoc/>
    public required long Version { get; init; }

    /// <summary>Name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary><c>preparing</c>, <c>open</c>, <c>ending</c> or <c>ended</c>.</summary>
    public required string State { get; init; }

    /// <summary>Until when owners may answer, UTC.</summary>
    public required DateTimeOffset EndsAt { get; init; }

    /// <summary>When its end was announced, UTC; null while it was not.</summary>
    public DateTimeOffset? NoticedAt { get; init; }

    /// <summary>Names of the fields that this version changed.</summary>
    public IReadOnlyList<string> Changed { get; init; } = [];

    /// <summary>When it changed, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Reader tokens: who may see it, the owners among them.</summary>
    public required IReadOnlyList<string> Readers { get; init; }
}
