namespace Itsm.Contracts.ServiceLevels;

/// <summary>The time of a clock is up.</summary>
/// <remarks>Published by: service-levels, once for each clock. Consumed by: notifications.</remarks>
public sealed record ServiceLevelBreached
{
    /// <summary>Identity of the clock.</summary>
    public required Guid ClockId { get; init; }

    /// <summary>The ticket.</summary>
    public required Guid Ticket { get; init; }

    /// <summary>The ticket's process: <c>incident</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The ticket's number.</summary>
    public required string Number { get; init; }

    /// <summary>Key of the agreement.</summary>
    public required string Agreement { get; init; }

    /// <summary>Key of the target in the agreement.</summary>
    public required string Target { get; init; }

    /// <summary>What is measured.</summary>
    public required string Metric { get; init; }

    /// <summary>The exact instant, UTC: when the time was up.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>When the service noticed, UTC: how much later is how late it is.</summary>
    public required DateTimeOffset NoticedAt { get; init; }

    /// <summary>True where it lay in the past already when the clock was attached, as after a change of priority.</summary>
    public required bool OnAttach { get; init; }

    /// <summary>Reader tokens: who may see the ticket.</summary>
    public required IReadOnlyList<string> Readers { get; init; }
}
