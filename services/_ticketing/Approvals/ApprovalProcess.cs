using Itsm.Contracts;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;

namespace Itsm.Ticketing.Approvals;

/// <summary>The approvals of one ticket: stage after stage, each bound to a digest of what is approved; never changed, every step gives
/// another one.</summary>
public sealed record ApprovalProcess
{
    /// <summary>1 for the first; an edit of the subject begins the next.</summary>
    public required int Round { get; init; }

    /// <summary>What came of this round so far.</summary>
    public required ApprovalResult Result { get; init; }

    /// <summary>Why, where no person decided.</summary>
    public string? Reason { get; init; }

    /// <summary>SHA-256 of what is to be approved, in hex.</summary>
    public required string Digest { get; init; }

    /// <summary>The stages of this round, in order, as the policy had them when it began.</summary>
    public required IReadOnlyList<ApprovalStage> Stages { get; init; }

    /// <summary>Which stage is under way, from 0; the number of stages once all are passed.</summary>
    public int Stage { get; init; }

    /// <summary>Who was asked, in all rounds, oldest first.</summary>
    public IReadOnlyList<TicketApproval> Approvals { get; init; } = [];

    /// <summary>The stage that is under way and has asked nobody yet; null where there is none.</summary>
    internal ApprovalStage? Unasked => Result == ApprovalResult.Pending && !OfStage().Any() ? Stages[Stage] : null;

    /// <summary>The approvals that wait for somebody.</summary>
    internal IEnumerable<TicketApproval> Waiting => Approvals.Where(approval => approval.State == ApprovalState.Requested);

    /// <summary>How many of those whom the stage under way waits for must still approve.</summary>
    public int Missing() => Stages[Stage].Quorum.Of(Voters.Count) - Voters.Count(approval => approval.State == ApprovalState.Approved);

    private List<TicketApproval> Voters =>
        [.. OfStage().Where(approval => approval.State is not (ApprovalState.Escalated or ApprovalState.Absent))];

    /// <summary>The next instant at which something happens by itself; null where nothing will.</summary>
    internal DateTimeOffset? NextDue =>
        Waiting.SelectMany(approval => new[] { approval.RemindAt, approval.EscalateAt, approval.ExpiresAt }).Min();

    /// <summary>A new round, decided by a rule of the policy.</summary>
    /// <param name="before">The rounds before; null for the first.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="rule">Its rule that decides.</param>
    /// <param name="digest">Of what is to be approved.</param>
    /// <param name="at">When.</param>
    public static ApprovalProcess Begin(
        ApprovalProcess? before, ApprovalPolicy policy, ApprovalRule rule, string digest, DateTimeOffset at) => new()
    {
        Round = (before?.Round ?? 0) + 1,
        Result = rule.Then switch
        {
            ApprovalOutcome.Approve => ApprovalResult.Approved,
            ApprovalOutcome.Reject => ApprovalResult.Rejected,
            _ => ApprovalResult.Pending,
        },
        Reason = rule.Then switch
        {
            ApprovalOutcome.Stages => null,
            ApprovalOutcome.Reject => rule.Reason ?? "A rule of the policy refuses it.",
            _ => rule.Reason,
        }, Digest = digest, Stages = policy.StagesOf(rule), Approvals = before?.Annul(at).Approvals ?? [],
    };

    /// <summary>Asks the approvers of the stage under way. Where there are too few the round ends rejected: what nobody may approve is not
    /// approved.</summary>
    public ApprovalProcess Ask(Guid ticket, IReadOnlyList<Approver> approvers, DateTimeOffset at) =>
        approvers.Count < Stages[Stage].LeastApprovers ? TooFew() : Add(ticket, approvers, at);

    /// <summary>Takes down a decision.</summary>
    /// <param name="id">Of the approval.</param>
    /// <param name="approve">Or refuse.</param>
    /// <param name="by">Who decides: the approver, or a substitute.</param>
    /// <param name="digest">Of what they saw.</param>
    /// <param name="comment">Why.</param>
    /// <param name="at">When.</param>
    /// <exception cref="RuleViolationException"><c>approval.decided</c>, <c>approval.stale</c>, <c>approval.voted</c>,
    /// <c>approval.own-first</c>.</exception>
    public ApprovalProcess Decide(Guid id, bool approve, Actor by, string digest, string? comment, DateTimeOffset at)
    {
        var approval = Approvals.First(one => one.ApprovalId == id);
        if (approval.State != ApprovalState.Requested || Result != ApprovalResult.Pending)
        {
            throw new RuleViolationException("approval.decided", approval.State == ApprovalState.Void
                ? $"{approval.StageName}, {approval.ApproverName}: this approval is void, what it was for has changed or is not wanted any "
                    + $"more."
                : (Sentence)($"{approval.StageName}, {approval.ApproverName}: this approval has ended, {approval.State}. A decision is "
                    + $"final."));
        }

        if (approval.ExpiresAt <= at)
        {
            throw new RuleViolationException("approval.decided", $"The time for this approval has run out.");
        }

        if (digest != approval.Digest || digest != Digest)
        {
            throw new RuleViolationException("approval.stale", $"What you looked at is not what is to be approved now: read it again.");
        }

        if (OfStage().Any(other => other.By?.Person == by.Person))
        {
            throw new RuleViolationException("approval.voted", $"{by.Name} has decided in this stage already: nobody has two votes.");
        }

        if (by.Person != approval.Approver && OfStage().Any(other => other.Approver == by.Person && other.State == ApprovalState.Requested))
        {
            throw new RuleViolationException("approval.own-first",
                $"{by.Name} is asked in this stage, too: decide for yourself, for nobody has two votes.");
        }

        return With(approval with
        {
            State = approve ? ApprovalState.Approved : ApprovalState.Rejected, By = by,
            OnBehalfOf = by.Person == approval.Approver ? null : new Actor(approval.Approver, approval.ApproverName), Comment = comment,
            EndedAt = at,
        }).Settle(at);
    }

    /// <summary>Reminds, escalates and lets expire what is due.</summary>
    public ApprovalProcess Run(Guid ticket, DateTimeOffset at)
    {
        if (Result != ApprovalResult.Pending)
        {
            return this;
        }

        var now = this;
        foreach (var approval in Waiting.ToList())
        {
            if (approval.ExpiresAt <= at)
            {
                now = now.With(approval with { State = ApprovalState.Expired, EndedAt = at });
            }
            else if (approval.EscalateAt <= at)
            {
                now = now.Escalate(ticket, approval, at);
            }
            else if (approval.RemindAt <= at)
            {
                now = now.With(approval with { RemindAt = null, RemindedAt = at });
            }
        }

        return now.Settle(at);
    }

    /// <summary>An approver is not there any more: whoever is above them, and not asked already, decides in their place. One of a group or
    /// role is one less; a place that nobody takes counts as refused.</summary>
    internal ApprovalProcess Replace(Guid ticket, TicketApproval approval, Approver? instead, DateTimeOffset at)
    {
        if (approval.AsMember)
        {
            return With(approval with { State = ApprovalState.Absent, EndedAt = at }).Settle(at);
        }

        if (instead is not null)
        {
            return StandIn(ticket, approval, instead, at).Settle(at);
        }

        var ended = With(approval with { State = ApprovalState.Expired, EndedAt = at }).Settle(at);
        return ended.Result == ApprovalResult.Rejected
            ? ended with { Reason = $"Nobody may decide in place of {approval.ApproverName}." }
            : ended;
    }

    /// <summary>Ends what waits: the subject changed, or is not wanted any more.</summary>
    public ApprovalProcess Annul(DateTimeOffset at) => this with
    {
        Approvals = [.. Approvals.Select(approval =>
            approval.Round == Round && approval.State is ApprovalState.Requested or ApprovalState.Approved
                ? approval with { State = ApprovalState.Void, EndedAt = at }
                : approval)],
    };

    /// <summary>True where every stage is passed for exactly this subject.</summary>
    public bool IsApproved(string digest) => Result == ApprovalResult.Approved && Digest == digest;

    private static string Words(ApprovalState state) =>
        System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString()).Replace('_', ' ');

    /// <summary>Those of the stage under way, in this round.</summary>
    internal IEnumerable<TicketApproval> OfStage() =>
        Approvals.Where(approval => approval.Round == Round && approval.Stage == Stages[Stage].Key);

    private Guid IdOf(Guid ticket, Guid approver) =>
        DerivedId.From("approval", ticket.ToString(), $"{Round}/{Stages[Stage].Key}", approver.ToString());

    private ApprovalProcess With(TicketApproval changed) =>
        this with { Approvals = [.. Approvals.Select(approval => approval.ApprovalId == changed.ApprovalId ? changed : approval)] };

    /// <summary>The manager decides in the approver's place, unless asked already.</summary>
    private ApprovalProcess Escalate(Guid ticket, TicketApproval approval, DateTimeOffset at) =>
        OfStage().Any(one => one.Approver == approval.EscalateTo)
        ? With(approval with { EscalateAt = null })
        : StandIn(ticket, approval,
            new Approver(approval.EscalateTo!.Value, approval.EscalateToName!, $"in place of {approval.ApproverName}")
            {
                RemindAt = approval.EscalatedRemindAt, ExpiresAt = approval.ExpiresAt,
            }, at);

    private ApprovalProcess StandIn(Guid ticket, TicketApproval approval, Approver instead, DateTimeOffset at) =>
        With(approval with { State = ApprovalState.Escalated, EndedAt = at }).Add(ticket, [instead], at);

    private ApprovalProcess TooFew() => this with
    {
        Result = ApprovalResult.Rejected, Reason = $"Too few people may approve the stage {Stages[Stage].Name}.",
    };

    private ApprovalProcess Add(Guid ticket, IReadOnlyList<Approver> approvers, DateTimeOffset at) => this with
    {
        Approvals =
        [
            .. Approvals, .. approvers.Select(approver => new TicketApproval
            {
                ApprovalId = IdOf(ticket, approver.Person), Round = Round, Stage = Stages[Stage].Key, StageName = Stages[Stage].Name,
                Approver = approver.Person, ApproverName = approver.Name, Because = approver.Because,
                AsMember = approver.MemberOf is not null, MemberOf = approver.MemberOf, State = ApprovalState.Requested, Digest = Digest,
                RequestedAt = at, RemindAt = approver.RemindAt, EscalateAt = approver.EscalateTo is null ? null : approver.EscalateAt,
                EscalateTo = approver.EscalateTo, EscalateToName = approver.EscalateToName, EscalatedRemindAt = approver.EscalatedRemindAt,
                ExpiresAt = approver.ExpiresAt,
            }),
        ],
    };

    /// <summary>Goes on to the next stage once enough have approved; ends rejected once enough can't.</summary>
    private ApprovalProcess Settle(DateTimeOffset at)
    {
        var voters = Voters;
        var tooFew = voters.Count < Stages[Stage].LeastApprovers;
        var needed = Stages[Stage].Quorum.Of(voters.Count);
        var approved = voters.Count(approval => approval.State == ApprovalState.Approved);
        if (!tooFew && approved < needed && approved + voters.Count(approval => approval.State == ApprovalState.Requested) >= needed)
        {
            return this;
        }

        var ended = this with
        {
            Approvals = [.. Approvals.Select(approval =>
                approval.Round == Round && approval.State == ApprovalState.Requested
                    ? approval with { State = ApprovalState.NotRequired, EndedAt = at }
                    : approval)],
        };
        return tooFew ? ended.TooFew()
            : approved < needed ? ended with { Result = ApprovalResult.Rejected }
            : ended with { Stage = Stage + 1, Result = Stage + 1 == Stages.Count ? ApprovalResult.Approved : ApprovalResult.Pending };
    }
}

/// <summary>What came of a round.</summary>
public enum ApprovalResult
{
    /// <summary>People decide.</summary>
    Pending,

    /// <summary>All stages are passed.</summary>
    Approved,

    /// <summary>A stage can't be passed any more.</summary>
    Rejected,
}

/// <summary>Somebody who is asked, with the instants at which something happens if they do not answer.</summary>
public sealed record Approver(Guid Person, string Name, string Because)
{
    /// <summary>When they are reminded; null for never.</summary>
    public DateTimeOffset? RemindAt { get; init; }

    /// <summary>Reader token of the group or role as one of which they are asked; null where they are asked for themselves.</summary>
    public string? MemberOf { get; init; }

    /// <summary>When their manager decides in their place; null for never.</summary>
    public DateTimeOffset? EscalateAt { get; init; }

    /// <summary>That manager; null where nobody may.</summary>
    public Guid? EscalateTo { get; init; }

    /// <summary>That manager's name.</summary>
    public string? EscalateToName { get; init; }

    /// <summary>When that manager is reminded then; null for never.</summary>
    public DateTimeOffset? EscalatedRemindAt { get; init; }

    /// <summary>When it counts as refused; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
