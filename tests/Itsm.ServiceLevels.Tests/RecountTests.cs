using Itsm.Testing;
using static Itsm.ServiceLevels.Tests.Shortcuts;

namespace Itsm.ServiceLevels.Tests;

/// <summary>Editions that move the clocks of thousands of tickets.</summary>
[OuterTier]
public sealed class RecountTests(RecountTests.BusySuite suite) : IClassFixture<RecountTests.BusySuite>
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_breach_that_falls_due_while_an_edition_moves_thousands_of_tickets_is_told_before_all_are_moved()
    {
        var service = await suite.AgreementAsync(suite.Calendar, [Target("resolution", "PT1H")]);
        await using var stream = await EventStream.OpenAsync(suite.As("agent1"), "?types=serviceLevel");
        var incident = await suite.OpenForAsync(service);
        await suite.ClocksAsync(incident.Id, clocks => clocks.Count > 0);

        await suite.PublishAsync("during");
        await MovedAsync("during", more: 0);
        var started = TimeProvider.System.GetTimestamp();
        suite.Clock.Advance(TimeSpan.FromHours(1));
        await stream.UntilAsync(events => events.Any(one =>
            one.Data["ticket"]?.GetValue<string>() == incident.Id && one.Data["what"]?.GetValue<string>() == "breached"));
        var (told, moved) = (TimeProvider.System.GetElapsedTime(started), await suite.CountAsync("during"));
        Assert.True(moved < BusySuite.Tickets, $"Told after {told}, when all were moved.");
        Assert.True(told < TimeSpan.FromSeconds(5), $"Told after {told}, when {moved} were moved.");
        await AllMovedAsync("during");
    }

    [Fact]
    public async Task What_was_not_moved_when_the_process_died_is_moved_by_the_next_one()
    {
        await suite.PublishAsync("before");
        var moved = await MovedAsync("before", more: 0);
        await suite.RestartAsync();
        Assert.InRange(await suite.CountAsync("before"), moved, BusySuite.Tickets - 1);

        // A slice that was under way comes again when its lease has ended.
        suite.Clock.Advance(TimeSpan.FromMinutes(2));
        await AllMovedAsync("before");
    }

    [Fact]
    public async Task Of_two_editions_shortly_after_one_another_the_later_one_holds_for_all()
    {
        await suite.PublishAsync("earlier");
        await MovedAsync("earlier", more: 300);
        await suite.PublishAsync("later");
        await AllMovedAsync("later");
        Assert.Equal(0, await suite.CountAsync("earlier"));
    }

    private Task<long> MovedAsync(string target, long more) =>
        RunningSuite.UntilAsync(() => suite.CountAsync(target), moved => moved > more, "The first tickets");

    private Task AllMovedAsync(string target) =>
        RunningSuite.UntilAsync(() => suite.CountAsync(target), moved => moved == BusySuite.Tickets, "All tickets", Long,
            TimeSpan.FromMilliseconds(200));

    /// <summary>A suite in which thousands of tickets have a clock of the same agreement.</summary>
    public sealed class BusySuite : RunningSuite
    {
        public const int Tickets = 2_000;
        private bool _filled;

        public string Calendar { get; private set; } = "";

        private string Agreement { get; set; } = "";

        protected override IReadOnlyList<string> Services => ["directory", "incidents", "notifications", "service-levels"];

        public override async ValueTask InitializeAsync()
        {
            await base.InitializeAsync();
            if (!_filled)
            {
                _filled = true;
                Calendar = await this.AlwaysAsync();
                Agreement = await this.AgreementAsync(Calendar, [Target("first", "PT1000H")]);
                await Parallel.ForEachAsync(Enumerable.Range(0, Tickets), new ParallelOptions { MaxDegreeOfParallelism = 16 },
                    async (_, _) => await this.OpenForAsync(Agreement));
                await UntilAsync(() => CountAsync("first"), known => known == Tickets, "The clocks", Long);
            }
        }

        /// <summary>How many tickets have a running clock of this target.</summary>
        public async Task<long> CountAsync(string target) => (await GetAsync("agent1",
            $"service-levels/clocks?agreement={Agreement}&target={target}&state=running&limit=1&count=true"))
            .Ok()["count"]!.GetValue<long>();

        /// <summary>Another edition, whose only target is this one, takes all tickets over.</summary>
        public async Task PublishAsync(string target)
        {
            var edition = Edition(Calendar, [ForService(Target(target, "PT900H"), Agreement)]);
            edition["running"] = "rebase";
            (await PostAsync("admin", $"service-levels/agreements/{Agreement}/publish", new { edition, reason = "Better." }, "*")).Ok();
        }
    }
}
