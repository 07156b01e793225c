using System.Text.Json;

namespace Itsm.Platform.Values;

/// <summary>The words of a language, as files have them.</summary>
/// <param name="Sentences">By English template.</param>
/// <param name="Words">Nouns and other fixed words by the English ones, and members of enums within sentences:
/// <c>RequestState.draft</c>.</param>
/// <param name="Labels">Of members of enums, by type and word in JSON.</param>
internal sealed record LanguageWords(
    Dictionary<string, IReadOnlyList<TranslationPart>> Sentences, Dictionary<string, string> Words,
    Dictionary<string, Dictionary<string, string>> Labels)
{
    private const string Prefix = "Words.";
    private const string Ending = ".json";

    /// <summary>The languages that the loaded assemblies have words of.</summary>
    public static IEnumerable<string> TagsOfProgram => AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsDynamic)
        .SelectMany(assembly => assembly.GetManifestResourceNames())
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Ending, StringComparison.Ordinal))
        .Select(name => name[Prefix.Length..^Ending.Length]).Distinct();

    public string? LabelOf(string type, string word) => Labels.TryGetValue(type, out var its) ? its.GetValueOrDefault(word) : null;

    /// <summary>What the loaded assemblies have of a language, each in its own <c>Words/{tag}.json</c>.</summary>
    public static LanguageWords OfProgram(string tag)
    {
        var words = new LanguageWords([], [], []);
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsDynamic))
        {
            if (assembly.GetManifestResourceStream(Prefix + tag + Ending) is { } resource)
            {
                using (resource)
                {
                    words.Add(JsonSerializer.Deserialize<WordFile>(resource, JsonSerializerOptions.Web)!);
                }
            }
        }

        return words;
    }

    /// <summary>Adds what a file has, in the place of what was there.</summary>
    /// <exception cref="InvalidOperationException">It is not such a file.</exception>
    public LanguageWords With(string file)
    {
        try
        {
            using var text = File.OpenRead(file);
            Add(JsonSerializer.Deserialize<WordFile>(text, JsonSerializerOptions.Web)!);
            return this;
        }
        catch (Exception e) when (e is JsonException or FormatException or NotSupportedException)
        {
            throw new InvalidOperationException($"{file} is no file of words: {e.Message}", e);
        }
    }

    private void Add(WordFile file)
    {
        foreach (var (template, translation) in file.Sentences ?? [])
        {
            Sentences[template] = TranslationPart.Parse(translation);
        }

        foreach (var (word, translation) in file.Words ?? [])
        {
            Words[word] = translation;
        }

        foreach (var (type, labels) in file.Labels ?? [])
        {
            foreach (var (word, label) in labels)
            {
                if (!Labels.TryGetValue(type, out var its))
                {
                    Labels[type] = its = [];
                }

                its[word] = label;
            }
        }
    }

    /// <summary>A file of words.</summary>
    internal sealed record WordFile(
        Dictionary<string, string>? Sentences, Dictionary<string, string>? Words, Dictionary<string, Dictionary<string, string>>? Labels);
}
