using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;

namespace Itsm.Gateway;

/// <summary>In Development, where there is no OIDC provider: who there is to try the suite as, and tokens for them.</summary>
internal static class DevelopmentRoutes
{
    private const int MostPeople = 200;

    /// <summary>Whose token.</summary>
    public sealed record TokenRequest(string? Person);

    /// <summary>A token.</summary>
    public sealed record TokenResponse(string AccessToken, DateTimeOffset ExpiresAt);

    /// <summary>Somebody to try the suite as.</summary>
    public sealed record DemoPerson(string UserName, string Name, IReadOnlyList<string> Roles);

    public static void MapDevelopmentRoutes(this WebApplication app)
    {
        if (!app.Environment.IsDevelopment() || app.Configuration["Authentication:DevelopmentKey"] is not { Length: > 0 } key)
        {
            return;
        }

        app.MapDemoAutomation(key);
        var tokens = new DevelopmentTokens(key);
        app.MapGet("/dev/people",
            async (ServiceAddresses addresses, IHttpClientFactory clients, TimeProvider clock, CancellationToken ct) =>
        {
            using var answer = await AskAsync(
                $"people?active=true&limit={MostPeople}&sort=userName", tokens, addresses, clients, clock, ct);
            var people = JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(ct))!["items"]!.AsArray();
            return people.Select(person =>
                new DemoPerson(person!["userName"]!.GetValue<string>(), person["name"]!.GetValue<string>(),
                    [.. person["roles"]!.AsArray().Select(role => role!.GetValue<string>())]));
        }).AllowAnonymous();
        app.MapPost("/dev/token",
            async (
                TokenRequest request, ServiceAddresses addresses, IHttpClientFactory clients, TimeProvider clock, CancellationToken ct) =>
        {
            var named = request.Person is { Length: > 0 } person ? person
                : throw HttpProblemException.Invalid("/person", request.Person is null ? FieldCode.Required : FieldCode.Blank,
                    $"person is required: a user name; GET /dev/people lists them.");
            using var answer = await AskAsync("people/" + Uri.EscapeDataString(named), tokens, addresses, clients, clock, ct);
            if (answer.StatusCode == HttpStatusCode.NotFound)
            {
                throw HttpProblemException.Invalid("/person", FieldCode.NotFound,
                    $"No person {named.Quoted} is known; GET /dev/people lists them.");
            }

            var found = JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(ct))!;
            var (token, expiresAt) = tokens.Issue(found["userName"]!.GetValue<string>(), clock.GetUtcNow());
            return new TokenResponse(token, expiresAt);
        }).AddEndpointFilter((context, next) =>
        {
            context.HttpContext.Response.Headers.CacheControl = "no-store";
            return next(context);
        }).AllowAnonymous();
    }

    private static async Task<HttpResponseMessage> AskAsync(
        string path, DevelopmentTokens tokens, ServiceAddresses addresses, IHttpClientFactory clients, TimeProvider clock,
        CancellationToken ct)
    {
        using var client = clients.CreateClient(MergedOpenApi.Client);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer",
            tokens.Issue(DevelopmentTokens.Administrator, clock.GetUtcNow()).AccessToken);
        return await client.GetAsync(new Uri(addresses.Of("directory"), "/api/v1/" + path), ct);
    }
}
