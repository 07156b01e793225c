using Itsm.Platform.Http;
using Microsoft.AspNetCore.Routing;

namespace Itsm.Ticketing.Routes;

/// <summary>The routes that every kind of ticket has, made from its declaration.</summary>
public static class KindRoutes
{
    /// <summary>Maps reads, the edit, moves, assignment, escalation, comments, attachments, tasks, links, watchers, the priority and the
    /// history.</summary>
    public static void MapTickets<TTicket, TState, THold>(this IEndpointRouteBuilder tickets, TicketKind<TTicket, TState, THold> kind)
        where TTicket : Ticket<TState, THold>
        where TState : struct, Enum
        where THold : struct, Enum
    {
        var (names, may) = (kind.Names, kind.Permissions);
        ReadTickets.Map(tickets, kind);
        BulkRoutes.Map<TTicket>(tickets, names, may.Work);
        if (!kind.OwnEdit)
        {
            EditTicket.Map<TTicket>(tickets, names, may);
        }

        MoveTicket.Map(tickets, kind);
        AssignTicket.Map<TTicket>(tickets, names, may.Work);
        EscalateTicket.Map<TTicket>(tickets, names, may.Escalate);
        tickets.MapComments(names, may.Read, may.Comment, may.WriteNotes, kind.CommentsAlsoOf, kind.Survivor);
        tickets.MapAttachments(names, may.Read, may.Comment, may.WriteNotes, kind.CommentsAlsoOf, kind.Survivor);
        TaskRoutes.Map(tickets, kind);
        tickets.MapLinks<TTicket>(names.Kind, may.Read, may.Work);
        tickets.MapWatchers<TTicket>(may.Read, may.Work);
        tickets.MapPriorityOverride<TTicket>(may.OverridePriority);
        tickets.MapHistory<TTicket>(may.ReadHistory, names.Noun);
    }
}
