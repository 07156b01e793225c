using System.Globalization;
using Itsm.Contracts.ServiceLevels;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.ServiceLevels.Domain;

/// <summary>A clock as lists and reports find it: written with the clocks of its ticket, of the version in which they last changed
/// it.</summary>
public sealed class ClockRecord : Record
{
    /// <summary>The ticket.</summary>
    public Guid Ticket { get; private init; }

    /// <summary>The ticket's number.</summary>
    public string Number { get; private init; } = "";

    /// <summary>The ticket's process.</summary>
    public string Kind { get; private init; } = "";

    /// <summary>Key of the agreement.</summary>
    public string Agreement { get; private init; } = "";

    /// <summary>Which edition of the agreement.</summary>
    public int Edition { get; private init; }

    /// <summary>Between whom the agreement is.</summary>
    public AgreementKind AgreementKind { get; private init; }

    /// <summary>Key of the target.</summary>
    public string Target { get; private init; } = "";

    /// <summary>What is measured.</summary>
    public string Metric { get; private init; } = "";

    /// <summary>1 for the first time that this is measured on the ticket.</summary>
    public int Cycle { get; private init; }

    /// <summary>The ticket's priority, as of the clock's end or now.</summary>
    public int Priority { get; private init; }

    /// <summary>The ticket's group, as of the clock's end or now.</summary>
    public Guid? AssignmentGroup { get; private init; }

    /// <summary>Where it stands.</summary>
    public ClockState State { get; private init; }

    /// <summary>True where the time ran out.</summary>
    public bool Breached { get; private init; }

    /// <summary>From when it counts.</summary>
    public DateTimeOffset StartedAt { get; private init; }

    /// <summary>When the time is up; null while it is paused, and where it ended in time.</summary>
    public DateTimeOffset? DueAt { get; private init; }

    /// <summary>When the time was up.</summary>
    public DateTimeOffset? BreachedAt { get; private init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; private init; }

    /// <summary>The month of its end, UTC: <c>2026-11</c>.</summary>
    public string? EndedMonth { get; private init; }

    /// <summary>The ISO week of its end, UTC: <c>2026-W48</c>.</summary>
    public string? EndedWeek { get; private init; }

    /// <summary>The time promised.</summary>
    public TimeSpan Promised { get; private init; }

    /// <summary>The time used until <see cref="CountedAt"/>.</summary>
    public TimeSpan Elapsed { get; private init; }

    /// <summary>The instant until which <see cref="Elapsed"/> is counted.</summary>
    public DateTimeOffset CountedAt { get; private init; }

    private static readonly Dictionary<string, IReadOnlyList<BsonValue>> Values = new()
    {
        ["state"] = [.. Enum.GetValues<ClockState>().Select(state => BsonMapping.Value(state))], ["breached"] = [true, false],
    };

    /// <summary>How it is stored.</summary>
    public static ProjectionDefinition<ClockRecord> Definition { get; } = new("clocks",
        new("readers", "startedAt"),
        new("ticket", "startedAt"),
        new("state", "breached", "startedAt") { Domains = Values },
        new("endedAt") { Sparse = true },
        new("dueAt") { Sparse = true },
        new("assignmentGroup", "startedAt"),
        new("agreement", "startedAt"))
    {
        Noun = "clock", Tested = ["target", "metric", "priority", "agreementKind", "kind", "endedMonth", "endedWeek"],
    };

    /// <summary>The record of a clock of a ticket.</summary>
    public static ClockRecord Of(TicketClocksChanged message, ServiceLevelClock clock) => new()
    {
        Id = clock.ClockId, Version = message.Version, Readers = message.Readers, Ticket = message.Id, Number = message.Number,
        Kind = message.Kind, Agreement = clock.Agreement, Edition = clock.Edition, AgreementKind = clock.AgreementKind,
        Target = clock.Target, Metric = clock.Metric, Cycle = clock.Cycle, Priority = clock.Priority,
        AssignmentGroup = clock.AssignmentGroup, State = clock.State, Breached = clock.Breached, StartedAt = clock.StartedAt,
        DueAt = clock.DueAt, BreachedAt = clock.BreachedAt, EndedAt = clock.EndedAt,
        EndedMonth = clock.EndedAt?.ToString("yyyy-MM", CultureInfo.InvariantCulture),
        EndedWeek = clock.EndedAt is { } end ? $"{ISOWeek.GetYear(end.UtcDateTime)}-W{ISOWeek.GetWeekOfYear(end.UtcDateTime):00}" : null,
        Promised = clock.Promised, Elapsed = clock.Elapsed, CountedAt = clock.CountedAt,
    };
}
