using Microsoft.Extensions.Caching.Memory;

namespace Itsm.Platform.Caching;

/// <summary>What one node remembers, at most <paramref name="most"/> entries: those that were not asked for longest give way.</summary>
public sealed class BoundedCache<TKey, TValue>(int most) : IDisposable
    where TKey : notnull
    where TValue : class
{
    private static readonly MemoryCacheEntryOptions OneEntry = new() { Size = 1 };
    private readonly MemoryCache _entries = new(new MemoryCacheOptions { SizeLimit = most });

    /// <summary>How many entries there are.</summary>
    public int Count => _entries.Count;

    /// <summary>What is remembered of this; null for nothing.</summary>
    public TValue? Find(TKey key) => _entries.TryGetValue(key, out TValue? found) ? found : null;

    /// <summary>Remembers it.</summary>
    public void Set(TKey key, TValue value) => _entries.Set(key, value, OneEntry);

    /// <summary>Forgets it.</summary>
    public void Remove(TKey key) => _entries.Remove(key);

    /// <summary>Forgets all.</summary>
    public void Clear() => _entries.Clear();

    /// <inheritdoc/>
    public void Dispose() => _entries.Dispose();
}
