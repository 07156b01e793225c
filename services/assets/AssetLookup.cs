using Itsm.Assets.Domain;
using Itsm.Contracts.Directory;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Replicas;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Assets;

/// <summary>What requests about assets name.</summary>
internal sealed class AssetLookup(AggregateStore<Asset> assets, Replica<SiteChanged> sites, People people)
{
    /// <summary>The key of a site; null for null.</summary>
    public async ValueTask<string?> SiteAsync(string? key, string pointer, CancellationToken ct) => key is null ? null
        : (await sites.QueryAsync([Condition.In("key", key.ToLowerInvariant())], "key", 1, ct)) is [var site, ..] ? site.Key
        : throw new InvalidValueException(pointer, FieldCode.NotFound, $"No site {key.Quoted} is known.");

    public ValueTask<Guid?> PersonAsync(string? idOrUserName, string pointer, CancellationToken ct) =>
        people.RequirePersonIdAsync(idOrUserName, pointer, ct);

    public ValueTask<Guid?> GroupAsync(string? idOrKey, string pointer, CancellationToken ct) =>
        people.RequireGroupIdAsync(idOrKey, pointer, ct);

    /// <summary>The asset with this tag or number, or null.</summary>
    public async ValueTask<Asset?> FindByTagAsync(string tag, CancellationToken ct) =>
        AssetDetails.KeyOf(tag) is not { } key ? null
        : (await assets.Documents.QueryAsync(new DocumentQuery([Condition.In("tagKey", key)], "tagKey", false, null, 1), ct)) is [var found]
            ? AggregateStore<Asset>.Load(found)
        : await assets.FindDocumentAsync(key, ct) is { } numbered ? AggregateStore<Asset>.Load(numbered) : null;

    /// <summary>An asset that the caller can see.</summary>
    public async ValueTask<Asset> AssetAsync(string idOrNumber, string pointer, Caller caller, CancellationToken ct) =>
        await assets.FindDocumentAsync(idOrNumber, ct) is { } found && AggregateStore<Asset>.Load(found) is var asset
            && caller.Sees(asset.Readers)
            ? asset
            : throw new InvalidValueException(pointer, FieldCode.NotFound, $"No asset {idOrNumber.Quoted} is known.");

    /// <summary>The ids of assets that the caller can see.</summary>
    public async ValueTask<IReadOnlyList<Guid>> AssetsAsync(
        IReadOnlyList<string> named, string pointer, Caller caller, CancellationToken ct)
    {
        var ids = new List<Guid>();
        foreach (var (index, name) in named.Index())
        {
            ids.Add((await AssetAsync(name, $"{pointer}/{index}", caller, ct)).Id);
        }

        return ids;
    }
}
