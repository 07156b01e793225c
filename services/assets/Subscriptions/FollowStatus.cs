using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Timers;
using Itsm.Ticketing;

namespace Itsm.Assets.Subscriptions;

/// <summary>An item, or what is known of a service, has changed: services may be otherwise now.</summary>
internal sealed class FollowItem(ServiceStatuses statuses, ConfigurationMap map) : ITimerHandler
{
    public Task RunAsync(Guid id, CancellationToken ct)
    {
        map.Note(id);
        return statuses.RecomputeAsync(ct);
    }
}

/// <summary>An outage was recorded, begins or ends: services may be otherwise now. Its readers become those of its service.</summary>
internal sealed class FollowOutage(
    AggregateStore<Outage> outages, AggregateStore<ConfigurationItem> items, ServiceStatuses statuses, TimeProvider clock) : ITimerHandler
{
    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        var audit = AuditContext.OfService("assets", "show", clock);
        await outages.UpdateAsync(id, audit, async outage =>
        {
            if (await items.FindAsync(outage.Service, ct) is { } named && await items.SurvivorAsync(named, ct) is { } service)
            {
                outage.Follow(service, audit);
            }
        }, ct);
        await statuses.RecomputeAsync(ct);
    }
}

/// <summary>Stores the outages that followed from how a service was found. Safe to run twice: each has an id of its own, and ends
/// once.</summary>
internal sealed class SettleOutages(
    AggregateStore<ServiceStatus> statuses, AggregateStore<Outage> outages, AggregateStore<ConfigurationItem> items,
    NumberSeries<Outage> numbers, TimeProvider clock) : ITimerHandler
{
    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        if (await statuses.FindAsync(id, ct) is not { Unsettled: { Count: > 0 } unsettled }
            || await items.FindAsync(id, ct) is not { } service)
        {
            return;
        }

        foreach (var found in unsettled)
        {
            var audit = AuditContext.OfService("assets", "find", clock);
            if (await outages.FindAsync(found.Id, ct) is null)
            {
                await outages.AddMissingAsync(Outage.Of(found, await numbers.NextAsync(ct), service, audit), audit, ct);
            }

            if (found.EndsAt is { } at)
            {
                await outages.UpdateAsync(found.Id, audit with { Action = "end" }, outage => outage.EndAsFound(at), ct);
            }
        }

        await statuses.UpdateAsync(id, AuditContext.OfService("assets", "settle", clock), status => status.Settle(unsettled), ct);
    }
}
