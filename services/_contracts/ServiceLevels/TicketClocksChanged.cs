namespace Itsm.Contracts.ServiceLevels;

/// <summary>The service-level clocks of a ticket as of one version: attached, paused, resumed, breached, ended or computed anew.</summary>
/// <remarks>Published by: service-levels. Consumed by: the ticket's own service (which shows them).</remarks>
public sealed record TicketClocksChanged : IEntityChanged, IRouted
{
    /// <summary>Identity of the ticket.</summary>
    public required Guid Id { get; init; }

    /// <inheritdoc/>
    public required long Version { get; init; }

    /// <summary>The ticket's process: <c>incident</c>.</summary>
    public required string Kind { get; init; }

    string IRouted.RoutingKey => Kind;

    /// <summary>The ticket's number.</summary>
    public required string Number { get; init; }

    /// <summary>Reader tokens: who may see the ticket.</summary>
    public required IReadOnlyList<string> Readers { get; init; }

    /// <summary>The earliest due instant of its running clocks that are not breached, UTC; null where there is none.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>True where a clock that has not ended is breached.</summary>
    public required bool Breached { get; init; }

    /// <summary>All its clocks, oldest first.</summary>
    public required IReadOnlyList<ServiceLevelClock> Clocks { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}

/// <summary>One promise on one ticket, and how far it is.</summary>
public sealed record ServiceLevelClock
{
    /// <summary>Identity; follows from ticket, target and cycle.</summary>
    public required Guid ClockId { get; init; }

    /// <summary>Key of the agreement.</summary>
    public required string Agreement { get; init; }

    /// <summary>Which edition of the agreement.</summary>
    public required int Edition { get; init; }

    /// <summary>SLA, OLA or underpinning contract.</summary>
    public required AgreementKind AgreementKind { get; init; }

    /// <summary>Key of the target in the agreement: <c>resolution-p1</c>.</summary>
    public required string Target { get; init; }

    /// <summary>What is measured: <c>firstResponse</c>, <c>nextUpdate</c>, <c>resolution</c>, or a word of the agreement.</summary>
    public required string Metric { get; init; }

    /// <summary>1 for the first time that this is measured on the ticket; one more each time it begins again.</summary>
    public required int Cycle { get; init; }

    /// <summary>The ticket's priority, as of the clock's end or now.</summary>
    public required int Priority { get; init; }

    /// <summary>The ticket's group, as of the clock's end or now.</summary>
    public Guid? AssignmentGroup { get; init; }

    /// <summary>Where it stands.</summary>
    public required ClockState State { get; init; }

    /// <summary>True where the time ran out before it ended.</summary>
    public required bool Breached { get; init; }

    /// <summary>From when it counts, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the time is up, UTC; null while it is paused, and where it ended in time.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>When the time was up, UTC; null where it was not. Never changes once it has come.</summary>
    public DateTimeOffset? BreachedAt { get; init; }

    /// <summary>When it ended, UTC; null while it has not.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The time promised, as counted: working time or elapsed.</summary>
    public required TimeSpan Promised { get; init; }

    /// <summary>The time used until <see cref="CountedAt"/>.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The instant until which <see cref="Elapsed"/> is counted, UTC: its end, or the last change of the ticket.</summary>
    public required DateTimeOffset CountedAt { get; init; }

    /// <summary>The working time from <see cref="CountedAt"/> until <see cref="DueAt"/>, so that anybody can tell what remains at any
    /// instant; null where it is not running, or breached.</summary>
    public IReadOnlyList<TimeStretch>? Ahead { get; init; }
}

/// <summary>A stretch of time.</summary>
/// <param name="From">UTC, inclusive.</param>
/// <param name="To">UTC, exclusive.</param>
public sealed record TimeStretch(DateTimeOffset From, DateTimeOffset To);

/// <summary>Between whom an agreement is.</summary>
[UnknownCountsAs(nameof(Sla))]
public enum AgreementKind
{
    /// <summary>With those who use the services.</summary>
    Sla,

    /// <summary>Between groups of the organisation.</summary>
    Ola,

    /// <summary>With a supplier: an underpinning contract.</summary>
    Contract,
}

/// <summary>Where a clock stands. Whether it is breached is another matter.</summary>
[UnknownCountsAs(nameof(Running))]
public enum ClockState
{
    /// <summary>Time counts.</summary>
    Running,

    /// <summary>Time does not count.</summary>
    Paused,

    /// <summary>What was promised was done, in time or not.</summary>
    Completed,

    /// <summary>The promise no longer applied.</summary>
    Cancelled,
}
