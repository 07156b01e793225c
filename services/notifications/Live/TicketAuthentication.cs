using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Itsm.Platform.Access;
using Itsm.Platform.Caching;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;

namespace Itsm.Notifications.Live;

/// <summary>Signs in who brings a stream ticket instead of a token, with the claims of the token that the ticket was issued
/// for.</summary>
internal sealed class TicketAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder, StreamTickets tickets, People people)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    /// <summary>The query parameter with the ticket, on routes that take one.</summary>
    public static readonly QueryParameter<string> Parameter = new("ticket", QueryValue.Text(),
        "What POST /api/v1/stream/tickets gave, instead of the header Authorization: for EventSource, which sends none.");

    private const string SchemeName = "StreamTicket";

    /// <summary>Hands requests of routes that take a ticket over to this handler where they bring one and no token.</summary>
    public static void AddTo(IServiceCollection services)
    {
        // As those of the framework's own schemes, which Logs makes quiet by their category.
        services.AddLogging(logging => logging.AddFilter(typeof(TicketAuthentication).FullName, LogLevel.Warning));
        new AuthenticationBuilder(services).AddScheme<AuthenticationSchemeOptions, TicketAuthentication>(SchemeName, null);
        services.Configure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, bearer =>
            bearer.ForwardDefaultSelector = context => context.GetEndpoint()?.Metadata.GetMetadata<TakesTicket>() is not null
                && context.Request.Headers.Authorization.Count == 0
                && Parameter.TryRead(context.Request, out _) ? SchemeName : null);
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        try
        {
            if (!Parameter.TryRead(Request, out var ticket)
                || await tickets.FindAsync(ticket) is not { } holder
                || await people.FindPersonAsync(holder.Person, Context.RequestAborted) is not { } person)
            {
                return AuthenticateResult.Fail("The ticket is not known.");
            }

            Context.Features.Set(holder);
            var expiry = new Claim("exp", holder.Expiry.ToString(CultureInfo.InvariantCulture));
            return AuthenticateResult.Success(new(people.PrincipalOf(person, SchemeName, expiry), SchemeName));
        }
        catch (Exception e) when (RedisLink.IsOutage(e))
        {
            throw new HttpProblemException(Unavailable);
        }
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.WriteAsync(Context, Problems.Create(StatusCodes.Status401Unauthorized, "unauthenticated", $"Unauthenticated",
            $"The ticket is unknown or has expired: get a new one with POST /api/v1/stream/tickets."));
    }

    /// <summary>503: nobody knows just now who a ticket is of.</summary>
    internal static ProblemDetails Unavailable => Problems.Create(StatusCodes.Status503ServiceUnavailable, "live-updates-unavailable",
        $"Live updates unavailable", $"Redis does not answer just now.");

    /// <summary>Marks a route that takes a ticket instead of a token.</summary>
    internal sealed record TakesTicket;
}
