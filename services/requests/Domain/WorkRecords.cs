using Itsm.Contracts;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Ticketing.Approvals;
using MongoDB.Bson;

namespace Itsm.Requests.Domain;

/// <summary>An approval as lists find it: a copy out of its ticket, of the same version as this. Decisions are made on the
/// ticket.</summary>
public sealed class ApprovalRecord : Record
{
    /// <summary>The ticket's process.</summary>
    public string Kind { get; private init; } = "";

    /// <summary>The ticket.</summary>
    public Guid Ticket { get; private init; }

    /// <summary>The ticket's number.</summary>
    public string Number { get; private init; } = "";

    /// <summary>The ticket's title.</summary>
    public string Title { get; private init; } = "";

    /// <summary>For whom the ticket is.</summary>
    public Guid Requester { get; private init; }

    /// <summary>1 at first; an edit of what is to be approved begins the next.</summary>
    public int Round { get; private init; }

    /// <summary>Name of the stage.</summary>
    public string StageName { get; private init; } = "";

    /// <summary>Who is asked.</summary>
    public Guid Approver { get; private init; }

    /// <summary>Why they.</summary>
    public string Because { get; private init; } = "";

    /// <summary>Reader token of the group or role as one of which they are asked.</summary>
    [Hidden]
    public string? MemberOf { get; private init; }

    /// <summary>Where it stands.</summary>
    public ApprovalState State { get; private init; }

    /// <summary>Of what is to be approved; to be sent with the decision.</summary>
    public string Digest { get; private init; } = "";

    /// <summary>When they were asked.</summary>
    public DateTimeOffset RequestedAt { get; private init; }

    /// <summary>When they were reminded.</summary>
    public DateTimeOffset? RemindedAt { get; private init; }

    /// <summary>When it expires.</summary>
    public DateTimeOffset? ExpiresAt { get; private init; }

    /// <summary>When it was decided, or ended otherwise.</summary>
    public DateTimeOffset? EndedAt { get; private init; }

    /// <summary>Who decided.</summary>
    public Actor? By { get; private init; }

    /// <summary>For whom, where a substitute decided.</summary>
    public Actor? OnBehalfOf { get; private init; }

    /// <summary>Why.</summary>
    public string? Comment { get; private init; }

    /// <summary>How it is stored.</summary>
    public static ProjectionDefinition<ApprovalRecord> Definition { get; } = new("approvals",
        new IndexDefinition("approver", "state", "requestedAt") { Domains = Domains },
        new("memberOf", "state", "requestedAt") { Sparse = true },
        new("readers", "requestedAt"), new("readers", "state", "requestedAt"), new("readers", "ticket", "requestedAt"),
        new("readers", "kind", "requestedAt"))
    {
        Noun = "approval",
    };

    private static Dictionary<string, IReadOnlyList<BsonValue>> Domains =>
        new() { ["state"] = [.. Enum.GetValues<ApprovalState>().Select(state => BsonMapping.Value(state))] };

    /// <summary>The approvals of a ticket.</summary>
    internal static IEnumerable<ApprovalRecord> Of(TicketChanged ticket) => (ticket.Approvals ?? []).Select(one => new ApprovalRecord
    {
        Id = one.ApprovalId, Version = ticket.Version, Readers = [.. ticket.Readers.Concat(Approvable.TokensOf(one)).Distinct()],
        Kind = ticket.Kind, Ticket = ticket.Id, Number = ticket.Number, Title = ticket.Title, Requester = ticket.Requester,
        Round = one.Round, StageName = one.StageName, Approver = one.Approver, Because = one.Because, MemberOf = one.MemberOf,
        State = one.State, Digest = one.Digest, RequestedAt = one.RequestedAt, RemindedAt = one.RemindedAt, ExpiresAt = one.ExpiresAt,
        EndedAt = one.EndedAt, By = one.By, OnBehalfOf = one.OnBehalfOf, Comment = one.Comment,
    });
}

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
