using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Timers;

namespace Itsm.Assets.Health;

/// <summary>Deletes findings that tell of an item to people who may not see it any more, and those of an item that was retired.</summary>
internal sealed class HideFindings(
    AggregateStore<ConfigurationItem> items, AggregateStore<ConfigurationHealth> health, Projection<HealthFinding> findings) : ITimerHandler
{
    private const int PageSize = 200;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(30);

    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        // A run that goes on may have read the item before, and write what it found later.
        var runs = await health.FindAsync(ConfigurationHealth.TheOne, ct) is { } now && now.Run != now.Computed;
        if (await items.FindAsync(id, ct) is not { } item)
        {
            return;
        }

        await foreach (var document in findings.Documents.AllAsync(
            new DocumentQuery([Condition.In("about", BsonMapping.Value(id))], "number", false, null, PageSize), ct))
        {
            var finding = Projection<HealthFinding>.Load(document);
            if (!CommonReaders.AreAmong(finding.Readers, item.Readers)
                || (finding.Item == id && item.State == ConfigurationState.Retired))
            {
                await findings.Documents.DeleteAsync(document.Id, document.Version, ct);
            }
        }

        if (runs)
        {
            throw new TimerPostponedException(Again);
        }
    }
}
