using System.Globalization;
using Itsm.Notifications.Live;
using Itsm.Platform.Access;
using Itsm.Platform.Caching;
using Itsm.Platform.Errors;

namespace Itsm.Notifications.UseCases;

/// <summary>Gives a browser what its EventSource can open a stream with, since that can't send a token.</summary>
internal static class IssueStreamTicket
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("stream/tickets", HandleAsync)
        .WithName(nameof(IssueStreamTicket)).WithTags("Live updates")
        .WithSummary("Issues a ticket that opens a stream without the header Authorization")
        .WithDescription("""
            For a browser's EventSource, which sends no headers of its own: `new EventSource("/api/v1/stream?ticket=" + ticket)`.
            The ticket lasts 60 s; while a stream that it opened is open, and 60 s after, it opens the stream again, so that EventSource connects again by itself;
            never longer than the token that it was issued for. It opens streams and nothing else. Every call gives a new one, whatever its Idempotency-Key.
            """)
        .Requires(Permissions.Stream).Produces<StreamTicket>(StatusCodes.Status201Created);

    private static async Task<IResult> HandleAsync(HttpContext context, Caller caller, StreamTickets tickets, TimeProvider clock)
    {
        var ends = Tokens.ExpiryOf(context.User);
        if (ends <= clock.GetUtcNow())
        {
            throw new HttpProblemException(Problems.Create(401, "unauthenticated", $"Unauthenticated", $"The token has expired."));
        }

        try
        {
            var expiry = long.Parse(context.User.FindFirst("exp")!.Value, CultureInfo.InvariantCulture);
            var (ticket, until) = await tickets.IssueAsync(caller.Person, expiry, ends);
            return TypedResults.Json(new StreamTicket(ticket, until), statusCode: StatusCodes.Status201Created);
        }
        catch (Exception e) when (RedisLink.IsOutage(e))
        {
            throw new HttpProblemException(TicketAuthentication.Unavailable);
        }
    }

    /// <summary>What opens a stream.</summary>
    /// <param name="Ticket">For the query parameter ticket; a secret, as a token is.</param>
    /// <param name="ExpiresAt">Until when it opens the first stream.</param>
    internal sealed record StreamTicket(string Ticket, DateTimeOffset ExpiresAt);
}
