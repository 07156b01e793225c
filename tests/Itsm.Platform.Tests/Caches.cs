using Itsm.Platform.Caching;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Itsm.Platform.Tests;

/// <summary>Caches as a node has them.</summary>
internal static class Caches
{
    /// <summary>In memory only, or what one of several nodes remembers.</summary>
    public static SharedCache OfOneNode(RedisLink? link = null, string name = "tests")
    {
        var services = new ServiceCollection();
        SharedCache.AddMemory(services);
        return new SharedCache(services.BuildServiceProvider().GetRequiredService<HybridCache>(), link, name,
            NullLogger<SharedCache>.Instance);
    }
}
