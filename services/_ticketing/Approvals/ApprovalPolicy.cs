using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Ticketing.Approvals;

/// <summary>Who must approve what: a decision table over the fields of a record, and the stages that its rules name.</summary>
public sealed record ApprovalPolicy
{
    /// <summary>The first rule whose conditions all hold decides. The last one has no conditions, so that there is always one.</summary>
    [Length(1, 100)]
    public IReadOnlyList<ApprovalRule> Rules { get; init; } = [new ApprovalRule { Then = ApprovalOutcome.Approve }];

    /// <summary>The stages that rules name.</summary>
    [MaxLength(20)]
    public IReadOnlyList<ApprovalStage> Stages { get; init; } = [];

    /// <summary>The rule that decides for these fields.</summary>
    public ApprovalRule RuleFor(FieldValues fields) => Rules.First(rule => fields.Meet(rule.When));

    /// <summary>The stages that a rule asks for, in order.</summary>
    public IReadOnlyList<ApprovalStage> StagesOf(ApprovalRule rule) =>
        [.. rule.Stages.Select(key => Stages.First(stage => stage.Key == key))];

    /// <summary>Whether it makes sense.</summary>
    /// <param name="pointer">Where it stands.</param>
    /// <param name="known">The fields that conditions may look at.</param>
    /// <param name="people">Those of them that name a person.</param>
    /// <exception cref="InvalidValueException">It makes no sense; the pointer says where.</exception>
    public void Check(string pointer, IReadOnlySet<string> known, IReadOnlySet<string> people)
    {
        if (Rules.Count == 0 || Rules[^1].When.Count > 0)
        {
            throw new InvalidValueException($"{pointer}/rules", FieldCode.Conflicting,
                $"The last rule has no conditions: it decides where no other does.");
        }

        foreach (var (index, stage) in Stages.Index())
        {
            stage.Check($"{pointer}/stages/{index}", people);
            if (Stages.Take(index).Any(other => other.Key == stage.Key))
            {
                throw new InvalidValueException($"{pointer}/stages/{index}/key", FieldCode.Repeated,
                    $"There are two stages {stage.Key.Quoted}.");
            }
        }

        foreach (var (index, rule) in Rules.Index())
        {
            var at = $"{pointer}/rules/{index}";
            foreach (var (number, condition) in rule.When.Index())
            {
                condition.Check($"{at}/when/{number}", known);
            }

            if (rule.Then == ApprovalOutcome.Stages != (rule.Stages.Count > 0))
            {
                throw new InvalidValueException($"{at}/stages", FieldCode.Conflicting,
                    $"A rule names stages where, and only where, it says then: stages.");
            }

            if (rule.Stages.Distinct().Count() < rule.Stages.Count)
            {
                throw new InvalidValueException($"{at}/stages", FieldCode.Repeated, $"A rule names a stage once.");
            }

            if (rule.Stages.FirstOrDefault(key => Stages.All(stage => stage.Key != key)) is { } unknown)
            {
                throw new InvalidValueException($"{at}/stages", FieldCode.NotFound, $"There is no stage {unknown.Quoted}.");
            }
        }

        if (Stages.FirstOrDefault(stage => !Rules.Any(rule => rule.Stages.Contains(stage.Key))) is { } unused)
        {
            throw new InvalidValueException($"{pointer}/stages", FieldCode.Conflicting,
                $"No rule names the stage {unused.Key.Quoted}: nobody would ever be asked.");
        }
    }
}

/// <summary>A row of the decision table.</summary>
public sealed record ApprovalRule
{
    /// <summary>All must hold.</summary>
    [MaxLength(20)]
    public IReadOnlyList<FieldCondition> When { get; init; } = [];

    /// <summary>What follows.</summary>
    public required ApprovalOutcome Then { get; init; }

    /// <summary>Keys of the stages, in the order in which they are passed.</summary>
    public IReadOnlyList<string> Stages { get; init; } = [];

    /// <summary>Why, for those concerned.</summary>
    [StringLength(1000, MinimumLength = 1)]
    public string? Reason { get; init; }
}

/// <summary>What a rule leads to.</summary>
public enum ApprovalOutcome
{
    /// <summary>People decide, stage by stage.</summary>
    Stages,

    /// <summary>It is approved without anybody.</summary>
    Approve,

    /// <summary>It is rejected without anybody.</summary>
    Reject,
}

/// <summary>People who decide together, and how many of them it takes.</summary>
public sealed record ApprovalStage
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <summary>Tells the stages of a policy apart.</summary>
    [StringLength(60, MinimumLength = 1)]
    public required string Key { get; init; }

    /// <summary>Name shown to people.</summary>
    [StringLength(120, MinimumLength = 1)]
    public required string Name { get; init; }

    /// <summary>Who they are; together, each once.</summary>
    [Length(1, 50)]
    public required IReadOnlyList<ApproverRule> Approvers { get; init; }

    /// <summary>Who they are where the others are nobody: a person without a manager, an owner who left. Needed where no approver is a
    /// person, group or role.</summary>
    [MaxLength(10)]
    public IReadOnlyList<ApproverRule> Fallback { get; init; } = [];

    /// <summary>How many of them must approve; any one where left out.</summary>
    public Quorum Quorum { get; init; } = new();

    /// <summary>Working time after which an approver is reminded; never where null.</summary>
    public TimeSpan? RemindAfter { get; init; }

    /// <summary>Working time after which the approver's manager decides in their place; never where null.</summary>
    public TimeSpan? EscalateAfter { get; init; }

    /// <summary>Working time after which an approval that nobody gave counts as refused; never where null.</summary>
    public TimeSpan? ExpireAfter { get; init; }

    /// <summary>With fewer approvers than this nobody is asked: the stage can't be passed.</summary>
    internal int LeastApprovers => Quorum.Kind == QuorumKind.Count ? Quorum.Number!.Value : 1;

    internal void Check(string pointer, IReadOnlySet<string> people)
    {
        Check($"{pointer}/approvers", Approvers, people);
        Check($"{pointer}/fallback", Fallback, people);
        if (Fallback.Index().FirstOrDefault(rule =>
            !rule.Item.IsNamed && rule.Item.Kind is not (ApproverKind.Owner or ApproverKind.DataOwner)) is { Item: not null } loose)
        {
            throw new InvalidValueException($"{pointer}/fallback/{loose.Index}/kind", FieldCode.NotOneOf,
                $"A fallback is a person, a group, a role, or the owner.");
        }

        if (Fallback.Count == 0 && !Approvers.Any(approver => approver.IsNamed))
        {
            throw new InvalidValueException($"{pointer}/fallback", FieldCode.Required,
                $"fallback is required: managers, owners and people named in fields may be nobody, and then the stage would be passed by "
                + $"nobody.");
        }

        if (Quorum.Kind is QuorumKind.Count or QuorumKind.Percent
            ? Quorum.Number is not > 0 || (Quorum is { Kind: QuorumKind.Percent, Number: > 100 })
            : Quorum.Number is not null)
        {
            throw new InvalidValueException($"{pointer}/quorum/number", FieldCode.OutOfRange,
                $"number is at least 1 for count, 1 to 100 for percent, and absent for any and all; not so for "
                + $"{Quorum.Kind}.");
        }

        if (RemindAfter >= EscalateAfter || RemindAfter >= ExpireAfter || EscalateAfter >= ExpireAfter)
        {
            throw new InvalidValueException(pointer, FieldCode.Conflicting,
                $"An approver is reminded before it is escalated, and both come before it expires.");
        }

        if (new[] { RemindAfter, EscalateAfter, ExpireAfter }.Any(after => after <= TimeSpan.Zero || after > Longest))
        {
            throw new InvalidValueException(pointer, FieldCode.OutOfRange,
                $"remindAfter, escalateAfter and expireAfter are longer than nothing and at most a year.");
        }
    }

    private static void Check(string pointer, IReadOnlyList<ApproverRule> rules, IReadOnlySet<string> people)
    {
        foreach (var (index, rule) in rules.Index())
        {
            var needsName = rule.IsNamed || rule.Kind == ApproverKind.Field;
            if (needsName == string.IsNullOrEmpty(rule.Of))
            {
                throw new InvalidValueException($"{pointer}/{index}/of", needsName ? FieldCode.Required : FieldCode.Conflicting,
                    needsName ? (Sentence)$"of is required: who, or which field names them." : $"of has no meaning here.");
            }

            if (rule.Kind == ApproverKind.Field && !people.Contains(rule.Of!))
            {
                throw new InvalidValueException($"{pointer}/{index}/of", FieldCode.NotFound,
                    $"There is no field {rule.Of.Quoted} here that names a person.");
            }
        }
    }
}

/// <summary>Names approvers.</summary>
public sealed record ApproverRule
{
    /// <summary>True where the rule itself says who.</summary>
    internal bool IsNamed => Kind is ApproverKind.Person or ApproverKind.Group or ApproverKind.Role;

    /// <summary>How they are found.</summary>
    public required ApproverKind Kind { get; init; }

    /// <summary>A person's id or user name, a group's id or key, a role's key, or the field that names a person.</summary>
    [StringLength(120, MinimumLength = 1)]
    public string? Of { get; init; }
}

/// <summary>How approvers are found.</summary>
public enum ApproverKind
{
    /// <summary>A named person.</summary>
    Person,

    /// <summary>All members of a group.</summary>
    Group,

    /// <summary>All who hold a role.</summary>
    Role,

    /// <summary>The manager of the person for whom, or about whom, it is; where that one may not decide, the next one above.</summary>
    Manager,

    /// <summary>The owner of the service; where that one may not decide, the nearest above them.</summary>
    Owner,

    /// <summary>The owner of the data; where that one may not decide, the nearest above them.</summary>
    DataOwner,

    /// <summary>The person whom a field names; where that one may not decide, the nearest above them.</summary>
    Field,
}

/// <summary>How many approvers of a stage must approve.</summary>
public sealed record Quorum
{
    /// <summary>How it is counted.</summary>
    public QuorumKind Kind { get; init; }

    /// <summary>How many, or what share in percent.</summary>
    public int? Number { get; init; }

    /// <summary>How many approvals it takes of so many approvers: at least one, and never more than there are.</summary>
    public int Of(int approvers) => Math.Clamp(
        Kind switch
        {
            QuorumKind.All => approvers,
            QuorumKind.Count => Number!.Value,
            QuorumKind.Percent => (int)Math.Ceiling(approvers * Number!.Value / 100m),
            _ => 1,
        }, 1, Math.Max(1, approvers));
}

/// <summary>How a quorum is counted.</summary>
public enum QuorumKind
{
    /// <summary>One is enough.</summary>
    Any,

    /// <summary>Everybody.</summary>
    All,

    /// <summary>So many.</summary>
    Count,

    /// <summary>Such a share, rounded up.</summary>
    Percent,
}
