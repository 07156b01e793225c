using Itsm.Contracts.Directory;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Caching;
using Itsm.Platform.Documents;
using Itsm.Platform.Replicas;
using Itsm.ServiceLevels.Domain;

namespace Itsm.ServiceLevels;

/// <summary>The catalogue as of now: kept until something in it changes, here or on another node of the service.</summary>
internal sealed class CatalogueSource
{
    private const string Key = "service-level-catalogue";
    private const int Most = 10_000;
    private readonly AggregateStore<Agreement> _agreements;
    private readonly Replica<CalendarChanged> _calendars;
    private readonly SharedCache _cache;
    private Catalogue? _known;
    private long _generation;

    public CatalogueSource(AggregateStore<Agreement> agreements, Replica<CalendarChanged> calendars, SharedCache cache)
    {
        (_agreements, _calendars, _cache) = (agreements, calendars, cache);
        cache.Dropped += key =>
        {
            if (key is not null and not Key && !key.StartsWith(nameof(CalendarChanged) + ":", StringComparison.Ordinal))
            {
                return;
            }

            Interlocked.Increment(ref _generation);
            Volatile.Write(ref _known, null);
        };
    }

    public async ValueTask<Catalogue> GetAsync(CancellationToken ct)
    {
        var remembers = _cache.Hears;
        if (remembers && Volatile.Read(ref _known) is { } known)
        {
            return known;
        }

        var generation = Interlocked.Read(ref _generation);
        var agreements = await _agreements.Documents.QueryAsync(new DocumentQuery([Platform.Documents.Condition.Within("key", "", true,
            null, false)], "key", false, null, Most), ct);
        var calendars = await _calendars.QueryAsync([Platform.Documents.Condition.Within("key", "", true, null, false)], "key", Most, ct);
        var catalogue = new Catalogue(agreements.Select(AggregateStore<Agreement>.Load), calendars);
        if (remembers)
        {
            Volatile.Write(ref _known, catalogue);
            if (generation != Interlocked.Read(ref _generation))
            {
                // Something changed during the look: the next one looks again.
                Volatile.Write(ref _known, null);
            }
        }

        return catalogue;
    }

    /// <summary>Forgets what is known, on all nodes.</summary>
    public Task ForgetAsync() => _cache.DropAsync(Key);
}
