using Itsm.Platform.Caching;
using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Platform.Aggregates;

/// <summary>What is read far more often than it changes is remembered until it does.</summary>
public sealed partial class AggregateStore<T>
{
    private readonly SharedCache? _cache;
    private readonly string _service;

    /// <summary>Something was saved by this process.</summary>
    internal event Action<T>? Saved;

    /// <summary>The aggregate with this id or human name, or null, as remembered since its last save on any node: to look at, not to
    /// change.</summary>
    public async ValueTask<T?> RecallAsync(string idOrName, CancellationToken ct)
    {
        var body = _cache is null ? await ReadAsync(ct) : await _cache.GetAsync<byte[]>(CacheKey(idOrName), ReadAsync, ct);
        return body is null ? null : Load(new StoredDocument(default, default, body));

        async ValueTask<byte[]?> ReadAsync(CancellationToken ct) => (await this.FindDocumentAsync(idOrName, ct))?.Body.ToArray();
    }

    private async ValueTask ForgetAsync(Guid id, byte[] state)
    {
        if (_cache is not null)
        {
            await _cache.DropAsync(CacheKey(id.ToString()));
            if (Definition.NameField is { } field && RawBson.Values(state, field) is [var name])
            {
                await _cache.DropAsync(CacheKey(name.AsString));
            }

            if (Definition.OtherNameField is { } other && RawBson.Values(state, other) is [BsonString key])
            {
                await _cache.DropAsync(CacheKey(key.Value));
            }
        }
    }

    private string CacheKey(string idOrName) => $"{_service}/{Definition.Collection.Name}:"
        + (Guid.TryParse(idOrName, out var id) ? id.ToString() : Definition.Normalize(idOrName).AsString);
}
