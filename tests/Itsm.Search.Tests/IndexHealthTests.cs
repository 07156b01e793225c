using Itsm.Contracts.Ticketing;
using Itsm.Platform.Messaging;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Itsm.Search.Tests;

public sealed class IndexHealthTests(IndexHealthTests.Suite suite) : IClassFixture<IndexHealthTests.Suite>
{
    [Fact]
    public async Task A_comparison_or_rebuild_that_does_not_move_is_seen_by_health_which_says_why()
    {
        // The owner of this kind does not run, so nobody says which of it there are.
        var now = suite.Clock.GetUtcNow();
        await suite.Modules.GetRequiredService<IMessageBus>().PublishAsync(Guid.CreateVersion7(now), new TicketKindChanged
        {
            Id = Guid.CreateVersion7(now), Version = 1, Kind = "ghost", Service = "ghosts", States = ["new"],
        }, default);
        await suite.UntilAsync("admin", "search/index", index => index["current"] is not null);
        await UntilAsync(health => health.Status == HealthStatus.Healthy);

        suite.Clock.Advance(TimeSpan.FromMinutes(2));
        await UntilAsync(health => health.Status == HealthStatus.Degraded
            && health.Description!.StartsWith("The comparison of generation 1 has not moved since", StringComparison.Ordinal)
            && health.Description.Contains("no answer of ghosts on its TicketChanged", StringComparison.Ordinal));

        suite.Clock.Advance(TimeSpan.FromMinutes(5));
        await suite.ActAsync("admin", "search/index/rebuild", new { reason = "It hangs." });
        await UntilAsync(health => health.Status == HealthStatus.Healthy);
        suite.Clock.Advance(TimeSpan.FromMinutes(2));
        await UntilAsync(health =>
            health.Description?.StartsWith("The rebuild of generation 2 has not moved", StringComparison.Ordinal) == true);
    }

    private Task UntilAsync(Func<HealthReportEntry, bool> condition) => RunningSuite.UntilAsync(
        async () => (await suite.Modules.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == "search"))
            .Entries["search"], condition, "The health");

    public sealed class Suite : RunningSuite
    {
        protected override IReadOnlyList<string> Services => ["directory", "search"];
    }
}
