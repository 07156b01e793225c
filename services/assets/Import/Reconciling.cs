using System.Text.Json;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Assets.Import;

/// <summary>Makes configuration items as a source reports them: recognises what there is by what the source calls it, by key and by the rules
/// of its class, adds what is new, and takes in what is said. Each item stands or falls alone; the same report again changes
/// nothing.</summary>
internal sealed class Reconciling(
    AggregateStore<ConfigurationItem> items, NumberSeries<ConfigurationItem> numbers, ItemMatching matching, ItemLookup lookup,
    AssetLookup places, People people, Relating relating, RelationGuard guard)
{
    private const int AtOnce = 8;
    private const int Attempts = 5;
    private static readonly HashSet<string> Sights = ["seenBy", "seenAt"];

    /// <summary>What the items of a report share.</summary>
    /// <param name="Source">Key of the source.</param>
    /// <param name="Preview">True to say what would happen, and change nothing.</param>
    /// <param name="Caller">Who brings it.</param>
    /// <param name="Audit">In whose name it is done.</param>
    internal sealed record Report(string Source, bool Preview, Caller Caller, AuditContext Audit);

    /// <summary>Takes in reported items.</summary>
    /// <returns>What came of each, in their order.</returns>
    public async Task<IReadOnlyList<ReportedResult>> ReconcileAsync(
        Report report, IReadOnlyList<ReportedItem> reported, CancellationToken ct)
    {
        var taken = new Taken[reported.Count];
        var some = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct };
        await Parallel.ForAsync(0, taken.Length, some, async (at, stop) =>
            taken[at] = await StandingAloneAsync(reported[at], () => TakeAsync(report, reported[at], stop)));

        // They may lead to what stands further down. Those of guarded types one after another, for each may forbid the next.
        var left = Enumerable.Range(0, taken.Length).Where(at => !report.Preview && taken[at].AwaitsRelations).ToList();
        var guarded = new List<int>();
        await Parallel.ForEachAsync(left, some, async (at, stop) =>
        {
            if (await IsGuardedAsync(reported[at].Relations!, stop))
            {
                lock (guarded)
                {
                    guarded.Add(at);
                }
            }
            else
            {
                taken[at] = await RelatedAsync(report, reported[at], taken[at], null, stop);
            }
        });
        if (guarded.Count > 0)
        {
            await using var hold = await guard.TakeAsync(ct);
            foreach (var at in guarded.Order())
            {
                taken[at] = await RelatedAsync(report, reported[at], taken[at], hold, ct);
            }
        }

        return [.. taken.Select(one => one.Result)];
    }

    private static async Task<Taken> StandingAloneAsync(ReportedItem item, Func<Task<Taken>> take)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await take();
            }
            catch (DuplicateKeyException e) when (attempt < Attempts && e.Fields[0] is "_id" or "key")
            {
                // Another report of the same item was first: it is recognised now.
            }
            catch (InvalidValueException e)
            {
                return Refused(item, "invalid-request", e.Why, [new(e.Pointer, e.Code, e.Why)]);
            }
            catch (HttpProblemException e) when (e.Problem.Errors is { } errors)
            {
                return Refused(item, "invalid-request", e.Problem.Detail, errors);
            }
            catch (RuleViolationException e)
            {
                return Refused(item, e.Code, e.Why, []);
            }
            catch (ConcurrentChangeException e)
            {
                return Refused(item, "conflict", e.Why, []);
            }
        }
    }

    private static Taken Refused(ReportedItem item, string code, Sentence why, IReadOnlyList<FieldError> errors) =>
        new(new(item.ExternalId, ReportOutcome.Refused, null, [], code, why, errors), AwaitsRelations: false);

    private async Task<Taken> TakeAsync(Report report, ReportedItem reported, CancellationToken ct)
    {
        reported.Require();
        var of = await lookup.RequireClassAsync(reported.Class, "/class", ct);
        var fields = new ReportedFields
        {
            Name = reported.Name, Description = reported.Description,
            Owner = await people.RequirePersonIdAsync(reported.Owner, "/owner", ct),
            SupportGroup = await people.RequireGroupIdAsync(reported.SupportGroup, "/supportGroup", ct),
            Criticality = reported.Criticality, Site = await places.SiteAsync(reported.Site, "/site", ct),
        };
        var marks = ItemMatching.MarksOf(report.Source, reported, of);
        return await matching.FindAsync(reported, of, marks, report.Caller, ct) is { } known
            ? await ChangeAsync(report, reported, fields, of, known, ct)
            : await AddAsync(report, reported, fields, of, marks, ct);
    }

    private async Task<Taken> AddAsync(
        Report report, ReportedItem reported, ReportedFields fields, ConfigurationClass of, List<Guid> marks,
        CancellationToken ct)
    {
        if (fields.Name is not { } name)
        {
            throw new InvalidValueException("/name", FieldCode.Required, $"name is required of an item that is not known yet.");
        }

        // Two reports of one thing at once give it the same id; where something else has that, because it was called so before, another.
        var id = marks.Count > 0 && await items.Documents.FindAsync(marks[^1], ct) is null ? marks[^1]
            : Guid.CreateVersion7(report.Audit.At);
        var item = ConfigurationItem.Create(id, report.Preview ? "" : await numbers.NextAsync(ct), reported.Key, of,
            new ItemDescription { Name = name, Visibility = of.Visibility }, report.Audit);
        Fill(item, report, reported, fields, of);
        var related = await TryRelateNewAsync(item, report, reported, ct);
        if (report.Preview)
        {
            return new(new(reported.ExternalId, ReportOutcome.Created, null, [], null, null, []), AwaitsRelations: false);
        }

        await items.TrySaveAsync(item, report.Audit, ct);
        return new(new(reported.ExternalId, ReportOutcome.Created, new(item.Id, item.Number, item.Name), [], null, null, []), !related);
    }

    private async Task<Taken> ChangeAsync(
        Report report, ReportedItem reported, ReportedFields fields, ConfigurationClass of, ConfigurationItem known,
        CancellationToken ct)
    {
        IReadOnlyList<RecordedFieldChange> changes = [];
        void Change(ConfigurationItem item)
        {
            Fill(item, report, reported, fields, of);
            changes = [.. items.Differences(item).Where(change => !Sights.Contains(change.Field))];
        }

        if (report.Preview)
        {
            Change(known);
        }
        else
        {
            await items.UpdateAsync(known.Id, report.Audit, Change, ct);
        }

        return new(new(reported.ExternalId, changes.Count > 0 ? ReportOutcome.Updated : ReportOutcome.Unchanged,
            new(known.Id, known.Number, known.Name), changes, null, null, []), reported.Relations is not null);
    }

    private static void Fill(
        ConfigurationItem item, Report report, ReportedItem reported, ReportedFields fields, ConfigurationClass of)
    {
        item.Hear(report.Source, reported.ExternalId, fields, report.Audit);
        if (item.Hear(report.Source, reported.Attributes ?? new Dictionary<string, JsonElement>(), of, report.Audit, whole: false)
            is { Count: > 0 } wrong)
        {
            throw HttpProblemException.Invalid(wrong);
        }
    }

    private async ValueTask<bool> IsGuardedAsync(IReadOnlyList<ReportedRelation> relations, CancellationToken ct)
    {
        foreach (var relation in relations)
        {
            if ((await lookup.FindTypeAsync(relation.Type, ct))?.IsGuarded == true)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Relations of an item that is not there yet, to which nothing leads, make no cycle: they come with it.</summary>
    /// <returns>False where they have to wait: a target is not there yet, or has only so many sources.</returns>
    private async ValueTask<bool> TryRelateNewAsync(
        ConfigurationItem item, Report report, ReportedItem reported, CancellationToken ct)
    {
        var named = await NamesAsync(report.Source, reported.Relations ?? [], ct);
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
        item.Hear(report.Source, said, report.Audit);
        return true;
    }

    private async Task<Taken> RelatedAsync(
        Report report, ReportedItem reported, Taken taken, RelationGuard.Hold? hold, CancellationToken ct)
    {
        var related = await StandingAloneAsync(reported, () => RelateAsync(report, reported, taken, hold, ct));
        return related.Result.Outcome != ReportOutcome.Refused ? related : taken with
        {
            Result = related.Result with { Outcome = ReportOutcome.Incomplete, Item = taken.Result.Item, Changes = taken.Result.Changes },
        };
    }

    private async Task<Taken> RelateAsync(
        Report report, ReportedItem reported, Taken taken, RelationGuard.Hold? hold, CancellationToken ct)
    {
        var named = await NamesAsync(report.Source, reported.Relations!, ct);
        if (named.FindIndex(one => one.Target.Length == 0) is >= 0 and var missing)
        {
            throw new InvalidValueException($"/relations/{missing}/externalId", FieldCode.NotFound,
                $"There is no item that {report.Source} calls {reported.Relations![missing].ExternalId!.Quoted}.");
        }

        var asked = await relating.FindAsync(named, report.Caller, ct);
        List<Relation> said = [.. asked.Select(one => one.Relation)];
        var changed = false;
        await items.UpdateAsync(taken.Result.Item!.Id, report.Audit, async item =>
        {
            await relating.RequireAllowedAsync(item, asked, item.WithReported(report.Source, said), hold, ct);
            changed = item.Hear(report.Source, said, report.Audit);
        }, ct);
        return taken with
        {
            Result = changed && taken.Result.Outcome == ReportOutcome.Unchanged
                ? taken.Result with { Outcome = ReportOutcome.Updated }
                : taken.Result,
        };
    }

    /// <summary>With ids for what the source calls its own way; an empty one for what is not there.</summary>
    private async ValueTask<List<NamedRelation>> NamesAsync(
        string source, IReadOnlyList<ReportedRelation> relations, CancellationToken ct)
    {
        var named = new List<NamedRelation>();
        foreach (var (index, one) in relations.Index())
        {
            var target = one.Target ?? await matching.FindIdAsync(source, one.ExternalId!, ct) ?? "";
            named.Add(new($"/relations/{index}", one.Type, target, one.Alternatives, one.Needs));
        }

        return named;
    }

    /// <summary>An item of the report, as far as it was taken in.</summary>
    private sealed record Taken(ReportedResult Result, bool AwaitsRelations);
}
