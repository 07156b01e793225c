using Itsm.Platform.Access;
using Itsm.Search.Domain;
using Itsm.Search.Domain.Languages;
using Itsm.Search.Engines;
using Itsm.Search.Queries;

namespace Itsm.Search.Finding;

/// <summary>Offers another query where one finds little for a word that may be misspelt. The words that it offers stand in what the caller
/// may read, and nowhere else is looked: so it tells nothing of what they may not see.</summary>
internal sealed class Corrections(ISearchEngine engine, SearchWords known)
{
    /// <summary>A word that so many things have for the caller is spelt as it should be.</summary>
    public const int Few = 3;

    private const int ShortestWord = 4;
    private const int LettersForTwoEdits = 6;
    private const int MostWords = 6;
    private const int Read = 20;

    /// <summary>The query with other words, which finds more for this caller; null where there is none.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="q">The query as typed, in Unicode's form C.</param>
    /// <param name="node">The query with its filters, as it was understood.</param>
    /// <param name="found">How much it finds.</param>
    /// <param name="rules">How queries are read.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<string?> FindAsync(
        Caller caller, string q, SearchNode? node, long found, QueryRules rules, CancellationToken ct)
    {
        IReadOnlyList<SearchNode> nodes = node switch { AllOf all => all.Nodes, null => [], _ => [node] };
        List<Words> words = [.. nodes.OfType<Words>().Where(word => word.IsBare && IsCorrectable(word.Text))];
        if (words.Count is 0 or > MostWords)
        {
            return null;
        }

        var counts = new List<(Words Word, long Count)>();
        foreach (var word in words)
        {
            counts.Add((word, (await engine.SearchAsync(SearchRequest.For(caller, word, 0), ct)).Total));
        }

        // What nothing has is misspelt; where everything is somewhere, what few things have may be.
        var least = counts.Min(word => word.Count);
        List<Words> rare = [.. counts.Where(word => word.Count < Few && (word.Count == 0 || least > 0)).Select(word => word.Word)];
        if (rare.Count == 0)
        {
            return null;
        }

        var like = new AllOf([.. nodes.Except(rare), .. rare.Select(word => word with { Match = TextMatch.Fuzzy, Edits = Edits(word) })]);
        var hits = (await engine.SearchAsync(SearchRequest.For(caller, rules.Apply(like), Read), ct)).Hits;
        var texts = hits.Select(hit => Texts(hit.Document, caller)).ToList();
        var corrected = rare.ToDictionary(word => word, word => Nearest(word, texts) ?? word.Text);
        var better = new AllOf([.. nodes.Except(rare), .. rare.Select(word => word with { Text = corrected[word] })]);
        if ((await engine.SearchAsync(SearchRequest.For(caller, rules.Apply(better), 0), ct)).Total <= found)
        {
            return null;
        }

        return rare.OrderByDescending(word => word.At).Aggregate(q, (text, word) =>
            string.Concat(text.AsSpan(0, word.At), corrected[word], text.AsSpan(word.At + word.Text.Length)));
    }

    private bool IsCorrectable(string word) =>
        word.Length >= ShortestWord && word.All(char.IsLetter) && !known.IsFunctionWord(word);

    private static int Edits(Words word) => word.Text.Length >= LettersForTwoEdits ? 2 : 1;

    /// <summary>The distinct words of what the caller may read.</summary>
    private static HashSet<string> Texts(SearchDocument document, Caller caller) =>
    [
        .. new[] { document.Title, document.Description, document.Resolution }
            .Concat(document.Comments.Select(comment => comment.Text))
            .Concat(caller.Sees(document.NoteReaders) ? document.Notes.Select(note => note.Text) : [])
            .OfType<string>().SelectMany(LanguageRule.Words).Select(word => word.ToLowerInvariant()),
    ];

    /// <summary>The word with the fewest letters changed; of several the one in more texts.</summary>
    private static string? Nearest(Words word, List<HashSet<string>> texts)
    {
        var typed = LanguageRule.Fold(word.Text);
        return texts.SelectMany(text => text).CountBy(one => one)
            .Select(one => (Word: one.Key, Count: one.Value, Distance: EditDistance.Of(typed, LanguageRule.Fold(one.Key))))
            .Where(one => one.Distance > 0 && one.Distance <= Edits(word))
            .OrderBy(one => one.Distance).ThenByDescending(one => one.Count).ThenBy(one => one.Word, StringComparer.Ordinal)
            .Select(one => one.Word).FirstOrDefault();
    }
}
