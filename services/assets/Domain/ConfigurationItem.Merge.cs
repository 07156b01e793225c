using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Assets.Domain;

public sealed partial class ConfigurationItem
{
    /// <summary>Has the other one take over what this one has.</summary>
    internal const string MergeTimer = "merge";

    /// <summary>The item that it is the same thing as, and that has all that it had; null where it was not merged.</summary>
    public Guid? MergedInto { get; private set; }

    /// <summary>Items that turned out to be the same thing, oldest first.</summary>
    [AtMost(100)]
    public IReadOnlyList<MergedItem> MergedFrom { get; private set; } = [];

    private Sentence? WhyNotMove => MergedInto is null ? null : (Sentence)$"{Number} was merged into another item.";

    /// <summary>It is the same thing as another: it is retired, and the other takes over what it has.</summary>
    /// <exception cref="RuleViolationException">One of the two is retired.</exception>
    /// <exception cref="InvalidValueException">They can't be the same thing.</exception>
    public void MergeInto(ConfigurationItem survivor, AuditContext audit)
    {
        if ((WhyNotRelate ?? survivor.WhyNotRelate) is { } why)
        {
            throw new RuleViolationException("configuration-item.retired", why);
        }

        if (survivor.Id == Id || survivor.Class != Class)
        {
            throw new InvalidValueException("/into", FieldCode.Conflicting, survivor.Id == Id ? $"{Number} can't be merged into itself."
                : (Sentence)$"{survivor.Number} is of the class {survivor.Class}, and {Number} of the class {Class}.");
        }

        // Who sees the other would get to see what this one has.
        if (survivor.Visibility != Visibility ? Visibility == ItemVisibility.Restricted || survivor.Visibility == ItemVisibility.Everyone
            : survivor.VisibleTo.Except(VisibleTo).Any())
        {
            throw new RuleViolationException("configuration-item.wider-visibility",
                $"{survivor.Number} is visible to people who may not see {Number}; merge the other way, or change who may see them.");
        }

        Move("retire", audit);
        (MergedInto, Identities) = (survivor.Id, []);
        SetTimer(MergeTimer, audit.At);
    }

    /// <summary>Takes over what another has that was merged into this one: what sources call it, what they said where this one has nothing
    /// of the same source, its names. Its relations come by <see cref="Relate"/>. Once, however often it is called.</summary>
    internal void Absorb(ConfigurationItem merged, ConfigurationClass of, AuditContext audit)
    {
        if (MergedFrom.Any(one => one.Id == merged.Id))
        {
            return;
        }

        MergedFrom = [.. MergedFrom, .. merged.MergedFrom, new(merged.Id, merged.Number, merged.Key, merged.Name, audit.At)];
        SeenBy = [.. SeenBy, .. merged.SeenBy.Where(one => !SeenBy.Contains(one))];
        SeenAt = SeenAt > merged.SeenAt || merged.SeenAt is null ? SeenAt : merged.SeenAt;
        Sources = [.. Sources, .. merged.Sources
            .Where(one => !Sources.Any(own => own.Source == one.Source && own.Attribute == one.Attribute))];
        var (now, then) = (Content, merged.Content);
        Describe(now with
        {
            Description = now.Description ?? then.Description, Owner = now.Owner ?? then.Owner,
            SupportGroup = now.SupportGroup ?? then.SupportGroup, Criticality = now.Criticality ?? then.Criticality,
            Site = now.Site ?? then.Site,
        });
        Choose(of);
        if (State != ConfigurationState.Retired)
        {
            Become(Fitting([.. Relations, .. merged.Relations.Select(one =>
                one with { Alternatives = one.Alternatives is { } name ? $"{name} ({merged.Number})" : null })]), audit);
        }
    }

    /// <summary>Its relations to an item that was merged lead to the other from now on.</summary>
    internal void Follow(ConfigurationItem merged, AuditContext audit) => Become(
        Fitting(Relations.Select(one => one.Target == merged.Id ? one with { Target = merged.MergedInto!.Value } : one)), audit);

    /// <summary>What it had the other has now.</summary>
    internal void EndMerge(AuditContext audit) => Become([], audit);

    /// <summary>Without those to itself and those that are there twice; of alternatives that became fewer no more are needed.</summary>
    private List<Relation> Fitting(IEnumerable<Relation> relations)
    {
        var left = relations.Where(one => one.Target != Id).DistinctBy(one => (one.Type, one.Target)).ToList();
        return [.. left.Select(one => one.Alternatives is not { } name ? one : one with
        {
            Needs = Math.Min(one.Needs!.Value, left.Where(other => other.Alternatives == name).DistinctBy(other => other.Target).Count()),
        })];
    }
}

/// <summary>An item that was merged into another.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Number">Its number.</param>
/// <param name="Key">Its key, if it had one.</param>
/// <param name="Name">Its name.</param>
/// <param name="At">When.</param>
public sealed record MergedItem(Guid Id, string Number, string? Key, string Name, DateTimeOffset At);
