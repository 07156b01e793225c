using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Ticketing.Tasks;

/// <summary>A task as lists find it: a copy out of its ticket, of the same version as that. The work is done on the ticket.</summary>
public sealed class TaskRecord : Record
{
    /// <summary>The kind of its ticket: <c>incident</c>.</summary>
    public string TicketKind { get; private init; } = "";

    /// <summary>The ticket.</summary>
    public Guid Ticket { get; private init; }

    /// <summary>The ticket's number.</summary>
    public string Number { get; private init; } = "";

    /// <summary>The ticket's title.</summary>
    public string TicketTitle { get; private init; } = "";

    /// <summary>Priority of the ticket.</summary>
    public int Priority { get; private init; }

    /// <summary>Tells the tasks of a ticket apart.</summary>
    public string Key { get; private init; } = "";

    /// <summary>What kind of work, in the words of the ticket's kind: <c>remediation</c>.</summary>
    public string Kind { get; private init; } = "";

    /// <summary>One line.</summary>
    public string Title { get; private init; } = "";

    /// <summary>Where it stands.</summary>
    public TaskState State { get; private init; }

    /// <summary>The group that does it.</summary>
    public Guid? AssignmentGroup { get; private init; }

    /// <summary>The person who does it.</summary>
    public Guid? Assignee { get; private init; }

    /// <summary>When it should be done.</summary>
    public DateTimeOffset? DueAt { get; private init; }

    /// <summary>When its turn came.</summary>
    public DateTimeOffset? OpenedAt { get; private init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; private init; }

    /// <summary>How it is stored.</summary>
    public static ProjectionDefinition<TaskRecord> Definition { get; } = new("tasks",
    [
        .. new[] { "openedAt", "dueAt" }.SelectMany(order => new IndexDefinition[]
        {
            new("readers", order), new("state", order), new("assignmentGroup", "state", order) { Domains = Domains },
            new("assignee", "state", order) { Domains = Domains },
        }),
        new("ticketKind", "openedAt"), new("ticket", "openedAt"),
    ])
    {
        Noun = "task",
    };

    private static Dictionary<string, IReadOnlyList<BsonValue>> Domains =>
        new() { ["state"] = [.. Enum.GetValues<TaskState>().Select(state => BsonMapping.Value(state))] };

    /// <summary>The tasks of a ticket. Who may read its work notes sees them. A state that is not known here, from a newer version, counts
    /// as open; ids come from the keys, since an older version derived them otherwise.</summary>
    internal static IEnumerable<TaskRecord> Of(TicketChanged ticket) => ticket.AllTasks.Select(one => new TaskRecord
    {
        Id = TicketTask.IdOf(ticket.Id, one.Key), Version = ticket.Version, Readers = ticket.NoteReaders, TicketKind = ticket.Kind,
        Ticket = ticket.Id, Number = ticket.Number, TicketTitle = ticket.Title, Priority = ticket.Priority, Key = one.Key, Kind = one.Kind,
        Title = one.Title, State = Enum.TryParse<TaskState>(one.State, ignoreCase: true, out var state) ? state : TaskState.Open,
        AssignmentGroup = one.AssignmentGroup, Assignee = one.Assignee, DueAt = one.DueAt, OpenedAt = one.OpenedAt, EndedAt = one.EndedAt,
    });
}

/// <summary>Reads tasks out of messages.</summary>
public static class TasksOfTickets
{
    extension(TicketChanged ticket)
    {
        /// <summary>Its tasks, also where the message is older than <see cref="TicketChanged.Tasks"/>.</summary>
        public IReadOnlyList<TicketTaskState> AllTasks => ticket.Tasks ?? ticket.Request?.Tasks ?? [];

        /// <summary>Those that have not ended.</summary>
        public IEnumerable<TicketTaskState> OpenTasks =>
            ticket.AllTasks.Where(task => task.State is not ("done" or "skipped" or "waived" or "cancelled"));
    }
}
