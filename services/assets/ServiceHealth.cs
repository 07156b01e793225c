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
    private const int PageSize = 1_000;
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

    /// <summary>When the last of these causes ended; null where that is not known of all.</summary>
    public async ValueTask<DateTimeOffset?> EndOfAsync(IReadOnlyList<Guid> causes, CancellationToken ct)
    {
        DateTimeOffset? last = null;
        foreach (var id in causes)
        {
            var end = await tickets.Documents.FindAsync(id, ct) is { } ticket ? Projection<ItemTicket>.Load(ticket).ResolvedAt
                : await outages.FindAsync(id, ct) is { } outage ? outage.CanceledAt ?? outage.EndsAt : null;
            if (end is null)
            {
                return null;
            }

            last = last > end ? last : end;
        }

        return last;
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
        // Before all other reads: they see every item at least as it was for this view.
        var (view, number) = await map.ViewAllAsync(ct);
        var causes = new List<Cause>();
        var hurting = new DocumentQuery([Condition.In("hurts", true)], "openedAt", true, null, PageSize);
        await foreach (var document in tickets.Documents.AllAsync(hurting, ct))
        {
            var ticket = Projection<ItemTicket>.Load(document);
            foreach (var name in ticket.Items)
            {
                if (await items.FindSurvivorAsync(name, ct) is { } item)
                {
                    causes.Add(new(item.Id, item.Readers, ticket.IsMajor ? ServiceState.Outage : ServiceState.Degraded, ticket.HurtsSince)
                    {
                        Ticket = ticket,
                    });
                }
            }
        }

        var maintained = new DocumentQuery(
            [Condition.In("state", BsonMapping.Value(ConfigurationState.InMaintenance))], "name", false, null, PageSize);
        await foreach (var document in items.Documents.AllAsync(maintained, ct))
        {
            var item = AggregateStore<ConfigurationItem>.Load(document);
            causes.Add(new(item.Id, item.Readers, ServiceState.Maintenance, null));
        }

        causes.AddRange(await RecordedAsync(ct));

        // One walk for each state, from all that is in it or in a worse one: alternatives may fail for different reasons.
        return new(number, causes, Disturbances.WorstFirst.ToDictionary(state => state, state =>
            view.Impact([.. causes.Where(cause => cause.State >= state).Select(cause => cause.Item).Distinct()])));
    }

    /// <summary>Outages that people have recorded and that go on.</summary>
    private async ValueTask<IReadOnlyList<Cause>> RecordedAsync(CancellationToken ct)
    {
        var (now, causes) = (items.Clock.GetUtcNow(), new List<Cause>());
        var open = new DocumentQuery(
            [Condition.Within("until", BsonMapping.Value(now), false, null, false)], "until", false, null, PageSize);
        await foreach (var document in outages.Documents.AllAsync(open, ct))
        {
            var outage = AggregateStore<Outage>.Load(document);
            if (outage.Source == OutageSource.Person && outage.BeginsAt <= now
                && await items.FindSurvivorAsync(outage.Service.ToString(), ct) is { } item)
            {
                causes.Add(new(item.Id, item.Readers, StateOf(outage.Kind), outage.BeginsAt) { Outage = outage });
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
/// <param name="Item">Id of the item where it is.</param>
/// <param name="Readers">Who may see that item.</param>
/// <param name="State">What it makes of those that need the item.</param>
/// <param name="Began">Since when; null where that is not known.</param>
internal sealed record Cause(Guid Item, IReadOnlyList<string> Readers, ServiceState State, DateTimeOffset? Began)
{
    /// <summary>The incident; null where it is none.</summary>
    public ItemTicket? Ticket { get; init; }

    /// <summary>What a person has recorded; null where nobody has.</summary>
    public Outage? Outage { get; init; }

    /// <summary>Of the incident, the recorded outage, or the item that is worked on.</summary>
    public Guid Id => Ticket?.Id ?? Outage?.Id ?? Item;
}

/// <summary>All that disturbs services, and what suffers from it.</summary>
/// <param name="View">Number of the view of the graph from which that was found.</param>
/// <param name="Causes">What disturbs.</param>
/// <param name="Walks">What suffers, for each state that causes make, or worse ones.</param>
internal sealed record Disturbances(
    long View, IReadOnlyList<Cause> Causes, IReadOnlyDictionary<ServiceState, GraphWalk> Walks)
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
            var own = Causes.Where(cause => cause.State == state && cause.Item == service).ToList();
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
        return [.. Causes.Where(cause => cause.State >= state && (cause.Item == path[0].Source || cause.Item == path[0].Target))
            .Select(cause => (cause, path))];
    }
}
