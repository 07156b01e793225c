using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.Assets;

/// <summary>Keeps how services are. Whatever may change that has all of them computed anew; what two nodes find at the same time, the
/// version of what is stored decides, and who has changed something looks once more.</summary>
internal sealed class ServiceStatuses(
    AggregateStore<ServiceStatus> statuses, AggregateStore<ConfigurationItem> items, AggregateStore<Outage> outages, ServiceHealth health)
    : IDisposable
{
    private const int Most = 1_000;
    private const int MostRounds = 20;
    private readonly SemaphoreSlim _one = new(1);
    private long _asked;
    private long _answered;

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

    /// <summary>What is known of all services, by id.</summary>
    public async ValueTask<IReadOnlyDictionary<Guid, ServiceStatus>> AllAsync(CancellationToken ct) =>
        (await statuses.Documents.QueryAsync(
            new DocumentQuery([Condition.Within("number", "", true, null, false)], "number", false, null, Most), ct))
        .ToDictionary(document => document.Id, AggregateStore<ServiceStatus>.Load);

    /// <summary>Those of the services of which nothing is known yet become known, and are looked at by a timer: of a store that an earlier
    /// version filled.</summary>
    public async Task AddMissingAsync(CancellationToken ct)
    {
        var (known, audit) = (await AllAsync(ct), Audit());
        foreach (var service in (await ServicesAsync(ct)).Where(service => !known.ContainsKey(service.Id)))
        {
            var status = ServiceStatus.Of(service, audit.At);
            status.Check(audit.At);
            await statuses.AddMissingAsync(status, audit, ct);
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
            if (!await ChangesAsync(ct))
            {
                return;
            }
        }

        throw new ConcurrentChangeException($"The state of services kept changing; try again.");
    }

    /// <returns>True where something was saved, here or meanwhile elsewhere: what was found may be outdated then.</returns>
    private async Task<bool> ChangesAsync(CancellationToken ct)
    {
        // Before all from which is computed: who computes from what is outdated does not save over what was computed later.
        var (known, changed) = (await AllAsync(ct), false);
        var services = await ServicesAsync(ct);
        var disturbances = await health.FindAsync(ct);
        foreach (var service in services.Where(service => service.State != ConfigurationState.Retired || known.ContainsKey(service.Id)))
        {
            var audit = Audit();
            var status = known.GetValueOrDefault(service.Id) ?? ServiceStatus.Of(service, audit.At);
            var version = status.Version;
            if (version > 0 && (service.MergedInto is not null || !status.Readers.SequenceEqual(service.Readers)))
            {
                await HandOverAsync(status, service, ct);
            }

            status.Become(service, Of(service, disturbances), audit.At);
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

        return changed;
    }

    private async Task<IReadOnlyList<ConfigurationItem>> ServicesAsync(CancellationToken ct) =>
        [.. (await items.Documents.QueryAsync(
            new DocumentQuery([Condition.In("class", ConfigurationClass.ItService)], "name", false, null, Most), ct))
            .Select(AggregateStore<ConfigurationItem>.Load)];

    /// <summary>Outages of a service have its readers; what was merged into another leaves outages and subscribers to that.</summary>
    private async Task HandOverAsync(ServiceStatus status, ConfigurationItem service, CancellationToken ct)
    {
        if (await items.SurvivorAsync(service, ct) is not { } survivor)
        {
            return;
        }

        var audit = AuditContext.OfService("assets", "show", statuses.Clock);
        var its = new DocumentQuery([Condition.In("service", BsonMapping.Value(service.Id))], "beginsAt", false, null, Most);
        await foreach (var document in outages.Documents.AllAsync(its, ct))
        {
            await outages.UpdateAsync(document.Id, audit, outage => outage.Follow(survivor, audit), ct);
        }

        if (survivor.Id != service.Id && status.Subscribers.Count > 0
            && await statuses.UpdateAsync(survivor.Id, audit, next => next.Subscribe(status.Subscribers), ct) is not null)
        {
            status.Unsubscribe();
        }
    }

    private static ServiceFinding Of(ConfigurationItem service, Disturbances disturbances)
    {
        if (service.State == ConfigurationState.Retired)
        {
            return new(ServiceState.Operational, null, null);
        }

        var (state, causes) = disturbances.Of(service.Id);
        List<Cause> byBegin = [.. causes.Select(one => one.Cause).OrderBy(cause => cause.Began ?? DateTimeOffset.MaxValue)];
        return new(state, byBegin.FirstOrDefault()?.Began,
            OutageOf(state) is { } kind && byBegin.Find(cause => cause.Outage is null || cause.Item.Id != service.Id) is { } first
                ? new(kind, first.Began, first.Ticket?.Number)
                : null);
    }

    private static OutageKind? OutageOf(ServiceState state) => state switch
    {
        ServiceState.Outage => OutageKind.Outage,
        ServiceState.Degraded => OutageKind.Degradation,
        ServiceState.Maintenance => OutageKind.Maintenance,
        _ => null,
    };
}
