using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.Ticketing;

/// <summary>A piece of work on a ticket, with its own group and assignee. Who may see it follows from the ticket's work notes.</summary>
public sealed class TicketTask<TTicket> : Aggregate
    where TTicket : Ticket
{
    private static readonly Permission Anyone = new("");

    /// <summary>The ticket.</summary>
    public required Guid Ticket { get; init; }

    /// <summary>What kind of work.</summary>
    public required TaskKind Kind { get; init; }

    /// <summary>One line.</summary>
    public string Title { get; private set; } = "";

    /// <summary>The full text.</summary>
    public string? Description { get; private set; }

    /// <summary>The group that does it.</summary>
    public Guid? AssignmentGroup { get; private set; }

    /// <summary>The person who does it.</summary>
    public Guid? Assignee { get; private set; }

    /// <summary>When it should be done.</summary>
    public DateTimeOffset? DueAt { get; private set; }

    /// <summary>Where it stands.</summary>
    public TaskState State { get; private set; }

    /// <summary>What came of it.</summary>
    public string? Outcome { get; private set; }

    /// <summary>When it was written down.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was done or cancelled.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<TicketTask<TTicket>> Definition { get; } = new("tasks", null,
        new IndexDefinition("readers", "ticket", "createdAt"), new("readers", "ticket", "state", "createdAt"), new("kind", "createdAt"))
    {
        Noun = "task",
    };

    private static LifeCycle<TaskState> Cycle { get; } = new("task",
        new("start", Anyone, [TaskState.Open], TaskState.InProgress),
        new("complete", Anyone, [TaskState.Open, TaskState.InProgress], TaskState.Done),
        new("cancel", Anyone, [TaskState.Open, TaskState.InProgress], TaskState.Cancelled),
        new("reopen", Anyone, [TaskState.Done, TaskState.Cancelled], TaskState.Open));

    /// <summary>A new task.</summary>
    public static TicketTask<TTicket> Create(Guid ticket, TaskKind kind, string title, string? description, Guid? group, Guid? assignee,
        DateTimeOffset? dueAt, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now), Ticket = ticket, Kind = kind, Title = title, Description = description, AssignmentGroup = group,
        Assignee = assignee, DueAt = dueAt, CreatedAt = now, Readers = [ReaderToken.Everyone],
    };

    /// <summary>Moves it by an action of its life cycle: start, complete, cancel, reopen.</summary>
    public void Move(string action, string? outcome, DateTimeOffset now)
    {
        State = Cycle.Next(State, action);
        (Outcome, EndedAt) = State is TaskState.Done or TaskState.Cancelled ? (outcome, now) : ((string?)null, (DateTimeOffset?)null);
    }

    /// <summary>Changes what is to be done.</summary>
    public void Describe(string title, string? description, DateTimeOffset? dueAt) =>
        (Title, Description, DueAt) = (title, description, dueAt);

    /// <summary>Gives it to somebody.</summary>
    public void Assign(Guid? group, Guid? assignee) => (AssignmentGroup, Assignee) = (group, assignee);
}

/// <summary>What kind of work a task is.</summary>
public enum TaskKind
{
    /// <summary>Any work.</summary>
    General,

    /// <summary>Finding out what happened.</summary>
    Investigation,

    /// <summary>Removing the damage.</summary>
    Remediation,

    /// <summary>What remains to be done afterwards.</summary>
    FollowUp,
}

/// <summary>Where a task stands.</summary>
public enum TaskState
{
    /// <summary>Not begun.</summary>
    Open,

    /// <summary>Somebody is at it.</summary>
    InProgress,

    /// <summary>Done.</summary>
    Done,

    /// <summary>Not to be done.</summary>
    Cancelled,
}
