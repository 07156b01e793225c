using System.Collections.Concurrent;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.Timers;
using Itsm.Testing;
using MongoDB.Bson;

namespace Itsm.Platform.Tests.Timers;

public sealed class TimerStoreTests : IAsyncLifetime
{
    private static readonly Guid Owner = DerivedId.From("owner");
    private readonly Shop _shop = new();
    private readonly ConcurrentQueue<(string Name, DateTimeOffset At)> _ran = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task A_timer_runs_when_due_not_before_and_once()
    {
        await StartAsync(_shop.Timers, "late", "early", "last");
        var now = _shop.Clock.GetUtcNow();
        await SetAsync("late", now.AddHours(2));
        await SetAsync("early", now.AddHours(1));
        await SetAsync("last", now.AddHours(3));

        _shop.Clock.Advance(TimeSpan.FromMinutes(61));
        await RanAsync("early");
        Assert.Equal(["early"], Names());
        _shop.Clock.Advance(TimeSpan.FromHours(1));
        await RanAsync("late");
        _shop.Clock.Advance(TimeSpan.FromHours(1));
        await RanAsync("last");
        Assert.Equal(["early", "late", "last"], Names());
    }

    [Fact]
    public async Task One_that_can_not_be_read_keeps_no_other_waiting()
    {
        await StartAsync(_shop.Timers, "sound");
        var now = _shop.Clock.GetUtcNow();
        var broken = new BsonDocument { ["version"] = 1L, ["due"] = now.UtcDateTime.AddMinutes(1), ["attempts"] = "many" };
        var timers = _shop.Database.Collection(new CollectionDefinition("timers", new IndexDefinition("due")));
        for (var number = 0; number < 300; number++)
        {
            await timers.InsertAsync(new StoredDocument(DerivedId.From("broken", $"{number}"), 1, broken.ToBson()), default);
        }

        await SetAsync("sound", now.AddMinutes(2));
        _shop.Clock.Advance(TimeSpan.FromMinutes(3));
        await RanAsync("sound");
    }

    [Fact]
    public async Task A_cancelled_timer_does_not_run_and_a_moved_one_runs_when_it_was_moved_to()
    {
        await StartAsync(_shop.Timers, "cancelled", "moved", "probe");
        var now = _shop.Clock.GetUtcNow();
        await SetAsync("cancelled", now.AddHours(1));
        await SetAsync("moved", now.AddHours(1));
        await SetAsync("probe", now.AddHours(2));
        await _shop.Timers.ApplyAsync("lamps", Owner, 2, new TimerChange("cancelled", null), default);
        await SetAsync("moved", now.AddHours(4), version: 2);
        await _shop.Timers.ApplyAsync("lamps", Owner, 2, new TimerChange("never set", null), default);

        _shop.Clock.Advance(TimeSpan.FromHours(3));
        await RanAsync("probe");
        Assert.Equal(["probe"], Names());
        _shop.Clock.Advance(TimeSpan.FromHours(2));
        await RanAsync("moved");
        Assert.Equal(["probe", "moved"], Names());
    }

    [Fact]
    [OuterTier]
    public async Task A_clock_that_jumps_makes_timers_late_or_early_but_loses_none()
    {
        await StartAsync(_shop.Timers, "ahead", "after");
        await SetAsync("ahead", _shop.Clock.GetUtcNow().AddHours(1));
        _shop.Clock.Jump(TimeSpan.FromHours(2));
        await RanAsync("ahead");

        await SetAsync("after", _shop.Clock.GetUtcNow().AddHours(-1));
        await RanAsync("after");
        await SetAsync("after", _shop.Clock.GetUtcNow().AddMinutes(1), version: 2);
        _shop.Clock.Jump(TimeSpan.FromHours(-5));
        Assert.Equal(["ahead", "after"], Names());
        _shop.Clock.Jump(TimeSpan.FromHours(6));
        await Wait.UntilAsync(() => Names().Count(name => name == "after") == 2, "The timer set before the jump");
    }

    [Fact]
    public async Task What_an_older_version_of_the_owner_says_changes_nothing()
    {
        await StartAsync(_shop.Timers, "timer", "probe");
        var now = _shop.Clock.GetUtcNow();
        await SetAsync("timer", now.AddHours(4), version: 5);
        await SetAsync("timer", now.AddHours(1), version: 4);
        await _shop.Timers.ApplyAsync("lamps", Owner, 4, new TimerChange("timer", null), default);
        await SetAsync("probe", now.AddHours(2));

        _shop.Clock.Advance(TimeSpan.FromHours(3));
        await RanAsync("probe");
        Assert.Equal(["probe"], Names());
        _shop.Clock.Advance(TimeSpan.FromHours(2));
        await RanAsync("timer");
    }

    [Fact]
    public async Task A_timer_whose_runner_died_is_taken_over_when_its_lease_ends()
    {
        var begun = new TaskCompletionSource();
        _shop.Timers.Register("lamps", "timer", async (_, _, ct) =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, ct);
        });
        await _shop.Timers.StartAsync(default);
        await SetAsync("timer", _shop.Clock.GetUtcNow().AddMinutes(1));
        _shop.Clock.Advance(TimeSpan.FromMinutes(1));
        await begun.Task.WaitAsync(Patience.Most);
        await _shop.Timers.StopAsync(default);

        using var other = _shop.OtherTimers();
        await StartAsync(other, "timer", "probe");
        var now = _shop.Clock.GetUtcNow();
        await other.ApplyAsync("lamps", Owner, 1, new TimerChange("probe", now.AddSeconds(30)), default);
        _shop.Clock.Advance(TimeSpan.FromSeconds(31));
        await RanAsync("probe");
        Assert.Equal(["probe"], Names());
        _shop.Clock.Advance(TimeSpan.FromSeconds(30));
        await RanAsync("timer");
        await other.StopAsync(default);
    }

    [Fact]
    public async Task A_timer_that_takes_long_delays_no_other_and_keeps_its_lease()
    {
        var (begun, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        _shop.Timers.Register("lamps", "long", async (_, _, _) =>
        {
            begun.SetResult();
            await gate.Task;
            _ran.Enqueue(("long", _shop.Clock.GetUtcNow()));
        });
        await StartAsync(_shop.Timers, "short");
        await SetAsync("long", _shop.Clock.GetUtcNow());
        await begun.Task.WaitAsync(Patience.Most);
        await SetAsync("short", _shop.Clock.GetUtcNow(), owner: "another");
        await RanAsync("short");

        var timers = _shop.Database.Collection(new CollectionDefinition("timers", new IndexDefinition("due")));
        for (var renewals = 0; renewals < 4; renewals++)
        {
            var before = await timers.FindAsync(DerivedId.From("lamps", Owner.ToString(), "long"), default);
            _shop.Clock.Advance(TimeSpan.FromSeconds(20));
            await Wait.UntilAsync(async () => (await timers.FindAsync(before!.Value.Id, default))!.Value.Version > before.Value.Version,
                "The renewal of the lease");
        }

        using var other = _shop.OtherTimers();
        await StartAsync(other, "long", "probe");
        await other.ApplyAsync("lamps", DerivedId.From("probe"), 1, new TimerChange("probe", _shop.Clock.GetUtcNow()), default);
        await RanAsync("probe");
        Assert.Equal(["short", "probe"], Names());
        gate.SetResult();
        await RanAsync("long");
        await other.StopAsync(default);
    }

    [Fact]
    public async Task Eight_run_at_once_and_never_two_of_the_same_owner()
    {
        var running = new ConcurrentDictionary<Guid, string>();
        var (gate, most, clashes) = (new TaskCompletionSource(), 0, 0);
        foreach (var name in new[] { "one", "two" })
        {
            _shop.Timers.Register("lamps", name, async (owner, _, _) =>
            {
                clashes += running.TryAdd(owner, name) ? 0 : 1;
                most = Math.Max(most, running.Count);
                await gate.Task;
                running.TryRemove(owner, out _);
                _ran.Enqueue((owner + name, _shop.Clock.GetUtcNow()));
            });
        }

        for (var owner = 0; owner < 12; owner++)
        {
            await SetAsync("one", _shop.Clock.GetUtcNow(), owner: $"owner{owner}");
            await SetAsync("two", _shop.Clock.GetUtcNow(), owner: $"owner{owner}");
        }

        await _shop.Timers.StartAsync(default);
        await Wait.UntilAsync(() => running.Count == 8, "Eight at once");
        gate.SetResult();
        await Wait.UntilAsync(() => _ran.Count == 24, "All");
        Assert.Equal((8, 0), (most, clashes));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_failing_handler_is_tried_again_after_pauses_that_double(bool cancelled)
    {
        var attempts = new ConcurrentQueue<DateTimeOffset>();
        _shop.Timers.Register("lamps", "timer", (_, _, _) =>
        {
            attempts.Enqueue(_shop.Clock.GetUtcNow());
            return attempts.Count < 4
                ? throw (cancelled ? new TaskCanceledException("Somebody's time ran out.") : new InvalidOperationException("Not yet."))
                : Task.CompletedTask;
        });
        await _shop.Timers.StartAsync(default);
        await SetAsync("timer", _shop.Clock.GetUtcNow().AddMinutes(1));
        _shop.Clock.Advance(TimeSpan.FromMinutes(1));
        for (var expected = 1; expected <= 4; expected++)
        {
            await Wait.UntilAsync(() =>
            {
                _shop.Clock.Advance(TimeSpan.FromSeconds(0.05));
                return attempts.Count >= expected;
            }, $"Attempt {expected}");
        }

        var times = attempts.ToArray();
        Assert.All([5, 10, 20], (seconds, index) =>
            Assert.True(times[index + 1] - times[index] >= TimeSpan.FromSeconds(seconds) / 2,
                $"Pause {index}: {times[index + 1] - times[index]}"));
    }

    [Fact]
    public async Task A_postponed_timer_comes_again_after_the_time_that_was_asked_for_however_often()
    {
        var attempts = new ConcurrentQueue<DateTimeOffset>();
        _shop.Timers.Register("lamps", "timer", (_, _, _) =>
        {
            attempts.Enqueue(_shop.Clock.GetUtcNow());
            return attempts.Count < 4 ? throw new TimerPostponedException(TimeSpan.FromSeconds(8)) : Task.CompletedTask;
        });
        await _shop.Timers.StartAsync(default);
        await SetAsync("timer", _shop.Clock.GetUtcNow().AddMinutes(1));
        _shop.Clock.Advance(TimeSpan.FromMinutes(1));
        await Wait.UntilAsync(() =>
        {
            _shop.Clock.Advance(TimeSpan.FromSeconds(0.05));
            return attempts.Count >= 4;
        }, "The fourth attempt");

        var times = attempts.ToArray();
        Assert.All([0, 1, 2], index =>
            Assert.True(times[index + 1] - times[index] >= TimeSpan.FromSeconds(4), $"Pause {index}: {times[index + 1] - times[index]}"));
    }

    [Fact]
    public async Task A_timer_that_only_a_newer_version_knows_waits_ten_seconds_for_it()
    {
        var due = _shop.Clock.GetUtcNow();
        await _shop.Timers.StartAsync(default);
        await SetAsync("newer", due);
        var timers = _shop.Database.Collection(new CollectionDefinition("timers", new IndexDefinition("due")));
        await Wait.UntilAsync(async () => (await timers.FindAsync(DerivedId.From("lamps", Owner.ToString(), "newer"), default))
            is { Version: > 2 }, "That it is put back");
        await _shop.Timers.StopAsync(default);

        using var newer = _shop.OtherTimers();
        await StartAsync(newer, "newer");
        _shop.Clock.Advance(TimeSpan.FromSeconds(10));
        await RanAsync("newer");
        Assert.True(_ran.Single().At >= due.AddSeconds(10), $"Ran at {_ran.Single().At:O}, due {due:O}.");
        await newer.StopAsync(default);
    }

    [Fact]
    public async Task What_came_due_while_nobody_ran_is_caught_up_in_order()
    {
        var now = _shop.Clock.GetUtcNow();
        string[] names = [.. Enumerable.Range(0, 30).Select(number => $"timer{number:00}")];
        foreach (var (index, name) in names.Index().OrderBy(one => one.Item[^1]))
        {
            await SetAsync(name, now.AddMinutes(index));
        }

        _shop.Clock.Advance(TimeSpan.FromDays(3));
        await StartAsync(_shop.Timers, names);
        await RanAsync(names[^1]);
        Assert.Equal(names, Names());
    }

    [Fact]
    public async Task A_timer_that_its_own_handler_sets_again_runs_again()
    {
        var runs = new ConcurrentQueue<DateTimeOffset>();
        _shop.Timers.Register("lamps", "timer", async (owner, due, ct) =>
        {
            runs.Enqueue(due);
            if (runs.Count < 3)
            {
                await _shop.Timers.ApplyAsync("lamps", owner, 1 + runs.Count, new TimerChange("timer", due.AddHours(1)), ct);
            }
        });
        await SetAsync("timer", _shop.Clock.GetUtcNow());
        _shop.Clock.Advance(TimeSpan.FromHours(5));
        await _shop.Timers.StartAsync(default);
        await Wait.UntilAsync(() => runs.Count == 3, "The third run");
    }

    private Task SetAsync(string name, DateTimeOffset due, long version = 1, string owner = "owner") =>
        _shop.Timers.ApplyAsync("lamps", DerivedId.From(owner), version, new TimerChange(name, due), default);

    private async Task StartAsync(TimerStore timers, params string[] names)
    {
        foreach (var name in names)
        {
            timers.Register("lamps", name, (_, _, _) =>
            {
                _ran.Enqueue((name, _shop.Clock.GetUtcNow()));
                return Task.CompletedTask;
            });
        }

        await timers.StartAsync(default);
    }

    private Task RanAsync(string name) => Wait.UntilAsync(() => _ran.Any(one => one.Name == name), name);

    private string[] Names() => [.. _ran.Select(one => one.Name)];
}
