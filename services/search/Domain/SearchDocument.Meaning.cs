namespace Itsm.Search.Domain;

internal sealed partial record SearchDocument
{
    /// <summary>What title and description mean; null while nobody has told, and of what has none.</summary>
    public Meaning? Meaning { get; init; }

    /// <summary>Kinds that have none: what they are called is all there is.</summary>
    public static IReadOnlyList<string> OnlyNames { get; } = [Person, ConfigurationItem, Asset];

    /// <summary>What a model tells the <see cref="Meaning"/> of; null of what has none, such as texts in a language that models do not know.
    /// </summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public Meant? Meant => Version == 0 || OnlyNames.Contains(Kind) || Language != Domain.Meaning.Language ? null
        : Domain.Meant.Of(Title, Description);

    /// <summary>What was told of the same texts holds.</summary>
    public SearchDocument Keeping(SearchDocument? known) => Meaning is null && known?.Meaning is { } meaning && known.Meant == Meant
        ? this with { Meaning = meaning } : this;
}

/// <summary>What a model is given of a thing.</summary>
internal sealed record Meant(string Title, string Description)
{
    // Models take in a few hundred words; what tickets are about stands at their beginning.
    private const int Longest = 1_000;

    /// <summary>Of texts: words with single spaces, for the ends of lines are no ends of words to models.</summary>
    public static Meant Of(string title, string? description) => new(Words(title), Words(description ?? ""));

    private static string Words(string text)
    {
        var words = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return words[..Math.Min(words.Length, Longest)];
    }
}
