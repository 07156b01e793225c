using Itsm.Platform.Access;
using Itsm.Platform.Http;
using Itsm.Platform.Unicode;
using Itsm.Search.Domain;
using Itsm.Search.Engines;
using Itsm.Search.Finding;
using Itsm.Search.Queries;

namespace Itsm.Search.UseCases;

/// <summary>What a person may be typing the name of: people and tickets, for use with every keystroke.</summary>
internal static class Suggest
{
    private const int MostPeople = 3;

    private static readonly QueryParameter<string> Q =
        new("q", QueryValue.Text(100), "What was typed so far; its last word may be unfinished.") { IsRequired = true };

    private static readonly QueryParameter<long> Limit = new("limit", QueryValue.Whole(1, 20), "How many at most.", 8);

    /// <summary>What is suggested, people first.</summary>
    /// <param name="Items">At most as many as <c>limit</c> says.</param>
    /// <param name="IndexedUntil">As of a search.</param>
    public sealed record Suggestions(IReadOnlyList<FoundThing> Items, DateTimeOffset? IndexedUntil);

    public static void Map(IEndpointRouteBuilder search) => search
        .MapGet("suggestions", HandleAsync)
        .WithName(nameof(Suggest)).WithSummary("Suggests people and tickets whose name or number begins so")
        .Requires(Permissions.Search).Takes(Q, Limit).Produces<Suggestions>();

    private static async Task<Suggestions> HandleAsync(SearchParameters asked, ISearchEngine engine, CancellationToken ct)
    {
        var (typed, limit) = (asked.Of(Q)!, (int)asked.Of(Limit));
        var named = new Words(SearchFields.Title, typed.ToNfc(), TextMatch.Prefix);
        var person = new Values(SearchFields.Kind, [SearchDocument.Person]);
        var indexedUntil = await engine.IndexedUntilAsync(ct);
        var people = await engine.SearchAsync(
            SearchRequest.For(asked.Caller, new AllOf([named, person, new Values("state", [SearchDocument.Active])]),
                Math.Min(limit, MostPeople)) with { Sort = SearchFields.Number, Descending = false }, ct);
        var others = await engine.SearchAsync(SearchRequest.For(asked.Caller, new AllOf([named, new Not(person)]),
            limit - people.Hits.Count) with { Sort = "updatedAt" }, ct);
        return new Suggestions([.. people.Hits.Concat(others.Hits).Select(FoundThing.Of)], indexedUntil);
    }
}
