using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;

namespace Itsm.Assets;

/// <summary>What requests about software name.</summary>
internal sealed class SoftwareLookup(
    AggregateStore<SoftwareProduct> products, AggregateStore<AssetContract> contracts, AssetLookup assets)
{
    /// <summary>A product by id or number.</summary>
    public async ValueTask<SoftwareProduct> ProductAsync(string idOrNumber, string pointer, CancellationToken ct) =>
        await products.FindDocumentAsync(idOrNumber, ct) is { } found
            ? AggregateStore<SoftwareProduct>.Load(found)
            : throw new InvalidValueException(pointer, FieldCode.NotFound, $"No software product {idOrNumber.Quoted} is known.");

    /// <summary>The products of these keys that are known, by their keys.</summary>
    public async ValueTask<IReadOnlyDictionary<string, SoftwareProduct>> ByKeyAsync(
        IReadOnlyCollection<string> keys, CancellationToken ct) =>
        keys.Count == 0 ? new Dictionary<string, SoftwareProduct>()
        : (await products.Documents.QueryAsync(
            new DocumentQuery([Condition.In("key", [.. keys])], "key", false, null, keys.Count), ct))
            .Select(AggregateStore<SoftwareProduct>.Load).ToDictionary(one => one.Key!);

    /// <summary>The id of a contract; null for null.</summary>
    public async ValueTask<Guid?> ContractAsync(string? idOrNumber, string pointer, CancellationToken ct) =>
        idOrNumber is null ? null
        : await contracts.FindDocumentAsync(idOrNumber, ct) is { } found ? found.Id
        : throw new InvalidValueException(pointer, FieldCode.NotFound, $"No contract {idOrNumber.Quoted} is known.");

    /// <summary>An asset that the caller can see, by id, number or tag.</summary>
    public async ValueTask<Asset> DeviceAsync(string named, string pointer, Caller caller, CancellationToken ct) =>
        !Guid.TryParse(named, out _) && await assets.FindByTagAsync(named, ct) is { } tagged && caller.Sees(tagged.Readers)
            ? tagged
            : await assets.AssetAsync(named, pointer, caller, ct);
}
