namespace Itsm.Search.Queries;

/// <summary>How much a find counts, on every engine: for each word the best place counts whole, the others a tenth.</summary>
internal static class Ranking
{
    public const float Title = 3;
    public const float Number = 10;
    public const float TieBreaker = 0.1f;

    /// <summary>The part of the words of a text that must be in what reads like it.</summary>
    public const float LeastAlike = 0.3f;

    /// <summary>How many of them must be in a text of the other language, for which a short text's language may have been mistaken.</summary>
    public const int LeastAlikeInOtherLanguage = 2;

    /// <summary>Where a word without a field is looked for by its stem, and how much it counts there.</summary>
    public static IReadOnlyList<(string Column, float Boost)> Stems { get; } =
    [
        .. new[] { "", SearchFields.German }.SelectMany(language => new[]
        {
            (language + SearchFields.Title, Title), (language + SearchFields.Description, 1), (language + SearchFields.Resolution, 1),
            (language + SearchFields.Comments, 1), (language + SearchFields.Notes, 1),
        }),
        (SearchFields.Parts, 1),
    ];
}

/// <summary>Why something was found.</summary>
/// <param name="What">What counted: which word in which field, and how many times it counts there.</param>
/// <param name="Factor">What that adds to the score.</param>
public sealed record MatchExplanation(string What, double Factor);

/// <summary>The clauses of a query as an engine carries it out, taken down for explanations.</summary>
internal sealed class Clauses
{
    private readonly List<(int Group, string What, object? Query)> _all = [];
    private int _groups;

    /// <summary>The clauses, for engines that ask about each.</summary>
    public IEnumerable<object?> Queries => _all.Select(clause => clause.Query);

    /// <summary>Begins anew: the query is built again.</summary>
    public void Clear()
    {
        _all.Clear();
        _groups = 0;
    }

    /// <summary>A group of which the best counts whole, the others a tenth.</summary>
    public int NextGroup() => ++_groups;

    /// <summary>Takes a clause down.</summary>
    /// <returns>Its place, from 0.</returns>
    public int Add(int group, string what, object? query = null)
    {
        _all.Add((group, what, query));
        return _all.Count - 1;
    }

    /// <summary>What each clause adds to the score of a thing, the most first.</summary>
    /// <param name="scores">Scores of the clauses that it meets, by their places.</param>
    public IReadOnlyList<MatchExplanation> Explain(IReadOnlyDictionary<int, double> scores) =>
    [
        .. scores.GroupBy(score => _all[score.Key].Group).SelectMany(group => group.OrderByDescending(score => score.Value).Index()
            .Select(one => new MatchExplanation(_all[one.Item.Key].What,
                Math.Round(one.Item.Value * (one.Index == 0 ? 1 : Ranking.TieBreaker), 4))))
            .Where(one => one.Factor > 0).OrderByDescending(one => one.Factor),
    ];

    /// <summary>A find of words in a column, for people.</summary>
    public static string Describe(Words words, string column, float boost)
    {
        var (german, name) = column.StartsWith(SearchFields.German, StringComparison.Ordinal)
            ? (" (German)", column[SearchFields.German.Length..]) : ("", column);
        var what = words.Match switch
        {
            TextMatch.Phrase => $"the phrase \"{words.Text}\"",
            TextMatch.Prefix => $"a word that begins with \"{words.Text}\"",
            TextMatch.Fuzzy => $"a word like \"{words.Text}\"",
            _ => $"\"{words.Text}\"",
        };
        var where = name switch
        {
            SearchFields.Words => "any text, as written", SearchFields.NoteWords => "notes, as written",
            SearchFields.Names => "number or title, as written", SearchFields.PartsName => "parts of compounds", _ => name,
        };
        return $"{what} in {where}{german}{(boost == 1 ? "" : $", counts {boost:0.#} times")}";
    }
}
