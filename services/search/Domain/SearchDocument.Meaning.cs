namespace Itsm.Search.Domain;

internal sealed partial record SearchDocument
{
    // Models take in a few hundred words; what tickets are about stands at their beginning.
    private const int LongestMeant = 1_000;

    /// <summary>What title and description mean; null while nobody has told, and of what has none.</summary>
    public Meaning? Meaning { get; init; }

    /// <summary>Kinds that have none: what they are called is all there is.</summary>
    public static IReadOnlyList<string> OnlyNames { get; } = [Person, ConfigurationItem, Asset];

    /// <summary>What a model tells the <see cref="Meaning"/> of; null of what has none, such as texts in a language that models do not know.
    /// </summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string? Meant =>
        Version == 0 || OnlyNames.Contains(Kind) || Language != Domain.Meaning.Language ? null : MeantOf(Title, Description);

    /// <summary>What a model is given of a text: words with single spaces, for the ends of lines are no ends of words to it.</summary>
    public static string MeantOf(string title, string? description)
    {
        var text = string.Join(' ', $"{title} {description}".Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return text[..Math.Min(text.Length, LongestMeant)];
    }

    /// <summary>What was told of the same texts holds.</summary>
    public SearchDocument Keeping(SearchDocument? known) => Meaning is null && known?.Meaning is { } meaning && known.Meant == Meant
        ? this with { Meaning = meaning } : this;
}
