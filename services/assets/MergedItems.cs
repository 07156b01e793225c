using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;

namespace Itsm.Assets;

/// <summary>Finds what an item has become.</summary>
internal static class MergedItems
{
    private const int MostSteps = 20;

    /// <summary>The item of this id, number or key, or the one that has all that it had; null where there is none.</summary>
    public static async ValueTask<ConfigurationItem?> FindSurvivorAsync(
        this AggregateStore<ConfigurationItem> items, string idOrName, CancellationToken ct) =>
        await items.RecallAsync(idOrName, ct) is { } item ? await items.SurvivorAsync(item, ct) : null;

    /// <summary>The item that has all that this one had; itself where it was not merged.</summary>
    public static async ValueTask<ConfigurationItem?> SurvivorAsync(
        this AggregateStore<ConfigurationItem> items, ConfigurationItem item, CancellationToken ct)
    {
        ConfigurationItem? found = item;
        for (var step = 0; found?.MergedInto is { } next && step < MostSteps; step++)
        {
            found = await items.RecallAsync(next.ToString(), ct);
        }

        return found;
    }
}
