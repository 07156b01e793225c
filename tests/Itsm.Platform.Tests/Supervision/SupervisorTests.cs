using Itsm.Contracts.Directory;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Supervision;
using Itsm.Platform.Timers;
using Itsm.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Itsm.Platform.Tests.Supervision;

public sealed class SupervisorTests : IAsyncLifetime
{
    private static readonly TimeSpan StallAfter = TimeSpan.FromSeconds(1);
    private readonly Host _host = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Supervisor _supervisor;

    public SupervisorTests() => _supervisor = new Supervisor(
        Options.Create(new SupervisionSettings { StallAfter = StallAfter }), TimeProvider.System, NullLogger<Supervisor>.Instance, _host);

    public async ValueTask InitializeAsync() => await _supervisor.StartAsync(default);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _supervisor.StopAsync(default);
        _supervisor.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_loop_that_breaks_off_is_started_again_and_one_that_ends_is_not()
    {
        var runs = 0;
        await _supervisor.Watch("loop")
            .RunAsync(_ => ++runs < 3 ? throw new InvalidOperationException("It broke.") : Task.CompletedTask, _stop.Token)
            .WaitAsync(Patience.Most);
        Assert.Equal(3, runs);
    }

    [Fact]
    public async Task A_loop_that_stands_still_is_seen_by_health_and_started_again_even_where_it_ignores_its_end()
    {
        var runs = 0;
        var secondRun = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        var loop = _supervisor.Watch("loop").RunAsync(async work =>
        {
            if (++runs == 1)
            {
                await new TaskCompletionSource().Task;
            }

            secondRun.TrySetResult();
            await goOn.Task;
            work.Completed();
        }, _stop.Token);
        await UntilAsync(_supervisor, "loop has not moved for");
        await secondRun.Task.WaitAsync(Patience.Most);
        Assert.False(_host.IsStopping);
        goOn.SetResult();
        await loop.WaitAsync(Patience.Most);
        await UntilHealthyAsync(_supervisor);
    }

    [Fact]
    [OuterTier]
    public async Task The_process_ends_where_starting_again_does_not_help()
    {
        _ = _supervisor.Watch("loop").RunAsync(_ => new TaskCompletionSource().Task, _stop.Token);
        await Wait.UntilAsync(() => _host.IsStopping, "The end of the process");
        Assert.Equal(1, Environment.ExitCode);
        Environment.ExitCode = 0;
    }

    [Fact]
    [OuterTier]
    public async Task A_loop_that_moves_and_stands_still_again_and_again_ends_the_process()
    {
        _ = _supervisor.Watch("loop").RunAsync(async work =>
        {
            Work.Progress();
            await new TaskCompletionSource().Task;
        }, _stop.Token);
        await Wait.UntilAsync(() => _host.IsStopping, "The end of the process");
        Environment.ExitCode = 0;
    }

    [Fact]
    public async Task What_was_broken_off_gets_its_token_cancelled()
    {
        var ended = new TaskCompletionSource();
        var loop = _supervisor.Watch("loop").RunAsync(async work =>
        {
            if (ended.Task.IsCompleted)
            {
                return;
            }

            await Task.Delay(Timeout.Infinite, work.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ended.SetResult();
        }, _stop.Token);
        await ended.Task.WaitAsync(Patience.Most);
        await loop.WaitAsync(Patience.Most);
    }

    [Fact]
    public async Task Work_that_rests_or_moves_is_left_alone()
    {
        var worker = _supervisor.Watch("loop");
        using var rests = worker.Begin(_stop.Token);
        rests.Rest();
        using var moves = worker.Begin(_stop.Token);
        using var timer = new PeriodicTimer(StallAfter / 10);
        for (var tick = 0; tick < 25; tick++)
        {
            await timer.WaitForNextTickAsync();
            Work.Progress();
        }

        Assert.False(rests.BrokenOff.IsCancellationRequested);
        Assert.Equal(HealthStatus.Healthy, (await HealthAsync(_supervisor)).Status);
    }

    [Fact]
    public async Task What_fails_again_and_again_is_told_with_its_reason_until_it_succeeds()
    {
        var (worker, what) = (_supervisor.Watch("relay"), Guid.CreateVersion7(DateTimeOffset.UnixEpoch));
        worker.Fails(what, "The first reason.");
        Assert.Equal(HealthStatus.Healthy, (await HealthAsync(_supervisor)).Status);
        worker.Fails(what, "The broker is down.");
        await UntilAsync(_supervisor, ": The broker is down.");
        worker.Succeeds(what);
        await UntilHealthyAsync(_supervisor);
    }

    [Fact]
    public async Task A_relay_that_stands_still_is_seen_by_health_and_heals()
    {
        await using var shop = new Shop(relays: true, StallAfter);
        shop.Broker.HangsOnce = true;
        await shop.Supervisor.StartAsync(default);
        var lamp = await shop.AddAsync(Lamp.Create("desk"));
        await UntilAsync(shop.Supervisor, "relay of shop, ");
        await Wait.UntilAsync(() =>
        {
            shop.Clock.Advance(TimeSpan.FromSeconds(1));
            return !shop.Broker.Published.IsEmpty;
        }, "The next try");
        await shop.Lamps.DeliveredAsync(lamp.Id, default);
        Assert.Single(shop.Broker.Of<RoleChanged>());
        await UntilHealthyAsync(shop.Supervisor);
    }

    [Fact]
    public async Task A_timer_that_stands_still_is_seen_by_health_does_not_keep_the_others_and_is_tried_again()
    {
        await using var shop = new Shop(stallAfter: StallAfter);
        var (runs, other, again) = (0, new TaskCompletionSource(), new TaskCompletionSource());
        shop.Timers.Register("lamps", "hangs", (_, _, _) =>
        {
            if (++runs == 1)
            {
                return new TaskCompletionSource().Task;
            }

            again.SetResult();
            return Task.CompletedTask;
        });
        shop.Timers.Register("lamps", "other", (_, _, _) =>
        {
            other.SetResult();
            return Task.CompletedTask;
        });
        var now = shop.Clock.GetUtcNow();
        await shop.Timers.ApplyAsync("lamps", Guid.CreateVersion7(now), 1, new TimerChange("hangs", now), default);
        await shop.Timers.ApplyAsync("lamps", Guid.CreateVersion7(now), 1, new TimerChange("other", now.AddMilliseconds(1)), default);
        await shop.Supervisor.StartAsync(default);
        await shop.Timers.StartAsync(default);
        await UntilAsync(shop.Supervisor, "timers of shop has not moved");
        await other.Task.WaitAsync(Patience.Most);
        await UntilHealthyAsync(shop.Supervisor);
        shop.Clock.Advance(TimeSpan.FromSeconds(10));
        await again.Task.WaitAsync(Patience.Most);
    }

    private static Task<HealthCheckResult> HealthAsync(Supervisor supervisor) =>
        supervisor.CheckHealthAsync(new HealthCheckContext(), default);

    private static Task UntilAsync(Supervisor supervisor, string complaint) => RunningSuite.UntilAsync(
        () => HealthAsync(supervisor),
        health => health is { Status: HealthStatus.Degraded, Description: { } text } && text.Contains(complaint, StringComparison.Ordinal),
        complaint);

    private static Task UntilHealthyAsync(Supervisor supervisor) =>
        RunningSuite.UntilAsync(() => HealthAsync(supervisor), health => health.Status == HealthStatus.Healthy, "Health");

    private sealed class Host : IHostApplicationLifetime
    {
        public bool IsStopping { get; private set; }

        public CancellationToken ApplicationStarted => default;

        public CancellationToken ApplicationStopping => default;

        public CancellationToken ApplicationStopped => default;

        public void StopApplication() => IsStopping = true;
    }
}
