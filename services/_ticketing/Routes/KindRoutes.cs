using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Itsm.Ticketing.Routes;

/// <summary>The routes that every kind of ticket has, made from its declaration.</summary>
public static class KindRoutes
{
    private static readonly Dictionary<string, string> Summaries = new()
    {
        [Moves.Start] = "Begins the work", [Moves.Resume] = "Goes on after a wait", [Moves.Reopen] = "Takes up again what was resolved",
        [Moves.Close] = "Ends what was resolved before it closes by itself", [Moves.Cancel] = "Ends it without a resolution",
    };

    /// <summary>Why.</summary>
    /// <example>{ "reason": "The spare part is here." }</example>
    public sealed record MoveRequest
    {
        /// <summary>In the caller's words.</summary>
        [StringLength(4000, MinimumLength = 3)]
        public string? Reason { get; init; }
    }

    /// <summary>Why.</summary>
    /// <example>{ "reason": "It happens again." }</example>
    public sealed record ReasonedMoveRequest
    {
        /// <summary>In the caller's words.</summary>
        [Required, StringLength(4000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    /// <summary>For whom it waits, and why.</summary>
    /// <example>{ "reason": "vendor", "comment": "The part comes next week." }</example>
    public sealed record HoldRequest<THold>
        where THold : struct, Enum
    {
        /// <summary>For whom or what it waits.</summary>
        public required THold Reason { get; init; }

        /// <summary>A public comment; needed when it waits for the requester.</summary>
        [StringLength(32_000, MinimumLength = 3)]
        public string? Comment { get; init; }
    }

    /// <summary>To whom; what is absent stays, but for an assignee who is no member of the new group.</summary>
    /// <example>{ "assignmentGroup": "network", "assignee": "agent1", "reason": "It is the switch." }</example>
    public sealed record AssignRequest
    {
        /// <summary>Id or key of the group; null takes it from its group, and gives it to the default group where nobody has it then.</summary>
        public Optional<string> AssignmentGroup { get; init; }

        /// <summary>Id or user name of a member; null for nobody in particular.</summary>
        public Optional<string> Assignee { get; init; }

        /// <summary>Why.</summary>
        [StringLength(4000, MinimumLength = 3)]
        public string? Reason { get; init; }
    }

    /// <summary>To whom, and why.</summary>
    /// <example>{ "group": "network", "reason": "It needs access to the switch." }</example>
    public sealed record EscalateRequest
    {
        /// <summary>Id or key of a group with more knowledge (functional escalation).</summary>
        public string? Group { get; init; }

        /// <summary>Id or user name: with a group, one of its members; alone, a person with more say (hierarchical escalation).</summary>
        public string? Person { get; init; }

        /// <summary>Why.</summary>
        [Required, StringLength(4000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    /// <summary>How many.</summary>
    /// <param name="By">The field.</param>
    /// <param name="Counts">By value; none for those without.</param>
    public sealed record CountResponse(string By, IReadOnlyDictionary<string, long> Counts);

    /// <summary>Maps reads, moves, assignment, escalation, comments, links, watchers, the priority and the history.</summary>
    public static void MapTickets<TTicket, TState, THold>(this IEndpointRouteBuilder tickets, TicketKind<TTicket, TState, THold> kind)
        where TTicket : Ticket<TState, THold>
        where TState : struct, Enum
        where THold : struct, Enum
    {
        var (names, may) = (kind.Names, kind.Permissions);
        MapReads(tickets, kind);
        foreach (var move in kind.LifeCycle.Named.ExceptBy(kind.OwnMoves, move => move.Action))
        {
            MapMove(tickets, kind, move);
        }

        tickets.MapPost("{id}/assign", AssignAsync<TTicket>).WithName($"Assign{names.Name}").WithSummary($"Gives the {names.Kind} to a group, a person, or both")
            .Requires(may.Work).ChangesOne().Produces<TTicket>();
        tickets.MapPost("{id}/escalate", EscalateAsync<TTicket>).WithName($"Escalate{names.Name}").WithSummary($"Escalates the {names.Kind} to a group or a person")
            .Requires(may.Escalate).ChangesOne().Produces<TTicket>();
        tickets.MapComments(names.Kind, may.Read, may.Comment, may.WriteNotes, kind.CommentsAlsoOf, kind.Survivor);
        tickets.MapLinks<TTicket>(names.Kind, may.Read, may.Work);
        tickets.MapWatchers<TTicket>(may.Read, may.Work);
        tickets.MapPriorityOverride<TTicket>(may.OverridePriority);
        tickets.MapHistory<TTicket>(may.ReadHistory, names.Kind);
    }

    private static void MapReads<TTicket, TState, THold>(IEndpointRouteBuilder tickets, TicketKind<TTicket, TState, THold> kind)
        where TTicket : Ticket<TState, THold>
        where TState : struct, Enum
        where THold : struct, Enum
    {
        var (names, read) = (kind.Names, kind.Permissions.Read);
        var fields = string.Join(", ", kind.CountedBy);
        tickets.MapGet("", (ListQuery list, AggregateStore<TTicket> store, CancellationToken ct) => list.PageAsync(store, kind.Lists, ct))
            .WithName($"List{names.Name}s").WithSummary($"Lists {names.Kind}s").Requires(read).Lists(kind.Lists).Produces<Page<TTicket>>();
        tickets.MapGet("counts", async (string? by, ListQuery list, AggregateStore<TTicket> store, CancellationToken ct) => by is not null && kind.CountedBy.Contains(by)
                ? new CountResponse(by, await list.GroupAsync(store, kind.Lists, by, ct))
                : throw HttpProblemException.Invalid("?by", $"by must be one of: {fields}."))
            .WithName($"Count{names.Name}s").WithSummary($"Counts {names.Kind}s by a field").WithDescription($"by is one of: {fields}.").Requires(read).Counts(kind.Lists, "by");
        tickets.MapGet("export", (ListQuery list, AggregateStore<TTicket> store, CancellationToken ct) => list.ExportAsync(store, kind.Lists, ct))
            .WithName($"Export{names.Name}s").WithSummary($"Exports {names.Kind}s, one JSON object a line").Requires(read).Exports(kind.Lists).Produces<string>(contentType: "application/x-ndjson");
        tickets.MapGet("{id}", (string id, Read reading, AggregateStore<TTicket> store, CancellationToken ct) => reading.OneAsync(store, id, ct))
            .WithName($"Get{names.Name}").WithSummary($"Reads the {names.Kind} with this id or number").Requires(read).Takes("fields").Produces<TTicket>();
    }

    private static void MapMove<TTicket, TState, THold>(IEndpointRouteBuilder tickets, TicketKind<TTicket, TState, THold> kind, Transition<TState> move)
        where TTicket : Ticket<TState, THold>
        where TState : struct, Enum
        where THold : struct, Enum
    {
        var (path, action) = ($"{{id}}/{move.Action}", move.Action);
        var route = action == Moves.Hold ? tickets.MapPost(path, HoldAsync<TTicket, TState, THold>)
            : move.NeedsReason ? tickets.MapPost(path, (string id, ReasonedMoveRequest request, Write write, AggregateStore<TTicket> store, TicketMoves<TTicket> moves, CancellationToken ct) =>
                MoveAsync(id, action, request.Reason, write, store, moves, ct))
            : tickets.MapPost(path, (string id, MoveRequest request, Write write, AggregateStore<TTicket> store, TicketMoves<TTicket> moves, CancellationToken ct) =>
                MoveAsync(id, action, request.Reason, write, store, moves, ct));
        route.WithName($"{char.ToUpperInvariant(action[0])}{action[1..]}{kind.Names.Name}")
            .WithSummary(move.Summary ?? Summaries.GetValueOrDefault(action) ?? "Lets it wait for somebody else").Requires(move.Permission).ChangesOne().Produces<TTicket>();
    }

    private static Task<IResult> MoveAsync<TTicket>(string id, string action, string? reason, Write write, AggregateStore<TTicket> store, TicketMoves<TTicket> moves, CancellationToken ct)
        where TTicket : Ticket => write.ChangeAsync(store, id, action, reason, (ticket, act) => moves.MoveAsync(ticket, action, act, ct), ct);

    private static Task<IResult> HoldAsync<TTicket, TState, THold>(string id, HoldRequest<THold> request, Write write, AggregateStore<TTicket> store, CancellationToken ct)
        where TTicket : Ticket<TState, THold>
        where TState : struct, Enum
        where THold : struct, Enum => write.ChangeAsync(store, id, Moves.Hold, request.Comment, (ticket, act) =>
        {
            if (request.Comment is null && request.Reason.Equals(ticket.AwaitsRequester))
            {
                throw HttpProblemException.Invalid("/comment", "comment is required when it waits for its requester: tell them what you need.");
            }

            ticket.Hold(request.Reason, request.Comment, act);
        }, ct);

    private static Task<IResult> AssignAsync<TTicket>(
        string id, AssignRequest request, Write write, AggregateStore<TTicket> store, Ownerless<TTicket> ownerless, People people, CancellationToken ct)
        where TTicket : Ticket => write.ChangeAsync(store, id, "assign", request.Reason, async (ticket, _) =>
        {
            var (group, assignee) = await people.ReassignAsync(request.AssignmentGroup, request.Assignee, ticket.AssignmentGroup, ticket.Assignee, ct);
            group ??= assignee is null && !ticket.IsRestricted ? await ownerless.DefaultGroupAsync(ct) : null;
            ticket.Assign(group, assignee);
            ticket.Surround(await people.SurroundingsAsync(ticket.Requester, group?.Id, ct));
        }, ct);

    private static Task<IResult> EscalateAsync<TTicket>(string id, EscalateRequest request, Write write, AggregateStore<TTicket> store, People people, CancellationToken ct)
        where TTicket : Ticket => request.Group is null && request.Person is null
            ? throw HttpProblemException.Invalid("/group", "Name a group or a person to escalate to.")
            : write.ChangeAsync(store, id, "escalate", request.Reason, async (ticket, act) =>
            {
                var (group, person) = await people.RequireAssignmentAsync(request.Group, request.Person, ct, "/group", "/person");
                ticket.Escalate(group, person, request.Reason, act);
                ticket.Surround(await people.SurroundingsAsync(ticket.Requester, ticket.AssignmentGroup, ct));
            }, ct);
}
