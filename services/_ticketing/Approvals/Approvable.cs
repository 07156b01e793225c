using System.Security.Cryptography;
using System.Text;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Ticketing.Approvals;

/// <summary>Something that goes on only when those have approved whom a policy names: a ticket, an article, an asset.</summary>
public interface IApprovable
{
    /// <summary>Identity.</summary>
    Guid Id { get; }

    /// <summary>Its human name, for sentences.</summary>
    string Number { get; }

    /// <summary>Who must approve it, and what they said; null before it was submitted.</summary>
    ApprovalProcess? Approval { get; }

    /// <summary>For whom people may not decide: their own request is nobody's to approve.</summary>
    IReadOnlyList<Guid> Barred { get; }

    /// <summary>Why there is nothing to approve any more; null while there may be.</summary>
    Sentence? WhyNothingToApprove { get; }

    /// <summary>Exactly what is approved, as text: an equal subject gives an equal text.</summary>
    string ApprovalSubject();

    /// <summary>Takes over where the approvals stand.</summary>
    /// <param name="next">Where they stand.</param>
    /// <param name="due">When its timer <see cref="Approvable.Timer"/> is due; null for none.</param>
    void Keep(ApprovalProcess next, DateTimeOffset? due);

    /// <summary>All stages are passed.</summary>
    void OnApproved(AuditContext audit);

    /// <summary>It was refused, by people, by a rule, or because nobody answered.</summary>
    void OnRejected(string reason, AuditContext audit);
}

/// <summary>What is done with anything that needs approval.</summary>
public static class Approvable
{
    /// <summary>Reminds, escalates and lets expire.</summary>
    public const string Timer = "approvals";

    /// <summary>Marks what waits for one of a group or role; nobody has this token.</summary>
    /// <param name="token">Reader token of the group or role.</param>
    internal static string AskedAs(string token) => "asked:" + token;

    /// <summary>Reader tokens of whom an approval concerns: while it waits also the approver's substitutes, afterwards who
    /// decided.</summary>
    public static IEnumerable<string> TokensOf(TicketApproval approval) => approval.State == ApprovalState.Requested
        ? [ReaderToken.Approver(approval.Approver), .. approval.MemberOf is { } token ? new[] { AskedAs(token) } : []]
        : approval.State == ApprovalState.Absent ? []
        : [ReaderToken.Person(approval.Approver), .. approval.By?.Person is { } by ? new[] { ReaderToken.Person(by) } : []];

    extension(IApprovable thing)
    {
        /// <summary>The stage that has asked nobody yet: its approvers must be looked up before the thing is saved.</summary>
        internal ApprovalStage? Unasked => thing.Approval?.Unasked;

        /// <summary>True where every stage is passed for exactly what the thing is now.</summary>
        public bool IsApproved => thing.Approval?.IsApproved(thing.Digest()) == true;

        /// <summary>Reader tokens of those who are asked, and of those who were.</summary>
        public IEnumerable<string> ApproverTokens => (thing.Approval?.Approvals ?? []).SelectMany(TokensOf);

        /// <summary>Begins a round for the subject as it is now; earlier decisions are void.</summary>
        public void SubmitForApproval(ApprovalPolicy policy, FieldValues fields, AuditContext audit) =>
            thing.Advance(ApprovalProcess.Begin(thing.Approval, policy, policy.RuleFor(fields), thing.Digest(), audit.At), audit);

        /// <summary>Asks the approvers of the stage that has asked nobody yet.</summary>
        public void Ask(IReadOnlyList<Approver> approvers, AuditContext audit) =>
            thing.Advance(thing.Approval!.Ask(thing.Id, approvers, audit.At), audit);

        /// <summary>Takes down a decision; it is final, and bound to the digest.</summary>
        /// <exception cref="RuleViolationException"><c>approval.own-request</c>, <c>approval.ended</c>, <c>approval.decided</c>,
        /// <c>approval.stale</c>, <c>approval.voted</c>, <c>approval.own-first</c>.</exception>
        public void Decide(Guid approval, bool approve, string digest, string? comment, AuditContext audit)
        {
            if (thing.Barred.Contains(audit.By.Person!.Value))
            {
                throw new RuleViolationException("approval.own-request", $"Nobody approves their own request.");
            }

            if (thing.WhyNothingToApprove is { } why)
            {
                throw new RuleViolationException("approval.ended", why);
            }

            thing.Advance(thing.Approval!.Decide(approval, approve, audit.By, digest, comment, audit.At), audit);
            audit.OnBehalfOf = thing.Approval!.Approvals.First(one => one.ApprovalId == approval).OnBehalfOf;
        }

        /// <summary>Does what has come due for approvals that wait.</summary>
        public void RunApprovals(AuditContext audit)
        {
            if (thing is { Approval: { Result: ApprovalResult.Pending } pending, WhyNothingToApprove: null }
                && pending.Run(thing.Id, audit.At) is var next
                && !ReferenceEquals(next, pending))
            {
                thing.Advance(next, audit);
            }
        }

        /// <summary>Somebody who is asked can't decide any more: another decides in their place. Nothing happens where they are not
        /// asked.</summary>
        /// <param name="approver">Who can't.</param>
        /// <param name="instead">Whoever is above them and may; null for nobody.</param>
        /// <param name="audit">Who says so, and when.</param>
        public void ReplaceApprover(Guid approver, Approver? instead, AuditContext audit)
        {
            if (thing is { Approval: { Result: ApprovalResult.Pending } pending, WhyNothingToApprove: null }
                && pending.Waiting.FirstOrDefault(one => one.Approver == approver) is { } asked)
            {
                thing.Advance(pending.Replace(thing.Id, asked, instead, audit.At), audit);
            }
        }

        /// <summary>Ends the approvals that wait: it is not wanted any more.</summary>
        public void AnnulApprovals(AuditContext audit)
        {
            if (thing.Approval is { Result: ApprovalResult.Pending } pending)
            {
                thing.Keep(pending.Annul(audit.At), null);
            }
        }

        /// <summary>Why this caller can't decide on what waits; null where they can.</summary>
        public Sentence? WhyNotDecide(Caller caller) =>
            thing.Approval is not { Result: ApprovalResult.Pending } pending || !pending.Waiting.Any() ? $"Nothing waits for approval."
            : !pending.Waiting.Any(one =>
                caller.ApprovesFor.Contains(one.Approver)
                    && (one.MemberOf is not { } token || one.Approver != caller.Person || caller.Tokens.Contains(token)))
            ? (Sentence)$"You are not asked."
            : thing.Barred.Contains(caller.Person) ? $"Nobody approves their own request."
            : pending.OfStage().Any(one => one.By?.Person == caller.Person) 
            ? (Sentence)$"You have decided in this stage already." : null;

        private string Digest() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(thing.ApprovalSubject())));

        private void Advance(ApprovalProcess next, AuditContext audit)
        {
            thing.Keep(next, next.Result == ApprovalResult.Pending ? next.NextDue : null);
            switch (next.Result)
            {
                case ApprovalResult.Approved:
                    thing.OnApproved(audit);
                    break;
                case ApprovalResult.Rejected:
                    thing.OnRejected(next.Reason
                        ?? next.Approvals.LastOrDefault(one => one.Round == next.Round && one.State == ApprovalState.Rejected) switch
                    {
                        { Comment: var comment, By: { } by } => $"{by.Name}: {comment}",
                        _ => "Nobody approved it in time.",
                    }, audit);
                    break;
            }
        }
    }
}
