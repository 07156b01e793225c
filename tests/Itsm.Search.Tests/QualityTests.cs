using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Search.Tests;

public sealed class QualityTests(SearchSuite suite) : QualityScenarios(suite);

[OuterTier]
[Collection(ElasticsearchTestsCollection.Name)]
public sealed class QualityOnElasticsearchTests(ElasticsearchSuite suite) : QualityScenarios(suite);

[OuterTier]
[Collection(OpenSearchTestsCollection.Name)]
public sealed class QualityOnOpenSearchTests(OpenSearchSuite suite) : QualityScenarios(suite);

/// <summary>Corrections, explanations, languages, and what is offered where nothing has all words; through the gateway.</summary>
public abstract class QualityScenarios(SearchSuite suite) : IAsyncLifetime
{
    private const string Alphabet = "bcdfghjklmnpqrst";

    public ValueTask InitializeAsync() => suite.StartAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_misspelt_word_is_corrected_in_its_place_by_what_the_caller_may_see()
    {
        var word = Word();
        await suite.OpenAsync("employee1", new { title = $"Kettle {word} hums" });
        await UntilFoundAsync("employee1", word);

        var typed = Misspelt(word);
        foreach (var (query, instead) in new[]
        {
            (typed, word), ($"kettle {typed}", $"kettle {word}"), ($"\"hums\" OR kettle {typed}", null),
            ($"-nothing kind:incident {typed} hums", $"-nothing kind:incident {word} hums"), (typed.ToUpperInvariant(), word), (word, null),
            ($"title:{typed}", null),
        })
        {
            Assert.Equal(instead, (await SearchAsync("employee1", query)).TextOrNull("didYouMean"));
        }

        Assert.Empty((await SearchAsync("employee1", typed)).Items);
        Assert.Single((await SearchAsync("employee1", $"kettle {word}")).Items);
    }

    [Fact]
    public async Task Words_that_the_caller_may_not_see_are_never_offered()
    {
        var (word, note) = (Word(), Word());
        var incident = await suite.OpenAsync("employee1", new { title = $"Salary {word}" });
        (await suite.PostAsync("agent1", $"incidents/{incident.Id}/comments", new { text = $"He said {note}", @internal = true })).Ok();
        await UntilFoundAsync("agent1", $"{word} {note}");

        Assert.Equal(word, (await SearchAsync("employee1", Misspelt(word))).TextOrNull("didYouMean"));
        Assert.Equal(note, (await SearchAsync("agent1", Misspelt(note))).TextOrNull("didYouMean"));
        foreach (var (person, typed) in new[]
        {
            ("employee2", Misspelt(word)), ("employee2", $"salary {Misspelt(word)}"), ("employee1", Misspelt(note)),
            ("employee1", $"{word} {Misspelt(note)}"),
        })
        {
            Assert.Null((await SearchAsync(person, typed)).TextOrNull("didYouMean"));
        }
    }

    [Fact]
    public async Task Where_nothing_has_all_words_the_nearest_is_found_and_a_hint_says_so()
    {
        var word = Word();
        var id = (await suite.OpenAsync("employee1", new { title = $"Badge {word} does not open the garage" })).Id;
        await UntilFoundAsync("employee1", word);

        foreach (var (query, hint) in new[]
        {
            ($"{word} gar", "Nothing has all of these words. These have a word that begins with gar."),
            ($"why does {word} not open the blue garage", "Nothing has all of these words. These have 3 of 4."),
        })
        {
            var page = await SearchAsync("employee1", query, "&count=true&facets=kind");
            Assert.Equal([id], page.Items.Select(item => item.Id));
            Assert.Equal((hint, 1, 1), (page["hints"]![0]!.GetValue<string>(), page["count"]!.GetValue<int>(),
                page["facets"]!["kind"]![0]!["count"]!.GetValue<int>()));
        }

        var exact = await SearchAsync("employee1", $"the {word} garage");
        Assert.Null(exact["hints"]);
        Assert.Single(exact.Items);
        Assert.Empty((await SearchAsync("employee1", $"\"{word} garage\"")).Items);
    }

    [Fact]
    public async Task Agents_are_told_what_counted_and_nobody_else()
    {
        var word = Word();
        await suite.OpenAsync("employee1", new { title = $"Kettle {word}", description = $"It hums {word}" });
        await UntilFoundAsync("agent1", word);

        var item = Assert.Single((await SearchAsync("agent1", $"{word} kind:incident", "&explain=true")).Items);
        var explanation = item["explanation"]!.AsArray()
            .ToDictionary(one => one!["what"]!.GetValue<string>(), one => one!["factor"]!.GetValue<double>());
        Assert.Equal(
            [$"\"{word}\" in description", $"\"{word}\" in number or title, as written", $"\"{word}\" in title, counts 3 times",
                "kind is incident"], explanation.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(item["score"]!.GetValue<double>(), explanation.Values.Sum(), 0.002);

        Assert.Null((await SearchAsync("agent1", word)).Items[0]["explanation"]);
        Assert.Contains("search.explain", (await suite.GetAsync("employee1", $"search?q={word}&explain=true")).Problem(403).Text("detail"),
            StringComparison.Ordinal);
        (await suite.GetAsync("employee1", $"search?q={word}&explain=false")).Ok();
        (await suite.GetAsync("agent1", $"search?q={word}&explain=maybe")).Problem(400);
    }

    [Fact]
    public async Task A_ticket_is_analyzed_in_its_own_language_and_queries_search_both()
    {
        var word = Word();
        var german = await suite.OpenAsync("employee1",
            new { title = $"Druckertreiber {word} fehlt", description = "Seit gestern werden die Passwörter nicht mehr angenommen" });
        var english = await suite.OpenAsync("employee1", new { title = $"Printers {word} are jamming", description = "Since the move" });
        (await suite.PostAsync("employee1", $"incidents/{german.Id}/comments", new { text = $"Noch immer keine Lieferscheine {word}c" })).Ok();
        await UntilFoundAsync("employee1", word, 2);
        await UntilFoundAsync("employee1", word + "c");

        foreach (var (query, id) in new[]
        {
            ("treiber", german.Id), ("Passwort", german.Id), ("Passwoerter", german.Id), ("lieferschein", german.Id),
            ("printer jam", english.Id),
        })
        {
            Assert.Equal([id], (await SearchAsync("employee1", $"{word} {query}")).Items.Select(item => item.Id));
        }
    }

    private static string Word() => string.Concat(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N")[^10..]
        .Select(digit => Alphabet[Convert.ToInt32(digit.ToString(), 16)]));

    /// <summary>With a letter too many that is in no such word.</summary>
    private static string Misspelt(string word) => word.Insert(5, "z");

    private async Task<JsonObject> SearchAsync(string person, string query, string more = "") =>
        (await suite.GetAsync(person, $"search?q={Uri.EscapeDataString(query)}{more}")).Ok();

    private Task UntilFoundAsync(string person, string query, int count = 1) => RunningSuite.UntilAsync(() => SearchAsync(person, query),
        page => page.Items.Count == count && page["hints"] is null, query);
}
