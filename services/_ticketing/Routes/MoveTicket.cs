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

/// <summary>Makes the moves of a life cycle that bring no more than a reason along: a route for each.</summary>
public static class MoveTicket
{
    private static readonly Dictionary<string, string> Summaries = new()
    {
        [Moves.Start] = "Begins the work", [Moves.Hold] = "Lets it wait for somebody else", [Moves.Resume] = "Goes on after a wait",
        [Moves.Reopen] = "Takes up again what was resolved", [Moves.Close] = "Ends what was resolved before it closes by itself",
        [Moves.Cancel] = "Ends it without a resolution",
    };

    /// <summary>Why.</summary>
    /// <example>{ "reason": "The spare part is here." }</example>
    public sealed record Request
    {
        /// <summary>In the caller's words.</summary>
        [StringLength(4000, MinimumLength = 3)]
        public string? Reason { get; init; }
    }

    /// <summary>Why.</summary>
    /// <example>{ "reason": "It happens again." }</example>
    public sealed record ReasonedRequest
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

        /// <summary>A public comment; needed when it waits for its requester.</summary>
        [StringLength(32_000, MinimumLength = 3)]
        public string? Comment { get; init; }
    }

    internal static void Map<TTicket, TState, THold>(IEndpointRouteBuilder tickets, TicketKind<TTicket, TState, THold> kind)
        where TTicket : Ticket<TState, THold>
        where TState : struct, Enum
        where THold : struct, Enum
    {
        foreach (var move in kind.LifeCycle.Named.ExceptBy(kind.OwnMoves, move => move.Action))
        {
            var (path, action) = ($"{{id}}/{move.Action}", move.Action);
            var route = action == Moves.Hold ? tickets.MapPost(path, HoldAsync<TTicket, TState, THold>)
                : move.NeedsReason
                ? tickets.MapPost(path,
                    (string id, ReasonedRequest request, Write write, AggregateStore<TTicket> store, TicketMoves<TTicket> moves,
                        CancellationToken ct) =>
                    MoveAsync(id, action, request.Reason, write, store, moves, ct))
                : tickets.MapPost(path,
                    (string id, Request request, Write write, AggregateStore<TTicket> store, TicketMoves<TTicket> moves,
                        CancellationToken ct) =>
                    MoveAsync(id, action, request.Reason, write, store, moves, ct));
            route.WithName($"{char.ToUpperInvariant(action[0])}{action[1..]}{kind.Names.Name}")
                .WithSummary(move.Summary ?? Summaries.GetValueOrDefault(action) ?? $"Makes the move {action}").Requires(move.Permission)
                .ChangesOne().Produces<TTicket>();
        }
    }

    private static Task<IResult> MoveAsync<TTicket>(string id, string action, string? reason, Write write, AggregateStore<TTicket> store,
        TicketMoves<TTicket> moves, CancellationToken ct)
        where TTicket : Ticket =>
            write.ChangeAsync(store, id, action, reason, (ticket, audit) => moves.MoveAsync(ticket, action, audit, ct), ct);

    private static Task<IResult> HoldAsync<TTicket, TState, THold>(
        string id, HoldRequest<THold> request, Write write, AggregateStore<TTicket> store, CancellationToken ct)
        where TTicket : Ticket<TState, THold>
        where TState : struct, Enum
        where THold : struct, Enum => write.ChangeAsync(store, id, Moves.Hold, request.Comment, (ticket, audit) =>
        {
            if (request.Comment is null && request.Reason.Equals(ticket.AwaitsRequester))
            {
                throw HttpProblemException.Invalid("/comment", FieldCode.Required,
                    $"comment is required when it waits for its requester: tell them what you need.");
            }

            ticket.Hold(request.Reason, request.Comment, audit);
        }, ct);
}
