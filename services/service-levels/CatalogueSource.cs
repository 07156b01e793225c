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
    private Known? _known;
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

            Forget();
        };
    }

    public async ValueTask<Catalogue> GetAsync(CancellationToken ct)
    {
        var remembers = _cache.Hears;
        var generation = Interlocked.Read(ref _generation);
        if (remembers && Volatile.Read(ref _known) is { } known && known.Generation == generation)
        {
            return known.Catalogue;
        }

        var agreements = await _agreements.Documents.QueryAsync(new DocumentQuery([Platform.Documents.Condition.Within("key", "", true,
            null, false)], "key", false, null, Most), ct);
        var calendars = await _calendars.QueryAsync([Platform.Documents.Condition.Within("key", "", true, null, false)], "key", Most, ct);
        var catalogue = new Catalogue(agreements.Select(AggregateStore<Agreement>.Load), calendars);
        if (remembers)
        {
            // Where something changed during the look, nobody takes it.
            Volatile.Write(ref _known, new Known(generation, catalogue));
        }

        return catalogue;
    }

    /// <summary>Forgets what is known, on all nodes.</summary>
    public Task ForgetAsync() => _cache.DropAsync(Key);

    /// <summary>Forgets what is known, on this node.</summary>
    public void Forget() => Interlocked.Increment(ref _generation);

    private sealed record Known(long Generation, Catalogue Catalogue);
}
