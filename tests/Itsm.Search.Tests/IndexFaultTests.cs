using System.Net;
using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Search.Tests;

/// <summary>The engine's connections break in the middle of its work, again and again, as when its node is killed: in the end the index has
/// everything, and a comparison finds nothing to repair.</summary>
[OuterTier]
public sealed class IndexFaultTests(IndexFaultTests.Suite suite) : IClassFixture<IndexFaultTests.Suite>, IAsyncLifetime
{
    private const int Cuts = 4;
    private const int LeastBetween = 12;
    private static readonly TimeSpan Away = TimeSpan.FromMilliseconds(700);
    private int _opened;

    public ValueTask InitializeAsync() => suite.StartAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task What_is_written_while_the_engine_goes_away_is_indexed_and_nothing_differs_afterwards()
    {
        await IdleAsync();
        using var end = new CancellationTokenSource();
        var writing = Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => WriteAsync(end.Token))));
        for (var cut = 0; cut < Cuts; cut++)
        {
            await CutAfterAsync(LeastBetween);
        }

        await end.CancelAsync();
        await writing;
        await FoundAsync();

        await suite.ActAsync("admin", "search/index/compare", new { reason = "Connections broke." });
        var last = await IdleAsync();
        Assert.Equal((0, 0), (last["firstDrift"]!.GetValue<int>(), last["drift"]!.GetValue<int>()));

        await suite.ActAsync("admin", "search/index/rebuild", new { reason = "And now in the middle of a rebuild." });
        await CutAfterAsync(0);
        last = await IdleAsync();
        Assert.Equal((0, true), (last["drift"]!.GetValue<int>(), last["swap"]!.GetValue<bool>()));
        await FoundAsync();
    }

    private async Task WriteAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var id = (await suite.OpenAsync("employee1", new { title = "Flotsam again" })).Id;
            Interlocked.Increment(ref _opened);
            (await suite.PostAsync("employee1", $"incidents/{id}/comments", new { text = "It drifts" })).Ok();
        }
    }

    /// <summary>Breaks all connections once so many more incidents were opened, and lets new ones come after a while.</summary>
    private async Task CutAfterAsync(int more)
    {
        var enough = Volatile.Read(ref _opened) + more;
        await RunningSuite.UntilAsync(() => Task.FromResult(Volatile.Read(ref _opened)), opened => opened >= enough, "incidents");
        suite.Proxy.Close();
        using var away = new CancellationTokenSource(Away);
        await RunningSuite.UntilAsync(() => Task.FromResult(away.IsCancellationRequested), gone => gone, "the engine's absence");
        suite.Proxy.Open();
    }

    private Task FoundAsync() => RunningSuite.UntilAsync(
        async () => await suite.GetAsync("agent1", "search?q=flotsam%20drifts&count=true&limit=1") is { Status: HttpStatusCode.OK } answer
            ? answer.Ok()["count"]!.GetValue<int>() : -1,
        found => found == _opened, $"{_opened} found");

    private async Task<JsonObject> IdleAsync() => (await RunningSuite.UntilAsync(
        async () => await suite.GetAsync("admin", "search/index") is { Status: HttpStatusCode.OK } answer ? answer.Ok() : [],
        status => status["current"] is null && status["last"] is not null, "the end of the comparison"))["last"]!.AsObject();

    public sealed class Suite : SearchSuite
    {
        private Proxy? _proxy;

        public Proxy Proxy => _proxy!;

        protected override SearchEngine SearchEngine => field ??= new(async () =>
        {
            var engine = new Uri(await Testing.Engines.ElasticsearchAsync());
            _proxy = Proxy.Before(engine.Host, engine.Port);
            _proxy.Open();
            return $"http://127.0.0.1:{_proxy.Port}";
        });

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            if (_proxy is not null)
            {
                await _proxy.DisposeAsync();
            }
        }
    }
}
