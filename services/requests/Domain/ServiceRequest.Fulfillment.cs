using Itsm.Contracts.Requests;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using Itsm.Ticketing;
using Itsm.Ticketing.Approvals;
using Itsm.Ticketing.Forms;
using Itsm.Ticketing.Tasks;

namespace Itsm.Requests.Domain;

/// <summary>The work on a request: tasks one after another and side by side.</summary>
public sealed partial class ServiceRequest
{
    /// <summary>Key of the task that ends a leaver's access.</summary>
    internal const string DeactivateKey = "deactivate";

    /// <summary>The keys of tasks for what a leaver holds begin so.</summary>
    internal const string RecoverPrefix = "recover-";

    /// <summary>Ends the access of a leaver.</summary>
    internal const string DeactivationTimer = "deactivation";

    /// <summary>What is done for it, in the order of the plan.</summary>
    [AtMost(20_500)]
    public IReadOnlyList<RequestTask> Tasks { get; private set; } = [];

    /// <inheritdoc/>
    protected override IReadOnlyList<TicketTask> TaskList { get => Tasks; set => Tasks = [.. value.Cast<RequestTask>()]; }

    /// <inheritdoc/>
    protected override bool ShowsTasks => true;

    /// <inheritdoc/>
    protected override string? NameOfGroup => GroupName;

    /// <summary>True where people skipped what there was to do: it ended, but nobody did anything for it.</summary>
    internal bool GaveNothing => Tasks.Any(task => task.EndedBy is not null) && Tasks.All(task => task.State != TaskState.Done);

    /// <summary>Begins the work: only where every stage is passed for exactly what is asked for now.</summary>
    /// <exception cref="RuleViolationException"><c>request.not-approved</c>.</exception>
    internal void Begin(IReadOnlyList<RequestTask> tasks, DateTimeOffset? expectedAt, TaskDeadlines deadlines, AuditContext audit)
    {
        if (!this.IsApproved)
        {
            throw new RuleViolationException("request.not-approved", $"{Number} is not approved as it is now.");
        }

        Move(RequestLifeCycle.Begin, default, audit);
        (Tasks, ExpectedAt) = (tasks, expectedAt);
        if (tasks.FirstOrDefault(task => task.Kind == StepKind.Deactivate) is { DueAt: { } last })
        {
            SetTimer(DeactivationTimer, last);
        }

        Proceed(deadlines, audit);
    }

    /// <summary>Completes a task with the answers to its form.</summary>
    internal void Complete(string key, string? outcome, IReadOnlyList<Answer> answers, TaskDeadlines deadlines, AuditContext audit)
    {
        if (answers.Count > 0)
        {
            PutTask(Tasks.First(task => task.Key == key) with { Answers = answers }, audit);
            RequireRoom();
        }

        MoveTask(key, "complete", outcome, deadlines, audit);
    }

    /// <summary>Notes the request that a task ordered, as it stands now. A task that has ended, or was begun anew since, stays as it
    /// is.</summary>
    internal void NoteChild(ServiceRequest child, TaskDeadlines deadlines, AuditContext audit)
    {
        if (Tasks.FirstOrDefault(task => task.Key == child.ParentTask) is not { HasEnded: false } task || task.ChildIn(Id) != child.Id)
        {
            return;
        }

        var noted = task with { Request = child.Id, RequestNumber = child.Number };
        PutTask(child.State switch
        {
            RequestState.Fulfilled or RequestState.Closed =>
                noted with { State = TaskState.Done, Outcome = $"{child.Number} is fulfilled." },
            RequestState.Rejected or RequestState.Cancelled =>
                noted with { State = TaskState.Failed, Outcome = $"{child.Number} was {child.StateWord}: {child.EndReason}" },
            _ => noted with { State = TaskState.InProgress },
        }, audit);
        Proceed(deadlines, audit);
    }

    /// <summary>A task could not order what it should.</summary>
    internal void NoteRefusedOrder(string key, int run, string why, AuditContext audit)
    {
        if (Tasks.FirstOrDefault(task => task.Key == key) is { State: TaskState.Open, Request: null } task && task.Run == run)
        {
            PutTask(task with { State = TaskState.Failed, Outcome = why }, audit);
        }
    }

    /// <summary>Makes the tasks for what a leaver holds follow what they hold now: exactly that, no more and no less.</summary>
    /// <param name="held">A task for each thing.</param>
    /// <param name="fulfill">True where it may end the work: with the last thing that is not held any more.</param>
    /// <param name="closeAfter">How long it then may be reopened.</param>
    /// <param name="audit">Who looked, and when.</param>
    internal void Recover(IReadOnlyList<RequestTask> held, bool fulfill, TimeSpan closeAfter, AuditContext audit)
    {
        if (ItemKind != ItemKind.Offboarding || State is not (RequestState.InFulfillment or RequestState.OnHold or RequestState.Fulfilled))
        {
            return;
        }

        // What they came to hold while the last task ended: it is not over.
        if (State == RequestState.Fulfilled)
        {
            if (held.All(one => Tasks.Any(task => task.Key == one.Key)))
            {
                return;
            }

            Move(Moves.Reopen, closeAfter, audit);
        }

        var gone = Tasks
            .Where(task => task is { Kind: StepKind.Recover, HasEnded: false } && held.All(one => one.Key != task.Key)).ToList();
        foreach (var task in gone)
        {
            PutTask(task with { State = TaskState.Done, Outcome = "It is not held any more." }, audit);
        }

        Tasks = [.. Tasks, .. held.Where(one => Tasks.All(task => task.Key != one.Key))];
        Proceed(new Deadlines(closeAfter), audit, fulfill && gone.Count > 0);
    }

    /// <summary>The last working moment has come: has the leaver's access taken away.</summary>
    internal void Deactivate(TimeSpan closeAfter, AuditContext audit)
    {
        if (Subject is { } leaver
            && Tasks.FirstOrDefault(task => task is { Kind: StepKind.Deactivate, HasEnded: false }) is { DueAt: { } due } task
            && due <= audit.At)
        {
            Raise(
                new PersonDeactivationRequested
                {
                    Person = leaver, Reason = $"{Number}: last working moment.", By = audit.By, At = audit.At,
                });
            PutTask(task with { State = TaskState.Done, Outcome = "Deactivated at the last working moment." }, audit);
            Proceed(new Deadlines(closeAfter), audit);
        }
    }

    /// <inheritdoc/>
    protected override void RequireByHand(TicketTask task, string action)
    {
        var kind = ((RequestTask)task).Kind;
        if (action == "add" && (task.Key == DeactivateKey || task.Key.StartsWith(RecoverPrefix, StringComparison.Ordinal)))
        {
            throw new InvalidValueException("/key", FieldCode.Conflicting, $"The key {task.Key.Quoted} is kept for what a leaver holds.");
        }

        if (kind is StepKind.Call or StepKind.Request
            && (action is "start" or "fail" or "reorder" || (action == "complete" && task.State != TaskState.Failed)))
        {
            throw new RuleViolationException("task.automatic",
                $"{task.Title} ends by itself; by hand it can be completed once it failed, or skipped.");
        }

        if (kind == StepKind.Deactivate && action != "waive")
        {
            throw new RuleViolationException("task.automatic",
                $"{task.Title} is done at the last working moment; it can be waived, with a reason.");
        }

        if (action is "complete" or "fail" && task is RequestTask { Holding.Kind: HoldingKind.Asset })
        {
            throw new RuleViolationException("task.automatic",
                $"{task.Title}: that is done once the asset is checked in, lost or retired; it can be waived, with a reason.");
        }

        if (action == "reopen" && (kind is StepKind.Call or StepKind.Request || (kind == StepKind.Recover && task.State == TaskState.Done)))
        {
            throw new RuleViolationException("task.automatic", $"{task.Title} can't be taken up again.");
        }

        if (action == "skip" && kind == StepKind.Recover)
        {
            throw new RuleViolationException("task.required", $"{task.Title}: what is held comes back, or is waived with a reason.");
        }

        if (kind is not (StepKind.Recover or StepKind.Deactivate))
        {
            base.RequireByHand(task, action);
        }
    }

    /// <inheritdoc/>
    protected override RuleViolationException? WhyTasksStand(string action) =>
        State is RequestState.InFulfillment or RequestState.OnHold ? null : new RuleViolationException("request.transition",
            $"{Number} is {StateName}; its tasks move while it is in fulfillment or on hold.");

    /// <inheritdoc/>
    protected override TicketTask Renew(TicketTask task)
    {
        var anew = (RequestTask)base.Renew(task);
        return anew with { Run = anew.Run + 1, Attempts = 0, CallbackUntil = null, Request = null, RequestNumber = null };
    }

    /// <inheritdoc/>
    protected override TicketTask OnPutting(TicketTask task) =>
        task.HasEnded ? (RequestTask)task with { NextCallAt = null, CallbackUntil = null } : task;

    /// <inheritdoc/>
    protected override long WrittenIn(TicketTask task) =>
        base.WrittenIn(task) + ((RequestTask)task).Answers.Sum(answer => (long)answer.Text.Length);

    /// <summary>Where nothing is left the request is fulfilled.</summary>
    protected override void OnProceeded(TaskDeadlines deadlines, bool resolves, AuditContext audit)
    {
        ScheduleCalls();
        if (resolves && State == RequestState.InFulfillment && Tasks.Count > 0 && Tasks.All(task => task.HasEnded))
        {
            Move(RequestLifeCycle.Fulfill, deadlines.CloseAfter, audit);
        }
    }
}
