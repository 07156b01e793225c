using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Requests.Domain;

/// <summary>A fulfillment task as lists find it: a copy out of its request, of the same version as this. The work is done on the
/// request.</summary>
public sealed class TaskRecord : Record
{
    /// <summary>The request.</summary>
    public Guid Request { get; private init; }

    /// <summary>The request's number.</summary>
    public string Number { get; private init; } = "";

    /// <summary>What was asked for.</summary>
    public string RequestTitle { get; private init; } = "";

    /// <summary>Key of the task in the request.</summary>
    public string Key { get; private init; } = "";

    /// <summary>What kind of work.</summary>
    public StepKind Kind { get; private init; }

    /// <summary>One line.</summary>
    public string Title { get; private init; } = "";

    /// <summary>Where it stands.</summary>
    public StepState State { get; private init; }

    /// <summary>Priority of the request.</summary>
    public int Priority { get; private init; }

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
    public static ProjectionDefinition<TaskRecord> Definition { get; } = new("request-tasks",
        new IndexDefinition("readers", "openedAt"), new("readers", "dueAt"), new("readers", "state", "openedAt"),
        new("readers", "state", "dueAt"), new("readers", "assignmentGroup", "state", "openedAt") { Domains = Domains },
        new("readers", "assignmentGroup", "state", "dueAt") { Domains = Domains },
        new("readers", "assignee", "state", "openedAt") { Domains = Domains },
        new("readers", "assignee", "state", "dueAt") { Domains = Domains }, new("readers", "request", "openedAt"))
    {
        Noun = "task",
    };

    private static Dictionary<string, IReadOnlyList<BsonValue>> Domains =>
        new() { ["state"] = [.. Enum.GetValues<StepState>().Select(state => BsonMapping.Value(state))] };

    /// <summary>The tasks of a request. Who works on it sees them.</summary>
    internal static IEnumerable<TaskRecord> Of(TicketChanged ticket) => (ticket.Request?.Tasks ?? []).Select(one => new TaskRecord
    {
        Id = one.TaskId, Version = ticket.Version, Readers = ticket.NoteReaders, Request = ticket.Id, Number = ticket.Number,
        RequestTitle = ticket.Title, Key = one.Key, Kind = Enum.Parse<StepKind>(one.Kind, ignoreCase: true), Title = one.Title,
        State = Enum.Parse<StepState>(one.State, ignoreCase: true), Priority = ticket.Priority, AssignmentGroup = one.AssignmentGroup,
        Assignee = one.Assignee, DueAt = one.DueAt, OpenedAt = one.OpenedAt, EndedAt = one.EndedAt,
    });
}
