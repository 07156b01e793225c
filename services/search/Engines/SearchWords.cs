using Microsoft.Extensions.Options;

namespace Itsm.Search.Engines;

/// <summary>Words that the settings give a meaning, the same for every engine.</summary>
internal sealed class SearchWords(IOptions<SearchSettings> settings)
{
    /// <summary>The words of English that are not searched for, where the settings name none.</summary>
    private static readonly string[] EnglishStopWords =
    [
        "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not", "of", "on", "or",
        "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will", "with",
    ];

    /// <summary>Words that are not searched for.</summary>
    public IReadOnlyList<string> StopWords { get; } =
        settings.Value.StopWords is { Count: > 0 } words ? [.. words] : EnglishStopWords;

    /// <summary>Sets of words that mean the same, with commas.</summary>
    public IReadOnlyList<string> Synonyms { get; } = [.. settings.Value.Synonyms.Select(set =>
        string.Join(", ", set.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))];
}
