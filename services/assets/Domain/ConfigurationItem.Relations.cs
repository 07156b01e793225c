using Itsm.Contracts;
using Itsm.Contracts.Assets;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Assets.Domain;

public sealed partial class ConfigurationItem
{
    private const int MostRelations = 1_000;
    private const int MostFormer = 2_000;

    /// <summary>Its own relations, oldest first. They name items that not all may see who may see this one: callers get them from the graph,
    /// which knows who made them, and a history tells by <see cref="RelatedAt"/> that there was a change.</summary>
    [Hidden, Unaudited]
    [AtMost(MostRelations), UnusedByActions]
    public IReadOnlyList<Relation> Relations { get; private set; } = [];

    /// <summary>Its own relations that have ended, oldest first; of more than 2,000 the oldest are forgotten.</summary>
    [Hidden, Unaudited]
    [AtMost(MostFormer), UnusedByActions]
    public IReadOnlyList<ItemRelation> FormerRelations { get; private set; } = [];

    /// <summary>When its own relations changed last; null where it never had any.</summary>
    public DateTimeOffset? RelatedAt { get; private set; }

    /// <summary>Makes its relations these; those that stay as they are keep their beginning.</summary>
    /// <exception cref="RuleViolationException">It is retired.</exception>
    /// <exception cref="InvalidValueException">Some don't go together.</exception>
    public void Relate(IReadOnlyList<Relation> relations, AuditContext audit)
    {
        if (WhyNotRelate is { } why)
        {
            throw new RuleViolationException("configuration-item.retired", why);
        }

        Become(relations, audit);
    }

    private void Become(IReadOnlyList<Relation> relations, AuditContext audit)
    {
        RequireFit(relations);
        var kept = Relations.Where(relation => relations.Any(relation.IsAs)).ToList();
        FormerRelations =
        [
            .. FormerRelations.Concat(Relations.Except(kept).Where(ended => ended.Since < audit.At)
                .Select(ended => ended.ToMessage() with { To = audit.At })).TakeLast(MostFormer),
        ];
        List<Relation> added = [.. relations.Where(one => !kept.Exists(one.IsAs)).Select(one => one with { Since = audit.At })];
        RelatedAt = added.Count > 0 || kept.Count < Relations.Count ? audit.At : RelatedAt;
        Relations = [.. kept, .. added];
    }

    /// <summary>Makes those of its relations that a source reports these; what others said stays, and is not said twice.</summary>
    /// <returns>False, and nothing is changed, where it has them so already.</returns>
    /// <exception cref="RuleViolationException">It is retired.</exception>
    /// <exception cref="InvalidValueException">Some don't go together.</exception>
    public bool Hear(Reporter by, IReadOnlyList<Relation> said, AuditContext audit)
    {
        if (Has(by, said))
        {
            return false;
        }

        Relate(WithReported(by, said), audit);
        return true;
    }

    /// <summary>True where its relations are as a source says.</summary>
    internal bool Has(Reporter by, IReadOnlyList<Relation> said) =>
        WithReported(by, said) is var next && next.Count == Relations.Count && next.All(one => Relations.Any(one.IsAs));

    /// <summary>All of its relations once a source says these.</summary>
    internal IReadOnlyList<Relation> WithReported(Reporter by, IReadOnlyList<Relation> said)
    {
        var others = Relations.Where(one => !by.Said(one)).ToList();
        return [.. others, .. said.Where(one => !others.Exists(other => other.Type == one.Type && other.Target == one.Target))
            .Select(one => one with { Source = by.Source, ExternalId = by.ExternalId })];
    }

    private Sentence? WhyNotRelate => State == ConfigurationState.Retired ? (Sentence)$"{Number} is retired." : null;

    private static void RequireFit(IReadOnlyList<Relation> relations)
    {
        if (relations.Count > MostRelations)
        {
            throw new InvalidValueException("/relations", FieldCode.TooMany,
                $"An item has at most {MostRelations} relations of its own, not {relations.Count}.");
        }

        var known = new HashSet<(string, Guid)>();
        foreach (var (index, relation) in relations.Index())
        {
            if (!known.Add((relation.Type, relation.Target)))
            {
                throw new InvalidValueException($"/relations/{index}", FieldCode.Repeated,
                    $"There are two relations of type {relation.Type.Quoted} to the same item.");
            }

            if ((relation.Alternatives is null) != (relation.Needs is null))
            {
                throw new InvalidValueException($"/relations/{index}", FieldCode.Conflicting,
                    $"Relations that stand in for each other have both: alternatives, their name, and needs, how many must work.");
            }

            if (relation.Alternatives is not null && relation.Impact != RelationImpact.OnSource)
            {
                throw new InvalidValueException($"/relations/{index}/alternatives", FieldCode.Conflicting,
                    $"By a relation of type {relation.Type.Quoted} the item does not need the other: there is nothing to stand in for.");
            }
        }

        foreach (var alternatives in relations.Index().Where(one => one.Item.Alternatives is not null)
            .GroupBy(one => one.Item.Alternatives!))
        {
            var (at, members) = ($"/relations/{alternatives.First().Index}/needs",
                alternatives.Select(one => one.Item.Target).Distinct().Count());
            if (alternatives.Select(one => one.Item.Needs).Distinct().Count() > 1)
            {
                throw new InvalidValueException(at, FieldCode.Conflicting,
                    $"All relations of {alternatives.Key.Quoted} say the same of how many are needed.");
            }

            if (alternatives.First().Item.Needs is var needs && (needs < 1 || needs > members))
            {
                throw new InvalidValueException(at, FieldCode.OutOfRange,
                    $"Of {alternatives.Key.Quoted} 1 to {members} can be needed, not {needs}.");
            }
        }
    }
}

/// <summary>A relation of an item to another.</summary>
/// <param name="Type">Key of its type.</param>
/// <param name="Impact">Which end suffers when the other fails, as its type says.</param>
/// <param name="Target">The other item.</param>
/// <param name="Alternatives">Name of those of the item's relations that stand in for each other; null where it stands alone.</param>
/// <param name="Needs">How many of these must work.</param>
/// <param name="By">Who made it.</param>
/// <param name="Since">When it was made.</param>
public sealed record Relation(
    string Type, RelationImpact Impact, Guid Target, string? Alternatives, int? Needs, Actor By, DateTimeOffset Since)
{
    /// <summary>The source that reported it; null where somebody made it by hand.</summary>
    public string? Source { get; init; }

    /// <summary>What that source calls the item whose relation it is; null where it knows it by its attributes alone.</summary>
    public string? ExternalId { get; init; }

    /// <summary>True where the other says the same, whoever made it.</summary>
    internal bool IsAs(Relation other) =>
        this with { By = other.By, Since = other.Since, Source = other.Source, ExternalId = other.ExternalId } == other;

    internal ItemRelation ToMessage() => new(Type, Impact, Target, Alternatives, Needs, Since, null);
}
