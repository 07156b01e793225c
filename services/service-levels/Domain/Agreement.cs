using Itsm.Contracts.ServiceLevels;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using Itsm.Platform.WorkingTime;

namespace Itsm.ServiceLevels.Domain;

/// <summary>What is promised to whom. A change is a new edition, and says what becomes of the clocks that are running.</summary>
public sealed class Agreement : Aggregate
{
    /// <summary>Sees to the open tickets when an edition begins to hold.</summary>
    internal const string EffectTimer = "effect";

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <summary>Short name in addresses, lower case, unique; works as an id.</summary>
    public required string Key { get; init; }

    /// <summary>Name shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Between whom it is.</summary>
    public AgreementKind Kind { get; private init; }

    /// <summary>Of two agreements whose targets select a ticket equally closely, the one with the lower rank holds.</summary>
    public int Rank { get; private set; }

    /// <summary>Its editions, oldest first.</summary>
    [AtMost(1_000)]
    public IReadOnlyList<AgreementEdition> Editions { get; private set; } = [];

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<Agreement> Definition { get; } = new("agreements", "key", new("readers", "key"),
        new("readers", "name"), new("readers", "kind", "key"))
    {
        Normalize = key => key.ToLowerInvariant(),
    };

    /// <summary>A new agreement.</summary>
    /// <exception cref="InvalidValueException">Its edition makes no sense.</exception>
    public static Agreement Create(
        Guid id, string key, string name, AgreementKind kind, int rank, AgreementEdition edition, AuditContext audit)
    {
        var agreement = new Agreement { Id = id, Key = key, Name = name, Kind = kind, Rank = rank, Readers = [ReaderToken.Everyone] };
        agreement.Publish(edition, audit);
        return agreement;
    }

    /// <summary>Changes name and rank.</summary>
    public void Describe(string name, int rank) => (Name, Rank) = (name, rank);

    /// <summary>Publishes another edition; number and time of publication are set here.</summary>
    /// <exception cref="InvalidValueException">It makes no sense.</exception>
    public void Publish(AgreementEdition edition, AuditContext audit)
    {
        if (Editions.Count > 0 && edition.EffectiveFrom < audit.At)
        {
            throw new InvalidValueException("/edition/effectiveFrom", FieldCode.OutOfRange,
                $"A later edition can't begin in the past, at {edition.EffectiveFrom:O}: it is {audit.At:O} now.");
        }

        if (Editions.Count > 0 && Editions[^1].EffectiveFrom is var last && edition.EffectiveFrom <= last)
        {
            throw new InvalidValueException("/edition/effectiveFrom", FieldCode.OutOfRange,
                $"Edition {Editions.Count} begins at {last:O}; this one must begin later, not at "
                + $"{edition.EffectiveFrom:O}.");
        }

        RequireZones(edition);
        var keys = new HashSet<string>();
        for (var index = 0; index < edition.Targets.Count; index++)
        {
            var (target, at) = (edition.Targets[index], $"/edition/targets/{index}");
            if (!keys.Add(target.Key))
            {
                throw new InvalidValueException(at + "/key", FieldCode.Repeated, $"There are two targets {target.Key.Quoted}.");
            }

            RequirePromise(target, at);
            ConditionCheck.Require(target.Conditions, at + "/conditions");
        }

        for (var index = 0; index < edition.Warnings.Count; index++)
        {
            RequirePoint(edition.Warnings[index], edition.Targets, $"/edition/warnings/{index}", warning: true);
        }

        for (var index = 0; index < edition.Escalations.Count; index++)
        {
            var step = edition.Escalations[index];
            RequirePoint(step.At, [.. edition.Targets.Where(target => step.Metric is null || target.Metric == step.Metric)],
                $"/edition/escalations/{index}/at", warning: false);
            if (step is { RaisePriority: false, AssignTo: null, Notify.Count: 0 })
            {
                throw new InvalidValueException($"/edition/escalations/{index}", FieldCode.Required,
                    $"This step does nothing: raise the priority, assign, or notify.");
            }
        }

        Editions = [.. Editions, edition with { Number = Editions.Count + 1, PublishedAt = audit.At }];
        SetTimer(EffectTimer, edition.EffectiveFrom > audit.At ? edition.EffectiveFrom : audit.At);
    }

    /// <summary>Ends it: tickets opened from then on have no clocks of it.</summary>
    /// <exception cref="RuleViolationException"><c>agreement.retired</c> where it is ended already.</exception>
    public void Retire(RunningClocks running, AuditContext audit)
    {
        if (Editions[^1].Targets.Count == 0)
        {
            throw new RuleViolationException("agreement.retired", $"{Key} is retired already.");
        }

        var from = Editions[^1].EffectiveFrom < audit.At ? audit.At : Editions[^1].EffectiveFrom.AddMilliseconds(1);
        Publish(Editions[^1] with { EffectiveFrom = from, Running = running, Targets = [], Warnings = [], Escalations = [] }, audit);
    }

    private static void RequireZones(AgreementEdition edition)
    {
        foreach (var (pointer, zone) in (edition.ServiceTimeZones ?? new Dictionary<string, string>())
            .Select(pair => ($"/edition/serviceTimeZones/{pair.Key}", pair.Value)).Append(("/edition/timeZone", edition.TimeZone ?? "UTC")))
        {
            if (!WorkingCalendar.IsZone(zone))
            {
                throw new InvalidValueException(pointer, FieldCode.NotFound,
                    $"{zone.Quoted} is not an IANA time zone such as Europe/Berlin.");
            }
        }

        if (edition.TimeZoneFrom == TimeZoneSource.Agreement && edition.TimeZone is null)
        {
            throw new InvalidValueException("/edition/timeZone", FieldCode.Required,
                $"timeZone is needed where timeZoneFrom is agreement.");
        }

        if (edition.TimeZoneFrom == TimeZoneSource.Service && edition.ServiceTimeZones is not { Count: > 0 })
        {
            throw new InvalidValueException("/edition/serviceTimeZones", FieldCode.Required,
                $"serviceTimeZones is needed where timeZoneFrom is service.");
        }
    }

    /// <exception cref="InvalidValueException">The promise makes no sense.</exception>
    internal static void RequirePromise(Target target, string at)
    {
        switch (target.Promise)
        {
            case { Kind: PromiseKind.EndOfWorkingDay, Duration: null, Days: >= 1 and <= 365 }:
                if (target.Conditions.Pause is not null)
                {
                    throw new InvalidValueException(at + "/conditions/pause", FieldCode.Conflicting,
                        $"A promise until the end of a working day can't be paused.");
                }

                break;
            case { Kind: PromiseKind.EndOfWorkingDay }:
                throw new InvalidValueException(at + "/promise", FieldCode.Conflicting,
                    $"A promise until the end of a working day has days, 1 to 365, and no duration.");
            case { Days: not null } or { Duration: null }:
                throw new InvalidValueException(at + "/promise", FieldCode.Conflicting,
                    $"A promise in business or elapsed time has a duration and no days.");
            case { Duration: { } duration } when duration < Shortest || duration > Longest:
                throw new InvalidValueException(at + "/promise/duration", FieldCode.OutOfRange,
                    $"A promised time is at least a second and at most 366 days of 24 hours, not {duration.ToIsoText()}.");
        }
    }

    private static void RequirePoint(ClockPoint point, IReadOnlyList<Target> targets, string at, bool warning)
    {
        if (new object?[] { point.Percent, point.Before, point.After }.Count(one => one is not null) != 1)
        {
            throw new InvalidValueException(at, FieldCode.Conflicting, $"A point has one of percent, before and after.");
        }

        if (point.Percent is { } percent && !(percent > 0 && percent <= (warning ? 99.99 : 1000)))
        {
            throw new InvalidValueException(at + "/percent", FieldCode.OutOfRange,
                warning ? (Sentence)$"A warning comes at more than 0 % and at most 99.99 %, not at {percent} %."
                    : $"A step comes at more than 0 % and at most 1000 %, not at {percent} %.");
        }

        if (point.After is { } after && (warning || after < TimeSpan.Zero || after > Longest))
        {
            throw new InvalidValueException(at + "/after", FieldCode.OutOfRange,
                warning ? (Sentence)$"A warning comes before the time is up." : $"after is zero to 366 days, not {after.ToIsoText()}.");
        }

        if (point.Before is { } before
            && (before <= TimeSpan.Zero || targets.FirstOrDefault(target => target.Promise.Duration <= before) is not null))
        {
            throw new InvalidValueException(at + "/before", FieldCode.OutOfRange,
                $"before is more than nothing, and less than what each of the targets promises, not {before.ToIsoText()}.");
        }
    }
}
