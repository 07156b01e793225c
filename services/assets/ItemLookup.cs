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
        : throw NotSeen(idOrNumber, pointer);

    /// <summary>The item, or the one that has all that it had.</summary>
    /// <exception cref="InvalidValueException">Unknown, or not visible to the caller.</exception>
    public async ValueTask<ConfigurationItem> RequireSurvivorAsync(
        string idOrNumber, Caller caller, string pointer, CancellationToken ct) =>
        await items.FindSurvivorAsync(idOrNumber, ct) is { } item && caller.Sees(item.Readers)
        ? item
        : throw NotSeen(idOrNumber, pointer);

    /// <summary>The id of that item; null for null.</summary>
    /// <param name="id">As a request names it.</param>
    /// <param name="known">What is there now, which may stay whatever it is.</param>
    /// <param name="caller">Who asks, and must see it.</param>
    /// <param name="pointer">Where it stands in the request.</param>
    /// <param name="ct">Ends the look.</param>
    /// <exception cref="InvalidValueException">Unknown, or not visible to the caller.</exception>
    public async ValueTask<Guid?> RequireSurvivorIdAsync(
        Guid? id, Guid? known, Caller caller, string pointer, CancellationToken ct) =>
        id is null || id == known ? id : (await RequireSurvivorAsync(id.Value.ToString(), caller, pointer, ct)).Id;

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

    private static InvalidValueException NotSeen(string idOrNumber, string pointer) =>
        new(pointer, FieldCode.NotFound, $"There is no configuration item {idOrNumber.Quoted} that you can see.");
}
