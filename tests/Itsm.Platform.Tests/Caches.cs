using Itsm.Platform.Caching;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Itsm.Platform.Tests;

/// <summary>Caches as a node has them.</summary>
internal static class Caches
{
    /// <summary>In memory only, for a service of one node.</summary>
    public static SharedCache OfOneNode()
    {
        var services = new ServiceCollection();
        services.AddHybridCache();
        return new SharedCache(services.BuildServiceProvider().GetRequiredService<HybridCache>(), null, "tests",
            NullLogger<SharedCache>.Instance);
    }
}
