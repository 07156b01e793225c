using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Itsm.Notifications.Live;
using Itsm.Platform.Access;
using Itsm.Platform.Caching;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Itsm.Notifications.UseCases;

/// <summary>Tells a client what happens as it happens, as server-sent events: only what the caller may see, only what was asked
/// for.</summary>
internal static partial class StreamChanges
{
    private const int RetryAfterSeconds = 10;
    private const int MostTickets = 200;
    private static readonly Sentence Missed = $"Events were missed; read again what you show.";

    private static readonly QueryParameter<IReadOnlyList<string>> Types =
        new("types", QueryValue.Word(LiveEvent.Types).Several(), "Types of events, with commas; all where left out.");

    private static readonly QueryParameter<IReadOnlyList<string>> Tickets =
        new("tickets", QueryValue.Text().Several(MostTickets), "Ids or numbers of tickets, with commas; all where left out.");

    private static readonly QueryParameter<string> LastEventId = new("lastEventId",
        QueryValue.Form(Id(), $"the id of an event, such as 1767225600000-0"),
        "As the header Last-Event-ID, which wins where both are there: for a page that opens a new EventSource, which can't send it.");

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("stream", HandleAsync)
        .WithName(nameof(StreamChanges)).WithTags("Live updates")
        .WithSummary("Streams changes of tickets, comments and due timers as server-sent events")
        .WithDescription("""
            Events: `ticket` (a ticket changed), `comment` (a comment or work note was written), `mention` (one speaks to the caller: `@user-name`), `attachment` (a file was attached or removed), `timer` (a timer of a ticket came due), `serviceStatus` (the state of a service changed), `serviceNotice` (that of one that the caller has subscribed to by `PUT /api/v1/services/{id}/subscription`), `ready` (the stream begins here),
            `reset` (events were missed for good: read again what you show) and `end` (the stream is over, since the token has expired or the right to it was taken; `reason` says which).
            One person has at most 10 streams open, else 429. Every event has an `id`; send the last one as `Last-Event-ID` to go on from there and miss nothing.
            An empty `id` line every 15 s is a sign of life. Where a node of the service or of the gateway stops, each of its streams gets
            a `retry` of its own, so that not all clients come back at once.
            With a `ticket` and no header Authorization it is the stream that the ticket's token would have opened, and ends with that token.
            """)
        .WithMetadata(new TicketAuthentication.TakesTicket())
        .Requires(Permissions.Stream).Takes(Types, Tickets, LastEventId, TicketAuthentication.Parameter)
        .Produces<StreamEvents>(contentType: "text/event-stream");

    private static async Task HandleAsync(
        [FromHeader(Name = "Last-Event-ID"), RegularExpression("^[0-9]+-[0-9]+$"),
            Description("The id of the last event that you have; without it the stream begins now.")] string? lastEventId,
        HttpContext context, Caller caller, People people, LiveLog log, NewestReaders readers, OpenStreams streams, StreamTickets tickets,
        IOptions<LiveSettings> settings, IHostApplicationLifetime life, TimeProvider clock)
    {
        var wants = Filter(context.Request);
        var holder = context.Features.Get<StreamTickets.Holder>();
        if (TicketAuthentication.Parameter.TryRead(context.Request, out var ticket) && holder is null)
        {
            throw HttpProblemException.Invalid("?ticket", FieldCode.Conflicting, $"ticket does not go with the header Authorization.");
        }

        var (place, why) = await streams.TakeAsync(caller.Person);
        if (place is null)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
            throw new HttpProblemException(Problems.Create(429, "too-many-streams", $"Too many streams", why!));
        }

        await using var _ = place;
        var expires = Tokens.ExpiryOf(context.User);
        var end = log.End;
        var position = Parse(string.IsNullOrEmpty(lastEventId) ? LastEventId.Of(context.Request) : lastEventId)
            ?? end
            ?? throw new HttpProblemException(TicketAuthentication.Unavailable);
        var begun = end ?? new LivePosition(long.MaxValue, 0);
        var (alive, held) = (clock.GetTimestamp(), DateTimeOffset.MinValue);
        var response = context.Response;
        (response.ContentType, response.Headers.CacheControl) = ("text/event-stream; charset=utf-8", "no-store");
        response.Headers["X-Accel-Buffering"] = "no";
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, life.ApplicationStopping);
        var ct = ending.Token;
        try
        {
            var reconnect = EventStreams.ReconnectMilliseconds.ToString(CultureInfo.InvariantCulture);
            await response.WriteAsync($"retry: {reconnect}\nid: {position}\nevent: ready\ndata: {{}}\n\n", ct);
            await response.Body.FlushAsync(ct);
            while (true)
            {
                if (clock.GetUtcNow() >= expires)
                {
                    await EndAsync($"The token has expired.");
                    return;
                }

                // Also where others' news come so often that it never waits that long.
                if (clock.GetElapsedTime(alive) >= settings.Value.Heartbeat)
                {
                    await place.HoldAsync();
                    await response.WriteAsync($"id: {position}\n\n", ct);
                    alive = clock.GetTimestamp();
                }

                if (holder is not null && clock.GetUtcNow() >= held + settings.Value.Heartbeat)
                {
                    held = clock.GetUtcNow();
                    await tickets.HoldAsync(ticket!, holder);
                }

                if (await people.FindCallerAsync(caller.Person, ct) is not { } now || !now.May(Permissions.Stream.Name))
                {
                    await EndAsync($"You may not follow changes any more.");
                    return;
                }

                var news = log.News;
                IReadOnlyList<LiveEntry> page;
                IReadOnlyList<LiveEntry> allowed;
                try
                {
                    if (await log.ReadAsync(position, ct) is not { } found
                        || (found is [{ Position: var oldest }, ..] && !(oldest > begun) && IsTooOld(oldest)))
                    {
                        position = log.End ?? position;
                        var missed = new ResetEvent(Missed.In(context.Language));
                        var data = JsonSerializer.Serialize(missed, JsonSerializerOptions.Web);
                        await response.WriteAsync($"id: {position}\nevent: reset\ndata: {data}\n\n", ct);
                        await response.Body.FlushAsync(ct);
                        continue;
                    }

                    (page, allowed) = (found, await readers.OnlyForAsync(now, found, begun));
                }
                catch (Exception e) when (RedisLink.IsOutage(e))
                {
                    (page, allowed) = ([], []);
                }

                foreach (var entry in allowed)
                {
                    position = entry.Position;
                    if (wants(entry.Event) && entry.Event.IsFor(now))
                    {
                        await response.WriteAsync($"id: {position}\nevent: {entry.Event.Type}\ndata: {entry.Event.Data}\n\n", ct);
                    }
                }

                position = page.Count > 0 ? page[^1].Position : position;
                if (page.Count == 0)
                {
                    try
                    {
                        var wait = new[] { expires - clock.GetUtcNow(), settings.Value.Heartbeat - clock.GetElapsedTime(alive) }.Min();
                        await news.WaitAsync(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, clock, ct);
                    }
                    catch (TimeoutException)
                    {
                        // The next turn gives a sign of life, or ends.
                    }
                }

                await response.Body.FlushAsync(ct);
            }
        }
        catch (Exception e) when (e is StoreUnavailableException || ct.IsCancellationRequested)
        {
            // The client left, the service stops, or nobody can say what the caller may see: the client comes back, here or elsewhere.
        }

        if (life.ApplicationStopping.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            await response.WriteAsync($"id: {position}\n{EventStreams.ComeBack()}", context.RequestAborted);
        }

        // Of what happened that long ago nobody knows who may see it now.
        bool IsTooOld(LivePosition position) => position.Milliseconds < (clock.GetUtcNow() - NewestReaders.Kept).ToUnixTimeMilliseconds();

        async Task EndAsync(Sentence reason)
        {
            var data = JsonSerializer.Serialize(new EndEvent(reason.In(context.Language)), JsonSerializerOptions.Web);
            await response.WriteAsync($"id: {position}\nevent: end\ndata: {data}\n\n", ct);
            await response.Body.FlushAsync(ct);
        }
    }

    private static LivePosition? Parse(string? text) =>
        string.IsNullOrEmpty(text)
            ? null
            : LivePosition.Parse(text)
                ?? throw HttpProblemException.Invalid("", FieldCode.WrongFormat,
                    $"Last-Event-ID is not an id of this stream: {text.Quoted}.");

    [GeneratedRegex("^[0-9]+-[0-9]+$")]
    private static partial Regex Id();

    private static Func<LiveEvent, bool> Filter(HttpRequest request)
    {
        var (types, tickets) = (Types.Of(request), Tickets.Of(request)?.ToHashSet(StringComparer.OrdinalIgnoreCase));
        return happened =>
            types?.Contains(happened.Type) != false
                && (tickets is null || tickets.Contains(happened.Ticket.ToString()) || tickets.Contains(happened.Number));
    }
}
