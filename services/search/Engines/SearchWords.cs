using System.Collections.Frozen;
using Itsm.Search.Domain.Languages;
using Microsoft.Extensions.Options;

namespace Itsm.Search.Engines;

/// <summary>Words that the settings give a meaning, the same for every engine.</summary>
internal sealed class SearchWords
{
    private readonly FrozenSet<string>[] _stopped;
    private readonly FrozenSet<string> _function;

    public SearchWords(IOptions<SearchSettings> settings)
    {
        var set = settings.Value.StopWords is { Count: > 0 } words ? [.. words] : (IReadOnlyList<string>?)null;
        EnglishStopWords = set ?? LanguageWords.EnglishStopWords;
        GermanStopWords = set ?? LanguageWords.GermanStopWords;
        _stopped = [Folded(EnglishStopWords), Folded(GermanStopWords)];
        _function = Folded([.. EnglishStopWords, .. GermanStopWords, .. set is null ? LanguageWords.EnglishFunctionWords : []]);
        Synonyms = [.. settings.Value.Synonyms.Select(synonyms =>
            string.Join(", ", synonyms.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))];
    }

    /// <summary>Words that are not indexed in English texts.</summary>
    public IReadOnlyList<string> EnglishStopWords { get; }

    /// <summary>Words that are not indexed in German texts.</summary>
    public IReadOnlyList<string> GermanStopWords { get; }

    /// <summary>Sets of words that mean the same, with commas.</summary>
    public IReadOnlyList<string> Synonyms { get; }

    /// <summary>Whether the stems of a language leave nothing of a text: it is looked for as it stands.</summary>
    public bool IsStopped(string text)
    {
        List<string> words = [.. LanguageRule.Words(text).Select(word => LanguageRule.Fold(word))];
        return _stopped.Any(stopped => words.TrueForAll(word =>
            stopped.Contains(word.EndsWith("'s", StringComparison.Ordinal) ? word[..^2] : word)));
    }

    /// <summary>Whether a query that has other words can do without this one.</summary>
    public bool IsFunctionWord(string word) => _function.Contains(LanguageRule.Fold(word));

    private static FrozenSet<string> Folded(IEnumerable<string> words) => words.Select(LanguageRule.Fold).ToFrozenSet();
}
