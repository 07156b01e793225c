using Itsm.Contracts.Assets;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.Assets.Domain;

/// <summary>How a service is and since when, as last computed. Its id is that of the service's item.</summary>
public sealed class ServiceStatus : Aggregate
{
    private const int MostUnsettled = 200;
    private const int MostCauses = 200;
    private const int MostSubscribers = 5_000;
    private bool _isShownToOthers;

    /// <summary>Computes how all services are.</summary>
    internal const string CheckTimer = "check";

    /// <summary>Has its outages shown to those who see the service.</summary>
    internal const string ShowTimer = "show";

    /// <summary>Stores the outages that its changes began or ended.</summary>
    internal const string SettleTimer = "settle";

    /// <summary>Number of the service's item.</summary>
    public string Number { get; private set; } = "";

    /// <summary>Key of the service's item; null where it has none.</summary>
    public string? Key { get; private set; }

    /// <summary>Name of the service.</summary>
    public string Name { get; private set; } = "";

    /// <summary>How it is.</summary>
    public ServiceState State { get; private set; }

    /// <summary>How it was before; null where it was never otherwise.</summary>
    public ServiceState? PreviousState { get; private set; }

    /// <summary>Since when it is so.</summary>
    public DateTimeOffset Since { get; private set; }

    /// <summary>When it was last found to be otherwise than before: nothing that it is found to have been began earlier. Null where it was
    /// never.</summary>
    [Hidden]
    public DateTimeOffset? ChangedAt { get; private set; }

    /// <summary>When it was saved last.</summary>
    [Hidden]
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Who is told of changes.</summary>
    [Hidden]
    [AtMost(MostSubscribers)]
    public IReadOnlyList<Guid> Subscribers { get; private set; } = [];

    /// <summary>The outage that follows from what was found, while it lasts.</summary>
    [Hidden]
    public FoundOutage? Lasting { get; private set; }

    /// <summary>Ids of the incidents, recorded outages and items that make it, as last computed; the first 200.</summary>
    [Hidden]
    [AtMost(MostCauses)]
    public IReadOnlyList<Guid> Causes { get; private set; } = [];

    /// <summary>Outages that began or ended and are still to be stored.</summary>
    [Hidden]
    [AtMost(MostUnsettled)]
    public IReadOnlyList<FoundOutage> Unsettled { get; private set; } = [];

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<ServiceStatus> Definition { get; } = new("service-statuses", "number")
    {
        Noun = "service status", HasHistory = false,
    };

    /// <summary>Of a service of which nothing is known to disturb it.</summary>
    internal static ServiceStatus Of(ConfigurationItem service, DateTimeOffset now)
    {
        var status = new ServiceStatus { Id = service.Id, Since = now };
        status.Follow(service);
        return status;
    }

    /// <summary>Has all services looked at soon.</summary>
    internal void Check(DateTimeOffset now) => SetTimer(CheckTimer, now);

    /// <summary>Takes over what was found of the service.</summary>
    /// <param name="service">The service's item.</param>
    /// <param name="found">How it is.</param>
    /// <param name="causesEnded">When what made the outage that lasted ended; null where that is not known.</param>
    /// <param name="now">When that was found.</param>
    internal void Become(ConfigurationItem service, ServiceFinding found, DateTimeOffset? causesEnded, DateTimeOffset now)
    {
        if (!Readers.SequenceEqual(service.Readers))
        {
            // Readers alone are no change; a message is.
            _isShownToOthers = true;
            SetTimer(ShowTimer, now);
        }

        Follow(service);
        Causes = [.. found.Causes.Take(MostCauses)];
        var earliest = ChangedAt;
        if (found.State != State)
        {
            (PreviousState, State, Since, ChangedAt) = (State, found.State, BeganAt(found.Began), now);
        }

        if (found.Outage?.Kind == Lasting?.Kind)
        {
            return;
        }

        var at = BeganAt(found.Outage?.Began);
        if (Lasting is { } ended)
        {
            var until = causesEnded is { } end && end > ended.BeginsAt && end < now ? end : at;
            Unsettled = [.. Unsettled.Where(one => one.Id != ended.Id), ended with { EndsAt = until }];
        }

        Lasting = found.Outage is { } cause ? new(Guid.CreateVersion7(now), cause.Kind, at, cause.Incident, null) : null;
        (Unsettled, ChangedAt) = ([.. Unsettled, .. Lasting is { } begun ? new[] { begun } : []], now);
        SetTimer(SettleTimer, now);

        DateTimeOffset BeganAt(DateTimeOffset? began) => began is { } at && at < now && !(at <= earliest) ? at : now;
    }

    /// <summary>These outages are stored as they are here.</summary>
    internal void Settle(IReadOnlyCollection<FoundOutage> stored) => Unsettled = [.. Unsettled.Except(stored)];

    /// <summary>Somebody wants to be told of changes, or no longer.</summary>
    internal void Subscribe(Guid person, bool wants) =>
        Subscribers = wants == Subscribers.Contains(person) ? Subscribers
            : wants ? [.. Subscribers, person]
            : [.. Subscribers.Where(one => one != person)];

    /// <summary>Those who wanted to be told of a service that is the same are told of this one, as far as there is room.</summary>
    internal void TakeOver(IReadOnlyList<Guid> subscribers) =>
        Subscribers = [.. Subscribers.Union(subscribers).Take(MostSubscribers)];

    /// <summary>They are told of another service instead.</summary>
    internal void GiveAway(IReadOnlyList<Guid> subscribers) => Subscribers = [.. Subscribers.Except(subscribers)];

    /// <summary>The message of this version.</summary>
    public ServiceStatusChanged Snapshot() => new()
    {
        Id = Id, Version = Version, Number = Number, Key = Key, Name = Name, State = BsonMapping.Value(State).AsString,
        PreviousState = PreviousState is { } before ? BsonMapping.Value(before).AsString : null, Since = Since, Subscribers = Subscribers,
        At = UpdatedAt, Readers = Readers,
    };

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed)
    {
        UpdatedAt = audit.At;
        List<string> told =
        [
            .. changed.Except(["changedAt", "lasting", "causes", "unsettled", "subscribers"]),
            .. _isShownToOthers ? new[] { "readers" } : [],
            .. Version == 1 && State != ServiceState.Operational ? new[] { "state", "since" } : [],
        ];
        if (Version == 1 || told.Count > 0)
        {
            Raise(Snapshot() with { Changed = told });
        }
    }

    private void Follow(ConfigurationItem service) =>
        (Number, Key, Name, Readers) = (service.Number, service.Key, service.Name, service.Readers);
}

/// <summary>What was found of a service.</summary>
/// <param name="State">How it is.</param>
/// <param name="Began">When the first of what makes it so began; null where that is not known.</param>
/// <param name="Outage">The outage that this is; null where it is none, or one that a person has recorded already.</param>
/// <param name="Causes">Ids of all that makes that outage.</param>
internal sealed record ServiceFinding(ServiceState State, DateTimeOffset? Began, OutageCause? Outage, IReadOnlyList<Guid> Causes);

/// <summary>What makes an outage.</summary>
/// <param name="Kind">How bad it is.</param>
/// <param name="Began">When the first cause of it began; null where that is not known.</param>
/// <param name="Incident">Number of the incident that is the first cause; null where it is none.</param>
internal sealed record OutageCause(OutageKind Kind, DateTimeOffset? Began, string? Incident);

/// <summary>An outage that follows from how a service was found.</summary>
/// <param name="Id">Of the outage.</param>
/// <param name="Kind">How bad it is.</param>
/// <param name="BeginsAt">Since when.</param>
/// <param name="Incident">Number of the incident that began it; null where it was none.</param>
/// <param name="EndsAt">Until when; null while it lasts.</param>
public sealed record FoundOutage(Guid Id, OutageKind Kind, DateTimeOffset BeginsAt, string? Incident, DateTimeOffset? EndsAt);

/// <summary>How a service is.</summary>
public enum ServiceState
{
    /// <summary>Nothing is known to disturb it.</summary>
    Operational,

    /// <summary>It works; something that stands in for another is disturbed.</summary>
    AtRisk,

    /// <summary>It, or something that it needs, is worked on.</summary>
    Maintenance,

    /// <summary>It, or something that it needs, has an open incident of priority 1 or 2, or works badly.</summary>
    Degraded,

    /// <summary>It, or something that it needs, has a major incident, or does not work.</summary>
    Outage,
}
