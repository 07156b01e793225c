using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Assets;

/// <summary>Classes, types and items as requests name them.</summary>
internal sealed class ItemLookup(
    AggregateStore<ConfigurationClass> classes, AggregateStore<RelationType> types, AggregateStore<ConfigurationItem> items, People people)
{
    /// <exception cref="InvalidValueException">Unknown.</exception>
    public async ValueTask<ConfigurationClass> RequireClassAsync(string idOrKey, string pointer, CancellationToken ct) =>
        await classes.RecallAsync(idOrKey, ct)
        ?? throw new InvalidValueException(pointer, FieldCode.NotFound, $"There is no configuration class {idOrKey.Quoted}.");

    /// <exception cref="InvalidValueException">Unknown.</exception>
    public async ValueTask<RelationType> RequireTypeAsync(string idOrKey, string pointer, CancellationToken ct) =>
        await FindTypeAsync(idOrKey, ct)
        ?? throw new InvalidValueException(pointer, FieldCode.NotFound, $"There is no relation type {idOrKey.Quoted}.");

    /// <returns>Null for an unknown one.</returns>
    public ValueTask<RelationType?> FindTypeAsync(string idOrKey, CancellationToken ct) => types.RecallAsync(idOrKey, ct);

    /// <exception cref="InvalidValueException">Unknown, or not visible to the caller.</exception>
    public async ValueTask<ConfigurationItem> RequireItemAsync(string idOrNumber, Caller caller, string pointer, CancellationToken ct) =>
        await items.RecallAsync(idOrNumber, ct) is { } item && caller.Sees(item.Readers)
        ? item
        : throw new InvalidValueException(pointer, FieldCode.NotFound,
            $"There is no configuration item {idOrNumber.Quoted} that you can see.");

    /// <exception cref="InvalidValueException">Unknown, or retired.</exception>
    public async ValueTask<IReadOnlyList<Guid>> RequireGroupsAsync(IReadOnlyList<string>? named, string pointer, CancellationToken ct)
    {
        var groups = new List<Guid>();
        foreach (var (index, name) in (named ?? []).Index())
        {
            groups.Add((await people.RequireGroupAsync(name, $"{pointer}/{index}", ct)).Id);
        }

        return groups;
    }
}
