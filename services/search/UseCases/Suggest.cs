using Itsm.Platform.Access;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Unicode;
using Itsm.Platform.Values;
using Itsm.Search.Domain;
using Itsm.Search.Engines;
using Itsm.Search.Finding;
using Itsm.Search.Queries;

namespace Itsm.Search.UseCases;

/// <summary>What a person may be typing the name of: people, tickets, things that there are or that can be ordered, for use with every
/// keystroke.</summary>
internal static class Suggest
{
    /// <summary>Of people and of things each, where other kinds come after them.</summary>
    private const int MostBeforeOthers = 3;

    private static readonly string[] Things = [SearchDocument.ConfigurationItem, SearchDocument.Asset];

    private static readonly QueryParameter<string> Q =
        new("q", QueryValue.Text(100), "What was typed so far; its last word may be unfinished.") { IsRequired = true };

    private static readonly QueryParameter<long> Limit = new("limit", QueryValue.Whole(1, 20), "How many at most.", 8);

    private static readonly QueryParameter<IReadOnlyList<string>> Kinds = new("kinds", QueryValue.Text().Several(20),
        $"What to suggest, with commas: {string.Join(", ", SearchDocument.NoTickets)}, incident and so on; people and tickets where left "
        + "out.");

    /// <summary>What is suggested: people first, then what can be ordered, then configuration items and assets, then tickets.</summary>
    /// <param name="Items">At most as many as <c>limit</c> says.</param>
    /// <param name="IndexedUntil">As of a search.</param>
    public sealed record Suggestions(IReadOnlyList<FoundThing> Items, DateTimeOffset? IndexedUntil);

    public static void Map(IEndpointRouteBuilder search) => search
        .MapGet("suggestions", HandleAsync)
        .WithName(nameof(Suggest))
        .WithSummary("Suggests people, things to order, configuration items, assets and tickets whose name or number begins so")
        .WithDescription("People are suggested by the beginning of any word of their name and user name, too, and of their mail address "
            + $"for callers with the permission {KnownPermissions.ReadContacts.Name}; configuration items by their keys, too, and "
            + "assets by tag and serial number, unless they are retired or disposed of.")
        .Requires(Permissions.Search).Takes(Q, Kinds, Limit).Produces<Suggestions>();

    private static async Task<Suggestions> HandleAsync(
        SearchParameters asked, QueryValues values, ISearchEngine engine, CancellationToken ct)
    {
        var (typed, limit) = (asked.Of(Q)!.ToNfc(), (int)asked.Of(Limit));
        var kinds = asked.Of(Kinds) is { } named ? await KindsAsync(values, named, asked.Caller, ct) : null;
        var (indexedUntil, sections) = (await engine.IndexedUntilAsync(ct), Sections(typed, kinds).ToList());
        var found = new List<FoundThing>();
        foreach (var (number, (query, sort, descending)) in sections.Index())
        {
            var most = number < sections.Count - 1 ? Math.Min(limit - found.Count, MostBeforeOthers) : limit - found.Count;
            var result = await engine.SearchAsync(
                SearchRequest.For(asked.Caller, query, most) with { Sort = sort, Descending = descending }, ct);
            found.AddRange(result.Hits.Select(hit => FoundThing.Of(hit, asked.Caller)));
        }

        return new Suggestions(found, indexedUntil);
    }

    private static IEnumerable<(SearchNode Query, string Sort, bool Descending)> Sections(string typed, IReadOnlyList<string>? kinds)
    {
        var name = new Words(SearchFields.Title, typed, TextMatch.Prefix);
        if (kinds?.Contains(SearchDocument.Person) != false)
        {
            // Too many addresses, and notes of tickets, have a word that begins with one letter.
            SearchNode person = typed.Length < SearchFields.LongestBeginning ? name
                : new AnyOf([name, new Words(SearchFields.Notes, typed, TextMatch.Prefix)]);
            yield return (new AllOf([person, Of(SearchDocument.Person), new Values("state", [SearchDocument.Active])]),
                SearchFields.Number, false);
        }

        if (kinds?.Contains(SearchDocument.CatalogItem) == true)
        {
            yield return (new AllOf([name, Of(SearchDocument.CatalogItem)]), SearchFields.Number, false);
        }

        if (kinds?.Intersect(Things).ToList() is { Count: > 0 } things)
        {
            yield return (new AllOf([name, Of(things), new Not(new Values("state", SearchDocument.Gone))]), SearchFields.Number, false);
        }

        List<string> others = [.. kinds?.Except(SearchDocument.NoTickets) ?? []];
        if (kinds is null || others.Count > 0)
        {
            SearchNode kind = kinds is null ? new Not(Of(SearchDocument.NoTickets)) : Of(others);
            yield return (new AllOf([name, kind]), "updatedAt", true);
        }
    }

    private static Values Of(params IReadOnlyList<string> kinds) => new(SearchFields.Kind, kinds);

    /// <exception cref="HttpProblemException">400 for a kind that there is not.</exception>
    private static async Task<IReadOnlyList<string>> KindsAsync(
        QueryValues values, IReadOnlyList<string> named, Caller caller, CancellationToken ct)
    {
        try
        {
            return ((Values)await values.ResolveAsync(
                new Asked(SearchFields.Find(SearchFields.Kind)!, "", string.Join(',', named), 0), caller, ct)).AnyOf;
        }
        catch (QuerySyntaxException e)
        {
            throw HttpProblemException.Invalid("?kinds", FieldCode.NotOneOf, $"kinds: {e.Problem}.");
        }
    }
}
