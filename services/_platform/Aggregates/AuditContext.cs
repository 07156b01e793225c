using Itsm.Contracts;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Values;

namespace Itsm.Platform.Aggregates;

/// <summary>Who makes a change, as what, when and why: what its audit entry and its messages are made of.</summary>
public sealed record AuditContext
{
    /// <summary>Who does it.</summary>
    public required Actor By { get; init; }

    /// <summary>The use case in the words of its route: <c>resolve</c>, <c>create</c>, <c>update</c>.</summary>
    public required string Action { get; init; }

    /// <summary>When, UTC, whole milliseconds.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Why, in the actor's words.</summary>
    public string? Reason { get; init; }

    /// <summary>What it was done together with, in a single request of the actor: the id of their bulk job.</summary>
    public Guid? Request { get; init; }

    /// <summary>For whom, where not for oneself; may be found out after the thing was loaded.</summary>
    public Actor? OnBehalfOf { get; set; }

    /// <summary>The timer that came due and caused the change.</summary>
    public DueTimer? Timer { get; init; }

    /// <summary>The message that the change answers; applying it twice is then recognised.</summary>
    public Cause? Cause { get; init; }

    /// <summary>A change by a service's own rule, now.</summary>
    public static AuditContext OfService(string service, string action, TimeProvider clock) =>
        new() { By = new Actor(null, service), Action = action, At = Instants.ToMilliseconds(clock.GetUtcNow()) };

    /// <summary>The request's idempotency key with the outcome to be kept; null where the request brought none.</summary>
    internal Func<byte[], long, KeptOutcome>? Outcome { get; init; }
}

/// <summary>The message that caused a change.</summary>
/// <param name="Source">What the message is about, and the subscription.</param>
/// <param name="Version">The version of the source that the message speaks of.</param>
public sealed record Cause(string Source, long Version);
