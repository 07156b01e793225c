using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.Assets.Health;

/// <summary>How complete and how right the configuration items are, by the last run over all of them. There is one.</summary>
public sealed class ConfigurationHealth : Aggregate
{
    /// <summary>Looks at all items.</summary>
    internal const string RunTimer = "run";

    internal const int MostServices = 1_000;

    internal static readonly Guid TheOne = DerivedId.From("configuration-health");

    private static readonly TimeSpan Every = TimeSpan.FromHours(6);

    /// <summary>When the run began whose figures these are: later changes may be missing. Null before the first has ended.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>When that run ended.</summary>
    public DateTimeOffset? ComputedAt { get; private set; }

    /// <summary>Of each class that has items, by key.</summary>
    [AtMost(10_000)]
    public IReadOnlyList<HealthOfClass> Classes { get; private set; } = [];

    /// <summary>Of each service: the one with the most findings first, at most 1,000.</summary>
    [AtMost(MostServices)]
    public IReadOnlyList<HealthOfService> Services { get; private set; } = [];

    /// <summary>Number of the run that began last.</summary>
    [Hidden]
    public long Run { get; private set; }

    /// <summary>Number of the run whose figures these are.</summary>
    [Hidden]
    public long Computed { get; private set; }

    /// <summary>When somebody last asked for a run.</summary>
    [Hidden]
    public DateTimeOffset? AskedAt { get; private set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<ConfigurationHealth> Definition { get; } =
        new("configuration-health", null) { HasHistory = false, Noun = "configuration health" };

    /// <summary>Without figures; they are computed at once.</summary>
    internal static ConfigurationHealth Create(DateTimeOffset now)
    {
        var health = new ConfigurationHealth { Id = TheOne, Readers = [ReaderToken.Role(KnownRoles.Administrator)] };
        health.SetTimer(RunTimer, now);
        return health;
    }

    /// <summary>Has a run begin now; where one goes on, another begins after it.</summary>
    internal void Ask(DateTimeOffset now)
    {
        AskedAt = now;
        SetTimer(RunTimer, now);
    }

    /// <summary>A run begins; what an earlier one may still find does not count any more.</summary>
    internal void Begin() => Run++;

    /// <summary>Takes down what a run found, unless a later one has begun.</summary>
    internal void Complete(
        long run, DateTimeOffset began, IReadOnlyList<HealthOfClass> classes, IReadOnlyList<HealthOfService> services, DateTimeOffset now)
    {
        if (run != Run)
        {
            return;
        }

        (StartedAt, ComputedAt, Computed, Classes, Services) = (began, now, run, classes, services);
        SetTimer(RunTimer, AskedAt > began ? now : now + Every);
    }
}

/// <summary>How good the items of a class are.</summary>
/// <param name="Class">Key of the class.</param>
/// <param name="Items">How many there are, without those that are retired.</param>
/// <param name="Findings">How many of them each check found something of: findings by check, without those that are 0.</param>
/// <param name="Completeness">Of what is required of all of them, how much is there: whole per cent, rounded down.</param>
public sealed record HealthOfClass(string Class, int Items, IReadOnlyDictionary<string, int> Findings, int Completeness);

/// <summary>How good what a service needs is.</summary>
/// <param name="Id">Of the service.</param>
/// <param name="Number">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Items">How many items it needs, directly or through others, with itself.</param>
/// <param name="Findings">How many findings there are of these.</param>
public sealed record HealthOfService(Guid Id, string Number, string Name, int Items, int Findings)
{
    /// <summary>How many findings of these items there are, by check, without those that are 0.</summary>
    public IReadOnlyDictionary<string, int> ByCheck { get; init; } = new Dictionary<string, int>();

    /// <summary>Of what is required of these items, how much is there: whole per cent, rounded down; null where it was computed by an
    /// earlier version.</summary>
    public int? Completeness { get; init; }
}
