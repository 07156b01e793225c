using System.Collections.Concurrent;
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
internal sealed partial class Reconciling(
    AggregateStore<ConfigurationItem> items, NumberSeries<ConfigurationItem> numbers, ItemMatching matching, ItemLookup lookup,
    AssetLookup places, People people, ReportedRelations relations, RelationGuard guard)
{
    private const int AtOnce = 8;

    private const int AtOnceGuarded = 50;
    private const int Attempts = 5;
    private static readonly HashSet<string> Sights = ["seenBy", "seenAt"];

    /// <summary>What the items of a report share.</summary>
    /// <param name="Source">Key of the source.</param>
    /// <param name="Preview">True to say what would happen, and change nothing.</param>
    /// <param name="Caller">Who brings it.</param>
    /// <param name="Audit">In whose name it is done.</param>
    internal sealed record Report(string Source, bool Preview, Caller Caller, AuditContext Audit)
    {
        /// <summary>Those of its items' classes that were looked up.</summary>
        public ConcurrentDictionary<string, ConfigurationClass> Classes { get; } = new();

        /// <summary>The types of their relations that were looked up.</summary>
        public ConcurrentDictionary<string, RelationType> Types { get; } = new();

        /// <summary>Whose word an item is.</summary>
        public Reporter By(ReportedItem item) => new(Source, item.ExternalId);
    }

    /// <summary>Takes in reported items.</summary>
    /// <returns>What came of each, in their order.</returns>
    public async Task<IReadOnlyList<ReportedResult>> ReconcileAsync(
        Report report, IReadOnlyList<ReportedItem> reported, CancellationToken ct)
    {
        var taken = new Taken[reported.Count];
        var some = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct };
        await foreach (var (few, known) in SlicesAsync(report, reported, Enumerable.Range(0, taken.Length), ct))
        {
            await Parallel.ForEachAsync(few, some, async (at, stop) => taken[at] = await StandingAloneAsync(reported[at],
                async again => await TakeAsync(report, reported[at], again ? null : known, stop)));
        }

        // They may lead to what stands further down. Those of guarded types one after another, for each may forbid the next.
        var guarded = new ConcurrentBag<int>();
        var related = Enumerable.Range(0, taken.Length).Where(at => taken[at].Awaits is not null);
        await foreach (var (few, known) in SlicesAsync(report, reported, related, ct))
        {
            await Parallel.ForEachAsync(few, some, async (at, stop) =>
            {
                if (await RelatedAsync(report, reported[at], known, taken[at], null, stop) is { } done)
                {
                    taken[at] = done;
                }
                else
                {
                    guarded.Add(at);
                }
            });
        }

        foreach (var few in guarded.Order().Chunk(AtOnceGuarded))
        {
            await GuardedAsync(report, reported, taken, few, ct);
        }

        return [.. taken.Select(one => one.Result)];
    }

    /// <summary>A few at a time, so that others get to make theirs in between.</summary>
    private async Task GuardedAsync(
        Report report, IReadOnlyList<ReportedItem> reported, Taken[] taken, IReadOnlyList<int> some, CancellationToken ct)
    {
        try
        {
            await using var hold = await guard.TakeAsync(ct);
            var known = await matching.KnownAsync(some.SelectMany(at => TargetsOf(report, reported[at])), ct);
            foreach (var at in some)
            {
                taken[at] = (await RelatedAsync(report, reported[at], known, taken[at], hold, ct))!;
            }
        }
        catch (ConcurrentChangeException e)
        {
            foreach (var at in some.Where(at => taken[at].Awaits is not null))
            {
                taken[at] = Incomplete(taken[at], Refused(reported[at], "conflict", e.Why, []));
            }
        }
    }

    private static async Task<Taken> StandingAloneAsync(ReportedItem item, Func<bool, Task<Taken>> take)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await take(attempt > 1);
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
        new(new(item.ExternalId, ReportOutcome.Refused, null, [], code, why, errors), Awaits: null);

    /// <param name="report">What its items share.</param>
    /// <param name="reported">The item.</param>
    /// <param name="found">What was found by its marks; null to look now, at what has that id, too.</param>
    /// <param name="ct">Ends it.</param>
    private async Task<Taken> TakeAsync(
        Report report, ReportedItem reported, ILookup<Guid, ConfigurationItem>? found, CancellationToken ct)
    {
        reported.Require();
        var of = await ClassAsync(report, reported.Class, ct);
        var fields = new ReportedFields
        {
            Name = reported.Name, Description = reported.Description,
            Owner = await people.RequirePersonIdAsync(reported.Owner, "/owner", ct),
            SupportGroup = await people.RequireGroupIdAsync(reported.SupportGroup, "/supportGroup", ct),
            Criticality = reported.Criticality, Site = await places.SiteAsync(reported.Site, "/site", ct),
        };
        var marks = ItemMatching.MarksOf(report.Source, reported, of);
        var known = found ?? await matching.KnownAsync(marks.Concat(TargetsOf(report, reported)), ct);
        if (await matching.FindAsync(reported, of, marks, known, report.Caller, ct) is { } one)
        {
            return await ChangeAsync(report, reported, fields, of, one, ct);
        }

        if (fields.Name is not { } name)
        {
            throw new InvalidValueException("/name", FieldCode.Required, $"name is required of an item that is not known yet.");
        }

        if (marks.Count == 0 && reported.Key is null)
        {
            throw new InvalidValueException("/externalId", FieldCode.Required,
                $"Nothing tells it from others: it needs externalId, key, or that by which its class is recognised.");
        }

        // Two reports of one thing at once give it the same id; where something else has that, because it was called so before, another.
        var twin = found is null && marks.Count > 0 ? await items.FindAsync(marks[^1], ct) : null;
        if (twin?.Identities.Intersect(marks).Any() == true && twin.State != ConfigurationState.Retired)
        {
            return await ChangeAsync(report, reported, fields, of, twin, ct);
        }

        var id = marks.Count == 0 || twin is not null ? Guid.CreateVersion7(report.Audit.At) : marks[^1];
        var item = ConfigurationItem.Create(id, report.Preview ? "" : await numbers.NextAsync(ct), reported.Key, of,
            new ItemDescription { Name = name, Visibility = of.Visibility }, report.Audit);
        Fill(item, report, reported, fields, of);
        var related = await relations.TryRelateNewAsync(item, report, reported, known, ct);
        if (report.Preview)
        {
            return new(new(reported.ExternalId, ReportOutcome.Created, null, [], null, null, []), Awaits: null);
        }

        await items.TrySaveAsync(item, report.Audit, ct);
        return new(new(reported.ExternalId, ReportOutcome.Created, new(item.Id, item.Number, item.Name), [], null, null, []),
            related ? null : item.Id);
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
            Change(await items.FindAsync(known.Id, ct) ?? known);
        }
        else
        {
            await items.UpdateAsync(known.Id, report.Audit, Change, ct);
        }

        return new(new(reported.ExternalId, changes.Count > 0 ? ReportOutcome.Updated : ReportOutcome.Unchanged,
            new(known.Id, known.Number, known.Name), changes, null, null, []), reported.Relations is null ? null : known.Id);
    }

    private static void Fill(
        ConfigurationItem item, Report report, ReportedItem reported, ReportedFields fields, ConfigurationClass of)
    {
        item.Hear(report.By(reported), fields, report.Audit);
        if (item.Hear(report.By(reported), reported.Attributes ?? new Dictionary<string, JsonElement>(), of, report.Audit, whole: false)
            is { Count: > 0 } wrong)
        {
            throw HttpProblemException.Invalid(wrong);
        }
    }

    /// <returns>Null where it needs to be guarded, and is not.</returns>
    private async Task<Taken?> RelatedAsync(Report report, ReportedItem reported, ILookup<Guid, ConfigurationItem> known, Taken taken,
        RelationGuard.Hold? hold, CancellationToken ct)
    {
        bool? changed = false;
        var related = await StandingAloneAsync(reported, async _ =>
        {
            changed = await relations.RelateAsync(report, reported, known, taken.Awaits!.Value, hold, ct);
            return new(changed == true && taken.Result.Outcome == ReportOutcome.Unchanged
                ? taken.Result with { Outcome = ReportOutcome.Updated }
                : taken.Result, null);
        });
        return changed is null ? null : related.Result.Outcome == ReportOutcome.Refused ? Incomplete(taken, related) : related;
    }

    private static Taken Incomplete(Taken taken, Taken related) => new(
        related.Result with { Outcome = ReportOutcome.Incomplete, Item = taken.Result.Item, Changes = taken.Result.Changes }, null);

    /// <summary>An item of the report, as far as it was taken in.</summary>
    /// <param name="Result">What came of it.</param>
    /// <param name="Awaits">The item whose relations are not looked at yet; null where they are.</param>
    private sealed record Taken(ReportedResult Result, Guid? Awaits);
}
