using Itsm.Platform.Access;
using Itsm.Search.Domain;
using Itsm.Search.Domain.Languages;

namespace Itsm.Search.Queries;

/// <summary>What an engine is asked: always for one caller.</summary>
internal sealed record SearchRequest
{
    /// <summary>Order by how well things match.</summary>
    public const string Relevance = "relevance";

    /// <summary>What to find; null for all.</summary>
    public SearchNode? Query { get; init; }

    /// <summary>Finds what reads like this text instead; null where <see cref="Query"/> alone decides.</summary>
    public string? Like { get; init; }

    /// <summary>The language of <see cref="Like"/>.</summary>
    public string LikeLanguage { get; init; } = LanguageRule.English;

    /// <summary>Finds what means much the same instead, the nearest first, at most <see cref="Limit"/> in all; null where
    /// <see cref="Query"/> alone decides.</summary>
    public Meaning? Near { get; init; }

    /// <summary>Reader tokens of the caller, and <see cref="SearchDocument.Contacts"/> where they may read contacts.</summary>
    public required IReadOnlyCollection<string> Tokens { get; init; }

    /// <summary><see cref="Relevance"/> or a field to sort by; ties by id.</summary>
    public string Sort { get; init; } = Relevance;

    /// <summary>True for the greatest first.</summary>
    public bool Descending { get; init; } = true;

    /// <summary>At least 0.</summary>
    public required int Limit { get; init; }

    /// <summary>Where the page begins; null for the first.</summary>
    public SearchPosition? After { get; init; }

    /// <summary>Fields to count by.</summary>
    public IReadOnlyList<string> Facets { get; init; } = [];

    /// <summary>True where each hit says where the words of <see cref="Query"/> stand.</summary>
    public bool Highlights { get; init; }

    /// <summary>Takes down what counted, and each hit is explained; null where nobody asks.</summary>
    public Clauses? Clauses { get; init; }

    /// <summary>A request for a caller.</summary>
    public static SearchRequest For(Caller caller, SearchNode? query, int limit) =>
        new()
    {
        Tokens = caller.May(KnownPermissions.ReadContacts.Name) ? [.. caller.Tokens, SearchDocument.Contacts] : caller.Tokens,
        Query = query, Limit = limit,
    };
}

/// <summary>A place in an ordered list of what was found.</summary>
/// <param name="Value">The sort value as the engine gave it: a number or a text; null for none.</param>
/// <param name="Id">The thing that stands there.</param>
/// <param name="View">The engine's name for the state of the index that the order came from; null where it is that of now.</param>
internal sealed record SearchPosition(object? Value, Guid Id, string? View);

/// <summary>What an engine found.</summary>
/// <param name="Hits">A page.</param>
/// <param name="Total">How many there are in all; exact.</param>
/// <param name="Facets">For each field asked for: how many there are of each value; exact.</param>
internal sealed record SearchResult(
    IReadOnlyList<SearchHit> Hits, long Total, IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Facets)
{
    /// <summary>What was found whole, without facets.</summary>
    public static SearchResult Of(IReadOnlyList<SearchHit> hits) =>
        new(hits, hits.Count, new Dictionary<string, IReadOnlyDictionary<string, long>>());
}

/// <summary>A thing found.</summary>
/// <param name="Document">The thing.</param>
/// <param name="Score">How well it matches; 0 where the order is another.</param>
/// <param name="Position">Where it stands.</param>
internal sealed record SearchHit(SearchDocument Document, double Score, SearchPosition Position)
{
    /// <summary>The first places where words of the query stand in what the caller may read; none where the request does not ask.</summary>
    public IReadOnlyList<Highlight> Highlights { get; init; } = [];

    /// <summary>What counted; null where the request does not ask.</summary>
    public IReadOnlyList<MatchExplanation>? Explanation { get; init; }
}
