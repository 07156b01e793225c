using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Itsm.Platform.Caching;
using Itsm.Platform.Errors;

namespace Itsm.Gateway;

/// <summary>Section <c>RateLimits</c>.</summary>
public sealed class RateLimitSettings
{
    /// <summary>Requests a second that a caller may go on with; 200 by default.</summary>
    public int PermitsPerSecond { get; set; } = 200;

    /// <summary>Requests that a caller may send at once; 400 by default.</summary>
    public int Burst { get; set; } = 400;
}

/// <summary>A token bucket per caller, from which every request takes, whatever its path: in Redis, shared by all gateways; in this process
/// while there is no Redis.</summary>
internal sealed class RateLimits : IDisposable
{
    // KEYS the caller's bucket; ARGV burst, permits a second. The clock is that of Redis, the same for all gateways.
    private const string TakeOne = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local bucket = redis.call('HMGET', KEYS[1], 'left', 'at')
        local left = math.min(tonumber(ARGV[1]), tonumber(bucket[1] or ARGV[1]) + (now - tonumber(bucket[2] or now)) * ARGV[2] / 1000)
        local answer = -1
        if left >= 1 then
          left = left - 1
          answer = math.floor(left)
        end
        redis.call('HSET', KEYS[1], 'left', tostring(left), 'at', now)
        redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[1] / ARGV[2] * 1000) + 1000)
        return answer
        """;

    private const int HostBits = 64;
    private static readonly TimeSpan LocalAfterOutage = TimeSpan.FromSeconds(5);
    private readonly PartitionedRateLimiter<string> _local;
    private readonly RedisLink? _redis;
    private readonly TimeProvider _clock;
    private readonly string _prefix;
    private readonly string _personClaim;
    private long _outage = long.MinValue;

    public RateLimits(IConfiguration configuration, TimeProvider clock, RedisLink? redis = null)
    {
        Settings = configuration.GetSection("RateLimits").Get<RateLimitSettings>() ?? new RateLimitSettings();
        if (Settings.PermitsPerSecond < 1 || Settings.Burst < 1)
        {
            throw new InvalidOperationException("RateLimits:PermitsPerSecond and RateLimits:Burst are at least 1.");
        }

        (_redis, _clock, _prefix) = (redis, clock, (configuration["Storage:Prefix"] ?? "itsm") + ":limit:");
        _personClaim = configuration["Authentication:PersonClaim"] ?? "preferred_username";
        Policy = $"\"caller\";q={Settings.Burst};w={Math.Max(1, Settings.Burst / Settings.PermitsPerSecond)}";
        var tokens = Math.Max(1, Settings.PermitsPerSecond / 10);
        _local = PartitionedRateLimiter.Create<string, string>(caller =>
            RateLimitPartition.GetTokenBucketLimiter(caller, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = Settings.Burst, TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)tokens / Settings.PermitsPerSecond), QueueLimit = 0,
            AutoReplenishment = true,
        }));
    }

    public RateLimitSettings Settings { get; }

    /// <summary>The header <c>RateLimit-Policy</c>: quota and window in seconds.</summary>
    public string Policy { get; }

    /// <returns>How many permits are left; -1 where the request goes too far.</returns>
    public async ValueTask<long> TakeAsync(HttpContext context)
    {
        var caller = CallerOf(context);
        if (_redis is { IsUp: true } && (_outage == long.MinValue || _clock.GetElapsedTime(_outage) > LocalAfterOutage))
        {
            try
            {
                return (long)await _redis.Database.ScriptEvaluateAsync(TakeOne, [_prefix + caller],
                    [Settings.Burst, Settings.PermitsPerSecond]);
            }
            catch (Exception e) when (RedisLink.IsOutage(e))
            {
                // Not every request should wait for a Redis that answers late.
                _outage = _clock.GetTimestamp();
            }
        }

        using var lease = _local.AttemptAcquire(caller);
        return lease.IsAcquired ? _local.GetStatistics(caller)?.CurrentAvailablePermits ?? 0 : -1;
    }

    public void Dispose() => _local.Dispose();

    /// <summary>The account, else the person, else the address that the request comes from; of IPv6 the network, since a host has all of
    /// it.</summary>
    private string CallerOf(HttpContext context)
    {
        if ((context.User.FindFirst("sub") ?? context.User.FindFirst(_personClaim)) is { } account)
        {
            return $"{account.Type}:{account.Issuer}:{account.Value}";
        }

        var address = context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped
            ? mapped.MapToIPv4()
            : context.Connection.RemoteIpAddress;
        return address is { AddressFamily: AddressFamily.InterNetworkV6 }
            ? $"address:{new IPNetwork(Masked(address), HostBits)}"
            : $"address:{address}";
    }

    private static IPAddress Masked(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(HostBits / 8).Clear();
        return new IPAddress(bytes);
    }
}

internal static class RateLimitMiddleware
{
    private const int RetryAfterSeconds = 1;

    public static IApplicationBuilder UseRateLimits(this WebApplication app)
    {
        var limits = app.Services.GetRequiredService<RateLimits>();
        return app.Use(async (context, next) =>
        {
            var left = await limits.TakeAsync(context);
            context.Response.Headers["RateLimit-Policy"] = limits.Policy;
            context.Response.Headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture,
                $"\"caller\";r={Math.Max(left, 0)};t={RetryAfterSeconds}");
            if (left >= 0)
            {
                await next(context);
                return;
            }

            context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
            await Problems.WriteAsync(context,
                Problems.Create(429, "too-many-requests", $"Too many requests",
                    $"More than {limits.Settings.Burst} requests at once, or {limits.Settings.PermitsPerSecond} a second."));
        });
    }
}
