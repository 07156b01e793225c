using Itsm.Contracts.Directory;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.Platform.Replicas;
using Itsm.Ticketing.Tasks;
using MongoDB.Bson;

namespace Itsm.Ticketing;

/// <summary>Keeps open tickets of one kind, and their tasks, out of nobody's hands: what has no group goes to the default group, and so
/// does what a group or person had who is not there any more. What an import found with people and groups that were never active here keeps
/// them, and is listed as unowned.</summary>
/// <param name="tickets">The tickets.</param>
/// <param name="people">The service's copies of people and groups.</param>
/// <param name="open">The states, as stored, in which a ticket needs somebody.</param>
/// <param name="defaultGroup">Id or key of the group that gets what nobody else has; null for none.</param>
public sealed class Ownerless<TTicket>(AggregateStore<TTicket> tickets, People people, IReadOnlyList<BsonValue> open, string? defaultGroup)
    where TTicket : Ticket
{
    private const int PageSize = 200;

    /// <summary>The group that gets what nobody else has; null where the settings name none, or it is unknown or retired.</summary>
    public async ValueTask<GroupChanged?> DefaultGroupAsync(CancellationToken ct) =>
        defaultGroup is not null && await people.FindGroupAsync(defaultGroup, ct) is { Active: true } group ? group : null;

    /// <summary>The group where it is there and active, else the default group.</summary>
    public async ValueTask<GroupChanged?> OrDefaultAsync(Guid? group, CancellationToken ct) =>
        group is { } id && await people.FindGroupAsync(id, ct) is { Active: true } active ? active : await DefaultGroupAsync(ct);

    /// <summary>Gives a ticket back that was given to somebody just as they left: who learns of the departure looks at the tickets, who
    /// learns of the ticket looks at them.</summary>
    public async Task CheckAsync(TicketChanged message, CancellationToken ct)
    {
        List<(Guid? Group, Guid? Person)> hands =
            [.. message.OpenTasks.Select(task => (task.AssignmentGroup, task.Assignee))];
        if (message.Category != StateCategory.Closed)
        {
            hands.Add((message.AssignmentGroup, message.Assignee));
        }

        foreach (var id in hands.Select(hand => hand.Group).OfType<Guid>().Distinct())
        {
            if (await people.FindGroupAsync(id, ct) is { Active: false, Source: null } group)
            {
                await LeaveAsync([message.Id], $"{group.Name} is retired.",
                    (ticket, heir, person, audit) => ticket.LeaveGroup(id, heir, person, audit), ct);
            }
        }

        foreach (var id in hands.Select(hand => hand.Person).OfType<Guid>().Distinct())
        {
            if (await people.FindPersonAsync(id, ct) is { Active: false, Source: null } person)
            {
                await LeaveAsync([message.Id], $"{person.Name} is deactivated.",
                    (ticket, heir, instead, audit) => ticket.LeavePerson(id, heir, instead, audit), ct);
            }
        }
    }

    /// <summary>Takes all open tickets from a group that was retired.</summary>
    internal Task LeaveGroupAsync(Guid group, string reason, CancellationToken ct) =>
        LeaveAsync("assignmentGroup", group, ReaderToken.Group(group), reason,
            (ticket, heir, person, audit) => ticket.LeaveGroup(group, heir, person, audit), ct);

    /// <summary>Takes all open tickets from a person who was deactivated; their groups keep them.</summary>
    internal Task LeavePersonAsync(Guid person, string reason, CancellationToken ct) =>
        LeaveAsync("assignee", person, ReaderToken.Person(person), reason,
            (ticket, heir, instead, audit) => ticket.LeavePerson(person, heir, instead, audit), ct);

    private async Task LeaveAsync(
        string field, Guid id, string token, string reason, Action<TTicket, GroupChanged?, Guid?, AuditContext> leave, CancellationToken ct)
    {
        // Whoever was given it is among its readers, or all agents are.
        Condition[] its = [Condition.In("readers", ReaderToken.Role(KnownRoles.Agent), token), Condition.In(field, BsonMapping.Value(id)),
            Condition.In("state", open)];
        foreach (var where in new[] { its, [Condition.In("taskHolders", BsonMapping.Value(id))] })
        {
            var query = new DocumentQuery(where, "openedAt", false, null, PageSize);
            while (true)
            {
                var page = await tickets.Documents.QueryAsync(query, ct);
                await LeaveAsync(page.Select(found => found.Id), reason, leave, ct);
                if (page.Count < PageSize)
                {
                    break;
                }

                query = query with { After = new DocumentPosition(RawBson.Values(page[^1].Body.Span, query.Sort)[0], page[^1].Id) };
            }
        }
    }

    private async Task LeaveAsync(
        IEnumerable<Guid> found, string reason, Action<TTicket, GroupChanged?, Guid?, AuditContext> leave, CancellationToken ct)
    {
        var audit = AuditContext.OfService(tickets.Definition.Collection.Name, "give-back", tickets.Clock) with { Reason = reason };
        foreach (var one in found)
        {
            await tickets.UpdateAsync(one, audit, async ticket =>
            {
                // It may have ended since it was found, or since its message; its tasks may go on.
                if (!ticket.HasEnded || ticket.TaskHolders is not null)
                {
                    var (heir, person) = await HeirAsync(ticket, ct);
                    leave(ticket, heir, person, audit);
                }
            }, ct);
        }
    }

    private async ValueTask<(GroupChanged? Group, Guid? Person)> HeirAsync(TTicket ticket, CancellationToken ct)
    {
        if (ticket.Heirs is not { } heirs)
        {
            return (await DefaultGroupAsync(ct), null);
        }

        foreach (var id in heirs.Groups)
        {
            if (await people.FindGroupAsync(id, ct) is { Active: true } group)
            {
                return (group, null);
            }
        }

        foreach (var id in heirs.People)
        {
            if (await people.FindPersonAsync(id, ct) is { Active: true })
            {
                return (null, id);
            }
        }

        return (null, null);
    }
}

/// <summary>Gives the open tickets of a retired group back. Safe to run twice, and late: it looks at the group as it is now.</summary>
public sealed class LeaveRetiredGroup<TTicket>(Ownerless<TTicket> ownerless, Replica<GroupChanged> groups) : IHandle<GroupChanged>
    where TTicket : Ticket
{
    /// <inheritdoc/>
    public async Task HandleAsync(GroupChanged message, CancellationToken ct)
    {
        await groups.HandleAsync(message, ct);
        if (await groups.ReadAsync(message.Id, ct) is { Active: false, Source: null } group)
        {
            await ownerless.LeaveGroupAsync(group.Id, $"{group.Name} is retired.", ct);
        }
    }
}

/// <summary>Gives the open tickets of somebody who is deactivated back to their groups. Safe to run twice, and late: it looks at the person
/// as they are now.</summary>
public sealed class LeaveGonePerson<TTicket>(Ownerless<TTicket> ownerless, Replica<PersonChanged> people) : IHandle<PersonChanged>
    where TTicket : Ticket
{
    /// <inheritdoc/>
    public async Task HandleAsync(PersonChanged message, CancellationToken ct)
    {
        await people.HandleAsync(message, ct);
        if (await people.ReadAsync(message.Id, ct) is { Active: false, Source: null } person)
        {
            await ownerless.LeavePersonAsync(person.Id, $"{person.Name} is deactivated.", ct);
        }
    }
}
