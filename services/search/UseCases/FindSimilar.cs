using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Http;
using Itsm.Platform.Unicode;
using Itsm.Search.Domain;
using Itsm.Search.Domain.Languages;
using Itsm.Search.Engines;
using Itsm.Search.Finding;
using Itsm.Search.Queries;

namespace Itsm.Search.UseCases;

/// <summary>What reads like a text: to find the answer, or the ticket that is there already, before another is opened.</summary>
internal static class FindSimilar
{
    private const int DefaultLimit = 5;
    private const int MostItems = 20;

    private static readonly QueryParameter<long> Limit = new("limit", QueryValue.Whole(1, MostItems), "How many at most.", DefaultLimit);

    /// <summary>A text so far.</summary>
    /// <example>{ "title": "Printer prints blank pages", "kinds": ["incident"], "limit": 5 }</example>
    public sealed record Request
    {
        /// <summary>One line.</summary>
        [Required, StringLength(200, MinimumLength = 1)]
        public required string Title { get; init; }

        /// <summary>More of it.</summary>
        [StringLength(20_000)]
        public string? Description { get; init; }

        /// <summary>Kinds to look among, such as incident; those of all tickets where left out.</summary>
        public IReadOnlyList<string>? Kinds { get; init; }

        /// <summary>How many at most; 5 where left out.</summary>
        [Range(1, MostItems)]
        public int? Limit { get; init; }
    }

    /// <summary>What is similar.</summary>
    /// <param name="Items">The most alike first; with how they were resolved, where they were.</param>
    /// <param name="IndexedUntil">As of a search.</param>
    public sealed record Similar(IReadOnlyList<FoundThing> Items, DateTimeOffset? IndexedUntil);

    public static void Map(IEndpointRouteBuilder search) => search
        .MapPost("similar", async (
            Request request, SearchParameters asked, QueryRules rules, ISearchEngine engine, Meanings.Meanings meanings,
            CancellationToken ct) =>
            await FindAsync(engine, rules, asked.Caller, $"{request.Title}\n{request.Description}",
                await meanings.OfAsync(request.Title.ToNfc(), request.Description?.ToNfc(), ct), request.Kinds, null,
                request.Limit ?? DefaultLimit, ct))
        .WithName(nameof(FindSimilar))
        .WithSummary("Finds what reads like a text (with a sentence model: means alike), with how it was resolved")
        .Requires(Permissions.Search).Produces<Similar>();

    public static void MapOfIncident(IEndpointRouteBuilder incidents) => incidents
        .MapGet("{id}/similar", async (
            string id, SearchParameters asked, TicketLookup tickets, QueryRules rules, ISearchEngine engine, Meanings.Meanings meanings,
            CancellationToken ct) =>
        {
            var incident = await tickets.FindAsync("incident", id, asked.Caller, ct);
            return await FindAsync(engine, rules, asked.Caller, $"{incident.Title}\n{incident.Description}",
                incident.Meaning is { } meaning && meaning.Model == meanings.Model ? meaning
                    : await meanings.OfAsync(incident.Title, incident.Description, ct),
                ["incident"], incident.Id, (int)asked.Of(Limit), ct);
        })
        .WithName("FindSimilarIncidents")
        .WithSummary("Finds incidents that read like this one (with a sentence model: mean alike), with how they were resolved")
        .WithDescription("An incident that was opened a moment ago is waited for; 503 with Retry-After where it has not come within 10 s. "
            + "By its number it is waited for 2 s; then 404, for a number does not tell how old it is.")
        .Requires(Permissions.Search).Takes(Limit).Produces<Similar>();

    private static async Task<Similar> FindAsync(
        ISearchEngine engine, QueryRules rules, Caller caller, string text, Meaning? meaning, IReadOnlyList<string>? kinds, Guid? but,
        int limit, CancellationToken ct)
    {
        List<SearchNode> nodes = [
            kinds is null ? new Not(new Values(SearchFields.Kind, SearchDocument.NoTickets))
                : new Values(SearchFields.Kind, kinds)];
        if (but is { } itself)
        {
            nodes.Add(new Not(new Values(SearchFields.Id, [itself.ToString()])));
        }

        var indexedUntil = await engine.IndexedUntilAsync(ct);
        var request = SearchRequest.For(caller, new AllOf(nodes), meaning is null ? limit : Fusion.Deep);
        var found = (await engine.SearchAsync(
            request with { Like = rules.Telling(text.ToNfc()), LikeLanguage = LanguageRule.Of(text) }, ct)).Hits;
        if (meaning is not null)
        {
            found = Fusion.Of(found, (await engine.SearchAsync(request with { Near = meaning }, ct)).Hits, explains: false);
        }

        return new Similar([.. found.Take(limit).Select(hit => FoundThing.Of(hit, caller) with { Resolution = hit.Document.Resolution })],
            indexedUntil);
    }
}
