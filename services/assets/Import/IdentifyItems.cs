using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Timers;

namespace Itsm.Assets.Import;

/// <summary>Takes down anew by what the items of a class are recognised, after its rules were changed. Safe to run twice.</summary>
internal sealed class IdentifyItems(AggregateStore<ConfigurationItem> items, AggregateStore<ConfigurationClass> classes) : ITimerHandler
{
    private const int PageSize = 500;

    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        if (await classes.FindAsync(id, ct) is not { } of)
        {
            return;
        }

        var audit = AuditContext.OfService("assets", "identify", items.Clock);
        await foreach (var document in items.Documents.AllAsync(
            new DocumentQuery([Condition.In("class", of.Key)], "name", false, null, PageSize), ct))
        {
            var item = AggregateStore<ConfigurationItem>.Load(document);
            item.Identify(of);
            if (AggregateStore<ConfigurationItem>.IsChanged(item))
            {
                await items.UpdateAsync(item.Id, audit, one => one.Identify(of), ct);
            }
        }
    }
}
