using System.ComponentModel;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Itsm.Platform.Caching;

/// <summary>What the nodes of a service remember of their store: in memory, behind that in Redis. What one node drops all nodes drop.
/// A node without a connection to the others caches nothing.</summary>
public sealed class SharedCache
{
    /// <summary>How long a value is remembered; the longest that one dropped while Redis was away can linger.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromMinutes(2);

    /// <summary>How much one node remembers at most: bytes of the values as JSON, by which the cache counts them, without keys and the
    /// entries themselves.</summary>
    private const long MostBytes = 16 * 1024 * 1024;

    private const string Everything = "*";
    private readonly HybridCache _cache;
    private readonly RedisLink? _redis;
    private readonly string _prefix;
    private readonly RedisChannel _channel;
    private readonly ILogger _log;
    private long _drops;
    private long _losses;
    private long _lossesForgotten;
    private bool _heard;

    internal SharedCache(HybridCache cache, RedisLink? redis, string name, ILogger<SharedCache> log)
    {
        (_cache, _redis, _prefix, _channel, _log) = (cache, redis, name + ":", RedisChannel.Literal($"{name}:dropped"), log);
        if (redis is not null)
        {
            redis.Connection.ConnectionRestored += (_, _) => Forget();
            redis.Connection.ConnectionFailed += (_, _) => Forget();
            _ = ListenAsync(redis);
        }
    }

    /// <summary>The value under this key was dropped, here or on another node; all values where it is null.</summary>
    public event Action<string?>? Dropped;

    /// <summary>True where a drop on another node would be received, or there is no other.</summary>
    public bool Hears
    {
        get
        {
            if (_redis is null)
            {
                return true;
            }

            if (!_heard || !_redis.Connection.GetSubscriber().IsConnected(_channel))
            {
                Interlocked.Increment(ref _losses);
                return false;
            }

            // The connection says that it is back before it raises the event.
            var losses = Interlocked.Read(ref _losses);
            if (losses != Interlocked.Read(ref _lossesForgotten))
            {
                Forget();
                Interlocked.Exchange(ref _lossesForgotten, losses);
            }

            return true;
        }
    }

    /// <summary>What a node remembers, and how long.</summary>
    internal static void AddMemory(IServiceCollection services)
    {
        services.AddMemoryCache(options => options.SizeLimit = MostBytes);
        services.AddHybridCache(options =>
        {
            options.DefaultEntryOptions = new HybridCacheEntryOptions { Expiration = Kept, LocalCacheExpiration = Kept };

            // A larger value would be counted as nothing.
            options.MaximumPayloadBytes = MostBytes;
        });
    }

    /// <summary>The value remembered under this key, else the one loaded.</summary>
    public async ValueTask<T?> GetAsync<T>(string key, Func<CancellationToken, ValueTask<T?>> load, CancellationToken ct)
        where T : class
    {
        if (!Hears)
        {
            return await load(ct);
        }

        var drops = Interlocked.Read(ref _drops);
        var full = _prefix + key;
        var found = await _cache.GetOrCreateAsync(full, load, static async (load, ct) => new Remembered<T>(await load(ct)),
            cancellationToken: ct);
        if (drops != Interlocked.Read(ref _drops))
        {
            // Dropped during the look: what was loaded may be the older one.
            await RemoveAsync(full);
        }

        return found.Value;
    }

    /// <summary>Forgets the value on all nodes.</summary>
    public async Task DropAsync(string key)
    {
        await RemoveDroppedAsync(_prefix + key);
        await TellAsync(_prefix + key);
    }

    /// <summary>Forgets all values on all nodes.</summary>
    public Task DropAllAsync()
    {
        Forget();
        return TellAsync(Everything);
    }

    private async Task TellAsync(string full)
    {
        if (_redis is { IsUp: true })
        {
            try
            {
                await _redis.Connection.GetSubscriber().PublishAsync(_channel, full);
            }
            catch (Exception e) when (RedisLink.IsOutage(e))
            {
                // Nobody receives drops now, so nothing is cached.
            }
        }
    }

    private async Task ListenAsync(RedisLink redis)
    {
        while (!_heard)
        {
            try
            {
                var messages = await redis.Connection.GetSubscriber().SubscribeAsync(_channel);
                messages.OnMessage(async message =>
                {
                    if (message.Message.ToString() is var full && full == Everything)
                    {
                        Forget();
                    }
                    else
                    {
                        await RemoveDroppedAsync(full);
                    }
                });
                _heard = true;
                Forget();
            }
            catch (Exception e) when (RedisLink.IsOutage(e) && e is not ObjectDisposedException)
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
            }
        }
    }

    private async Task RemoveDroppedAsync(string full)
    {
        Interlocked.Increment(ref _drops);
        await RemoveAsync(full);
        Dropped?.Invoke(full[_prefix.Length..]);
    }

    private async Task RemoveAsync(string full)
    {
        try
        {
            await _cache.RemoveAsync(full);
        }
        catch (Exception e) when (RedisLink.IsOutage(e))
        {
            _log.LogDebug(e, "{Key} could not be dropped in Redis.", full);
        }
    }

    private void Forget()
    {
        Interlocked.Increment(ref _drops);
        _ = _cache.RemoveByTagAsync(Everything).AsTask().ContinueWith(_ => { }, TaskScheduler.Default);
        Dropped?.Invoke(null);
    }

    [ImmutableObject(true)]
    private sealed record Remembered<T>(T? Value);
}
