using System.Text.Json;
using CsCheck;
using Itsm.Platform.Values;

namespace Itsm.Platform.Tests;

public sealed class SentenceTests
{
    private enum Colour
    {
        DarkRed,
    }

    [Fact]
    public void It_remembers_its_template_and_its_arguments()
    {
        var (other, limit, at) = (new { Number = "INC1" }, 3, 2.5);
        Sentence sentence = $"{other.Number} is {Colour.DarkRed}; at most {limit} of {{all}}, {at:0.##} for {"a\"b".Quoted}.";

        Assert.Equal("INC1 is dark red; at most 3 of {all}, 2.5 for \"a\"b\".", sentence.ToString());
        Assert.Equal("{otherNumber} is {colourDarkRed}; at most {limit} of {{all}}, {at:0.##} for {value}.", sentence.Template);
        Assert.Equal("""{"otherNumber":"INC1","colourDarkRed":"darkRed","limit":3,"at":2.5,"value":"a\u0022b"}""",
            JsonSerializer.Serialize(sentence.Arguments));
    }

    [Fact]
    public void The_same_expression_is_one_argument_and_others_of_the_same_name_are_numbered()
    {
        var (name, names) = ("a", new List<string> { "b", "c" });
        Sentence sentence = $"{name}, {name}, {names.Listed}, {Text(name)}";
        Assert.Equal(("{name}, {name}, {names}, {name2}", "a, a, b, c, a"), (sentence.Template, sentence.ToString()));

        static string Text(string text) => text;
    }

    [Fact]
    public void Words_that_people_wrote_have_no_template_and_several_sentences_have_none_of_their_own()
    {
        Assert.Null(Sentence.Verbatim("{name} wrote this.").Template);
        Assert.Null(Sentence.Join(" ", [$"One.", $"Two."]).Template);
        Assert.Equal("One. {Two}", Sentence.Join(" ", [$"One.", Sentence.Verbatim("{Two}")]).ToString());
    }

    [Fact]
    public void Arguments_never_become_part_of_a_template() =>
        Gen.String[Gen.Char["{}:\"\\n0a"], 0, 20].Select(Gen.String[Gen.Char["{}:\"\\name"], 0, 20]).Sample((name, noun) =>
        {
            var (german, folder) = (new Languages(null).Find("de")!, name);
            Sentence sentence = $"There is no {noun.AsWord} {folder.Quoted} that you can see.";
            sentence = Sentence.Restore("There is no {noun} {id} that you can see.", (hole, _) => hole == "noun" ? noun : folder);
            Assert.Equal($"There is no {noun} {folder} that you can see.", sentence.ToString());
            Assert.Equal($"Nicht gefunden oder nicht sichtbar: {noun} {folder}.", sentence.In(german).ToString());
        });

    [Fact]
    public void A_file_adds_a_language_and_what_it_lacks_stays_English()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("itsm-words").FullName;
        File.WriteAllText(Path.Combine(folder, "fr.json"),
            """{ "sentences": { "There is no {noun} {id} that you can see.": "Introuvable : {noun} {id}." }, "words": { "incident": "incident" } }""");
        var languages = new Languages(folder);
        var french = languages.Best("fr-CA, de;q=0.5")!;

        Assert.Equal(["de", "en", "fr"], languages.Tags);
        Assert.Equal("Introuvable : incident \"x\".",
            Itsm.Platform.Errors.HttpProblemException.NotFound("incident", "x").Problem.Detail.In(french).ToString());
        Assert.Equal("A JSON body is required.", ((Sentence)$"A JSON body is required.").In(french).ToString());
        Assert.Equal("Dark red", french.LabelOf("Colour", "darkRed"));
        File.WriteAllText(Path.Combine(folder, "es.json"), """{ "sentences": { "Busy": "{" } }""");
        Assert.Contains("es.json", Assert.Throws<InvalidOperationException>(() => new Languages(folder)).Message, StringComparison.Ordinal);
        System.IO.Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("de", "de")]
    [InlineData("de-AT", "de")]
    [InlineData("fr, de;q=0.8, en;q=0.9", "en")]
    [InlineData("de;q=0, en;q=0.1", "en")]
    [InlineData("*", null)]
    [InlineData("nonsense;;", null)]
    [InlineData("", null)]
    public void The_language_that_is_asked_for_most_is_taken(string asked, string? tag) =>
        Assert.Equal(tag, new Languages(null).Best(asked)?.Tag);
}
