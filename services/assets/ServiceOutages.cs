using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.Assets;

/// <summary>Has outages follow their services: who sees a service sees its outages, and those of a merged one are of the one that has all
/// that it had.</summary>
internal sealed class ServiceOutages(AggregateStore<Outage> outages, AggregateStore<ConfigurationItem> items)
{
    private const int PageSize = 1_000;

    /// <summary>One outage.</summary>
    public async Task FollowAsync(Guid id, CancellationToken ct)
    {
        if (await outages.FindAsync(id, ct) is { } outage)
        {
            await FollowAsync(outage, ct);
        }
    }

    /// <summary>All outages of a service.</summary>
    public async Task FollowAllAsync(Guid service, CancellationToken ct)
    {
        var its = new DocumentQuery([Condition.In("service", BsonMapping.Value(service))], "beginsAt", false, null, PageSize);
        await foreach (var document in outages.Documents.AllAsync(its, ct))
        {
            await FollowAsync(AggregateStore<Outage>.Load(document), ct);
        }
    }

    private async Task FollowAsync(Outage found, CancellationToken ct)
    {
        if (await items.FindAsync(found.Service, ct) is { } item && await items.SurvivorAsync(item, ct) is { } service
            && !found.Follows(service))
        {
            var audit = AuditContext.OfService("assets", "show", outages.Clock);
            await outages.UpdateAsync(found.Id, audit, outage => outage.Follow(service, audit), ct);
        }
    }
}
