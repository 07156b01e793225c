using Itsm.Contracts;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.Replicas;
using Itsm.Platform.Timers;
using Itsm.Platform.Values;
using Itsm.Search.Domain;
using Itsm.Search.Engines;
using Microsoft.Extensions.Options;

namespace Itsm.Search;

/// <summary>Sees to it that an index serves and holds what the services have: fills a first one, rebuilds, compares and repairs.</summary>
internal sealed class IndexCare(AggregateStore<IndexState> store, ISearchEngine engine, Replica<TicketKindChanged> kinds,
    IOptions<SearchSettings> settings, TimeProvider clock, ILogger<IndexCare> log)
    : Preparation(clock, log), ITimerHandler
{
    private const int MostKinds = 100;

    /// <summary>Nodes of an earlier version, which write to an index of their own, may have taken part in a first fill: so long after its
    /// beginning it is compared again.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(15);

    /// <summary>How long the index of an earlier version is kept for who goes back to it.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromHours(1);
    private static readonly TimeSpan Again = TimeSpan.FromMinutes(1);
    private static readonly Actor Self = new(null, "search");
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Fills a new generation while the one before serves.</summary>
    public async Task<int> NextGenerationAsync(CancellationToken ct)
    {
        var generations = await engine.GenerationsAsync(ct);
        var serving = await engine.ServingAsync(ct);
        foreach (var abandoned in generations.Where(generation => generation != serving))
        {
            await engine.DropAsync(abandoned, ct);
        }

        var next = generations.DefaultIfEmpty(0).Max() + 1;
        await engine.CreateAsync(next, ct);
        return next;
    }

    /// <summary>After the last page of a round: lets a generation serve that lacks nothing, or has what differs looked at again.</summary>
    public async Task EndRoundAsync(IndexState state, CancellationToken ct)
    {
        var current = state.Current!;
        await engine.RefreshAsync(current.Generation, ct);
        var counts = await engine.CountAsync(current.Generation, ct);
        var surplus = current.Sources.Where(source => source.Kind is not null).GroupBy(source => source.Kind!)
            .Sum(kind => Math.Max(0, counts.GetValueOrDefault(kind.Key) - kind.Sum(source => source.Compared)));
        if (current.Swap && current.Sources.All(source => source.Different == 0))
        {
            var before = await engine.ServingAsync(ct);
            await engine.ServeAsync(current.Generation, ct);
            if (before is { } old && old != current.Generation)
            {
                await engine.DropAsync(old, ct);
            }

            log.LogInformation("Generation {Generation} of the index serves.", current.Generation);
        }

        var audit = AuditOf("end-round");
        await store.UpdateAsync(state.Id, audit, again =>
        {
            if (again.Current?.ComparisonId == current.ComparisonId && again.Current.Round == current.Round)
            {
                again.EndRound(surplus, audit);
            }
        }, ct);
    }

    /// <summary>Compares the generation that serves with the services, and repairs it. Where there is none, begins one, which serves what
    /// it has until it has all.</summary>
    /// <param name="instead">True to give up a comparison that runs, for what it saw may be gone; false to leave it alone.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <param name="next">After how long the next one is to follow; null to leave that as it is.</param>
    /// <returns>False where one is under way already.</returns>
    public async Task<bool> CompareAsync(bool instead, CancellationToken ct, TimeSpan? next = null)
    {
        var serving = await engine.ServingAsync(ct);
        var isFirst = serving is null;
        if (serving is null)
        {
            serving = await NextGenerationAsync(ct);
            await engine.ServeAsync(serving.Value, ct);
            log.LogWarning("There was no index: generation {Generation} is being filled, and serves what it has.", serving);
        }

        var (audit, generations) = (AuditOf("compare"), await engine.GenerationsAsync(ct));
        try
        {
            await store.UpdateAsync(IndexState.TheOne, audit, state =>
            {
                var rebuild =
                    state.Current is { Swap: true } current && generations.Contains(current.Generation) ? current.Generation : (int?)null;
                state.Start(rebuild ?? serving.Value, rebuild is not null, audit, instead);
                if ((isFirst ? Overlap : next) is { } wait)
                {
                    state.Schedule(audit.At + wait);
                }
            }, ct);
            return true;
        }
        catch (RuleViolationException)
        {
            return false;
        }
    }

    /// <summary>Takes down which service owns a kind, and looks for the things of a new one, which may be older than the index.</summary>
    /// <exception cref="InvalidOperationException">The record of the index is not there yet.</exception>
    public async Task LearnAsync(string kind, string service, CancellationToken ct)
    {
        var isNew = false;
        if (await store.UpdateAsync(IndexState.TheOne, AuditOf("learn-kind"), state => isNew = state.Learn(kind, service), ct) is null)
        {
            throw new InvalidOperationException("The record of the index is not there yet.");
        }

        if (isNew)
        {
            await CompareAsync(instead: true, ct);
        }
    }

    /// <summary>Fills a new generation where somebody has deleted all that there were.</summary>
    /// <returns>The generations there are then.</returns>
    public async Task<IReadOnlyList<int>> ReplaceLostAsync(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            // Before the first start is over there are none either, and that begins one.
            if ((await engine.GenerationsAsync(ct)).Count == 0 && await store.FindAsync(IndexState.TheOne, ct) is { Last: not null })
            {
                await CompareAsync(instead: true, ct);
            }

            return await engine.GenerationsAsync(ct);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Compares as the schedule says, which sets the next time.</summary>
    /// <exception cref="TimerPostponedException">A comparison is under way.</exception>
    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        if (await store.FindAsync(id, ct) is { Current: null, Last: { Drift: 0, EndedAt: { } ended } last }
            && Clock.GetUtcNow() - ended > Settled && last.Generation == await engine.ServingAsync(ct))
        {
            await engine.DropEarlierFormatsAsync(ct);
        }

        if (!await CompareAsync(instead: false, ct, settings.Value.CompareEvery))
        {
            throw new TimerPostponedException(Again);
        }
    }

    /// <inheritdoc/>
    protected override async Task PrepareAsync(CancellationToken ct)
    {
        var audit = AuditOf("create");
        await store.AddMissingAsync(IndexState.Create(audit, settings.Value.CompareEvery), audit, ct);
        foreach (var kind in await kinds.QueryAsync([Condition.Within("kind", "", true, null, false)], "kind", MostKinds, ct))
        {
            await store.UpdateAsync(IndexState.TheOne, audit, state => state.Learn(kind.Kind, kind.Service), ct);
        }

        if (engine.MayHaveLost || await engine.ServingAsync(ct) is null)
        {
            await CompareAsync(instead: true, ct);
        }

        await store.UpdateAsync(IndexState.TheOne, audit, state => state.LookForOwners(audit), ct);
    }

    private AuditContext AuditOf(string action) => new() { By = Self, Action = action, At = Clock.GetUtcNow().ToMilliseconds() };
}
