using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.Assets;

/// <summary>Keeps how services are. Whatever may change that has all of them computed anew; what two nodes find at the same time, the
/// version of what is stored decides, and who has changed something looks once more.</summary>
internal sealed class ServiceStatuses(
    AggregateStore<ServiceStatus> statuses, AggregateStore<ConfigurationItem> items, ServiceOutages outages, ServiceHealth health,
    ConfigurationMap map) : IDisposable
{
    private const int PageSize = 1_000;
    private const int MostRounds = 20;
    private readonly SemaphoreSlim _one = new(1);
    private long _asked;
    private long _answered;
    private long _seen;

    /// <summary>Computes how all services are, by all that was saved before this call. Those who wait for a run that goes on share the
    /// next.</summary>
    public async Task RecomputeAsync(CancellationToken ct)
    {
        var asked = Interlocked.Increment(ref _asked);
        await _one.WaitAsync(ct);
        try
        {
            if (_answered < asked)
            {
                var all = Interlocked.Read(ref _asked);
                await RunAsync(ct);
                _answered = all;
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>As <see cref="RecomputeAsync"/>, by all that an item was before this call; nothing happens where that was done.</summary>
    public async Task FollowAsync(Guid item, CancellationToken ct)
    {
        if (await items.FindAsync(item, ct) is { } changed && !map.Showed(changed, Interlocked.Read(ref _seen)))
        {
            map.Note(item);
            await RecomputeAsync(ct);
        }
    }

    /// <summary>What is known of all services, by id.</summary>
    public async ValueTask<IReadOnlyDictionary<Guid, ServiceStatus>> AllAsync(CancellationToken ct)
    {
        var all = new Dictionary<Guid, ServiceStatus>();
        var query = new DocumentQuery([Condition.Within("number", "", true, null, false)], "number", false, null, PageSize);
        await foreach (var document in statuses.Documents.AllAsync(query, ct))
        {
            all[document.Id] = AggregateStore<ServiceStatus>.Load(document);
        }

        return all;
    }

    /// <summary>Those of the services of which nothing is known yet become known, and are looked at by a timer: of a store that an earlier
    /// version filled.</summary>
    public async Task AddMissingAsync(CancellationToken ct)
    {
        var (known, audit) = (await AllAsync(ct), Audit());
        foreach (var service in (await ServicesAsync(known, ct)).Where(service => !known.ContainsKey(service.Id)))
        {
            await AddMissingAsync(service, audit, ct);
        }
    }

    /// <summary>The service becomes known unless it is, and is looked at by a timer.</summary>
    public async Task AddMissingAsync(ConfigurationItem service, AuditContext audit, CancellationToken ct)
    {
        if (await statuses.FindAsync(service.Id, ct) is null)
        {
            var status = ServiceStatus.Of(service, audit.At);
            status.Check(audit.At);
            await statuses.AddMissingAsync(status, audit, ct);
        }
    }

    /// <summary>The outages and subscribers of a service that was merged are the other's from now on. Safe to run twice.</summary>
    public async Task FollowMergeAsync(ConfigurationItem merged, ConfigurationItem survivor, CancellationToken ct)
    {
        if (merged.Class != ConfigurationClass.ItService)
        {
            return;
        }

        await outages.FollowAllAsync(merged.Id, ct);
        if (await statuses.FindAsync(merged.Id, ct) is { Subscribers: { Count: > 0 } subscribers })
        {
            var audit = AuditContext.OfService("assets", "merge", statuses.Clock);
            await AddMissingAsync(survivor, audit, ct);
            await statuses.UpdateAsync(survivor.Id, audit, status => status.TakeOver(subscribers), ct);
            await statuses.UpdateAsync(merged.Id, audit, status => status.GiveAway(subscribers), ct);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private AuditContext Audit() => AuditContext.OfService("assets", "compute", statuses.Clock);

    private async Task RunAsync(CancellationToken ct)
    {
        health.Forget();
        for (var round = 0; round < MostRounds; round++)
        {
            var (changed, view) = await ChangeAsync(ct);
            if (!changed)
            {
                Interlocked.Exchange(ref _seen, view);
                return;
            }
        }

        throw new ConcurrentChangeException($"The state of services kept changing; try again.");
    }

    /// <returns>Whether something was saved, here or meanwhile elsewhere: what was found may be outdated then; and number of the view of the
    /// graph from which it was found.</returns>
    private async Task<(bool Changed, long View)> ChangeAsync(CancellationToken ct)
    {
        // Before all from which is computed: who computes from what is outdated does not save over what was computed later.
        var (known, changed) = (await AllAsync(ct), false);
        var disturbances = await health.FindAsync(ct);
        foreach (var service in await ServicesAsync(known, ct))
        {
            var audit = Audit();
            var status = known.GetValueOrDefault(service.Id) ?? ServiceStatus.Of(service, audit.At);
            var version = status.Version;
            var found = Of(service, disturbances);
            var ended = status.Lasting is not null && found.Outage is null ? await health.EndOfAsync(status.Causes, ct) : null;
            status.Become(service, found, ended, audit.At);
            try
            {
                changed |= !await statuses.TrySaveAsync(status, audit, ct) || status.Version > version;
            }
            catch (DuplicateKeyException)
            {
                // Added by another node.
                changed = true;
            }
        }

        if (changed)
        {
            health.Forget();
        }

        return (changed, disturbances.View);
    }

    /// <summary>All services besides those that were retired before anything was known of them.</summary>
    private async Task<IReadOnlyList<ConfigurationItem>> ServicesAsync(
        IReadOnlyDictionary<Guid, ServiceStatus> known, CancellationToken ct) => await items.Documents.AllAsync(
            new DocumentQuery([Condition.In("class", ConfigurationClass.ItService)], "name", false, null, PageSize), ct)
            .Select(AggregateStore<ConfigurationItem>.Load)
            .Where(service => service.State != ConfigurationState.Retired || known.ContainsKey(service.Id)).ToListAsync(ct);

    private static ServiceFinding Of(ConfigurationItem service, Disturbances disturbances)
    {
        if (service.State == ConfigurationState.Retired)
        {
            return new(ServiceState.Operational, null, null, []);
        }

        var (state, causes) = disturbances.Of(service.Id);
        List<Cause> byBegin = [.. causes.Select(one => one.Cause).OrderBy(cause => cause.Began ?? DateTimeOffset.MaxValue)];
        var (began, found) = (byBegin.FirstOrDefault()?.Began, byBegin.FindAll(cause => cause.Outage is null || cause.Item != service.Id));
        return OutageOf(state) is { } kind && found is [var first, ..]
            ? new(state, began, new(kind, first.Began, first.Ticket?.Number), [.. found.Select(cause => cause.Id).Distinct().Order()])
            : new(state, began, null, []);
    }

    private static OutageKind? OutageOf(ServiceState state) => state switch
    {
        ServiceState.Outage => OutageKind.Outage,
        ServiceState.Degraded => OutageKind.Degradation,
        ServiceState.Maintenance => OutageKind.Maintenance,
        _ => null,
    };
}
