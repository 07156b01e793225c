using Itsm.Search.Domain.Languages;
using Itsm.Search.Engines;
using Itsm.Search.Finding;
using Itsm.Search.Queries;
using Microsoft.Extensions.Options;

namespace Itsm.Search.Tests;

public sealed class LanguageTests
{
    [Theory]
    [InlineData("Der Drucker druckt nicht", "de")]
    [InlineData("Drucker druckt nicht", "de")]
    [InlineData("Türöffner defekt", "de")]
    [InlineData("Softwareaktualisierung", "de")]
    [InlineData("The printer does not print", "en")]
    [InlineData("Printer offline", "en")]
    [InlineData("", "en")]
    [InlineData("4711 🙂", "en")]
    [InlineData("Café is closed for the day", "en")]
    public void The_language_of_a_text_is_told_by_its_commonest_words(string text, string language) =>
        Assert.Equal(language, LanguageRule.Of(text));

    [Fact]
    public void All_texts_of_a_ticket_decide_together() =>
        Assert.Equal("de", LanguageRule.Of("VPN", null, "Seit heute kann ich mich nicht anmelden"));

    [Theory]
    [InlineData("Druckertreiber", "drucker treiber")]
    [InlineData("Druckertreibers", "drucker treiber")]
    [InlineData("Arbeitsplatzrechner", "arbeit platz rechner")]
    [InlineData("Lizenzschlüssel", "lizenz schlussel")]
    [InlineData("Drucker", "")]
    [InlineData("Netzwerk", "")]
    [InlineData("Controller", "")]
    [InlineData("Tastatur", "")]
    public void Compounds_of_known_parts_are_split(string word, string parts) =>
        Assert.Equal(parts, string.Join(' ', GermanCompounds.Split(word)));

    [Theory]
    [InlineData("İSTANBUL", "istanbul")]
    [InlineData("Straße", "strasse")]
    [InlineData("Bu\u0308ro", "buro")]
    public void Words_are_folded(string word, string folded) => Assert.Equal(folded, LanguageRule.Fold(word));

    [Theory]
    [InlineData("don't use wi-fi, e.g. 'here'", "don't|use|wi|fi|e|g|here")]
    [InlineData("", "")]
    [InlineData("\ud83d \uffff x", "x")]
    public void Texts_consist_of_words(string text, string words) => Assert.Equal(words, string.Join('|', LanguageRule.Words(text)));

    [Theory]
    [InlineData("printer", "printer", 0)]
    [InlineData("pritner", "printer", 1)]
    [InlineData("priner", "printer", 1)]
    [InlineData("prrinter", "printer", 1)]
    [InlineData("", "ab", 2)]
    [InlineData("kitten", "sitting", 3)]
    public void Letters_that_differ_are_counted_swapped_ones_once(string one, string other, int distance)
    {
        Assert.Equal(distance, EditDistance.Of(one, other));
        Assert.Equal(distance, EditDistance.Of(other, one));
    }

    [Fact]
    public void Settings_replace_the_stop_words_of_every_language()
    {
        var words = new SearchWords(Options.Create(new SearchSettings { StopWords = { "foo" } }));
        Assert.True(words.IsStopped("Foo foo's"));
        Assert.False(words.IsStopped("the"));
        Assert.False(words.IsFunctionWord("nicht"));
        var usual = new SearchWords(Options.Create(new SearchSettings()));
        Assert.True(usual.IsStopped("the") && usual.IsStopped("für") && !usual.IsStopped("the printer") && usual.IsFunctionWord("my"));
    }

    [Theory]
    [InlineData("My printer, it doesn't print!", "printer print")]
    [InlineData("Der Drucker druckt nicht", "Drucker druckt")]
    [InlineData("To be or not to be", "To be or not to be")]
    public void Texts_are_compared_by_the_words_that_tell_something(string text, string telling) =>
        Assert.Equal(telling, new QueryRules(new SearchWords(Options.Create(new SearchSettings()))).Telling(text));

    [Fact]
    public void Queries_are_loosened_step_by_step_and_only_where_they_have_words()
    {
        var rules = new QueryRules(new SearchWords(Options.Create(new SearchSettings())));
        Assert.Empty(rules.Loosened(QueryParser.Parse("\"a phrase\" -word", out _)));
        Assert.Empty(rules.Loosened(null));
        Assert.Single(rules.Loosened(QueryParser.Parse("badge", out _)));
        var steps = rules.Loosened(QueryParser.Parse("the badge opens garage gate", out _)).ToList();
        Assert.Equal(["These have a word that begins with gate.", "These have 3 of 4."], steps.Select(step => step.Hint.ToString()[32..]));
        Assert.Equal(3, Assert.IsType<MostOf>(steps[1].Node).Least);
    }
}
