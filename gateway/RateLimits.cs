using System.Globalization;
using System.Threading.RateLimiting;
using Itsm.Platform.Http;

namespace Itsm.Gateway;

/// <summary>Section <c>RateLimits</c>.</summary>
public sealed class RateLimitSettings
{
    /// <summary>Requests a second that a caller may go on with; 200 by default.</summary>
    public int PermitsPerSecond { get; set; } = 200;

    /// <summary>Requests that a caller may send at once; 400 by default.</summary>
    public int Burst { get; set; } = 400;
}

/// <summary>A token bucket per caller.</summary>
internal sealed class RateLimits : IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> _limiter;

    public RateLimits(IConfiguration configuration)
    {
        Settings = configuration.GetSection("RateLimits").Get<RateLimitSettings>() ?? new RateLimitSettings();
        Policy = $"\"caller\";q={Settings.Burst};w={Math.Max(1, Settings.Burst / Settings.PermitsPerSecond)}";
        var tokens = Math.Max(1, Settings.PermitsPerSecond / 10);
        _limiter = PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetTokenBucketLimiter(CallerOf(context), _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = Settings.Burst, TokensPerPeriod = tokens, ReplenishmentPeriod = TimeSpan.FromSeconds((double)tokens / Settings.PermitsPerSecond), QueueLimit = 0, AutoReplenishment = true,
        }));
    }

    public RateLimitSettings Settings { get; }

    /// <summary>The header <c>RateLimit-Policy</c>: quota and window in seconds.</summary>
    public string Policy { get; }

    /// <returns>How many permits are left; -1 where the request goes too far.</returns>
    public long Take(HttpContext context)
    {
        using var lease = _limiter.AttemptAcquire(context);
        return lease.IsAcquired ? _limiter.GetStatistics(context)?.CurrentAvailablePermits ?? 0 : -1;
    }

    public void Dispose() => _limiter.Dispose();

    private static string CallerOf(HttpContext context) => context.User.FindFirst("sub")?.Value ?? context.Connection.RemoteIpAddress?.ToString() ?? "unknown";
}

internal static class RateLimitMiddleware
{
    private const int RetryAfterSeconds = 1;

    public static IApplicationBuilder UseRateLimits(this WebApplication app)
    {
        var limits = app.Services.GetRequiredService<RateLimits>();
        return app.Use((context, next) =>
        {
            if (!context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
            {
                return next(context);
            }

            var left = limits.Take(context);
            context.Response.Headers["RateLimit-Policy"] = limits.Policy;
            context.Response.Headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"caller\";r={Math.Max(left, 0)};t={RetryAfterSeconds}");
            if (left >= 0)
            {
                return next(context);
            }

            context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
            return Problems.WriteAsync(context, Problems.Create(429, "too-many-requests", "Too many requests", $"More than {limits.Settings.Burst} requests at once, or {limits.Settings.PermitsPerSecond} a second."));
        });
    }
}
