using Itsm.Search.Domain;
using Itsm.Search.Domain.Languages;
using Itsm.Search.Finding;
using Itsm.Search.Queries;

namespace Itsm.Search.Tests;

// Languages, what comes first, and why.
public abstract partial class EngineContract
{
    [Theory]
    [InlineData("Passwort")]
    [InlineData("Passwoerter")]
    [InlineData("passwörtern")]
    [InlineData("Drucker")]
    [InlineData("treibern")]
    [InlineData("title:passwort")]
    [InlineData("comments:treiber OR description:gerät")]
    public async Task German_texts_are_found_by_their_stems_umlauts_and_parts_of_compounds(string query)
    {
        var german = await AddGermanAsync("Passwörter laufen ab", "Das Gerät braucht einen Druckertreiber");
        await AddAsync("Password expired", "The device needs a driver");

        Assert.Equal([german], await FindAsync(query));
    }

    [Fact]
    public async Task Each_text_goes_through_the_analysis_of_its_language_alone()
    {
        var (english, german) = (await AddAsync("The printers jammed"), await AddGermanAsync("Die Drucker klemmten"));

        // Stems of German are none of English: an English text has no umlauts to make alike, and a German one no plural on -s.
        Assert.Equal([english], await FindAsync("jamming"));
        Assert.Equal([german], await FindAsync("Druckern"));
        Assert.Empty(await FindAsync("Printern"));
    }

    [Fact]
    public async Task German_texts_come_back_as_they_were_and_are_highlighted_as_others_are()
    {
        var id = await AddGermanAsync("Passwörter laufen ab", "Das Büro wartet", comments: ["Immer noch"], notes: ["Der Dieb war hier"],
            noteReaders: [Staff]);

        var found = Assert.Single((await SearchAsync(
            Ask(QueryWithoutPeople("passwort (dieb OR buero)")) with { Tokens = [Everyone, Staff], Highlights = true })).Hits);
        Assert.Equal((id, "Passwörter laufen ab", "Das Büro wartet", "Immer noch", "Der Dieb war hier"),
            (found.Document.Id, found.Document.Title, found.Document.Description, found.Document.Comments[0].Text,
                found.Document.Notes[0].Text));
        Assert.Equal(["title:Passwörter", "description:Büro", "notes:Dieb"], found.Highlights.Select(one =>
            $"{one.Field}:{one.Text.Substring(one.Matches[0].Start, one.Matches[0].Length)}"));
        foreach (var query in new[] { "dieb", "notes:dieb", "dieb*", "\"dieb war\"" })
        {
            Assert.Equal([id], await FindAsync(query, Everyone, Staff));
            Assert.Empty(await FindAsync(query, Everyone));
        }
    }

    [Fact]
    public async Task What_reads_alike_is_found_in_both_languages()
    {
        var german = await AddGermanAsync("Drucker im Lager druckt keine Lieferscheine", "Die Warteschlange bleibt stehen");
        await AddAsync("VPN tunnel drops when the laptop sleeps");
        Assert.Equal([german],
            (await SearchAsync(Ask(null) with { Like = "Drucker druckt Lieferschein", LikeLanguage = LanguageRule.German })).Hits.Select(hit => hit.Document.Id));
    }

    [Fact]
    public async Task Titles_and_numbers_and_words_in_their_order_come_first()
    {
        var commented = await AddAsync("Something else", comments: ["the blue screen of INC0004711"]);
        var scattered = await AddAsync("Screen turns blue");
        var ordered = await AddAsync("A blue screen");
        var numbered = await AddAsync("Nothing of that", number: "INC0004711");

        Assert.Equal([ordered, scattered, commented], await RankedAsync("blue screen"));
        Assert.Equal([numbered, commented], await RankedAsync("inc0004711"));
    }

    [Fact]
    public async Task Function_words_need_not_be_there_and_a_compound_may_be_there_in_its_parts()
    {
        var english = await AddAsync("Kettle leaks");
        var german = await AddGermanAsync("Treiber für den Drucker");

        Assert.Equal([english], await RankedAsync("why does my kettle leak"));
        Assert.Equal([german], await RankedAsync("der Druckertreiber ist nicht da Drucker"));
        Assert.Empty(await RankedAsync("kettle -leaks"));
    }

    [Fact]
    public async Task So_many_of_several_are_enough()
    {
        var (two, three) = (await AddAsync("alpha beta"), await AddAsync("alpha beta gamma"));
        await AddAsync("gamma");
        SearchNode[] words = [.. new[] { "alpha", "beta", "gamma" }.Select(word => new Words(null, word, TextMatch.Word))];

        Assert.Equal(Sorted(two, three), Sorted(await FindAsync(new MostOf(words, 2))));
        Assert.Equal([three], await FindAsync(new MostOf(words, 3)));
    }

    [Theory]
    [InlineData("printer")]
    [InlineData("printer jam")]
    [InlineData("printer state:new")]
    [InlineData("\"printer jam\"")]
    [InlineData("kettle OR jam")]
    [InlineData("prin* -kettle")]
    public async Task What_counted_adds_up_to_the_score(string query)
    {
        await AddAsync("Printer jam again", "The printer has a jam", comments: ["Printer jam, still"], notes: ["jam it"],
            noteReaders: [Staff], change: ticket => ticket with { State = "new" });
        await AddAsync("Jam on the kettle", "and on the printer", change: ticket => ticket with { State = "new" });

        var node = Rules.Apply(query.Contains("state:") ? new AllOf([Word("printer"), new Values("state", ["new"])])
            : QueryWithoutPeople(query));
        var found = (await SearchAsync(Ask(node) with { Tokens = [Everyone, Staff], Clauses = new Clauses() })).Hits;
        Assert.NotEmpty(found);
        Assert.All(found, hit =>
        {
            Assert.NotEmpty(hit.Explanation!);
            Assert.Equal(hit.Score, hit.Explanation!.Sum(one => one.Factor), 0.002);
        });
        Assert.Null((await SearchAsync(Ask(node))).Hits[0].Explanation);
    }

    [Fact]
    public async Task Explanations_name_word_field_and_how_often_it_counts()
    {
        await AddAsync("Printer", number: "INC0004711", notes: ["printer"], noteReaders: [Staff]);

        Assert.Equal(
            ["\"printer\" in notes", "\"printer\" in number or title, as written", "\"printer\" in title, counts 3 times"],
            await WhatAsync(Word("printer"), Everyone, Staff));
        Assert.Equal(["\"printer\" in number or title, as written", "\"printer\" in title, counts 3 times"],
            await WhatAsync(Word("printer"), Everyone));
        Assert.Equal(["\"inc0004711\" in number or title, as written", "\"inc0004711\" in number, counts 10 times"],
            await WhatAsync(Word("inc0004711"), Everyone));
        Assert.Equal(["a word that begins with \"pri\" in any text, as written", "kind is incident or request"],
            await WhatAsync(new AllOf([new Words(null, "pri", TextMatch.Prefix), new Values("kind", ["incident", "request"])]), Everyone));

        async Task<IEnumerable<string>> WhatAsync(SearchNode node, params string[] tokens) =>
            (await SearchAsync(Ask(node) with { Tokens = tokens, Clauses = new Clauses() })).Hits.Single().Explanation!
                .Select(one => one.What).Order(StringComparer.Ordinal);
    }

    private static QueryRules Rules => new(Known);

    private static Words Word(string text) => new(null, text, TextMatch.Word);

    private Task<Guid> AddGermanAsync(
        string title, string? description = null, string[]? comments = null, string[]? notes = null, string[]? noteReaders = null) =>
        AddAsync(title, description, comments: comments, notes: notes, noteReaders: noteReaders, change: ticket =>
            ticket with { Language = LanguageRule.German });

    private async Task<IReadOnlyList<Guid>> RankedAsync(string query) =>
        [.. (await SearchAsync(Ask(Rules.Apply(QueryWithoutPeople(query))))).Hits.Select(hit => hit.Document.Id)];
}
