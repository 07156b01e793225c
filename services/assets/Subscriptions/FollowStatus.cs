using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Timers;
using Itsm.Ticketing;

namespace Itsm.Assets.Subscriptions;

/// <summary>An item has changed: services may be otherwise now.</summary>
internal sealed class FollowItem(ServiceStatuses statuses) : ITimerHandler
{
    public Task RunAsync(Guid id, CancellationToken ct) => statuses.FollowAsync(id, ct);
}

/// <summary>Finds how services are.</summary>
internal sealed class CheckServices(ServiceStatuses statuses) : ITimerHandler
{
    public Task RunAsync(Guid id, CancellationToken ct) => statuses.RecomputeAsync(ct);
}

/// <summary>An outage was recorded, begins or ends: services may be otherwise now.</summary>
internal sealed class FollowOutage(ServiceOutages outages, ServiceStatuses statuses) : ITimerHandler
{
    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        await outages.FollowAsync(id, ct);
        await statuses.RecomputeAsync(ct);
    }
}

/// <summary>The readers of an outage have changed, and may have again.</summary>
internal sealed class ShowOutage(ServiceOutages outages) : ITimerHandler
{
    public Task RunAsync(Guid id, CancellationToken ct) => outages.FollowAsync(id, ct);
}

/// <summary>The readers of a service have changed: its outages get the same.</summary>
internal sealed class ShowOutages(ServiceOutages outages) : ITimerHandler
{
    public Task RunAsync(Guid id, CancellationToken ct) => outages.FollowAllAsync(id, ct);
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
            || await items.FindAsync(id, ct) is not { } item || await items.SurvivorAsync(item, ct) is not { } service)
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
