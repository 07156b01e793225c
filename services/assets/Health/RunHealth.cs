using System.Runtime.CompilerServices;
using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.Supervision;
using Itsm.Platform.Timers;

namespace Itsm.Assets.Health;

/// <summary>Looks at all items and takes down what is wrong with them. Safe to run twice, at once or after a crash: a run that finds that a
/// later one has begun gives up, and what an earlier one wrote is removed by the last that ends.</summary>
/// <remarks>Reads all items twice and writes each finding anew: of 500,000 items some minutes, a quarter of an hour where all have
/// findings. That is one timer, whose lease is renewed while it runs; each page counts as progress, and a run that is broken off begins
/// anew.</remarks>
internal sealed class RunHealth(
    AggregateStore<ConfigurationHealth> health, Projection<HealthFinding> findings, AggregateStore<ConfigurationItem> items,
    AggregateStore<ConfigurationClass> classes, AggregateStore<RelationType> types, ConfigurationMap map) : ITimerHandler
{
    private const int PageSize = 1_000;
    private const int Written = 200;

    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        var began = Act("begin");
        if (await health.UpdateAsync(id, began, one => one.Begin(), ct) is not { Run: var run })
        {
            return;
        }

        var checks = new HealthChecks(
            items, await AllAsync(classes, one => one.Key, ct), await AllAsync(types, one => one.Key, ct), began.At);
        await foreach (var page in PagesAsync(ct))
        {
            page.ForEach(checks.Note);
        }

        var figures = new HealthFigures();
        await foreach (var page in PagesAsync(ct))
        {
            // After the page was read: the map knows all that the page's relations lead to.
            var (view, written) = ((await map.ViewAllAsync(ct)).View, new List<HealthFinding>());
            foreach (var item in page)
            {
                var found = await checks.FindAsync(item, view, ct);
                figures.Add(item, checks.RequiredOf(item), found);
                written.AddRange(found.Select(one => HealthFinding.Of(run, item, one)));
            }

            foreach (var some in written.Chunk(Written))
            {
                await findings.UpsertAsync(some, ct);
                Work.Progress();
            }

            if (await health.FindAsync(id, ct) is { } now && now.Run != run)
            {
                await RemoveBeforeAsync(now.Computed, ct);
                return;
            }
        }

        // Once figures are there, so are their findings alone; after them, what a slower run still wrote meanwhile goes, too.
        await RemoveBeforeAsync(run, ct);
        var (services, ended) = (figures.Services((await map.ViewAllAsync(ct)).View), Act("complete"));
        var last = await health.UpdateAsync(id, ended, one => one.Complete(run, began.At, figures.Classes, services, ended.At), ct);
        await RemoveBeforeAsync(last!.Computed, ct);
    }

    /// <summary>All items that are not retired.</summary>
    private async IAsyncEnumerable<List<ConfigurationItem>> PagesAsync([EnumeratorCancellation] CancellationToken ct)
    {
        Guid? after = null;
        while (await items.Documents.ScanAsync(after, PageSize, ct) is { Count: > 0 } page)
        {
            Work.Progress();
            yield return [.. page.Select(AggregateStore<ConfigurationItem>.Load).Where(item => item.State != ConfigurationState.Retired)];
            after = page[^1].Id;
        }
    }

    private static async Task<Dictionary<string, T>> AllAsync<T>(AggregateStore<T> store, Func<T, string> keyOf, CancellationToken ct)
        where T : Aggregate
    {
        var all = new Dictionary<string, T>();
        Guid? after = null;
        while (await store.Documents.ScanAsync(after, PageSize, ct) is { Count: > 0 } page)
        {
            foreach (var one in page.Select(AggregateStore<T>.Load))
            {
                all[keyOf(one)] = one;
            }

            after = page[^1].Id;
        }

        return all;
    }

    private async Task RemoveBeforeAsync(long run, CancellationToken ct)
    {
        var earlier = new DocumentQuery([Condition.Within("run", null, false, run, false)], "run", false, null, PageSize);
        while (await findings.Documents.QueryAsync(earlier, ct) is { Count: > 0 } page)
        {
            foreach (var one in page)
            {
                await findings.Documents.DeleteAsync(one.Id, one.Version, ct);
            }

            Work.Progress();
        }
    }

    private AuditContext Act(string action) => AuditContext.OfService("assets", action, health.Clock);
}

/// <summary>Has the health of configuration items computed, from the first start on.</summary>
internal sealed class HealthDefaults(AggregateStore<ConfigurationHealth> health, TimeProvider clock, ILogger<HealthDefaults> log)
    : Preparation(clock, log)
{
    protected override Task PrepareAsync(CancellationToken ct)
    {
        var audit = AuditContext.OfService("assets", "create", Clock);
        return health.AddMissingAsync(ConfigurationHealth.Create(audit.At), audit, ct);
    }
}
