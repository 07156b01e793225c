using System.Text.Json;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using Itsm.Ticketing;
using Itsm.Ticketing.Approvals;
using Itsm.Ticketing.Forms;

namespace Itsm.Requests.Domain;

/// <summary>What is asked for, until it is approved.</summary>
public sealed partial class ServiceRequest
{
    private const int MostRounds = 20;

    /// <summary>A new request, still a draft.</summary>
    internal static ServiceRequest Order(NewRequest order, AuditContext audit)
    {
        var request = new ServiceRequest
        {
            Id = order.Id ?? Guid.CreateVersion7(audit.At), Number = order.Number, OpenedBy = order.OpenedBy, OpenedAt = audit.At,
            Requester = order.Requester, Description = order.Description, Parent = order.Parent, ParentTask = order.ParentTask,
            ParentItem = order.ParentItem, StateSince = audit.At, Impact = Level.Low, Urgency = Level.Medium,
        };
        request.Take(order.Item, order.Group, order.Answers);
        return request;
    }

    /// <summary>Takes the item as it is published now, with answers to its form.</summary>
    internal void Take(CatalogItem item, GroupChanged? group, IReadOnlyList<Answer> answers)
    {
        var content = item.Published!;
        (Item, ItemKey, Edition, ItemKind, Title, Category) = (item.Id, item.Key, item.Edition, content.Kind, content.Name, item.Category);
        (Cost, Returnable, ComputedPriority, Priority) = (content.Cost, content.Returnable, content.Priority,
            PriorityOverride?.Priority ?? content.Priority);
        (AssignmentGroup, GroupName) = (group?.Id, group?.Name);
        Answer(answers);
    }

    /// <exception cref="RuleViolationException"><c>request.transition</c> for what was submitted before.</exception>
    internal void RequireDraft() => RequestLifeCycle.Table.Next(State, RequestLifeCycle.Submit);

    /// <summary>Submits a draft: its policy decides who must approve.</summary>
    internal void Submit(ApprovalPolicy policy, FieldValues fields, AuditContext audit)
    {
        Move(RequestLifeCycle.Submit, default, audit);
        this.SubmitForApproval(policy, fields, audit);
    }

    /// <summary>Changes what is asked for, or for whom. Where people have begun to approve it, what they decided is void and they are asked
    /// again.</summary>
    /// <exception cref="RuleViolationException"><c>request.in-fulfillment</c> once it is approved.</exception>
    internal void Revise(IReadOnlyList<Answer> answers, Guid requester, string? description, ApprovalPolicy policy, FieldValues fields,
        AuditContext audit)
    {
        RequireRevisable();
        var before = ApprovalSubject();
        (Requester, Description) = (requester, description);
        Answer(answers);
        if (State != RequestState.WaitingForApproval || ApprovalSubject() == before)
        {
            return;
        }

        if (Approval!.Round == MostRounds)
        {
            throw new RuleViolationException("request.rounds",
                $"{Number} was changed {MostRounds} times while people decided on it: cancel it and order again.");
        }

        // Whoever wrote it does not approve it.
        Authors = [.. Authors.Union([audit.By.Person!.Value])];
        this.SubmitForApproval(policy, fields, audit);
    }

    /// <exception cref="RuleViolationException"><c>request.in-fulfillment</c> once it is approved.</exception>
    internal void RequireRevisable()
    {
        RequireNotEnded("edit");
        Refuse("request.in-fulfillment", WhyNoUpdate);
    }

    /// <inheritdoc/>
    protected override Sentence? WhyNoUpdate => base.WhyNoUpdate ?? (State is RequestState.Draft or RequestState.WaitingForApproval ? null
        : (Sentence)$"{Number} was approved as it is; what is asked for can't be changed any more. Cancel it and order again.");

    /// <summary>The answers as conditions look at them.</summary>
    internal FieldValues Fields()
    {
        var fields = new FieldValues();
        foreach (var answer in Answers)
        {
            fields[answer.Question] = Ticketing.Forms.Answer.Texts(answer.Value);
        }

        return fields;
    }

    /// <summary>The answer to a question as text; null where there is none.</summary>
    internal string? AnswerTo(string question) =>
        Answers.FirstOrDefault(answer => answer.Question == question) is { } found
            && Ticketing.Forms.Answer.Texts(found.Value) is [var text, ..]
            ? text
            : null;

    /// <inheritdoc/>
    Sentence? IApprovable.WhyNothingToApprove =>
        StateCategory == StateCategory.Closed ? (Sentence)$"{Number} is {StateName}: there is nothing to approve any more." : null;

    /// <inheritdoc/>
    string IApprovable.ApprovalSubject() => ApprovalSubject();

    /// <inheritdoc/>
    void IApprovable.Keep(ApprovalProcess next, DateTimeOffset? due)
    {
        Approval = next;
        if (due is { } at)
        {
            SetTimer(Approvable.Timer, at);
        }
        else
        {
            CancelTimer(Approvable.Timer);
        }
    }

    /// <inheritdoc/>
    void IApprovable.OnApproved(AuditContext audit) => Move(RequestLifeCycle.Approve, default, audit);

    /// <inheritdoc/>
    void IApprovable.OnRejected(string reason, AuditContext audit)
    {
        Move(RequestLifeCycle.Reject, default, audit);
        EndReason = reason;
    }

    private string ApprovalSubject() => JsonSerializer.Serialize(new
    {
        Number, Item, Edition, Requester, Cost, Description,
        Answers = Answers.ToDictionary(answer => answer.Question, answer => Ticketing.Forms.Answer.Texts(answer.Value)),
    });

    private void Answer(IReadOnlyList<Answer> answers)
    {
        Answers = answers;
        Subject = ItemKind == ItemKind.Standard ? null : Guid.TryParse(AnswerTo("person"), out var person) ? person : null;
    }
}
