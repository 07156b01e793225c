namespace Itsm.Contracts.Assets;

/// <summary>How a service is as of one version: it works, is at risk, is worked on, works badly, or does not work.</summary>
/// <remarks>Published by: assets. Consumed by: notifications (the stream).</remarks>
public sealed record ServiceStatusChanged : IEntityChanged
{
    /// <summary>Of the service's configuration item.</summary>
    public required Guid Id { get; init; }

    /// <inheritdoc/>
    public required long Version { get; init; }

    /// <summary>Number of the service's item: <c>CI0001042</c>.</summary>
    public required string Number { get; init; }

    /// <summary>Short name of the service, lower case, unique; null where it has none.</summary>
    public string? Key { get; init; }

    /// <summary>Name of the service, shown to people.</summary>
    public required string Name { get; init; }

    /// <summary><c>operational</c>, <c>atRisk</c>, <c>maintenance</c>, <c>degraded</c> or <c>outage</c>.</summary>
    public required string State { get; init; }

    /// <summary>How it was before, in the same words; null where it was never otherwise.</summary>
    public string? PreviousState { get; init; }

    /// <summary>Since when it is so, UTC.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Ids of the people who want to be told of changes, at most 5,000; they are told what they may read alone.</summary>
    public required IReadOnlyList<Guid> Subscribers { get; init; }

    /// <summary>Names of the fields that this version changed; empty where it is said again.</summary>
    public IReadOnlyList<string> Changed { get; init; } = [];

    /// <summary>When this version was made, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Reader tokens: who may see it.</summary>
    public required IReadOnlyList<string> Readers { get; init; }
}
