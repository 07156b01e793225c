using System.Diagnostics.Metrics;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Supervision;
using Itsm.Platform.Telemetry;
using Itsm.ServiceLevels.Domain;

namespace Itsm.ServiceLevels;

/// <summary>Counts the clocks of tickets for which the instant of a warning, a breach or a step has come, oldest first; looks every
/// second. Several processes may count the same: what they publish has the same ids, and one of them saves.</summary>
internal sealed class DueClocks(
    Projection<TicketClocks> store, CountClocks clocks, Supervisor supervisor, TimeProvider clock, ILogger<DueClocks> log)
    : BackgroundService
{
    private const int PageSize = 100;
    private const int AtOnce = 4;
    private const string Due = "nextAt";
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly Histogram<double> Lateness = Instruments.Meter.CreateHistogram<double>("itsm.clock.lateness", "s",
        "From the instant of a warning, breach or step to its notice.");

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        supervisor.Watch("clocks of service-levels").RunAsync(async work =>
        {
            using var timer = new PeriodicTimer(LookEvery, clock);
            do
            {
                try
                {
                    await CountAsync(work.Token);
                }
                catch (StoreUnavailableException e)
                {
                    log.LogWarning("The clocks that are due wait for the store: {Reason}", e.Message);
                }

                work.Completed();
            }
            while (await timer.WaitForNextTickAsync(work.Token));
        }, stoppingToken);

    private async Task CountAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var query = new DocumentQuery(
            [Platform.Documents.Condition.Within(Due, DateTime.UnixEpoch, true, now.UtcDateTime, true)], Due, false, null, PageSize);
        while (true)
        {
            var page = await store.Documents.QueryAsync(query, ct);
            await Parallel.ForEachAsync(page, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct },
                async (document, ct) => await CountAsync(Projection<TicketClocks>.Load(document), now, ct));
            if (page.Count < PageSize)
            {
                return;
            }

            query = query with { After = new DocumentPosition(RawBson.Values(page[^1].Body.Span, Due)[0], page[^1].Id) };
        }
    }

    /// <summary>One ticket that can't be counted must not keep the others; it stays due.</summary>
    private async Task CountAsync(TicketClocks due, DateTimeOffset now, CancellationToken ct)
    {
        try
        {
            await clocks.RunAsync(due.Id, null, ct);
            Lateness.Record((now - due.NextAt!.Value).TotalSeconds);
        }
        catch (Exception e) when (e is not (StoreUnavailableException or OperationCanceledException))
        {
            log.LogError(e, "The clocks of {Number} could not be counted; they are tried again.", due.Number);
        }
    }
}
