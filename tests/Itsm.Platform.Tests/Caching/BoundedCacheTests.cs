using Itsm.Platform.Caching;

namespace Itsm.Platform.Tests.Caching;

public sealed class BoundedCacheTests
{
    [Fact]
    public void It_keeps_no_more_than_it_may_however_much_it_is_given()
    {
        using var cache = new BoundedCache<int, string>(100);
        for (var key = 0; key < 1_000; key++)
        {
            cache.Set(key, "value");
            Assert.InRange(cache.Count, 0, 100);
        }

        cache.Clear();
        cache.Set(1, "one");
        Assert.Equal(["one", null], [cache.Find(1), cache.Find(2)]);
        cache.Remove(1);
        Assert.Null(cache.Find(1));
    }
}
