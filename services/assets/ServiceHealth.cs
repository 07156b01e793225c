using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Ticketing.Configuration;

namespace Itsm.Assets;

/// <summary>How services are, by the incidents, the maintenance and the recorded outages on them and on what they need. It is computed over
/// all items, whoever asks: that a service is disturbed is for all who use it; why, for those who see what disturbs it.</summary>
internal sealed class ServiceHealth(
    AggregateStore<ConfigurationItem> items, Projection<ItemTicket> tickets, AggregateStore<Outage> outages, ConfigurationMap map)
{
    private const int Most = 1_000;
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(2);
    private Found? _found;
    private int _forgotten;

    /// <summary>What disturbs services, as found at most 2 s ago, or since this process has learnt of a change.</summary>
    public async ValueTask<Disturbances> ShareAsync(CancellationToken ct)
    {
        if (Volatile.Read(ref _found) is { } known && items.Clock.GetElapsedTime(known.At) < Kept)
        {
            return known.Disturbances;
        }

        var (forgotten, at) = (Volatile.Read(ref _forgotten), items.Clock.GetTimestamp());
        var found = new Found(await FindAsync(ct), at);
        Volatile.Write(ref _found, found);
        if (Volatile.Read(ref _forgotten) != forgotten)
        {
            Interlocked.CompareExchange(ref _found, null, found);
        }

        return found.Disturbances;
    }

    /// <summary>Something has changed.</summary>
    public void Forget()
    {
        Interlocked.Increment(ref _forgotten);
        Volatile.Write(ref _found, null);
    }

    /// <summary>What disturbs services now.</summary>
    public async ValueTask<Disturbances> FindAsync(CancellationToken ct)
    {
        var hurting = (await tickets.Documents.QueryAsync(
            new DocumentQuery([Condition.In("hurts", true)], "openedAt", true, null, Most), ct)).Select(Projection<ItemTicket>.Load);
        var causes = new List<Cause>();
        foreach (var ticket in hurting)
        {
            foreach (var name in ticket.Items)
            {
                if (await items.RecallAsync(name, ct) is { } named && await items.SurvivorAsync(named, ct) is { } item)
                {
                    causes.Add(new(item, ticket.IsMajor ? ServiceState.Outage : ServiceState.Degraded, ticket.HurtsSince)
                    {
                        Ticket = ticket,
                    });
                }
            }
        }

        var maintained = new DocumentQuery(
            [Condition.In("state", BsonMapping.Value(ConfigurationState.InMaintenance))], "name", false, null, Most);
        causes.AddRange((await items.Documents.QueryAsync(maintained, ct)).Select(AggregateStore<ConfigurationItem>.Load)
            .Select(item => new Cause(item, ServiceState.Maintenance, null)));
        causes.AddRange(await RecordedAsync(ct));

        // One walk for each state, from all that is in it or in a worse one: alternatives may fail for different reasons.
        var view = await map.ViewAllAsync(ct);
        return new(causes, Disturbances.WorstFirst.ToDictionary(state => state, state =>
            view.Impact([.. causes.Where(cause => cause.State >= state).Select(cause => cause.Item.Id).Distinct()])));
    }

    /// <summary>Outages that people have recorded and that go on.</summary>
    private async ValueTask<IReadOnlyList<Cause>> RecordedAsync(CancellationToken ct)
    {
        var (now, causes) = (items.Clock.GetUtcNow(), new List<Cause>());
        var open = new DocumentQuery(
            [Condition.Within("until", BsonMapping.Value(now), false, null, false)], "until", false, null, Most);
        foreach (var outage in (await outages.Documents.QueryAsync(open, ct)).Select(AggregateStore<Outage>.Load))
        {
            if (outage.Source == OutageSource.Person && outage.BeginsAt <= now
                && await items.RecallAsync(outage.Service.ToString(), ct) is { } named && await items.SurvivorAsync(named, ct) is { } item)
            {
                causes.Add(new(item, StateOf(outage.Kind), outage.BeginsAt) { Outage = outage });
            }
        }

        return causes;
    }

    private static ServiceState StateOf(OutageKind kind) => kind switch
    {
        OutageKind.Outage => ServiceState.Outage,
        OutageKind.Degradation => ServiceState.Degraded,
        _ => ServiceState.Maintenance,
    };

    private sealed record Found(Disturbances Disturbances, long At);
}

/// <summary>Something that disturbs services.</summary>
/// <param name="Item">Where.</param>
/// <param name="State">What it makes of those that need the item.</param>
/// <param name="Began">Since when; null where that is not known.</param>
internal sealed record Cause(ConfigurationItem Item, ServiceState State, DateTimeOffset? Began)
{
    /// <summary>The incident; null where it is none.</summary>
    public ItemTicket? Ticket { get; init; }

    /// <summary>What a person has recorded; null where nobody has.</summary>
    public Outage? Outage { get; init; }
}

/// <summary>All that disturbs services, and what suffers from it.</summary>
internal sealed record Disturbances(IReadOnlyList<Cause> Causes, IReadOnlyDictionary<ServiceState, GraphWalk> Walks)
{
    /// <summary>The states that have causes.</summary>
    public static readonly ServiceState[] WorstFirst = [ServiceState.Outage, ServiceState.Degraded, ServiceState.Maintenance];

    private readonly Dictionary<(Guid, ServiceState), GraphHit> _hits = Walks.SelectMany(walk =>
        walk.Value.Hits.Select(hit => (Key: (hit.Item, walk.Key), hit))).ToDictionary(one => one.Key, one => one.hit);

    /// <summary>How a service is, and the causes of that on itself or at the other end of the shortest path: the worst state by which it
    /// suffers; where there is none, whether something that stands in for another is disturbed.</summary>
    public (ServiceState State, IReadOnlyList<(Cause Cause, IReadOnlyList<GraphEdge> Path)> Causes) Of(Guid service)
    {
        foreach (var state in WorstFirst)
        {
            var own = Causes.Where(cause => cause.State == state && cause.Item.Id == service).ToList();
            if (own.Count > 0)
            {
                return (state, [.. own.Select(cause => (cause, (IReadOnlyList<GraphEdge>)[]))]);
            }

            if (_hits.TryGetValue((service, state), out var hit) && hit.Effect == GraphEffect.Affected)
            {
                return (state, Behind(state, hit));
            }
        }

        return WorstFirst.Where(state => _hits.ContainsKey((service, state)))
            .Select(state => (ServiceState.AtRisk, Behind(state, _hits[(service, state)])))
            .FirstOrDefault((ServiceState.Operational, []));
    }

    private IReadOnlyList<(Cause Cause, IReadOnlyList<GraphEdge> Path)> Behind(ServiceState state, GraphHit hit)
    {
        var path = Walks[state].PathTo(hit);
        return [.. Causes.Where(cause => cause.State >= state && (cause.Item.Id == path[0].Source || cause.Item.Id == path[0].Target))
            .Select(cause => (cause, path))];
    }
}
