using Itsm.Directory.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;

namespace Itsm.AppHost;

/// <summary>In Development only: who there is to try the suite as, and tokens for them.</summary>
internal static class DevelopmentRoutes
{
    private const int MostPeople = 200;

    /// <summary>Whose token.</summary>
    public sealed record TokenRequest(string Person);

    /// <summary>A token.</summary>
    public sealed record TokenResponse(string AccessToken, DateTimeOffset ExpiresAt);

    /// <summary>Somebody to try the suite as.</summary>
    public sealed record DemoPerson(string UserName, string Name, IReadOnlyList<string> Roles);

    public static void Map(WebApplication gateway, IServiceProvider modules, DevelopmentTokens tokens)
    {
        if (!gateway.Environment.IsDevelopment())
        {
            return;
        }

        var people = modules.GetRequiredService<AggregateStore<Person>>();
        gateway.MapGet("/dev/people", async (CancellationToken ct) =>
        {
            var found = await people.Documents.QueryAsync(new DocumentQuery([Condition.In("readers", "everyone"), Condition.In("active", true)], "userName", false, null, MostPeople), ct);
            return found.Select(AggregateStore<Person>.Load).Select(person => new DemoPerson(person.UserName, person.Name, person.Roles));
        }).AllowAnonymous();
        gateway.MapPost("/dev/token", async (TokenRequest request, CancellationToken ct) =>
        {
            if (await people.FindDocumentAsync(request.Person, ct) is not { } found)
            {
                throw HttpProblemException.Invalid("/person", $"No person {request.Person} is known; GET /dev/people lists them.");
            }

            var (token, expiresAt) = tokens.Issue(AggregateStore<Person>.Load(found).UserName, people.Clock.GetUtcNow());
            return new TokenResponse(token, expiresAt);
        }).AllowAnonymous();
    }
}
