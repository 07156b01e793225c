using Itsm.Platform.Values;
using Itsm.Search.Domain.Languages;
using Itsm.Search.Engines;
using Itsm.Search.Queries;

namespace Itsm.Search.Finding;

/// <summary>What a query means beyond its letters, the same on every engine; of words that were typed by themselves only.</summary>
internal sealed class QueryRules(SearchWords known)
{
    private const int ShortestBeginning = 3;
    private const int WordsOfWhichOneMayBeMissing = 3;

    /// <summary>Function words need not be there where others are, words in the order of the query count more, and a German compound may
    /// be there in its parts.</summary>
    public SearchNode? Apply(SearchNode? node) => node switch
    {
        AllOf all => Apply(all),
        AnyOf any => new AnyOf([.. any.Nodes.Select(one => Apply(one)!)]),
        Words { IsBare: true } word => Widened(word),
        _ => node,
    };

    /// <summary>What to look for where nothing has all words, one after the other, each with a sentence for the caller: the last word as a
    /// beginning; most of the words.</summary>
    public IEnumerable<(SearchNode Node, Sentence Hint)> Loosened(SearchNode? node)
    {
        IReadOnlyList<SearchNode> nodes = NodesOf(node);
        List<Words> words = [.. nodes.OfType<Words>().Where(word => word.IsBare)];
        List<Words> telling = [.. words.Where(word => !known.IsFunctionWord(word.Text))];
        var others = nodes.Except(words).ToList();
        if (words.Count > 0 && words[^1] is { Text.Length: >= ShortestBeginning } last)
        {
            var beginning = new AnyOf([last, last with { Match = TextMatch.Prefix }]);
            yield return (Apply(new AllOf([.. nodes.Except([last]), beginning]))!,
                $"Nothing has all of these words. These have a word that begins with {last.Text}.");
        }

        if (telling.Count > 1)
        {
            var least = telling.Count - Math.Max(1, telling.Count / WordsOfWhichOneMayBeMissing);
            var most = new MostOf([.. telling.Select(Widened)], least);
            yield return (others.Count == 0 ? most : new AllOf([most, .. others]),
                $"Nothing has all of these words. These have {least} of {telling.Count}.");
        }
    }

    /// <summary>The words of a query that were typed by themselves, where they may say something: two at least that tell, and none with a
    /// digit, as numbers and names have; null elsewhere. And what else the query asks; null for nothing.</summary>
    public (string? Text, SearchNode? Others) Sentence(SearchNode? node)
    {
        var nodes = NodesOf(node);
        List<Words> words = [.. nodes.OfType<Words>().Where(word => word.IsBare)];
        var says = words.Count(word => !known.IsFunctionWord(word.Text)) > 1 && !words.Exists(word => word.Text.Any(char.IsDigit));
        return (says ? string.Join(' ', words.Select(word => word.Text)) : null,
            nodes.Except(words).ToList() is { Count: > 0 } others ? new AllOf(others) : null);
    }

    /// <summary>The words of a text that tell something; the text itself where none does.</summary>
    public string Telling(string text) =>
        string.Join(' ', LanguageRule.Words(text).Where(word => !known.IsFunctionWord(word))) is { Length: > 0 } telling ? telling : text;

    private static IReadOnlyList<SearchNode> NodesOf(SearchNode? node) => node switch { AllOf all => all.Nodes, null => [], _ => [node] };

    private AllOf Apply(AllOf all)
    {
        List<Words> words = [.. all.Nodes.OfType<Words>().Where(word => word.IsBare)];
        List<Words> function = [.. words.Where(word => known.IsFunctionWord(word.Text))];
        var needed = function.Count < all.Nodes.Count(node => node is not Not) ? all.Nodes.Except(function) : all.Nodes;
        return new AllOf([.. needed.Select(node => Apply(node)!)])
        {
            Preferred = words.Count > 1 ? new Words(null, string.Join(' ', words.Select(word => word.Text)), TextMatch.Phrase) : null,
        };
    }

    private static SearchNode Widened(Words word) => GermanCompounds.Split(word.Text) is { Count: > 0 } parts
        ? new AnyOf([word, new AllOf([.. parts.Select(part => new Words(null, part, TextMatch.Word))])])
        : word;
}
