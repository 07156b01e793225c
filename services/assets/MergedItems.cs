using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;

namespace Itsm.Assets;

/// <summary>Finds what an item has become.</summary>
internal static class MergedItems
{
    private const int MostSteps = 20;

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
