using Microsoft.Extensions.Caching.Memory;

namespace Itsm.Platform.Caching;

/// <summary>What one node remembers, at most <paramref name="most"/> entries: those that were not asked for longest give way.</summary>
internal sealed class BoundedCache<TKey, TValue>(int most) : IDisposable
    where TKey : notnull
    where TValue : class
{
    private static readonly MemoryCacheEntryOptions OneEntry = new() { Size = 1 };
    private readonly MemoryCache _entries = new(new MemoryCacheOptions { SizeLimit = most });

    public int Count => _entries.Count;

    public TValue? Find(TKey key) => _entries.TryGetValue(key, out TValue? found) ? found : null;

    public void Set(TKey key, TValue value) => _entries.Set(key, value, OneEntry);

    public void Remove(TKey key) => _entries.Remove(key);

    public void Clear() => _entries.Clear();

    public void Dispose() => _entries.Dispose();
}
