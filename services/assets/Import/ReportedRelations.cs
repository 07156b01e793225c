using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Assets.Import;

/// <summary>Makes relations as sources report them.</summary>
internal sealed class ReportedRelations(AggregateStore<ConfigurationItem> items, Relating relating, ItemLookup lookup)
{
    /// <summary>Relations of an item that is not there yet, to which nothing leads, make no cycle: they come with it.</summary>
    /// <returns>False where they have to wait: a target is not there yet, or has only so many sources.</returns>
    public async ValueTask<bool> TryRelateNewAsync(ConfigurationItem item, Reconciling.Report report, ReportedItem reported,
        ILookup<Guid, ConfigurationItem> known, CancellationToken ct)
    {
        var named = await NamesAsync(report, reported.Relations ?? [], known, ct);
        if (named.Exists(one => one.Target.Length == 0))
        {
            return false;
        }

        var asked = await relating.FindAsync(named, report.Caller, ct);
        if (asked.Any(one => one.Type.MostSources is not null))
        {
            return false;
        }

        List<Relation> said = [.. asked.Select(one => one.Relation)];
        await relating.RequireAllowedAsync(item, asked, said, null, ct);
        item.Hear(report.By(reported), said, report.Audit);
        return true;
    }

    /// <summary>Gives an item the relations that a source reports.</summary>
    /// <param name="report">What its items share.</param>
    /// <param name="reported">The item as it is reported, with relations.</param>
    /// <param name="known">What is known by what the source calls the targets.</param>
    /// <param name="id">Of the item.</param>
    /// <param name="hold">Null where none is held.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>Whether they changed, or would change; null where they must be guarded, and are not.</returns>
    public async Task<bool?> RelateAsync(Reconciling.Report report, ReportedItem reported, ILookup<Guid, ConfigurationItem> known, Guid id,
        RelationGuard.Hold? hold, CancellationToken ct)
    {
        var named = await NamesAsync(report, reported.Relations!, known, ct);
        if (named.FindIndex(one => one.Target.Length == 0) is >= 0 and var missing)
        {
            // Of a preview it may be an item of the same file.
            return report.Preview ? false : throw new InvalidValueException($"/relations/{missing}/externalId", FieldCode.NotFound,
                $"There is no item that {report.Source} calls {reported.Relations![missing].ExternalId!.Quoted}.");
        }

        var (asked, by) = (await relating.FindAsync(named, report.Caller, ct), report.By(reported));
        List<Relation> said = [.. asked.Select(one => one.Relation)];
        if (await items.FindAsync(id, ct) is not { } now || now.Has(by, said))
        {
            return false;
        }

        if (report.Preview)
        {
            await relating.RequireAllowedAsync(now, asked, now.WithReported(by, said), null, ct);
        }
        else if (hold is null && asked.Any(one => one.Type.IsGuarded))
        {
            return null;
        }
        else
        {
            await items.UpdateAsync(id, report.Audit, async item =>
            {
                await relating.RequireAllowedAsync(item, asked, item.WithReported(by, said), hold, ct);
                item.Hear(by, said, report.Audit);
            }, ct);
        }

        return true;
    }

    /// <summary>With ids for what the source calls its own way; an empty one for what is not there.</summary>
    private async ValueTask<List<NamedRelation>> NamesAsync(Reconciling.Report report, IReadOnlyList<ReportedRelation> relations,
        ILookup<Guid, ConfigurationItem> known, CancellationToken ct)
    {
        var named = new List<NamedRelation>();
        foreach (var (index, one) in relations.Index())
        {
            if (!report.Types.TryGetValue(one.Type, out var type))
            {
                type = report.Types[one.Type] = await lookup.RequireTypeAsync(one.Type, $"/relations/{index}/type", ct);
            }

            var target = one.ExternalId is { } id ? known[ConfigurationItem.IdentityOf(report.Source, id)].FirstOrDefault() : null;
            named.Add(new($"/relations/{index}", one.Type, one.Target ?? target?.Id.ToString() ?? "", one.Alternatives, one.Needs)
            {
                Known = type, Item = target,
            });
        }

        return named;
    }
}
