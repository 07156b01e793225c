using Itsm.Notifications.Live;
using Itsm.Platform.Caching;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Itsm.Notifications.Tests;

/// <summary>What the live log does in memory and in Redis.</summary>
public abstract class LiveLogContract : IAsyncLifetime
{
    private readonly List<LiveLog> _logs = [];
    private int _made;

    private protected abstract ValueTask<RedisLiveStore?> StoreAsync();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var log in _logs)
        {
            await log.StopAsync(default);
            log.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Events_are_read_in_their_order_from_any_place()
    {
        var log = await OpenAsync();
        var begin = log.End!.Value;
        var made = await AppendAsync(log, 20);
        var all = await ReadAsync(log, begin, 20);
        Assert.Equal(made, all.Select(entry => entry.Event.Number));
        Assert.Equal(all.Select(entry => entry.Position).Order(), all.Select(entry => entry.Position));
        Assert.Equal(made[11..], (await ReadAsync(log, all[10].Position, 9)).Select(entry => entry.Event.Number));
    }

    [Fact]
    public async Task A_repeated_event_and_one_of_long_ago_are_no_news()
    {
        var log = await OpenAsync();
        var begin = log.End!.Value;
        var happened = Event("1");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => log.AppendAsync([happened], default)));
        await log.AppendAsync([happened with { Version = 2, At = TimeProvider.System.GetUtcNow().AddHours(-2) },
            happened with { Version = 3 }, happened], default);
        Assert.Equal([1, 3], (await ReadAsync(log, begin, 2)).Select(entry => entry.Event.Version));
    }

    [Fact]
    public async Task What_no_longer_reaches_back_says_so()
    {
        var log = await OpenAsync();
        var begin = log.End!.Value;
        await AppendAsync(log, 1);
        var first = (await ReadAsync(log, begin, 1))[0].Position;
        await AppendAsync(log, 600);
        await RunningSuite.UntilAsync(async () => await log.ReadAsync(first, default), found => found is null, "The end of what is kept");
        await RunningSuite.UntilAsync(async () => await log.ReadAsync(log.End!.Value, default), found => found is { Count: 0 },
            "The end of the log");
        Assert.Null(await log.ReadAsync(log.End!.Value with { Milliseconds = log.End.Value.Milliseconds + 1_000_000 }, default));
    }

    [Fact]
    public async Task Who_waits_is_woken_by_the_next_event()
    {
        var log = await OpenAsync();
        var news = log.News;
        Assert.False(news.IsCompleted);
        await AppendAsync(log, 1);
        await news.WaitAsync(Patience.Most);
    }

    private protected async Task<LiveLog> OpenAsync(int kept = 300, int inMemory = 50)
    {
        var store = await StoreAsync();
        var log = new LiveLog(Options.Create(new LiveSettings { Kept = kept, KeptInMemory = inMemory }), Supervisors.Create(),
            TimeProvider.System, NullLogger<LiveLog>.Instance, store);
        _logs.Add(log);
        await log.StartAsync(default);
        await RunningSuite.UntilAsync(() => Task.FromResult(log.End), end => end is not null, "The place where the log ends");
        return log;
    }

    private protected async Task<List<string>> AppendAsync(LiveLog log, int count)
    {
        var numbers = new List<string>();
        for (var number = 0; number < count; number++)
        {
            numbers.Add($"INC{++_made}");
            await log.AppendAsync([Event(numbers[^1])], default);
        }

        return numbers;
    }

    private protected static async Task<IReadOnlyList<LiveEntry>> ReadAsync(LiveLog log, LivePosition after, int least) =>
        (await RunningSuite.UntilAsync(async () => await log.ReadAsync(after, default), found => found?.Count >= least, "The events"))!;

    private protected static LiveEvent Event(string number) => new()
    {
        Type = LiveEvent.Change, Ticket = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), Number = number, Kind = "incident",
        Version = 1, Readers = ["everyone"], At = TimeProvider.System.GetUtcNow(), Data = "{}",
    };
}

public sealed class MemoryLiveLogTests : LiveLogContract
{
    private protected override ValueTask<RedisLiveStore?> StoreAsync() => new((RedisLiveStore?)null);
}

[OuterTier]
public sealed class RedisLiveLogTests : LiveLogContract
{
    private readonly string _prefix = "tests-" + Path.GetRandomFileName().Replace('.', '-');
    private RedisLink? _redis;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _redis?.Dispose();
    }

    [Fact]
    public async Task What_one_node_adds_all_nodes_tell_in_the_same_order()
    {
        var (one, other) = (await OpenAsync(), await OpenAsync());
        var begin = one.End!.Value;
        await Task.WhenAll(AppendAsync(one, 15), AppendAsync(other, 15));
        Assert.Equal((await ReadAsync(one, begin, 30)).Select(entry => entry.Position),
            (await ReadAsync(other, begin, 30)).Select(entry => entry.Position));
    }

    [Fact]
    public async Task A_node_that_starts_later_reaches_back_to_what_others_added()
    {
        var one = await OpenAsync();
        var begin = one.End!.Value;
        var made = await AppendAsync(one, 100);
        var later = await OpenAsync();
        Assert.Equal(made, (await ReadAsync(later, begin, 100)).Select(entry => entry.Event.Number));
    }

    [Fact]
    public async Task An_event_that_can_not_be_read_is_left_out_and_stops_nobody()
    {
        var log = await OpenAsync();
        var begin = log.End!.Value;
        await _redis!.Database.StreamAddAsync($"{{{_prefix}:live}}", "e", """{"type":"of a newer version"}""");
        await _redis.Database.StreamAddAsync($"{{{_prefix}:live}}", "other", "no event at all");
        var made = await AppendAsync(log, 2);
        Assert.Equal(made, (await ReadAsync(log, begin, 2)).Select(entry => entry.Event.Number));
    }

    [Fact]
    public async Task A_node_that_does_not_know_the_log_yet_waits_and_does_not_call_it_lost()
    {
        var one = await OpenAsync();
        await AppendAsync(one, 3);
        var place = (await ReadAsync(one, one.End!.Value with { Milliseconds = 0 }, 3))[^1].Position;
        using var blind = new LiveLog(Options.Create(new LiveSettings()), Supervisors.Create(), TimeProvider.System,
            NullLogger<LiveLog>.Instance, await StoreAsync());
        Assert.Null(blind.End);
        Assert.Empty((await blind.ReadAsync(place, default))!);
    }

    private protected override async ValueTask<RedisLiveStore?> StoreAsync()
    {
        _redis ??= RedisLink.Connect(await Engines.RedisAsync(), "tests", NullLogger<RedisLink>.Instance);
        return new RedisLiveStore(_redis,
            new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Storage:Prefix"] = _prefix }).Build(),
            NullLogger<RedisLiveStore>.Instance);
    }
}
