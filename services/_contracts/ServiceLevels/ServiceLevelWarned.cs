namespace Itsm.Contracts.ServiceLevels;

/// <summary>A clock has used a part of its time that its agreement wants to be told of.</summary>
/// <remarks>Published by: service-levels, once for each clock and warning. Consumed by: notifications.</remarks>
public sealed record ServiceLevelWarned
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

    /// <summary>What the agreement calls this point: <c>75%</c>, <c>PT30M before</c>.</summary>
    public required string Warning { get; init; }

    /// <summary>When the time will be up as things stand, UTC; null where that is past.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The exact instant, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>When the service noticed, UTC: how much later is how late it is.</summary>
    public required DateTimeOffset NoticedAt { get; init; }

    /// <summary>True where it lay in the past already when the clock was attached, as after a change of priority.</summary>
    public required bool OnAttach { get; init; }

    /// <summary>Reader tokens: who may see the ticket.</summary>
    public required IReadOnlyList<string> Readers { get; init; }
}
