using System.Text.Json;
using Itsm.Contracts;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Ticketing;

/// <summary>A ticket with the states of its kind: moves by the one table, holds, escalations, and what follows of itself.</summary>
/// <typeparam name="TState">Where it can stand.</typeparam>
/// <typeparam name="THold">For whom or what it can wait.</typeparam>
public abstract class Ticket<TState, THold> : Ticket
    where TState : struct, Enum
    where THold : struct, Enum
{
    /// <summary>Where it stands; moves by actions only.</summary>
    public TState State { get; protected set; }

    /// <summary>Since when it stands there.</summary>
    public DateTimeOffset StateSince { get; protected set; }

    /// <summary>With which of its versions it got there; null where an earlier version of this service let it.</summary>
    [Hidden, Unaudited, UnusedByActions]
    public StateEntry? Entered { get; private set; }

    /// <summary>For whom or what it waits; null unless on hold.</summary>
    public THold? HoldReason { get; protected set; }

    /// <summary>When it will close by itself; null where it will not.</summary>
    public DateTimeOffset? ClosesAt { get; protected set; }

    /// <summary>How often it was reopened.</summary>
    public int ReopenCount { get; protected set; }

    /// <summary>Who last reopened it.</summary>
    [UnusedByActions]
    public Actor? ReopenedBy { get; protected set; }

    /// <summary>When it was last reopened.</summary>
    public DateTimeOffset? ReopenedAt { get; protected set; }

    /// <summary>How far it was escalated; 0 at first.</summary>
    public int EscalationLevel { get; private set; }

    /// <summary>Every escalation, oldest first.</summary>
    [UnusedByActions]
    [AtMost(1_000)]
    public IReadOnlyList<Escalation> Escalations { get; private set; } = [];

    /// <inheritdoc/>
    protected sealed override Enum StateName => State;

    /// <inheritdoc/>
    protected sealed override string StateWord => JsonNamingPolicy.CamelCase.ConvertName(State.ToString());

    /// <inheritdoc/>
    protected sealed override StateCategory StateCategory => LifeCycle.CategoryOf(State);

    /// <summary>The moves of its kind.</summary>
    protected abstract TicketLifeCycle<TState> LifeCycle { get; }

    /// <summary>What a hold for its requester has as its reason.</summary>
    protected internal abstract THold AwaitsRequester { get; }

    /// <summary>True where its tasks are still to be done when it is cancelled, since another ticket goes on instead.</summary>
    protected virtual bool GoesOnElsewhere => false;

    /// <summary>True where it closes by itself some time after its resolution.</summary>
    protected virtual bool ClosesByItself => true;

    /// <inheritdoc/>
    protected override RuleViolationException? WhyTasksStand(string action) => base.WhyTasksStand(action)
        ?? (!GoesOnElsewhere && LifeCycle.Table.Any(row => row.Action == Moves.Cancel && row.To.Equals(State))
            ? new RuleViolationException("ticket.ended", $"{Number} is {StateName}; its tasks ended with it.") : null);

    /// <inheritdoc/>
    protected internal sealed override bool HasWorkBegun =>
        Assignee is not null || !LifeCycle.Table.Any(row => row.Action == Moves.Start && row.From.Contains(State));

    /// <inheritdoc/>
    public sealed override void Move(string action, TimeSpan closeAfter, AuditContext audit)
    {
        OnMoving(action, audit);
        Enter(LifeCycle.Next(State, action), closeAfter, audit);
        if (action == Moves.Cancel && !GoesOnElsewhere)
        {
            CancelTasks(audit);
        }

        OnMoved(action, closeAfter, audit);
    }

    /// <summary>Lets it wait for somebody else; the comment, where there is one, is written in public.</summary>
    public void Hold(THold reason, string? comment, AuditContext audit)
    {
        Move(Moves.Hold, default, audit);
        HoldReason = reason;
        if (comment is not null)
        {
            Raise(new TicketCommentRequested
            {
                CommentId = Guid.CreateVersion7(audit.At), Kind = Kind, Ticket = Id, Internal = false, Text = comment, By = audit.By,
                At = StateSince,
            });
        }
    }

    /// <inheritdoc/>
    public override void CloseWhenDue(AuditContext audit)
    {
        if (StateCategory == StateCategory.Resolved && ClosesByItself && ClosesAt <= audit.At)
        {
            Move(Moves.Close, default, audit);
        }
    }

    /// <inheritdoc/>
    public sealed override void Assign(GroupChanged? group, Guid? assignee)
    {
        RequireNotEnded("assign");
        RequireTakers(group?.Id, assignee);
        Give(group, assignee);
    }

    /// <inheritdoc/>
    public sealed override void Escalate(GroupChanged? group, Guid? person, string reason, AuditContext audit)
    {
        RequireNotEnded("escalate");
        if (group is not null)
        {
            if (group.Id == AssignmentGroup)
            {
                throw new RuleViolationException($"{Kind}.escalation-same-group", $"{Number} is with that group already.");
            }

            RequireTakers(group.Id, person);
            Give(group, person);
        }
        else
        {
            Watch(person!.Value, true);
        }

        EscalationLevel++;
        Escalations = [.. Escalations,
            new Escalation(group is null ? EscalationKind.Hierarchical : EscalationKind.Functional, EscalationLevel, group?.Id, person,
                reason, audit.By, audit.At)];
    }

    /// <inheritdoc/>
    public sealed override string? ReactionTo(TicketCommented comment)
    {
        if (comment.By.Person != Requester)
        {
            if (comment is not { FromWorker: false })
            {
                NoteAnswer(comment.At);
            }

            return null;
        }

        // What was written before it got into its state is no answer to that.
        var answers = comment.TicketVersion is { } seen && Entered is { } entered && entered.Since == StateSince
            ? seen >= entered.Version : comment.At > StateSince;
        var action = !answers ? null
            : HoldReason?.Equals(AwaitsRequester) == true ? Moves.Resume
            : StateCategory == StateCategory.Resolved && comment is not { Reopens: false } ? Moves.Reopen : null;
        return action is not null && LifeCycle.WhyNot(State, action) is null ? action : null;
    }

    /// <inheritdoc/>
    public sealed override void Follow(TicketEscalationRequested step, GroupChanged? group, AuditContext audit)
    {
        if (StateCategory is StateCategory.Resolved or StateCategory.Closed)
        {
            return;
        }

        if (step.RaisePriority && Priority > 1)
        {
            OverridePriority(Priority - 1, step.Reason, audit);
        }

        if (group is not null && group.Id != AssignmentGroup && MayBeTakenBy(group.Id, null))
        {
            Escalate(group, null, step.Reason, audit);
        }

        foreach (var person in step.Notify)
        {
            Escalate(null, person, step.Reason, audit);
        }
    }

    /// <summary>Why what its kind changes by <c>update</c> may not be changed; null where it may.</summary>
    protected virtual Sentence? WhyNoUpdate => WhyEnded("edit");

    /// <inheritdoc/>
    protected override IEnumerable<ActionState> Actions(Caller caller)
    {
        var may = LifeCycle.Permissions;
        return
        [
            .. LifeCycle.Named.Select(move => new ActionState(move.Action, move.Permission.Name, LifeCycle.WhyNot(State, move.Action))),
            new("update", may.Edit.Name, WhyNoUpdate),
            new("assign", may.Work.Name, WhyEnded("assign")),
            new("escalate", may.Escalate.Name, WhyEnded("escalate")),
            new("override-priority", may.OverridePriority.Name, WhyEnded("override-priority")),
            new("clear-priority-override", may.OverridePriority.Name, WhyEnded("clear-priority-override") ?? WhyNoOverride),
            new("add-task", may.Work.Name, WhyTasksStand("add")?.Why),
            new("link", may.Work.Name, null),
            new(TicketLifeCycle<TState>.Comment, may.Comment.Name, WhyNoComments),
            new(TicketLifeCycle<TState>.Attach, may.Comment.Name, WhyNoComments),
            new("watch", may.Read.Name, WhyNotWatch(caller)),
            new("unwatch", may.Read.Name, null),
        ];
    }

    /// <summary>Goes into a state, however it came to that, and sets what follows: when it was resolved, closes by itself, ended, was
    /// reopened.</summary>
    /// <param name="state">The state.</param>
    /// <param name="closeAfter">Between its resolution and its closing by itself.</param>
    /// <param name="audit">Who and when.</param>
    protected void Enter(TState state, TimeSpan closeAfter, AuditContext audit)
    {
        var (before, at) = (StateCategory, After(audit.At));
        (State, StateSince, Entered, HoldReason) = (state, at, new(at, Version + 1), null);
        switch (StateCategory)
        {
            case StateCategory.Resolved:
                ResolvedAt = at;
                ScheduleClosing(at + closeAfter);
                break;
            case StateCategory.Closed:
                ClosedAt = at;
                ScheduleClosing(null);
                break;
            default:
                if (before == StateCategory.Resolved)
                {
                    (ReopenCount, ReopenedBy, ReopenedAt) = (ReopenCount + 1, audit.By, at);
                }

                (ResolvedAt, ClosedAt) = (null, null);
                ScheduleClosing(null);
                break;
        }
    }

    /// <summary>Sets when it closes by itself; null for never.</summary>
    protected void ScheduleClosing(DateTimeOffset? due)
    {
        if (due is { } at && ClosesByItself)
        {
            ClosesAt = at;
            SetTimer(CloseTimer, at);
        }
        else if (ClosesAt is not null)
        {
            ClosesAt = null;
            CancelTimer(CloseTimer);
        }
    }

    /// <summary>Refuses a move that the table permits.</summary>
    protected virtual void OnMoving(string action, AuditContext audit)
    {
    }

    /// <summary>Does what this kind does with a move beside what all do.</summary>
    protected virtual void OnMoved(string action, TimeSpan closeAfter, AuditContext audit)
    {
    }
}

/// <summary>A ticket went to a group with more knowledge, or was brought to the attention of a person with more say.</summary>
/// <param name="Kind">To whom.</param>
/// <param name="Level">1 for the first.</param>
/// <param name="Group">The group; null for a person.</param>
/// <param name="Person">The person; with a group, one of its members.</param>
/// <param name="Reason">Why.</param>
/// <param name="By">Who.</param>
/// <param name="At">When.</param>
public sealed record Escalation(EscalationKind Kind, int Level, Guid? Group, Guid? Person, string Reason, Actor By, DateTimeOffset At);

/// <summary>To whom a ticket is escalated.</summary>
public enum EscalationKind
{
    /// <summary>To a group with more knowledge.</summary>
    Functional,

    /// <summary>To a person with more say.</summary>
    Hierarchical,
}
