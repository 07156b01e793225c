using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Ticketing.Worklists;
using MongoDB.Bson;

namespace Itsm.Ticketing;

/// <summary>The tickets of a kind that wait for somebody.</summary>
internal sealed class TicketWork<TTicket, TState, THold>(TicketKind<TTicket, TState, THold> kind, AggregateStore<TTicket> store)
    : IWorkSource
    where TTicket : Ticket<TState, THold>
    where TState : struct, Enum
    where THold : struct, Enum
{
    private static readonly WorkOrder Order = new(TicketServiceLevels.Sorts["dueAt"], "openedAt", "updatedAt");

    public async Task<MyWork> FindAsync(WorkQuery query, CancellationToken ct)
    {
        if (!query.Caller.May(kind.Permissions.Read.Name))
        {
            return new MyWork();
        }

        var (me, unfinished) = (BsonMapping.Value(query.Caller.Person), Condition.In("state", kind.Unfinished));
        var assigned = SectionAsync(Condition.In("assignee", me));
        var groups = query.Caller.Groups.Count == 0 ? Task.FromResult(WorkSection.Empty)
            : SectionAsync(Condition.In("assignmentGroup", [.. query.Caller.Groups.Select(group => BsonMapping.Value(group))]),
                Condition.In("assignee", BsonNull.Value));
        var opened = SectionAsync(Condition.In("requester", me));
        var watched = SectionAsync(Condition.In("watchers", me));
        return new MyWork { Assigned = await assigned, Groups = await groups, Opened = await opened, Watched = await watched };

        Task<WorkSection> SectionAsync(params IReadOnlyList<Condition> conditions) =>
            query.FindAsync(store.Documents, Order, found => ReadAsync(found, query, ct), ct, [unfinished, .. conditions]);
    }

    private async ValueTask<WorkItem> ReadAsync(StoredDocument document, WorkQuery query, CancellationToken ct)
    {
        var ticket = BsonMapping.FromBytes<TicketRow>(document.Body);
        return new WorkItem
        {
            Kind = kind.Names.Kind, Id = document.Id, Number = ticket.Number, Title = ticket.Title, State = ticket.State,
            Priority = ticket.Priority, Requester = await query.NameAsync(ticket.Requester, ct),
            Assignee = await query.NameAsync(ticket.Assignee, ct), AssignmentGroup = await query.NameAsync(ticket.AssignmentGroup, ct),
            OpenedAt = ticket.OpenedAt, UpdatedAt = ticket.UpdatedAt, DueAt = ticket.ServiceLevels?.OrderAt,
        };
    }
}

/// <summary>What a worklist shows of a stored ticket, of whatever kind and version.</summary>
internal sealed record TicketRow
{
    public string Number { get; init; } = "";

    public string Title { get; init; } = "";

    public string State { get; init; } = "";

    public int Priority { get; init; }

    public Guid Requester { get; init; }

    public Guid? Assignee { get; init; }

    public Guid? AssignmentGroup { get; init; }

    public DateTimeOffset OpenedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public Clocks? ServiceLevels { get; init; }

    internal sealed record Clocks
    {
        public DateTimeOffset? OrderAt { get; init; }
    }
}
