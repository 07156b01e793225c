using Itsm.Contracts.Requests;
using Itsm.Platform.Aggregates;
using Itsm.Ticketing;
using Itsm.Ticketing.Approvals;

namespace Itsm.Requests.Domain;

/// <summary>The work on a request: tasks one after another and side by side.</summary>
public sealed partial class ServiceRequest
{
    /// <summary>Key of the task that ends a leaver's access.</summary>
    internal const string DeactivateKey = "deactivate";

    private const int MostTasks = 200;
    private const int MostWritten = 500_000;

    /// <summary>The keys of tasks for what a leaver holds begin so.</summary>
    internal const string RecoverPrefix = "recover-";

    /// <summary>Ends the access of a leaver.</summary>
    internal const string DeactivationTimer = "deactivation";

    /// <summary>What is done for it, in the order of the plan.</summary>
    public IReadOnlyList<RequestTask> Tasks { get; private set; } = [];

    /// <summary>True where people skipped what there was to do: it ended, but nobody did anything for it.</summary>
    internal bool GaveNothing => Tasks.Any(task => task.EndedBy is not null) && Tasks.All(task => task.State != StepState.Done);

    /// <summary>Begins the work: only where every stage is passed for exactly what is asked for now.</summary>
    /// <exception cref="RuleViolationException"><c>request.not-approved</c>.</exception>
    internal void Begin(
        IReadOnlyList<RequestTask> tasks, DateTimeOffset? expectedAt, Deadlines deadlines, TimeSpan closeAfter, AuditContext audit)
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

        Proceed(deadlines, closeAfter, audit);
    }

    /// <summary>Moves a task as people ask for it.</summary>
    /// <exception cref="RuleViolationException"><c>task.transition</c>, <c>task.automatic</c>, <c>task.required</c>, <c>task.not-held</c>,
    /// <c>task.too-much</c>, <c>request.transition</c>.</exception>
    internal void MoveTask(
        string key, string action, string? outcome, IReadOnlyList<Answer> answers, Deadlines deadlines, TimeSpan closeAfter,
        AuditContext audit)
    {
        var (task, next) = RequireMove(key, action);
        Put(task with
        {
            State = next, Outcome = next is StepState.Open or StepState.InProgress ? null : outcome,
            Answers = answers.Count > 0 ? answers : task.Answers, NextCallAt = null, CallbackUntil = null,
            Assignee = task.Assignee ?? (action == "start" ? audit.By.Person : null),
        }, audit);
        if (answers.Count > 0)
        {
            RequireRoom();
        }

        if (next == StepState.Open)
        {
            Put(deadlines.Open(RequireTask(key) with { Run = task.Run + 1, Attempts = 0, Request = null, RequestNumber = null }, audit.At),
                audit);
        }

        Proceed(deadlines, closeAfter, audit);
    }

    /// <returns>The task, and to where the action moves it.</returns>
    /// <exception cref="RuleViolationException">As <see cref="MoveTask"/>.</exception>
    internal (RequestTask Task, StepState Next) RequireMove(string key, string action)
    {
        RequireInFulfillment();
        var task = RequireTask(key);
        var next = RequestTask.Cycle.Next(task.State, action);
        RequireByHand(task, action);
        return (task, next);
    }

    /// <summary>Gives a task to a group, a person, or both.</summary>
    internal void AssignTask(string key, Guid? group, string? groupName, Guid? assignee, AuditContext audit)
    {
        RequireInFulfillment();
        Put(RequireTask(key) with { AssignmentGroup = group, GroupName = groupName, Assignee = assignee }, audit);
    }

    /// <summary>Adds work that the plan did not foresee.</summary>
    internal void AddTask(RequestTask task, Deadlines deadlines, TimeSpan closeAfter, AuditContext audit)
    {
        RequireInFulfillment();
        if (task.Key == DeactivateKey || task.Key.StartsWith(RecoverPrefix, StringComparison.Ordinal))
        {
            throw new InvalidValueException("/key", $"The key {task.Key} is kept for what a leaver holds.");
        }

        if (Tasks.Any(known => known.Key == task.Key))
        {
            throw new RuleViolationException("task.exists", $"{Number} has a task {task.Key} already.");
        }

        if (Tasks.Count >= MostTasks)
        {
            throw new RuleViolationException("task.too-many", $"{Number} has {MostTasks} tasks; no more can be added.");
        }

        Tasks = [.. Tasks, task];
        RequireRoom();
        Proceed(deadlines, closeAfter, audit);
    }

    /// <summary>Notes the request that a task ordered, as it stands now. A task that has ended, or was begun anew since, stays as it
    /// is.</summary>
    internal void NoteChild(ServiceRequest child, Deadlines deadlines, TimeSpan closeAfter, AuditContext audit)
    {
        if (Tasks.FirstOrDefault(task => task.Key == child.ParentTask) is not { HasEnded: false } task || task.ChildIn(Id) != child.Id)
        {
            return;
        }

        var noted = task with { Request = child.Id, RequestNumber = child.Number };
        Put(child.State switch
        {
            RequestState.Fulfilled or RequestState.Closed =>
                noted with { State = StepState.Done, Outcome = $"{child.Number} is fulfilled." },
            RequestState.Rejected or RequestState.Cancelled =>
                noted with { State = StepState.Failed, Outcome = $"{child.Number} was {child.StateName}: {child.EndReason}" },
            _ => noted with { State = StepState.InProgress },
        }, audit);
        Proceed(deadlines, closeAfter, audit);
    }

    /// <summary>A task could not order what it should.</summary>
    internal void NoteRefusedOrder(string key, int run, string why, AuditContext audit)
    {
        if (Tasks.FirstOrDefault(task => task.Key == key) is { State: StepState.Open, Request: null } task && task.Run == run)
        {
            Put(task with { State = StepState.Failed, Outcome = why }, audit);
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
            Put(task with { State = StepState.Done, Outcome = "It is not held any more." }, audit);
        }

        Tasks = [.. Tasks, .. held.Where(one => Tasks.All(task => task.Key != one.Key))];
        Proceed(Deadlines.None, closeAfter, audit, fulfill && gone.Count > 0);
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
            Put(task with { State = StepState.Done, Outcome = "Deactivated at the last working moment." }, audit);
            Proceed(Deadlines.None, closeAfter, audit);
        }
    }

    private static void RequireByHand(RequestTask task, string action)
    {
        if (task.Kind is StepKind.Call or StepKind.Request
            && (action is "start" or "fail" || (action == "complete" && task.State != StepState.Failed)))
        {
            throw new RuleViolationException("task.automatic",
                $"{task.Title} ends by itself; by hand it can be completed once it failed, or skipped.");
        }

        if (task.Kind == StepKind.Deactivate && action != "waive")
        {
            throw new RuleViolationException("task.automatic",
                $"{task.Title} is done at the last working moment; it can be waived, with a reason.");
        }

        if (action == "reopen"
            && (task.Kind is StepKind.Call or StepKind.Request || task is { Kind: StepKind.Recover, State: StepState.Done }))
        {
            throw new RuleViolationException("task.automatic", $"{task.Title} can't be taken up again.");
        }

        if (action == "skip" && task.Kind == StepKind.Recover)
        {
            throw new RuleViolationException("task.required", $"{task.Title}: what is held comes back, or is waived with a reason.");
        }

        if (action == "waive" && task.Kind is not (StepKind.Recover or StepKind.Deactivate))
        {
            throw new RuleViolationException("task.not-held", $"{task.Title} can be skipped; only what a leaver holds is waived.");
        }
    }

    /// <summary>A document holds the tasks up to three times: as they are, and as the history's newest entry has them before and
    /// after.</summary>
    private void RequireRoom()
    {
        if (Tasks.Sum(task => (long)(task.Description?.Length ?? 0) + task.Answers.Sum(answer => answer.Text.Length)) > MostWritten)
        {
            throw new RuleViolationException("task.too-much",
                $"What is written in the tasks of {Number} has at most {MostWritten} characters together.");
        }
    }

    private RequestTask RequireTask(string key) => Tasks.First(task => task.Key == key);

    private void RequireInFulfillment()
    {
        if (State is not (RequestState.InFulfillment or RequestState.OnHold))
        {
            throw new RuleViolationException("request.transition",
                $"{Number} is {StateName}; its tasks move while it is in fulfillment or on hold.");
        }
    }

    private void Put(RequestTask changed, AuditContext audit)
    {
        var ended = changed.HasEnded
            ? changed with { EndedAt = changed.EndedAt ?? audit.At, EndedBy = changed.EndedBy ?? audit.By }
            : changed with { EndedAt = null, EndedBy = null };
        Tasks = [.. Tasks.Select(task => task.Key == changed.Key ? ended : task)];
    }

    /// <summary>Opens what waits for nothing any more; where nothing is left the request is fulfilled.</summary>
    private void Proceed(Deadlines deadlines, TimeSpan closeAfter, AuditContext audit, bool fulfill = true)
    {
        var ended = Tasks.Where(task => task.HasEnded).Select(task => task.Key).ToHashSet();
        foreach (var task in Tasks.Where(task => task.State == StepState.Waiting && task.After.All(ended.Contains)).ToList())
        {
            Put(deadlines.Open(task, audit.At), audit);
        }

        ScheduleCalls();
        if (fulfill && State == RequestState.InFulfillment && Tasks.Count > 0 && Tasks.All(task => task.HasEnded))
        {
            Move(RequestLifeCycle.Fulfill, closeAfter, audit);
        }
    }

    private void EndTasks(AuditContext audit)
    {
        foreach (var task in Tasks.Where(task => !task.HasEnded).ToList())
        {
            Put(task with { State = StepState.Cancelled, NextCallAt = null, CallbackUntil = null }, audit);
        }

        CancelTimer(DeactivationTimer);
        ScheduleCalls();
    }
}
