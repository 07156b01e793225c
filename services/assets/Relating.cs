using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Values;

namespace Itsm.Assets;

/// <summary>A relation as a request names it.</summary>
/// <param name="Pointer">Where it stands in the request.</param>
/// <param name="Type">Id or key of its type.</param>
/// <param name="Target">Id or number of the other item.</param>
/// <param name="Alternatives">Name of those that stand in for each other.</param>
/// <param name="Needs">How many of these must work.</param>
internal sealed record NamedRelation(string Pointer, string Type, string Target, string? Alternatives, int? Needs)
{
    /// <summary>Its type, where it was looked up already.</summary>
    public RelationType? Known { get; init; }

    /// <summary>The other item, where it was looked up already.</summary>
    public ConfigurationItem? Item { get; init; }
}

/// <summary>Relates configuration items. A caller changes the relations to items that they may see; the others stay, unmentioned.</summary>
internal sealed class Relating(AggregateStore<ConfigurationItem> items, RelationGuard guard, ItemLookup lookup)
{
    private const int MostWalked = 10_000;

    /// <summary>Changes the relations of an item.</summary>
    /// <param name="write">The request.</param>
    /// <param name="id">Of the item.</param>
    /// <param name="named">The relations that it names.</param>
    /// <param name="change">Those that the caller may see as they will be, of those that they may see and those that are named.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<IResult> RelateAsync(
        Write write, string id, IReadOnlyList<NamedRelation> named,
        Func<ConfigurationItem, IReadOnlyList<Relation>, IReadOnlyList<Relation>, IReadOnlyList<Relation>> change, CancellationToken ct)
    {
        RelationGuard.Hold? hold = null;
        try
        {
            return await write.ChangeAsync(items, id, "relate", null, async (item, audit) =>
            {
                var asked = await FindAsync(named, write.Caller, ct);
                var visible = await VisibleAsync(item, write.Caller, ct);
                var next = change(item, visible, [.. asked.Select(one => one.Relation)]);
                var hidden = item.Relations.Except(visible).ToList();
                await RequireAllowedAsync(item, asked, [.. next, .. hidden], hold, ct);
                item.Relate(WithHidden(next, hidden), audit);
            }, ct, prepare: async _ =>
            {
                if ((await FindAsync(named, write.Caller, ct)).Any(one => one.Type.IsGuarded))
                {
                    hold = await guard.TakeAsync(ct);
                }
            });
        }
        finally
        {
            if (hold is not null)
            {
                await hold.DisposeAsync();
            }
        }
    }

    /// <summary>The relations that a request names.</summary>
    /// <exception cref="InvalidValueException">A type or an item is unknown, or not visible.</exception>
    public async ValueTask<IReadOnlyList<Found>> FindAsync(IReadOnlyList<NamedRelation> named, Caller caller, CancellationToken ct)
    {
        var found = new List<Found>();
        foreach (var one in named)
        {
            var type = one.Known ?? await lookup.RequireTypeAsync(one.Type, $"{one.Pointer}/type", ct);
            var target = one.Item is { } item && caller.Sees(item.Readers)
                ? item
                : await lookup.RequireItemAsync(one.Target, caller, $"{one.Pointer}/target", ct);
            found.Add(new(type, target, new(type.Key, type.Impact, target.Id, one.Alternatives, one.Needs, caller.Actor, default),
                one.Pointer));
        }

        return found;
    }

    /// <summary>Looks whether an item may get these relations.</summary>
    /// <param name="item">The source.</param>
    /// <param name="asked">Those that are asked for; what it has already is not looked at.</param>
    /// <param name="next">All that it will have.</param>
    /// <param name="hold">Held where one of them is guarded and the item may have others that lead to it.</param>
    /// <param name="ct">Ends the look.</param>
    /// <exception cref="InvalidValueException">One joins what can't be joined.</exception>
    /// <exception cref="RuleViolationException">There would be too many, or a cycle.</exception>
    public async ValueTask RequireAllowedAsync(
        ConfigurationItem item, IReadOnlyList<Found> asked, IReadOnlyList<Relation> next, RelationGuard.Hold? hold, CancellationToken ct)
    {
        foreach (var (type, target, relation, pointer) in asked.Where(one => !item.Relations.Any(one.Relation.IsAs)))
        {
            await RequireAllowedAsync(item, type, target, next, pointer, ct);
        }

        if (hold is not null)
        {
            await hold.RenewAsync(ct);
        }
    }

    /// <summary>True where one of two items is related to the other by this type through others; relations between the two don't
    /// count.</summary>
    public async ValueTask<bool> JoinsThroughOthersAsync(ConfigurationItem one, ConfigurationItem other, string type, CancellationToken ct)
    {
        foreach (var (from, to) in new[] { (one, other), (other, one) })
        {
            foreach (var next in from.Relations.Where(next => next.Type == type && next.Target != to.Id))
            {
                if (await LeadsToAsync(next.Target, to.Id, type, ct))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>The items that have relations to this one, retired ones, too.</summary>
    public async ValueTask<IReadOnlyList<Guid>> SourcesAsync(Guid target, CancellationToken ct) =>
        [.. (await items.Documents.QueryAsync(new DocumentQuery([Condition.In("relations.target", BsonMapping.Value(target))], "number",
            false, null, MostWalked), ct)).Select(found => found.Id)];

    private async ValueTask<IReadOnlyList<Relation>> VisibleAsync(ConfigurationItem item, Caller caller, CancellationToken ct)
    {
        var visible = new List<Relation>();
        foreach (var relation in item.Relations)
        {
            if (await items.RecallAsync(relation.Target.ToString(), ct) is { } target && caller.Sees(target.Readers))
            {
                visible.Add(relation);
            }
        }

        return visible;
    }

    /// <summary>The relations with those that the caller does not see: of alternatives these follow what is said of the others, and are
    /// never fewer than must work.</summary>
    private static List<Relation> WithHidden(IReadOnlyList<Relation> visible, IReadOnlyList<Relation> hidden)
    {
        var partly = hidden.Where(one => one.Alternatives is not null).GroupBy(one => one.Alternatives!).ToDictionary(
            group => group.Key, group => Math.Min(
                visible.FirstOrDefault(one => one.Alternatives == group.Key)?.Needs ?? group.First().Needs!.Value,
                visible.Concat(hidden).Where(one => one.Alternatives == group.Key).Select(one => one.Target).Distinct().Count()));
        return [.. visible.Concat(hidden).Select(one =>
            one.Alternatives is { } name && partly.TryGetValue(name, out var needs) ? one with { Needs = needs } : one)];
    }

    private async ValueTask RequireAllowedAsync(
        ConfigurationItem item, RelationType type, ConfigurationItem target, IReadOnlyList<Relation> next, string pointer,
        CancellationToken ct)
    {
        var (sources, targets) = (string.Join(", ", type.SourceClasses), string.Join(", ", type.TargetClasses));
        RequireClass(item, type.SourceClasses, $"{pointer}/type",
            $"Relations of type {type.Key} lead from: {sources}; {item.Number} is of the class {item.Class}.");
        RequireClass(target, type.TargetClasses, $"{pointer}/target",
            $"Relations of type {type.Key} lead to: {targets}; {target.Number} is of the class {target.Class}.");
        if (target.Id == item.Id)
        {
            throw new InvalidValueException($"{pointer}/target", FieldCode.Conflicting, $"{item.Number} can't be related to itself.");
        }

        if (target.State == ConfigurationState.Retired)
        {
            throw new InvalidValueException($"{pointer}/target", FieldCode.Conflicting, $"{target.Number} is retired.");
        }

        if (next.Count(one => one.Type == type.Key) is var count && count > type.MostTargets)
        {
            throw new RuleViolationException("configuration-item.most-targets",
                $"{item.Number} would have {count} relations of type {type.Key}; at most {type.MostTargets} are allowed.");
        }

        if (type.MostSources is { } most && (await SourcesAsync(target.Id, type.Key, ct)).Count(source => source != item.Id) >= most)
        {
            throw new RuleViolationException("configuration-item.most-sources",
                $"{target.Number} is the target of as many relations of type {type.Key} as are allowed: {most}.");
        }

        // Nothing leads to a new one.
        if (type.Acyclic && item.Version > 0 && await LeadsToAsync(target.Id, item.Id, type.Key, ct))
        {
            throw new RuleViolationException("configuration-item.cycle",
                $"{target.Number} is related to {item.Number} by {type.Key} already, itself or through others: that would be a cycle.");
        }
    }

    private static void RequireClass(ConfigurationItem item, IReadOnlyList<string> classes, string pointer, Sentence otherwise)
    {
        if (classes.Count > 0 && !classes.Contains(item.Class))
        {
            throw new InvalidValueException(pointer, FieldCode.Conflicting, otherwise);
        }
    }

    private async ValueTask<IEnumerable<Guid>> SourcesAsync(Guid target, string type, CancellationToken ct) =>
        (await items.Documents.QueryAsync(new DocumentQuery([Condition.In("relations.target", BsonMapping.Value(target))], "number", false,
            null, MostWalked), ct))
        .Select(AggregateStore<ConfigurationItem>.Load)
        .Where(source => source.State != ConfigurationState.Retired
            && source.Relations.Any(one => one.Type == type && one.Target == target))
        .Select(source => source.Id);

    private async ValueTask<bool> LeadsToAsync(Guid from, Guid to, string type, CancellationToken ct)
    {
        var (seen, ahead) = (new HashSet<Guid> { from }, new Queue<Guid>([from]));
        while (ahead.TryDequeue(out var next))
        {
            foreach (var one in (await items.FindAsync(next, ct))?.Relations.Where(one => one.Type == type) ?? [])
            {
                if (one.Target == to || seen.Count == MostWalked)
                {
                    return true;
                }

                if (seen.Add(one.Target))
                {
                    ahead.Enqueue(one.Target);
                }
            }
        }

        return false;
    }

    /// <summary>A relation that a request names.</summary>
    /// <param name="Type">Its type.</param>
    /// <param name="Target">The other item.</param>
    /// <param name="Relation">As the item will have it.</param>
    /// <param name="Pointer">Where it stands in the request.</param>
    internal sealed record Found(RelationType Type, ConfigurationItem Target, Relation Relation, string Pointer);
}
