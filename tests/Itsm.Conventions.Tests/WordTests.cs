using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Itsm.Platform.Values;

namespace Itsm.Conventions.Tests;

/// <summary>What the product says to people is there in German, whole.</summary>
public sealed class WordTests
{
    private static readonly Dictionary<string, string> Sentences = Of("sentences");
    private static readonly Dictionary<string, string> Words = Of("words");

    [Fact]
    public void Every_sentence_is_translated_and_no_translation_is_left_over()
    {
        Assert.Empty(Spoken.Templates.Select(one => one.Key).Where(HasLetters).Except(Sentences.Keys)
            .Select(template => $"{template} ({Spoken.Templates[template].First()})"));
        Assert.Empty(Sentences.Keys.Except(Spoken.Templates.Select(one => one.Key)));
    }

    [Fact]
    public void A_translation_has_the_arguments_of_its_sentence() => Assert.Empty(Sentences.Where(one =>
        !NamesIn(one.Key).ToHashSet().SetEquals(NamesIn(one.Value))).Select(one => one.Key));

    [Fact]
    public void Every_word_is_translated_and_no_translation_is_left_over()
    {
        Assert.Empty(Spoken.Words.Except(Words.Keys));
        Assert.Empty(Words.Keys.Except(Spoken.Words).Where(word => !word.Contains('.')).ToList());
    }

    private static bool HasLetters(string template) =>
        TranslationPart.Parse(template).Any(part => part.Literal.Any(char.IsLetter));

    private static IEnumerable<string> NamesIn(string template) => TranslationPart.Parse(template).Select(part => part.Name).OfType<string>();

    /// <summary>A part of all files of German words; each is in one of them.</summary>
    private static Dictionary<string, string> Of(string part) => System.IO.Directory
        .EnumerateFiles(Repository.Root, "de.json", SearchOption.AllDirectories)
        .Where(file => Regex.IsMatch(file, @"[/\\](services|gateway)[/\\](.*[/\\])?Words[/\\]de\.json$"))
        .SelectMany(file => JsonNode.Parse(File.ReadAllText(file))![part]?.AsObject() ?? [])
        .ToDictionary(one => one.Key, one => one.Value!.GetValue<string>());
}
