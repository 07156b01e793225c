using Itsm.Contracts.Directory;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using Itsm.Ticketing.Tasks;

namespace Itsm.Ticketing;

/// <summary>The work on it: tasks one after another and side by side.</summary>
public abstract partial class Ticket
{
    private const int MostTasks = 200;
    private const int MostWritten = 500_000;

    /// <summary>Groups and people who have tasks that have not ended: by them they are found when these are gone.</summary>
    [Hidden, Unaudited, UnusedByActions]
    [AtMost(5_000)]
    public IReadOnlyList<Guid>? TaskHolders { get; private set; }

    /// <summary>Its tasks, as its kind stores them.</summary>
    protected internal abstract IReadOnlyList<TicketTask> TaskList { get; set; }

    /// <summary>True where its kind shows its tasks to all its readers, not only to those of its work notes.</summary>
    protected virtual bool ShowsTasks => false;

    /// <summary>Name of its group, for tasks that it gets; null where it is not known.</summary>
    protected virtual string? NameOfGroup => null;

    /// <summary>Adds a task.</summary>
    /// <exception cref="RuleViolationException"><c>task.exists</c>, <c>task.too-many</c>, <c>task.too-much</c>, or what the kind
    /// adds.</exception>
    /// <exception cref="InvalidValueException">It comes after what is not there.</exception>
    public void AddTask(TicketTask task, TaskDeadlines deadlines, AuditContext audit)
    {
        RequireTasksMove("add");
        RequireByHand(task, "add");
        RequireTakers(task.AssignmentGroup, task.Assignee);
        if (TaskList.Any(known => known.Key == task.Key))
        {
            throw new RuleViolationException("task.exists", $"{Number} has a task {task.Key} already.");
        }

        if (TaskList.Count >= MostTasks)
        {
            throw new RuleViolationException("task.too-many", $"{Number} has {MostTasks} tasks; no more can be added.");
        }

        RequireOrder(task.Key, task.After);
        TaskList = [.. TaskList, task];
        RequireRoom();
        Proceed(deadlines, audit);
    }

    /// <summary>Changes what is to be done, until when, and after what; that only until it has begun.</summary>
    /// <exception cref="RuleViolationException"><c>task.transition</c>, <c>task.too-much</c>, or what the kind adds.</exception>
    /// <exception cref="InvalidValueException">It comes after what is not there, or after itself.</exception>
    public void EditTask(TicketTask changed, TaskDeadlines deadlines, AuditContext audit)
    {
        var task = RequireTask(changed.Key);
        RequireTasksMove("edit");
        RequireByHand(task, "edit");
        if (!changed.After.SequenceEqual(task.After))
        {
            RequireByHand(task, "reorder");
            RequireOrder(task.Key, changed.After);
            changed = task.State is TaskState.Waiting or TaskState.Open
                ? changed with { State = TaskState.Waiting, OpenedAt = null }
                : throw new RuleViolationException("task.transition",
                    $"{task.Title} has begun; what it comes after does not change any more.");
        }

        PutTask(changed, audit);
        RequireRoom();
        Proceed(deadlines, audit);
    }

    /// <summary>Gives a task to a group, a person, or both.</summary>
    public void AssignTask(string key, GroupChanged? group, Guid? assignee, AuditContext audit)
    {
        RequireTasksMove("assign");
        RequireTakers(group?.Id, assignee);
        PutTask(RequireTask(key) with { AssignmentGroup = group?.Id, GroupName = group?.Name, Assignee = assignee }, audit);
    }

    /// <summary>Moves a task as people ask for it.</summary>
    /// <exception cref="RuleViolationException"><c>task.transition</c>, or what the kind adds.</exception>
    /// <exception cref="InvalidValueException">The reason is missing.</exception>
    public void MoveTask(string key, string action, string? outcome, TaskDeadlines deadlines, AuditContext audit)
    {
        var (task, next) = (RequireTask(key), RequireTaskMove(key, action, outcome));
        PutTask(next == TaskState.Open
            ? deadlines.Open(Renew(task), audit.At)
            : task with
            {
                State = next, Outcome = next == TaskState.InProgress ? null : outcome,
                Assignee = task.Assignee ?? (action == TaskLifeCycle.Start ? audit.By.Person : null),
            }, audit);
        Proceed(deadlines, audit);
    }

    /// <returns>To where the action moves the task.</returns>
    /// <exception cref="RuleViolationException">As <see cref="MoveTask"/>.</exception>
    public TaskState RequireTaskMove(string key, string action, string? outcome)
    {
        if (outcome is null && TaskLifeCycle.Table.Table.Any(row => row.Action == action && row.NeedsReason))
        {
            throw new InvalidValueException("/outcome", FieldCode.Required, $"outcome is required to {action} a task: it says why.");
        }

        RequireTasksMove(action);
        var task = RequireTask(key);
        var next = TaskLifeCycle.Table.Next(task.State, action);
        RequireByHand(task, action);
        return next;
    }

    /// <summary>Why no task is added, changed or moved while the ticket stands where it does; null where they may be.</summary>
    protected virtual RuleViolationException? WhyTasksStand(string action) =>
        action == "add" && WhyEnded("add-task") is { } why ? new RuleViolationException("ticket.ended", why) : null;

    private void RequireTasksMove(string action)
    {
        if (WhyTasksStand(action) is { } refused)
        {
            throw refused;
        }
    }

    /// <summary>Refuses what people don't do to a task: <c>add</c>, <c>edit</c>, <c>reorder</c>, or an action of the table.</summary>
    /// <exception cref="RuleViolationException"><c>task.not-held</c>.</exception>
    protected virtual void RequireByHand(TicketTask task, string action)
    {
        if (action == TaskLifeCycle.Waive)
        {
            throw new RuleViolationException("task.not-held", $"{task.Title} can be skipped; only what a leaver holds is waived.");
        }
    }

    /// <summary>A task that is to be done anew, without what the last time left.</summary>
    protected virtual TicketTask Renew(TicketTask task) => task with { Outcome = null };

    /// <summary>A task as it is stored: what its kind adds to a change.</summary>
    protected virtual TicketTask OnPutting(TicketTask task) => task;

    /// <summary>Called when tasks have moved, and those that waited for nothing any more are open.</summary>
    /// <param name="deadlines">With the time until the ticket closes, where this resolves it.</param>
    /// <param name="resolves">False where it does not resolve it.</param>
    /// <param name="audit">Who moved them, and when.</param>
    protected virtual void OnProceeded(TaskDeadlines deadlines, bool resolves, AuditContext audit)
    {
    }

    /// <summary>How many characters are written in a task.</summary>
    protected virtual long WrittenIn(TicketTask task) => task.Description?.Length ?? 0;

    /// <summary>A document holds the tasks up to three times: as they are, and as the history's newest entry has them before and
    /// after.</summary>
    /// <exception cref="RuleViolationException"><c>task.too-much</c>.</exception>
    protected void RequireRoom()
    {
        if (TaskList.Sum(WrittenIn) > MostWritten)
        {
            throw new RuleViolationException("task.too-much",
                $"What is written in the tasks of {Number} has at most {MostWritten} characters together.");
        }
    }

    /// <summary>Stores a changed task.</summary>
    protected void PutTask(TicketTask changed, AuditContext audit)
    {
        var put = OnPutting(changed.HasEnded
            ? changed with { EndedAt = changed.EndedAt ?? audit.At, EndedBy = changed.EndedBy ?? audit.By }
            : changed with { EndedAt = null, EndedBy = null });
        TaskList = [.. TaskList.Select(task => task.Key == put.Key ? put : task)];
    }

    /// <summary>Opens what waits for nothing any more.</summary>
    protected void Proceed(TaskDeadlines deadlines, AuditContext audit, bool resolves = true)
    {
        var ended = TaskList.Where(task => task.HasEnded).Select(task => task.Key).ToHashSet();
        foreach (var task in TaskList.Where(task => task.State == TaskState.Waiting && task.After.All(ended.Contains)).ToList())
        {
            PutTask(deadlines.Open(task, audit.At), audit);
        }

        OnProceeded(deadlines, resolves, audit);
    }

    /// <summary>Ends what is left, since the ticket ends.</summary>
    private protected void CancelTasks(AuditContext audit)
    {
        foreach (var task in TaskList.Where(task => !task.HasEnded).ToList())
        {
            PutTask(task with { State = TaskState.Cancelled }, audit);
        }
    }

    private TicketTask RequireTask(string key) => TaskList.First(task => task.Key == key);

    private void RequireOrder(string key, IReadOnlyList<string> after)
    {
        var before = TaskList.ToDictionary(task => task.Key, task => task.After);
        if (after.FirstOrDefault(one => !before.ContainsKey(one)) is { } unknown)
        {
            throw new InvalidValueException("/after", FieldCode.NotFound, $"{Number} has no task {unknown.Quoted}.");
        }

        var (seen, next) = (new HashSet<string>(), new Queue<string>(after));
        while (next.TryDequeue(out var one))
        {
            if (one == key)
            {
                throw new InvalidValueException("/after", FieldCode.Conflicting, $"{key} would come after itself.");
            }

            foreach (var earlier in seen.Add(one) ? before.GetValueOrDefault(one, []) : [])
            {
                next.Enqueue(earlier);
            }
        }
    }

    private void LeaveTasks(
        Func<TicketTask, bool> had, Func<TicketTask, (Guid? Group, string? Name)> heir, Guid? person, AuditContext audit)
    {
        foreach (var task in TaskList.Where(task => !task.HasEnded && had(task)).ToList())
        {
            var (group, name) = heir(task);
            PutTask(task with { AssignmentGroup = group, GroupName = name, Assignee = group is null ? person : null }, audit);
        }
    }
}
