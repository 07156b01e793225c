using Itsm.Platform.Caching;
using Itsm.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Itsm.Platform.Tests.Caching;

/// <summary>What the nodes of a service remember together.</summary>
public sealed class SharedCacheTests : IAsyncLifetime
{
    private readonly string _name = "tests-" + Path.GetRandomFileName();
    private readonly List<RedisLink> _links = [];
    private string _address = "";
    private Proxy? _door;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _links.ForEach(link => link.Dispose());
        if (_door is not null)
        {
            await _door.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_value_is_loaded_once_until_it_is_dropped()
    {
        var cache = Caches.OfOneNode();
        var loads = 0;
        ValueTask<string?> Load(CancellationToken ct) => new($"v{++loads}");
        Assert.Equal(["v1", "v1"], [await cache.GetAsync("key", Load, default), await cache.GetAsync("key", Load, default)]);
        await cache.DropAsync("key");
        Assert.Equal("v2", await cache.GetAsync("key", Load, default));
    }

    [Fact]
    public async Task What_is_dropped_while_it_is_loaded_is_not_remembered()
    {
        var cache = Caches.OfOneNode();
        var gate = new TaskCompletionSource();
        var loading = cache.GetAsync<string>("key", async _ =>
        {
            await gate.Task;
            return "old";
        }, default).AsTask();
        await cache.DropAsync("key");
        gate.SetResult();
        await loading;
        Assert.Equal("new", await cache.GetAsync<string>("key", _ => new("new"), default));
    }

    [Fact]
    public async Task What_a_node_remembers_has_a_size()
    {
        var cache = Caches.OfOneNode();
        const int Values = 400;
        var value = new string('x', 100_000);
        var loads = 0;
        for (var number = 0; number < 2 * Values; number++)
        {
            await cache.GetAsync<string>($"key-{number % Values}", _ =>
            {
                loads++;
                return new(value);
            }, default);
        }

        // Not 40 MB, but at most 16.
        Assert.InRange(loads - Values, Values - 170, Values);
    }

    [Fact, OuterTier]
    public async Task What_one_node_drops_the_others_drop()
    {
        _address = await Engines.RedisAsync();
        var (one, other) = (await OpenAsync(), await OpenAsync());
        var value = "old";
        ValueTask<string?> Load(CancellationToken ct) => new(value);
        Assert.Equal(["old", "old"], [await one.GetAsync("key", Load, default), await other.GetAsync("key", Load, default)]);
        var told = "nothing";
        other.Dropped += key => told = key;

        value = "new";
        Assert.Equal("old", await other.GetAsync("key", Load, default));
        await one.DropAsync("key");
        await Wait.UntilAsync(async () => await other.GetAsync("key", Load, default) == "new", "The new value");
        await Wait.UntilAsync(() => Volatile.Read(ref told) == "key", "The word of what was dropped");
        await one.DropAllAsync();
        await Wait.UntilAsync(() => Volatile.Read(ref told) is null, "The word that everything was dropped");
    }

    [Fact, OuterTier]
    public async Task A_node_that_can_not_hear_the_others_remembers_nothing()
    {
        var redis = (await Engines.RedisAsync()).Split(':');
        _door = Proxy.Before(redis[0], int.Parse(redis[1], System.Globalization.CultureInfo.InvariantCulture));
        _door.Open();
        _address = $"127.0.0.1:{_door.Port}";
        var cache = await OpenAsync();
        var value = "old";
        ValueTask<string?> Load(CancellationToken ct) => new(value);
        Assert.Equal("old", await cache.GetAsync("key", Load, default));
        _door.Close();
        value = "new";
        await Wait.UntilAsync(async () => await cache.GetAsync("key", Load, default) == "new", "The value of the source");

        _door.Open();
        await Wait.UntilAsync(() => cache.Hears, "The connection");
        Assert.Equal("new", await cache.GetAsync("key", Load, default));
    }

    private async Task<SharedCache> OpenAsync()
    {
        var link = RedisLink.Connect(_address, "tests", NullLogger<RedisLink>.Instance);
        _links.Add(link);
        var cache = Caches.OfOneNode(link, _name);
        await Wait.UntilAsync(() => cache.Hears, "The connection");
        return cache;
    }
}
