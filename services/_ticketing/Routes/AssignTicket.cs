using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Itsm.Ticketing.Routes;

/// <summary>Gives a ticket to a group, to one of its members, or to the default group.</summary>
public static class AssignTicket
{
    /// <summary>To whom; what is absent stays, but for an assignee who is no member of the new group.</summary>
    /// <example>{ "assignmentGroup": "network", "assignee": "agent1", "reason": "It is the switch." }</example>
    public sealed record Request
    {
        /// <summary>Id or key of the group; null takes it from its group. Where nobody has it then the default group gets it; a task,
        /// the group of its ticket.</summary>
        public Optional<string> AssignmentGroup { get; init; }

        /// <summary>Id or user name of a member; null for nobody in particular.</summary>
        public Optional<string> Assignee { get; init; }

        /// <summary>Why.</summary>
        [StringLength(4000, MinimumLength = 3)]
        public string? Reason { get; init; }
    }

    internal static void Map<TTicket>(IEndpointRouteBuilder tickets, KindNames names, Permission permission)
        where TTicket : Ticket => tickets.MapPost("{id}/assign", Handle<TTicket>)
        .WithName($"Assign{names.Name}").WithSummary($"Gives the {names.Noun} to a group, a person, or both").Requires(permission)
        .ChangesOne().Produces<TTicket>();

    private static Task<IResult> Handle<TTicket>(
        string id, Request request, Write write, AggregateStore<TTicket> store, Ownerless<TTicket> ownerless, People people,
        CancellationToken ct)
        where TTicket : Ticket => write.ChangeAsync(store, id, "assign", request.Reason, async (ticket, _) =>
        {
            var (group, assignee) = await people.ReassignAsync(request.AssignmentGroup, request.Assignee, ticket.AssignmentGroup,
                ticket.Assignee, ct);
            group ??= assignee is null && !ticket.IsRestricted ? await ownerless.DefaultGroupAsync(ct) : null;
            ticket.Assign(group, assignee);
            ticket.Surround(await people.SurroundingsAsync(ticket.Requester, group?.Id, ct));
        }, ct);
}
