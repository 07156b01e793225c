using System.Security.Cryptography;
using System.Text;
using Itsm.Contracts;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;

namespace Itsm.Ticketing.Approvals;

/// <summary>A ticket that goes on only when those have approved whom a policy names.</summary>
public abstract class ApprovableTicket : Ticket
{
    /// <summary>Reminds, escalates and lets expire.</summary>
    public const string ApprovalTimer = "approvals";

    /// <summary>Who must approve it, and what they said; null before it was submitted.</summary>
    public ApprovalProcess? Approval { get; private set; }

    /// <summary>The stage that has asked nobody yet: its approvers must be looked up before the ticket is saved.</summary>
    internal ApprovalStage? Unasked => Approval?.Unasked;

    /// <summary>For whom people may not decide: their own request is nobody's to approve.</summary>
    [Hidden]
    public virtual IReadOnlyList<Guid> Barred => [Requester, OpenedBy];

    /// <summary>Exactly what is approved, as text: an equal subject gives an equal text.</summary>
    protected abstract string ApprovalSubject();

    /// <summary>All stages are passed.</summary>
    protected abstract void OnApproved(Act act);

    /// <summary>It was refused, by people, by a rule, or because nobody answered.</summary>
    protected abstract void OnRejected(string reason, Act act);

    /// <summary>Begins a round for the subject as it is now; earlier decisions are void.</summary>
    public void SubmitForApproval(ApprovalPolicy policy, FieldValues fields, Act act) =>
        Advance(ApprovalProcess.Begin(Approval, policy, policy.RuleFor(fields), Digest(), act.At), act);

    /// <summary>Asks the approvers of the stage that has asked nobody yet.</summary>
    public void Ask(IReadOnlyList<Approver> approvers, Act act) => Advance(Approval!.Ask(Id, approvers, act.At), act);

    /// <summary>Takes down a decision; it is final, and bound to the digest.</summary>
    /// <exception cref="RuleViolationException"><c>approval.own-request</c>, <c>approval.ended</c>, <c>approval.decided</c>, <c>approval.stale</c>, <c>approval.voted</c>, <c>approval.own-first</c>.</exception>
    public void Decide(Guid approval, bool approve, string digest, string? comment, Act act)
    {
        if (Barred.Contains(act.By.Person!.Value))
        {
            throw new RuleViolationException("approval.own-request", "Nobody approves their own request.");
        }

        if (StateCategory == StateCategory.Closed)
        {
            throw new RuleViolationException("approval.ended", $"{Number} is {StateName}: there is nothing to approve any more.");
        }

        Advance(Approval!.Decide(approval, approve, act.By, digest, comment, act.At), act);
        act.OnBehalfOf = Approval!.Approvals.First(one => one.ApprovalId == approval).OnBehalfOf;
    }

    /// <summary>Does what has come due for approvals that wait.</summary>
    public void RunApprovals(Act act)
    {
        if (Approval is { Result: ApprovalResult.Pending } pending && StateCategory != StateCategory.Closed && pending.Run(Id, act.At) is var next && !ReferenceEquals(next, pending))
        {
            Advance(next, act);
        }
    }

    /// <summary>Somebody who is asked can't decide any more: another decides in their place. Nothing happens where they are not asked.</summary>
    /// <param name="approver">Who can't.</param>
    /// <param name="instead">Whoever is above them and may; null for nobody.</param>
    /// <param name="act">Who says so, and when.</param>
    public void ReplaceApprover(Guid approver, Approver? instead, Act act)
    {
        if (Approval is { Result: ApprovalResult.Pending } pending && pending.Waiting.FirstOrDefault(one => one.Approver == approver) is { } asked && StateCategory != StateCategory.Closed)
        {
            Advance(pending.Replace(Id, asked, instead, act.At), act);
        }
    }

    /// <summary>Why this caller can't decide on what waits; null where they can.</summary>
    protected string? WhyNotDecide(Caller caller) =>
        Approval is not { Result: ApprovalResult.Pending } pending || !pending.Waiting.Any() ? "Nothing waits for approval."
        : !pending.Waiting.Any(one => caller.ApprovesFor.Contains(one.Approver) && (one.MemberOf is not { } token || one.Approver != caller.Person || caller.Tokens.Contains(token))) ? "You are not asked."
        : Barred.Contains(caller.Person) ? "Nobody approves their own request."
        : pending.OfStage().Any(one => one.By?.Person == caller.Person) ? "You have decided in this stage already." : null;

    /// <summary>Ends the approvals that wait: it is not wanted any more.</summary>
    protected void AnnulApprovals(Act act)
    {
        if (Approval is { Result: ApprovalResult.Pending } pending)
        {
            Approval = pending.Annul(act.At);
            CancelTimer(ApprovalTimer);
        }
    }

    /// <summary>True where every stage is passed for exactly what the ticket is now.</summary>
    protected bool IsApproved => Approval?.IsApproved(Digest()) == true;

    /// <summary>Reader tokens of those who are asked, and of those who were.</summary>
    protected IEnumerable<string> ApproverTokens => (Approval?.Approvals ?? []).SelectMany(TokensOf);

    /// <summary>Reader tokens of whom an approval concerns: while it waits also the approver's substitutes, afterwards who decided.</summary>
    public static IEnumerable<string> TokensOf(TicketApproval approval) => approval.State == ApprovalState.Requested
        ? [ReaderToken.Approver(approval.Approver)]
        : approval.State == ApprovalState.Absent ? []
        : [ReaderToken.Person(approval.Approver), .. approval.By?.Person is { } by ? new[] { ReaderToken.Person(by) } : []];

    /// <inheritdoc/>
    protected override TicketChanged Snapshot(Act act, IReadOnlyList<string> changed) => base.Snapshot(act, changed) with { Approvals = Approval?.Approvals };

    private string Digest() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ApprovalSubject())));

    private void Advance(ApprovalProcess next, Act act)
    {
        Approval = next;
        if (next is { Result: ApprovalResult.Pending, NextDue: { } due })
        {
            SetTimer(ApprovalTimer, due);
        }
        else
        {
            CancelTimer(ApprovalTimer);
        }

        switch (next.Result)
        {
            case ApprovalResult.Approved:
                OnApproved(act);
                break;
            case ApprovalResult.Rejected:
                OnRejected(next.Reason ?? next.Approvals.LastOrDefault(one => one.Round == next.Round && one.State == ApprovalState.Rejected) switch
                {
                    { Comment: var comment, By: { } by } => $"{by.Name}: {comment}",
                    _ => "Nobody approved it in time.",
                }, act);
                break;
        }
    }
}
