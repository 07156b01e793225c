using Itsm.Contracts.Assets;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Replicas;
using Itsm.Platform.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Ticketing;

/// <summary>Services and configuration items as requests for tickets name them. Where none is known, because nobody keeps them, any text
/// will do.</summary>
public sealed class ConfigurationLookup(Replica<ConfigurationItemChanged> items)
{
    /// <summary>Key of the class of services.</summary>
    private const string ServiceClass = "it-service";

    private const int MostMerges = 20;

    /// <summary>The indexes of the replica.</summary>
    internal static IReadOnlyList<IndexDefinition> Indexes { get; } = [new("number"), new("key") { Sparse = true }];

    /// <summary>The service that a request names, as tickets name it: by key, or by number where it has none.</summary>
    /// <param name="reference">Id, number or key; null for none.</param>
    /// <param name="known">What the ticket has there now, which may stay whatever it is.</param>
    /// <param name="caller">Who asks, and must see it.</param>
    /// <param name="pointer">Where it stands in the request.</param>
    /// <param name="ct">Ends the look.</param>
    /// <exception cref="InvalidValueException">Unknown, hidden, retired, or no service.</exception>
    public async ValueTask<string?> RequireServiceAsync(
        string? reference, string? known, Caller caller, string pointer, CancellationToken ct)
    {
        if (reference is null || reference == known || await FindAsync(reference, caller, pointer, ct) is not { } item)
        {
            return reference;
        }

        return item.Class == ServiceClass
            ? NameOf(item)
            : throw new InvalidValueException(pointer, FieldCode.Conflicting, $"{reference.Quoted} is a {item.Class}, not a service.");
    }

    /// <summary>The items that a request names, as tickets name them; see the other one.</summary>
    /// <exception cref="InvalidValueException">One is unknown, hidden or retired.</exception>
    public async ValueTask<IReadOnlyList<string>> RequireItemsAsync(
        IReadOnlyList<string> references, IReadOnlyList<string> known, Caller caller, string pointer, CancellationToken ct)
    {
        var names = new List<string>();
        foreach (var (index, reference) in references.Index())
        {
            names.Add(!known.Contains(reference) && await FindAsync(reference, caller, $"{pointer}/{index}", ct) is { } item
                ? NameOf(item)
                : reference);
        }

        return names;
    }

    /// <summary>Filters tickets by the items that they name, whatever they call them by.</summary>
    /// <param name="name">The query parameter, which takes ids, numbers and keys.</param>
    /// <param name="field">The field of tickets.</param>
    internal static Filter FilterBy(string name, string field) => Filter.Names(name, field,
        "Ids, numbers or keys of configuration items, with commas.", (reference, caller, services, ct) =>
            services.GetRequiredService<ConfigurationLookup>().NamesOfAsync(reference, caller, "?" + name, ct));

    /// <summary>The item that a ticket names; null where the caller sees none of that name.</summary>
    internal async ValueTask<ExpandedItem?> ExplainAsync(string name, Caller caller, CancellationToken ct) =>
        await NamedAsync(name, name, ct) is { } item && caller.Sees(item.Readers)
        ? new ExpandedItem(item.Id, item.Number, item.Key, item.Name, item.Class, item.State)
        : null;

    private static string NameOf(ConfigurationItemChanged item) => item.Key ?? item.Number;

    /// <summary>All that tickets may call an item by.</summary>
    private async ValueTask<IReadOnlyList<string>> NamesOfAsync(
        string reference, Caller caller, string pointer, CancellationToken ct) =>
        await KnownAsync(reference, caller, pointer, ct) is not { } item ? [reference]
        : [item.Number, item.Id.ToString(), .. item.Key is { } key ? new[] { key } : [], .. item.FormerNames];

    /// <returns>Null where no item is known at all.</returns>
    /// <exception cref="InvalidValueException">Unknown, hidden, or retired.</exception>
    private async ValueTask<ConfigurationItemChanged?> FindAsync(
        string reference, Caller caller, string pointer, CancellationToken ct) =>
        await KnownAsync(reference, caller, pointer, ct) switch
        {
            { State: "retired" } => throw new InvalidValueException(pointer, FieldCode.NotFound, $"{reference.Quoted} is retired."),
            var found => found,
        };

    /// <returns>Null where no item is known at all.</returns>
    /// <exception cref="InvalidValueException">Unknown or hidden.</exception>
    private async ValueTask<ConfigurationItemChanged?> KnownAsync(
        string reference, Caller caller, string pointer, CancellationToken ct) =>
        await NamedAsync(reference.ToUpperInvariant(), reference.ToLowerInvariant(), ct) switch
        {
            null when (await items.QueryAsync([Condition.Within("number", "", true, null, false)], "number", 1, ct)).Count == 0 => null,
            { } found when caller.Sees(found.Readers) => found,
            _ => throw new InvalidValueException(pointer, FieldCode.NotFound,
                $"There is no configuration item {reference.Quoted} that you can see."),
        };

    /// <summary>The item of this name; of one that was merged the other.</summary>
    private async ValueTask<ConfigurationItemChanged?> NamedAsync(string number, string key, CancellationToken ct)
    {
        var found = Guid.TryParse(key, out var id) ? await items.FindAsync(id, ct)
            : await ByAsync("number", number, ct) ?? await ByAsync("key", key, ct);
        for (var step = 0; found?.MergedInto is { } survivor && step < MostMerges; step++)
        {
            found = await items.FindAsync(survivor, ct);
        }

        return found;
    }

    private async ValueTask<ConfigurationItemChanged?> ByAsync(string field, string name, CancellationToken ct) =>
        await items.QueryAsync([Condition.In(field, name)], field, 1, ct) is [var found] ? found : null;
}
