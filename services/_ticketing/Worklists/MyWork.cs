using Itsm.Platform.Http;

namespace Itsm.Ticketing.Worklists;

/// <summary>All that waits for the caller, of all kinds of tickets.</summary>
public sealed record MyWork
{
    /// <summary>Unfinished tickets that the caller works on.</summary>
    public WorkSection Assigned { get; init; } = WorkSection.Empty;

    /// <summary>Unfinished tickets of the caller's groups that nobody works on yet.</summary>
    public WorkSection Groups { get; init; } = WorkSection.Empty;

    /// <summary>Approvals that the caller is asked for, also as a substitute; oldest first.</summary>
    public WorkSection Approvals { get; init; } = WorkSection.Empty;

    /// <summary>Tasks whose turn has come that the caller does, or, where nobody does them yet, one of the caller's groups.</summary>
    public WorkSection Tasks { get; init; } = WorkSection.Empty;

    /// <summary>Unfinished tickets for the caller.</summary>
    public WorkSection Opened { get; init; } = WorkSection.Empty;

    /// <summary>Unfinished tickets that the caller watches.</summary>
    public WorkSection Watched { get; init; } = WorkSection.Empty;

    /// <summary>Services that did not answer just now, whose part is not here; absent where all did.</summary>
    public IReadOnlyList<string>? Incomplete { get; init; }

    /// <summary>One of what several kinds have.</summary>
    internal static MyWork Of(IReadOnlyList<MyWork> parts, WorkQuery query)
    {
        return new MyWork
        {
            Assigned = Section(part => part.Assigned), Groups = Section(part => part.Groups), Approvals = Section(part => part.Approvals),
            Tasks = Section(part => part.Tasks), Opened = Section(part => part.Opened), Watched = Section(part => part.Watched),
        };

        WorkSection Section(Func<MyWork, WorkSection> of) => WorkSection.Of(
            parts.Any(part => of(part).More == true) ? long.MaxValue : parts.Sum(part => of(part).Count),
            query.Since is null ? null : parts.Sum(part => of(part).Unread ?? 0),
            [.. WorkItem.InOrder(parts.SelectMany(part => of(part).Items)).Take(query.Limit)]);
    }
}

/// <summary>What waits for somebody in one way.</summary>
/// <param name="Count">How many there are in all: exact up to 1,000, and 1,000 of more.</param>
/// <param name="More">True where there are more than 1,000; else absent.</param>
/// <param name="Unread">How many of all of them changed after <c>since</c>: exact up to 1,000, and 1,000 of more; absent without
/// it.</param>
/// <param name="Items">The first of them, by <c>dueAt</c> (without one last), priority and <c>openedAt</c>. Of more than 1,000 without
/// <c>dueAt</c> those opened first are looked at.</param>
public sealed record WorkSection(long Count, bool? More, long? Unread, IReadOnlyList<WorkItem> Items)
{
    internal static WorkSection Empty { get; } = new(0, null, null, []);

    /// <summary>A section of so many, which counts as far as people care.</summary>
    internal static WorkSection Of(long count, long? unread, IReadOnlyList<WorkItem> items) =>
        new(Math.Min(count, SharedRoutes.MostCounted), count > SharedRoutes.MostCounted ? true : null,
            unread is { } some ? Math.Min(some, SharedRoutes.MostCounted) : null, items);
}

/// <summary>Something that waits for somebody: a ticket, or a task or an approval of one.</summary>
public sealed record WorkItem
{
    /// <summary>The ticket's kind: <c>incident</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The ticket's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The ticket's number.</summary>
    public required string Number { get; init; }

    /// <summary>The ticket's title.</summary>
    public required string Title { get; init; }

    /// <summary>Where the ticket stands; absent of a task and of an approval.</summary>
    public string? State { get; init; }

    /// <summary>The ticket's priority, 1 (critical) to 5 (planning); absent of an approval.</summary>
    public int? Priority { get; init; }

    /// <summary>For whom the ticket is; absent of a task.</summary>
    public PersonOrGroup? Requester { get; init; }

    /// <summary>Who works on it; absent where nobody does.</summary>
    public PersonOrGroup? Assignee { get; init; }

    /// <summary>The group that works on it; absent where there is none.</summary>
    public PersonOrGroup? AssignmentGroup { get; init; }

    /// <summary>When the ticket was opened, the turn of the task came, or the approval was asked for.</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>When the ticket was last changed; of a task and of an approval as <c>openedAt</c>.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When the earliest service-level clock of the ticket that has not ended is due or was breached, or the task is due; absent
    /// where nothing is.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The task that waits.</summary>
    public WaitingTask? Task { get; init; }

    /// <summary>The approval that waits.</summary>
    public WaitingApproval? Approval { get; init; }

    internal static IEnumerable<WorkItem> InOrder(IEnumerable<WorkItem> items) => items
        .OrderBy(item => item.DueAt ?? DateTimeOffset.MaxValue).ThenBy(item => item.Priority ?? int.MaxValue)
        .ThenBy(item => item.OpenedAt);
}

/// <summary>A task that waits for somebody.</summary>
/// <param name="Id">In the list of all tasks.</param>
/// <param name="Key">At its ticket.</param>
/// <param name="Title">One line.</param>
/// <param name="State">Where it stands: <c>open</c>, <c>inProgress</c> or <c>failed</c>.</param>
public sealed record WaitingTask(Guid Id, string Key, string Title, string State);

/// <summary>An approval that waits for somebody.</summary>
/// <param name="Id">At its ticket.</param>
/// <param name="StageName">Name of the stage.</param>
/// <param name="Digest">Of what is to be approved; to be sent with the decision.</param>
/// <param name="Approver">Who is asked: the caller, or whom they substitute.</param>
/// <param name="ExpiresAt">When it expires; absent where it does not.</param>
public sealed record WaitingApproval(Guid Id, string StageName, string Digest, PersonOrGroup? Approver, DateTimeOffset? ExpiresAt);
