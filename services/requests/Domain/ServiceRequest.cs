using Itsm.Contracts.Directory;
using Itsm.Contracts.Requests;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using Itsm.Ticketing;
using Itsm.Ticketing.Approvals;
using Itsm.Ticketing.Forms;

namespace Itsm.Requests.Domain;

/// <summary>Somebody asks for an item of the catalog: from the order over approval and fulfillment to its end.</summary>
public sealed partial class ServiceRequest : Ticket<RequestState, RequestHoldReason>, IApprovable
{
    /// <summary>The catalog item.</summary>
    public Guid Item { get; private set; }

    /// <summary>Its key.</summary>
    public string ItemKey { get; private set; } = "";

    /// <summary>Which edition of it was ordered.</summary>
    public int Edition { get; private set; }

    /// <summary>What kind of item it is.</summary>
    public ItemKind ItemKind { get; private set; }

    /// <summary>What it costs.</summary>
    [UnusedByActions]
    public Cost? Cost { get; private set; }

    /// <summary>True where what is handed out is to come back when the person leaves.</summary>
    public bool Returnable { get; private set; }

    /// <summary>The answers, stored for each question.</summary>
    [UnusedByActions]
    [AtMost(1_000)]
    public IReadOnlyList<Answer> Answers { get; private set; } = [];

    /// <summary>The person whom an onboarding or offboarding is about.</summary>
    public Guid? Subject { get; private set; }

    /// <summary>Who comes or goes; for whom it is, where it is about nobody else.</summary>
    internal Guid About => Subject ?? Requester;

    /// <summary>The request that this one is part of.</summary>
    public Guid? Parent { get; private init; }

    /// <summary>Key of the task of the parent that it fulfills.</summary>
    public string? ParentTask { get; private init; }

    /// <summary>Key of the item of the request that this one is part of.</summary>
    [Hidden]
    public string? ParentItem { get; private init; }

    /// <summary>What it waits for, on whom, since when; null once it has ended.</summary>
    [Unaudited, UnusedByActions]
    public WaitingFor? WaitingFor { get; private set; }

    /// <summary>Why it was rejected or cancelled.</summary>
    [UnusedByActions]
    public string? EndReason { get; private set; }

    /// <summary>Since when it is on hold, for whatever reasons.</summary>
    [Hidden]
    public DateTimeOffset? HeldSince { get; private set; }

    /// <summary>When it should be there; null where nothing is promised.</summary>
    public DateTimeOffset? ExpectedAt { get; private set; }

    /// <summary>Who leaves, until that is closed, as it may be reopened: no two requests are about that at once.</summary>
    [Hidden]
    public Guid? Leaver { get; private set; }

    /// <summary>Who has what was handed out and is to come back; null before, and once it came back.</summary>
    public Guid? Holder { get; private set; }

    /// <summary>When it came back.</summary>
    public DateTimeOffset? ReturnedAt { get; private set; }

    /// <summary>Who changed what is asked for while people decided on it.</summary>
    [Hidden]
    [AtMost(1_000)]
    public IReadOnlyList<Guid> Authors { get; private set; } = [];

    /// <inheritdoc/>
    public ApprovalProcess? Approval { get; private set; }

    /// <inheritdoc/>
    [Hidden]
    public IReadOnlyList<Guid> Barred => [Requester, OpenedBy, .. Authors, About];

    /// <summary>Name of the assignment group.</summary>
    [Hidden]
    public string? GroupName { get; private set; }

    /// <inheritdoc/>
    protected override string Kind => "request";

    /// <inheritdoc/>
    protected override TicketLifeCycle<RequestState> LifeCycle => RequestLifeCycle.Table;

    /// <inheritdoc/>
    protected override RequestHoldReason AwaitsRequester => RequestHoldReason.Requester;

    /// <inheritdoc/>
    protected override void OnMoving(string action, AuditContext audit)
    {
        if (action == RequestLifeCycle.Fulfill)
        {
            Refuse("request.open-tasks", WhyNotFulfilled);
        }
    }

    private Sentence? WhyNotFulfilled => State == RequestState.InFulfillment
        && Tasks.Where(task => !task.HasEnded).Select(task => task.Title).ToList() is { Count: > 0 } left
            ? (Sentence)$"Not done yet: {All(left)}." : null;

    /// <inheritdoc/>
    protected override void OnMoved(string action, TimeSpan closeAfter, AuditContext audit)
    {
        switch (action)
        {
            case Moves.Hold:
                HeldSince ??= audit.At;
                ScheduleCalls();
                break;
            case Moves.Resume:
                // The last task may have ended during the wait; one that ended before is no reason to end a request that was reopened
                // since.
                var ended = Tasks.Any(task => task.EndedAt >= HeldSince);
                HeldSince = null;
                Proceed(new Deadlines(closeAfter), audit, ended);
                break;
            case RequestLifeCycle.Fulfill:
                Holder = Returnable && !GaveNothing ? Requester : null;
                break;
            case Moves.Cancel:
                EndReason = audit.Reason;
                this.AnnulApprovals(audit);
                CancelTimer(DeactivationTimer);
                ScheduleCalls();
                break;
        }
    }

    /// <inheritdoc/>
    protected override void Give(GroupChanged? group, Guid? assignee)
    {
        GroupName = group?.Name;
        base.Give(group, assignee);
    }

    /// <summary>What was handed out came back.</summary>
    internal void Return(AuditContext audit) => (Holder, ReturnedAt) = (null, Holder is null ? ReturnedAt : audit.At);

    /// <inheritdoc/>
    protected override IEnumerable<ActionState> Actions(Caller caller)
    {
        var decide = this.WhyNotDecide(caller);
        return
        [
            .. base.Actions(caller).Select(action =>
                action.Name == RequestLifeCycle.Fulfill ? action with { Closed = action.Closed ?? WhyNotFulfilled } : action),
            new(RequestLifeCycle.Approve, Permissions.Approve.Name, decide), new(RequestLifeCycle.Reject, Permissions.Approve.Name, decide),
        ];
    }

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed)
    {
        WaitingFor = Explain();
        Leaver = ItemKind == ItemKind.Offboarding && State != RequestState.Draft && StateCategory != StateCategory.Closed ? Subject : null;
        base.OnSaving(audit, changed);
    }

    /// <inheritdoc/>
    protected override TicketChanged Snapshot(AuditContext audit, IReadOnlyList<string> changed) => base.Snapshot(audit, changed) with
    {
        Approvals = Approval?.Approvals,
        Request = new RequestDetails
        {
            Item = Item, ItemKey = ItemKey, ItemName = Title, Edition = Edition, Parent = Parent, ParentTask = ParentTask,
            WaitingFor = WaitingFor?.Text, Subject = Subject, ReturnedAt = ReturnedAt,
            Answers = [.. Answers.Select(answer => new RequestAnswer(answer.Question, answer.Title, answer.Text))],
            Tasks = [],
        },
    };

    /// <inheritdoc/>
    protected override (IReadOnlyList<string> Readers, IReadOnlyList<string> NoteReaders) ComputeReaders()
    {
        string[] own = [ReaderToken.Person(Requester), ReaderToken.Person(OpenedBy)];
        // What was never submitted is nobody else's, even once it is cancelled.
        if (Approval is null)
        {
            return ([.. own.Distinct()], []);
        }

        var workers = WorkerTokens();
        return ([.. workers.Concat(own).Concat(Watchers.Select(ReaderToken.Person)).Concat(this.ApproverTokens).Distinct()], workers);
    }
}
