using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Itsm.Ticketing.Routes;

/// <summary>Escalates to a group with more knowledge, or to a person with more say.</summary>
public static class EscalateTicket
{
    /// <summary>To whom, and why.</summary>
    /// <example>{ "group": "network", "reason": "It needs access to the switch." }</example>
    public sealed record Request
    {
        /// <summary>Id or key of a group with more knowledge (functional escalation).</summary>
        public string? Group { get; init; }

        /// <summary>Id or user name: with a group, one of its members; alone, a person with more say (hierarchical escalation).</summary>
        public string? Person { get; init; }

        /// <summary>Why.</summary>
        [Required, StringLength(4000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    internal static void Map<TTicket>(IEndpointRouteBuilder tickets, KindNames names, Permission permission)
        where TTicket : Ticket => tickets.MapPost("{id}/escalate", Handle<TTicket>)
        .WithName($"Escalate{names.Name}").WithSummary($"Escalates the {names.Noun} to a group or a person").Requires(permission)
        .ChangesOne().Produces<TTicket>();

    private static Task<IResult> Handle<TTicket>(
        string id, Request request, Write write, AggregateStore<TTicket> store, People people, CancellationToken ct)
        where TTicket : Ticket => request.Group is null && request.Person is null
            ? throw HttpProblemException.Invalid("/group", FieldCode.Required, $"Name a group or a person to escalate to.")
            : write.ChangeAsync(store, id, "escalate", request.Reason, async (ticket, audit) =>
            {
                var (group, person) = await people.RequireAssignmentAsync(request.Group, request.Person, ct, "/group", "/person");
                ticket.Escalate(group, person, request.Reason, audit);
                ticket.Surround(await people.SurroundingsAsync(ticket.Requester, ticket.AssignmentGroup, ct));
            }, ct);
}
