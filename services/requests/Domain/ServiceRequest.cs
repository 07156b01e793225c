using System.Text.Json;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Requests;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Ticketing;
using Itsm.Ticketing.Approvals;

namespace Itsm.Requests.Domain;

/// <summary>Somebody asks for an item of the catalog: from the order over approval and fulfillment to its end.</summary>
public sealed partial class ServiceRequest : ApprovableTicket
{
    /// <summary>Closes a fulfilled request by itself.</summary>
    internal const string CloseTimer = "close";

    /// <summary>Where it stands; moves by actions only.</summary>
    public RequestState State { get; private set; }

    /// <summary>Since when it stands there.</summary>
    public DateTimeOffset StateSince { get; private set; }

    /// <summary>The catalog item.</summary>
    public Guid Item { get; private set; }

    /// <summary>Its key.</summary>
    public string ItemKey { get; private set; } = "";

    /// <summary>Which edition of it was ordered.</summary>
    public int Edition { get; private set; }

    /// <summary>What kind of item it is.</summary>
    public ItemKind ItemKind { get; private set; }

    /// <summary>What it costs.</summary>
    public Cost? Cost { get; private set; }

    /// <summary>True where what is handed out is to come back when the person leaves.</summary>
    public bool Returnable { get; private set; }

    /// <summary>The answers, stored for each question.</summary>
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
    [Unaudited]
    public WaitingFor? WaitingFor { get; private set; }

    /// <summary>Why it was rejected or cancelled.</summary>
    public string? EndReason { get; private set; }

    /// <summary>For whom it waits; null unless on hold.</summary>
    public RequestHoldReason? HoldReason { get; private set; }

    /// <summary>Since when it is on hold, for whatever reasons.</summary>
    [Hidden]
    public DateTimeOffset? HeldSince { get; private set; }

    /// <summary>When it should be there; null where nothing is promised.</summary>
    public DateTimeOffset? ExpectedAt { get; private set; }

    /// <summary>When it will close by itself; null where it will not.</summary>
    public DateTimeOffset? ClosesAt { get; private set; }

    /// <summary>How often it was reopened.</summary>
    public int ReopenCount { get; private set; }

    /// <summary>Who leaves, until that is closed, as it may be reopened: no two requests are about that at once.</summary>
    [Hidden]
    public Guid? Leaver { get; private set; }

    /// <summary>Who has what was handed out and is to come back; null before, and once it came back.</summary>
    public Guid? Holder { get; private set; }

    /// <summary>When it came back.</summary>
    public DateTimeOffset? ReturnedAt { get; private set; }

    /// <summary>Who changed what is asked for while people decided on it.</summary>
    [Hidden]
    public IReadOnlyList<Guid> Authors { get; private set; } = [];

    /// <inheritdoc/>
    [Hidden]
    public override IReadOnlyList<Guid> Barred => [.. base.Barred, .. Authors, About];

    /// <summary>Name of the assignment group.</summary>
    [Hidden]
    public string? GroupName { get; private set; }

    /// <inheritdoc/>
    protected override string Kind => "request";

    /// <inheritdoc/>
    protected override string StateName => JsonNamingPolicy.CamelCase.ConvertName(State.ToString());

    /// <inheritdoc/>
    protected override StateCategory StateCategory => State switch
    {
        RequestState.Draft or RequestState.WaitingForApproval or RequestState.OnHold => StateCategory.Paused,
        RequestState.Fulfilled => StateCategory.Resolved,
        RequestState.Rejected or RequestState.Closed or RequestState.Cancelled => StateCategory.Closed,
        _ => StateCategory.Open,
    };

    /// <summary>Lets it wait for somebody else.</summary>
    internal void Hold(RequestHoldReason reason, string? comment, Act act)
    {
        HeldSince ??= act.At;
        MoveTo(RequestLifeCycle.Hold, act);
        HoldReason = reason;
        ScheduleCalls();
        if (comment is not null)
        {
            Raise(new TicketCommentRequested { CommentId = Guid.CreateVersion7(act.At), Kind = Kind, Ticket = Id, Internal = false, Text = comment, By = act.By, At = act.At });
        }
    }

    /// <summary>Goes on after a wait.</summary>
    internal void Resume(TimeSpan closeAfter, Act act)
    {
        var held = HeldSince;
        MoveTo(RequestLifeCycle.Resume, act);
        HeldSince = null;

        // The last task may have ended during the wait; one that ended before is no reason to end a request that was reopened since.
        Proceed(Deadlines.None, closeAfter, act, fulfill: Tasks.Any(task => task.EndedAt >= held));
    }

    /// <summary>Ends the work: all tasks have ended, or there were none.</summary>
    /// <exception cref="RuleViolationException"><c>request.open-tasks</c> while tasks are left.</exception>
    internal void Fulfill(TimeSpan closeAfter, Act act)
    {
        if (Tasks.Where(task => !task.HasEnded).Select(task => task.Title).ToList() is { Count: > 0 } left && State == RequestState.InFulfillment)
        {
            throw new RuleViolationException("request.open-tasks", $"Not done yet: {Names(left, "and")}.");
        }

        MoveTo(RequestLifeCycle.Fulfill, act);
        (ResolvedAt, ClosesAt) = (act.At, act.At + closeAfter);
        Holder = Returnable && !GaveNothing ? Requester : null;
        SetTimer(CloseTimer, ClosesAt.Value);
    }

    /// <summary>Takes the work up again: what was delivered is not what was asked for.</summary>
    internal void Reopen(Act act)
    {
        MoveTo(RequestLifeCycle.Reopen, act);
        (ReopenCount, ResolvedAt, ClosesAt) = (ReopenCount + 1, null, null);
        CancelTimer(CloseTimer);
    }

    /// <summary>Ends it.</summary>
    internal void Close(Act act)
    {
        MoveTo(RequestLifeCycle.Close, act);
        (ClosedAt, ClosesAt) = (act.At, null);
        CancelTimer(CloseTimer);
    }

    /// <summary>Closes it if its time has come.</summary>
    internal void CloseWhenDue(Act act)
    {
        if (State == RequestState.Fulfilled && ClosesAt <= act.At)
        {
            Close(act);
        }
    }

    /// <summary>Ends it without being fulfilled; what was begun for it ends with it.</summary>
    internal void Cancel(string reason, Act act)
    {
        MoveTo(RequestLifeCycle.Cancel, act);
        (ClosedAt, EndReason) = (act.At, reason);
        AnnulApprovals(act);
        EndTasks(act);
    }

    /// <summary>Gives it to a group, a person, or both.</summary>
    internal void Assign(Guid? group, string? groupName, Guid? assignee)
    {
        RequireNotEnded("assign");
        (AssignmentGroup, GroupName, Assignee) = (group, groupName, assignee);
    }

    /// <inheritdoc/>
    protected override void LeaveGroup(Guid group, GroupChanged? heir, Guid? person, Act act)
    {
        GroupName = AssignmentGroup == group ? heir?.Name : GroupName;
        base.LeaveGroup(group, heir, person, act);
        foreach (var task in Tasks.Where(task => task.AssignmentGroup == group && !task.HasEnded).ToList())
        {
            Put(task with { AssignmentGroup = heir?.Id ?? AssignmentGroup, GroupName = heir?.Name ?? GroupName, Assignee = null }, act);
        }
    }

    /// <inheritdoc/>
    protected override void LeavePerson(Guid gone, GroupChanged? heir, Guid? person, Act act)
    {
        GroupName = Assignee == gone && AssignmentGroup is null ? heir?.Name : GroupName;
        base.LeavePerson(gone, heir, person, act);
        foreach (var task in Tasks.Where(task => task.Assignee == gone && !task.HasEnded).ToList())
        {
            Put(task with { AssignmentGroup = task.AssignmentGroup ?? AssignmentGroup, GroupName = task.GroupName ?? GroupName, Assignee = null }, act);
        }
    }

    /// <summary>What was handed out came back.</summary>
    internal void Return(Act act) => (Holder, ReturnedAt) = (null, Holder is null ? ReturnedAt : act.At);

    /// <summary>Refuses where nothing may be written any more.</summary>
    internal void RequireOpenForComments() => RequireNotEnded("comment");

    /// <inheritdoc/>
    protected override IEnumerable<ActionState> Actions(Caller caller)
    {
        var decide = WhyNotDecide(caller);
        var left = State == RequestState.InFulfillment && Tasks.Any(task => !task.HasEnded) ? "Tasks are left." : null;
        return [.. RequestLifeCycle.Table.Actions(State).Where(action => action.Permission.Length > 0).Select(action => action.Name == RequestLifeCycle.Fulfill ? action with { Closed = action.Closed ?? left } : action), new(RequestLifeCycle.Approve, Permissions.Approve.Name, decide), new(RequestLifeCycle.Reject, Permissions.Approve.Name, decide)];
    }

    /// <inheritdoc/>
    protected override void OnSaving(Act act, IReadOnlyList<string> changed)
    {
        WaitingFor = Explain();
        Leaver = ItemKind == ItemKind.Offboarding && State != RequestState.Draft && StateCategory != StateCategory.Closed ? Subject : null;
        base.OnSaving(act, changed);
    }

    /// <inheritdoc/>
    protected override TicketChanged Snapshot(Act act, IReadOnlyList<string> changed) => base.Snapshot(act, changed) with
    {
        Request = new RequestDetails
        {
            Item = Item, ItemKey = ItemKey, ItemName = Title, Edition = Edition, Parent = Parent, ParentTask = ParentTask, WaitingFor = WaitingFor?.Text, Subject = Subject, ReturnedAt = ReturnedAt,
            Answers = [.. Answers.Select(answer => new RequestAnswer(answer.Question, answer.Title, answer.Text))], Tasks = [.. Tasks.Select(task => task.Snapshot(Id))],
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

        List<string> workers =
        [
            ReaderToken.Role(KnownRoles.Agent),
            .. Tasks.Select(task => task.AssignmentGroup).Append(AssignmentGroup).OfType<Guid>().Distinct().Select(ReaderToken.Group),
            .. Tasks.Select(task => task.Assignee).Append(Assignee).OfType<Guid>().Distinct().Select(ReaderToken.Person),
        ];
        return ([.. workers.Concat(own).Concat(Watchers.Select(ReaderToken.Person)).Concat(ApproverTokens).Distinct()], workers);
    }

    private void MoveTo(string action, Act act)
    {
        (State, StateSince, HoldReason) = (RequestLifeCycle.Table.Next(State, action), act.At, null);
    }
}
