using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Ticketing.Configuration;

namespace Itsm.Assets;

/// <summary>How services are, by the incidents and the maintenance on them and on what they need. It is computed over all items, whoever
/// asks: that a service is disturbed is for all who use it; why, for those who see what disturbs it.</summary>
internal sealed class ServiceHealth(
    AggregateStore<ConfigurationItem> items, Projection<ItemTicket> tickets, ConfigurationMap map)
{
    private const int Most = 1_000;

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
                    causes.Add(new(item, ticket.IsMajor ? ServiceState.Outage : ServiceState.Degraded, ticket));
                }
            }
        }

        var maintained = new DocumentQuery(
            [Condition.In("state", BsonMapping.Value(ConfigurationState.InMaintenance))], "name", false, null, Most);
        causes.AddRange((await items.Documents.QueryAsync(maintained, ct)).Select(AggregateStore<ConfigurationItem>.Load)
            .Select(item => new Cause(item, ServiceState.Maintenance, null)));

        // One walk for each state, from all that is in it or in a worse one: alternatives may fail for different reasons.
        var view = await map.ViewAllAsync(ct);
        return new(causes, Disturbances.WorstFirst.ToDictionary(state => state, state =>
            view.Impact([.. causes.Where(cause => cause.State >= state).Select(cause => cause.Item.Id).Distinct()])));
    }
}

/// <summary>Something that disturbs services.</summary>
/// <param name="Item">Where.</param>
/// <param name="State">What it makes of those that need the item.</param>
/// <param name="Ticket">The incident; null for maintenance.</param>
internal sealed record Cause(ConfigurationItem Item, ServiceState State, ItemTicket? Ticket);

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

/// <summary>How a service is.</summary>
public enum ServiceState
{
    /// <summary>Nothing is known to disturb it.</summary>
    Operational,

    /// <summary>It works; something that stands in for another is disturbed.</summary>
    AtRisk,

    /// <summary>It, or something that it needs, is worked on.</summary>
    Maintenance,

    /// <summary>It, or something that it needs, has an open incident of priority 1 or 2.</summary>
    Degraded,

    /// <summary>It, or something that it needs, has a major incident.</summary>
    Outage,
}
