using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Search.Tests;

public sealed class SearchTests(SearchSuite suite) : SearchScenarios(suite);

/// <summary>Searching through the gateway, whatever the engine.</summary>
public abstract class SearchScenarios(SearchSuite suite) : IAsyncLifetime
{
    public ValueTask InitializeAsync() => suite.StartAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_ticket_is_found_by_title_description_number_comment_and_resolution()
    {
        var word = Some.Word();
        var incident = await suite.OpenAsync("employee1", new { title = $"Kettle {word}a", description = $"It hums {word}b" });
        await suite.ActAsync("agent1", $"incidents/{incident.Id}/start");
        (await suite.PostAsync("employee1", $"incidents/{incident.Id}/comments", new { text = $"Still {word}c" })).Ok();
        await suite.ActAsync("agent1", $"incidents/{incident.Id}/resolve",
            new { code = "fixedPermanently", notes = $"Descaled it, {word}d" });

        foreach (var query in new[]
        {
            $"{word}a", $"{word}b", incident.Text("number"), $"{word}c", $"{word}d", $"kettles {word}a {word}c", $"title:{word}a",
            $"description:{word}d", $"comments:{word}c", $"{word}*",
        })
        {
            Assert.Equal([incident.Id], await FoundAsync("employee1", query, 1));
        }

        Assert.Empty(await FoundAsync("agent1", $"title:{word}b", 0));
    }

    [Fact]
    public async Task Nobody_finds_another_ones_ticket_nor_counts_it_nor_sees_it_suggested_or_alike()
    {
        var word = Some.Word();
        var incident = await suite.OpenAsync("employee1", new { title = $"Salary slip {word}", description = "Mine is wrong" });
        await FoundAsync("agent1", word, 1);

        var nothing = (await suite.GetAsync("employee2", $"search?q={word}&count=true&facets=state,kind,assignee")).Ok();
        Assert.Empty(nothing.Items);
        Assert.Equal(0, nothing["count"]!.GetValue<int>());
        Assert.All(nothing["facets"]!.AsObject(), facet => Assert.Empty(facet.Value!.AsArray()));
        Assert.Empty((await suite.GetAsync("employee2", $"search/suggestions?q={word}")).Ok().Items);
        Assert.Empty((await suite.PostAsync("employee2", "search/similar", new { title = $"Salary slip {word}" })).Ok().Items);
        (await suite.GetAsync("employee2", $"incidents/{incident.Id}/similar")).Problem(404);
        Assert.Single((await suite.GetAsync("employee1", $"search/suggestions?q={word}")).Ok().Items);
    }

    [Fact]
    public async Task What_becomes_secret_is_gone_for_those_who_are_not_named()
    {
        var word = Some.Word();
        var id = (await suite.OpenAsync("employee1", new { title = $"Odd mail {word}" })).Id;
        await FoundAsync("agent2", word, 1);
        await suite.ActAsync("agent1", $"incidents/{id}/watch", new { person = "analyst1" });
        await suite.ActAsync("analyst1", $"incidents/{id}/mark-security",
            new { category = "malware", severity = "high", groups = new[] { "security" }, reason = "It looks odd." });

        await FoundAsync("agent2", word, 0);
        await FoundAsync("analyst1", word, 1);
    }

    [Fact]
    public async Task Work_notes_are_found_by_agents_alone_and_highlighted_for_them_alone()
    {
        var word = Some.Word();
        var id = (await suite.OpenAsync("employee1", new { title = $"Badge {word}" })).Id;
        (await suite.PostAsync("agent1", $"incidents/{id}/comments", new { text = $"He lost it in the {word}pub", @internal = true })).Ok();

        var found = (await RunningSuite.UntilAsync(() => ItemsAsync("agent1", $"{word}pub"), items => items.Count == 1, word))[0];
        Assert.Equal("notes", Assert.Single(found["highlights"]!.AsArray())!["field"]!.GetValue<string>());
        Assert.Empty(await ItemsAsync("employee1", $"{word}pub"));
        Assert.Empty(await ItemsAsync("employee1", $"notes:{word}pub"));
        Assert.Equal("title",
            Assert.Single(Assert.Single(await ItemsAsync("employee1", $"{word}*"))["highlights"]!.AsArray())!["field"]!.GetValue<string>());
    }

    [Fact]
    public async Task Highlights_say_where_the_words_stand()
    {
        var word = Some.Word();
        var id = (await suite.OpenAsync("employee1",
            new
            {
                title = $"The café printers {word}",
                description = string.Concat(Enumerable.Repeat("Nothing to see here. ", 30)) + $"Then the {word} printing stopped.",
            })).Id;

        // Before it is there, other printers are found: where nothing has all words, what has most of them is.
        var highlights = (await RunningSuite.UntilAsync(() => ItemsAsync("agent1", $"printer {word}"),
            items => items.Count == 1 && items[0].Id == id, word))[0]["highlights"]!.AsArray();

        Assert.Equal(["title", "description"], highlights.Select(highlight => highlight!["field"]!.GetValue<string>()));
        Assert.Equal(["printers", word], Marked(highlights[0]!));
        Assert.Equal([word], Marked(highlights[1]!).Take(1));
        Assert.InRange(highlights[1]!["text"]!.GetValue<string>().Length, 1, 200);
    }

    [Fact]
    public async Task Fields_people_groups_and_times_narrow_and_facets_count_exactly()
    {
        var word = Some.Word();
        for (var number = 0; number < 6; number++)
        {
            var incident = await suite.OpenAsync("agent1",
                new { title = $"Queue {word}", requester = "employee1", impact = number < 2 ? "high" : "low", urgency = "medium" });
            if (number % 2 == 0)
            {
                await suite.ActAsync("agent1", $"incidents/{incident.Id}/assign", new { assignmentGroup = "network", assignee = "agent1" });
            }
            else
            {
                await suite.ActAsync("agent1", $"incidents/{incident.Id}/assign",
                    new { assignmentGroup = (string?)null, assignee = "agent2" });
            }
        }

        await FoundAsync("agent1", $"{word} group:network", 3);
        await FoundAsync("agent1", $"{word} group:none", 3);
        await FoundAsync("agent1", $"{word} assignee:me", 3);
        await FoundAsync("agent1", $"{word} requester:employee1 -assignee:agent1", 3);
        await FoundAsync("agent1", $"{word} priority:<=2", 2);
        await FoundAsync("agent1", $"{word} priority:1,2", 2);
        await FoundAsync("agent1", $"{word} opened:>=2020-01-01 opened:<2020-01-02", 0);
        await FoundAsync("agent1", $"{word} opened:2020-01-01..", 6);
        await FoundAsync("agent1", $"{word} kind:incident state:new,closed", 6);
        var page = (await suite.GetAsync("agent1",
            $"search?q={word}&assignmentGroup=network,none&openedAt[gte]=2020-01-01&facets=assignmentGroup,priority&count=true&limit=2&sort=-number"))
            .Ok();
        Assert.Equal(6, page["count"]!.GetValue<int>());
        Assert.Equal(2, page.Items.Count);
        Assert.Equal(page.Items.Select(item => item.Text("number")).OrderDescending(), page.Items.Select(item => item.Text("number")));
        var groups = page["facets"]!["assignmentGroup"]!.AsArray().ToDictionary(facet =>
            facet!["name"]?.GetValue<string>() ?? facet["value"]!.GetValue<string>(), facet => facet!["count"]!.GetValue<int>());
        Assert.Equal(3, groups["none"]);
        Assert.Equal(3, groups.Values.Sum() - groups["none"]);
        Assert.Equal(6, page["facets"]!["priority"]!.AsArray().Sum(facet => facet!["count"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Pages_follow_a_cursor_that_is_good_for_its_search_and_caller()
    {
        var word = Some.Word();
        for (var number = 0; number < 5; number++)
        {
            await suite.OpenAsync("employee1", new { title = string.Concat(Enumerable.Repeat($"{word} ", number + 1)) });
        }

        await FoundAsync("employee1", word, 5);
        foreach (var sort in new[] { "relevance", "-openedAt", "number", "priority" })
        {
            List<string> seen = [];
            string? cursor = null;
            do
            {
                var page = (await suite.GetAsync("employee1",
                    $"search?q={word}&limit=2&sort={sort}{(cursor is null ? "" : "&cursor=" + cursor)}")).Ok();
                seen.AddRange(page.Items.Select(item => item.Id));
                cursor = page.TextOrNull("next") ?? cursor;
                if (page["next"] is null)
                {
                    break;
                }
            }
            while (true);
            Assert.Equal(5, seen.Distinct().Count());
            Assert.Equal(5, seen.Count);
            (await suite.GetAsync("agent1", $"search?q={word}&limit=2&sort={sort}&cursor={cursor}")).Problem(400);
            (await suite.GetAsync("employee1", $"search?q={word}x&limit=2&sort={sort}&cursor={cursor}")).Problem(400);
        }
    }

    [Fact]
    public async Task People_are_found_by_name_and_user_name_and_suggested_first()
    {
        await RunningSuite.UntilAsync(() => ItemsAsync("employee1", "kind:person agent1"), items => items.Count == 1, "agent1");
        var suggested = (await suite.GetAsync("employee1", "search/suggestions?q=age")).Ok().Items;
        Assert.Contains(suggested, item => item.Text("kind") == "person" && item.Text("number") == "agent1");
        Assert.Equal("person", suggested[0].Text("kind"));
    }

    [Fact]
    public async Task What_can_be_ordered_is_suggested_to_its_audience_until_it_is_retired()
    {
        var word = Some.Word();
        var content = new { name = $"Pässword reset {word}", description = $"At once {word}d", audience = new[] { new { group = "network" } } };
        (await suite.PostAsync("admin", "catalog/items", new { key = word, content })).Ok();
        await suite.ActAsync("admin", $"catalog/items/{word}/publish");
        var network = (await suite.GetAsync("admin", "groups/network")).Ok()["members"]!.AsArray()[0]!.GetValue<string>();
        var member = (await suite.GetAsync("admin", "people/" + network)).Ok().Text("userName");

        var item = (await SuggestedAsync(member, $"password {word[..8]}", "catalogItem", 1))[0];
        Assert.Equal(("catalogItem", word, $"Pässword reset {word}"), (item.Text("kind"), item.Text("number"), item.Text("title")));
        Assert.Equal(item.Id, (await SuggestedAsync(member, word[..9], "incident,catalogItem,person", 1))[0].Id);
        Assert.Equal("password-reset", (await SuggestedAsync("employee1", "pass", "catalogItem", 1))[0].Text("number"));
        Assert.Empty((await suite.GetAsync(member, $"search/suggestions?q={word}")).Ok().Items);
        Assert.Empty((await suite.GetAsync("employee1", $"search/suggestions?q={word}&kinds=catalogItem")).Ok().Items);
        Assert.Equal([item.Id], await FoundAsync(member, $"kind:catalogItem {word}d", 1));
        Assert.Empty(await ItemsAsync(member, $"{word}d"));
        Assert.Empty(await ItemsAsync("employee1", $"kind:catalogItem {word}d"));

        await suite.ActAsync("admin", $"catalog/items/{word}/retire", new { reason = "Nobody wants it." });
        await SuggestedAsync(member, word, "catalogItem", 0);
        await SuggestedAsync("admin", word, "catalogItem", 0);
        Assert.Empty(await ItemsAsync("admin", $"kind:catalogItem {word}"));
    }

    [Fact]
    public async Task People_are_suggested_by_any_word_of_name_user_name_and_mail_and_the_mail_to_who_may_read_it()
    {
        var word = Some.Word();
        var person = (await suite.PostAsync("admin", "people",
            new { userName = $"ada.{word}", name = $"Ána Lovelace{word}", mail = $"countess@{word}.example", roles = new[] { "requester" } })).Ok();
        foreach (var typed in new[] { $"ada.{word[..9]}", $"lovelace{word}", $"ana lovelace{word[..5]}", $"countess@{word[..8]}", $"{word}.exam" })
        {
            var found = (await SuggestedAsync("employee1", typed, "person", 1))[0];
            Assert.Equal((person.Id, $"countess@{word}.example"), (found.Id, found.Text("mail")));
        }

        Assert.Equal([person.Id], await FoundAsync("employee1", $"kind:person countess@{word}.example", 1));
        (await suite.GetAsync("employee1", "search/suggestions?q=ada&kinds=nonsense")).Problem(400);

        (await suite.SendAsync("admin", HttpMethod.Patch, "roles/requester", new { revoked = new[] { "directory.read-contacts" } }, "*")).Ok();
        try
        {
            var shy = (await SuggestedAsync("employee1", $"lovelace{word}", "person", 1, item => !item.ContainsKey("mail")))[0];
            Assert.Equal(person.Id, shy.Id);
            await SuggestedAsync("employee1", $"countess@{word}", "person", 0);
            Assert.Empty(await ItemsAsync("employee1", $"kind:person \"countess@{word}.example\""));
            Assert.Single(await ItemsAsync("agent1", $"kind:person countess@{word}.example"));
        }
        finally
        {
            (await suite.SendAsync("admin", HttpMethod.Patch, "roles/requester", new { revoked = Array.Empty<string>() }, "*")).Ok();
        }

        await suite.ActAsync("admin", $"people/{person.Id}/deactivate", new { reason = "Left." });
        await SuggestedAsync("employee1", $"lovelace{word}", "person", 0);
    }

    [Fact]
    public async Task Similar_tickets_come_with_their_resolution()
    {
        var word = Some.Word();
        var solved = await suite.OpenAsync("employee1",
            new
            {
                title = $"Spreadsheet {word} macro is blocked", description = $"The {word} macro of finance stops with a security warning",
            });
        await suite.ActAsync("agent1", $"incidents/{solved.Id}/start");
        await suite.ActAsync("agent1", $"incidents/{solved.Id}/resolve",
            new { code = "fixedPermanently", notes = "Signed the macro with the certificate of finance." });
        var other = await suite.OpenAsync("employee2",
            new { title = $"Macro {word} blocked in spreadsheet", description = "A security warning comes up" });

        var similar = await RunningSuite.UntilAsync(
            async () =>
                await suite.GetAsync("agent1", $"incidents/{other.Text("number")}/similar") is { Status: System.Net.HttpStatusCode.OK } answer
                    ? answer.Ok().Items
                    : [], items => items.Any(item => item.Id == solved.Id && item["resolution"] is not null), word);
        Assert.Equal(solved.Id, similar[0].Id);
        Assert.DoesNotContain(similar, item => item.Id == other.Id);
        Assert.StartsWith("Signed the macro", similar[0].Text("resolution"), StringComparison.Ordinal);
        var typed = (await suite.PostAsync("employee1", "search/similar",
            new { title = $"my {word} macro does not run", kinds = new[] { "incident" }, limit = 3 })).Ok().Items;
        Assert.Equal([solved.Id], typed.Select(item => item.Id));
    }

    [Theory]
    [InlineData("printer AND (", 12, "empty parentheses")]
    [InlineData("(printer", 0, "not closed")]
    [InlineData("printer)", 7, "without an opening")]
    [InlineData("\"printer", 0, "quote")]
    [InlineData("one OR", 6, "after it")]
    [InlineData("OR one", 0, "before it")]
    [InlineData("*rinter", 0, "wildcard")]
    [InlineData("p*", 0, "letters stand before")]
    [InlineData("ab~", 0, "letters before the ~")]
    [InlineData("priority:high", 9, "not a whole number")]
    [InlineData("opened:yesterday", 7, "neither a day")]
    [InlineData("group:nobody-knows", 6, "no group")]
    [InlineData("assignee:nobody-knows", 9, "no person")]
    [InlineData("state:>new", 6, "compared")]
    [InlineData("one -", 4, "minus")]
    [InlineData("state:", 6, "needs a value")]
    [InlineData("state:nonsense", 6, "state can't be \"nonsense\": new, inProgress")]
    [InlineData("state:new,nonsense", 6, "state can't be \"nonsense\"")]
    [InlineData("stage:nonsense", 6, "stage can't be \"nonsense\": open, paused, resolved, closed")]
    [InlineData("-kind:nonsense", 6, "kind can't be \"nonsense\": incident, request, person")]
    [InlineData("a\u0001b", 1, "control character")]
    [InlineData("((((((((((deep))))))))))", 8, "nest")]
    public async Task A_query_that_makes_no_sense_is_refused_at_its_place(string query, int position, string says)
    {
        var problem = (await suite.GetAsync("employee1", "search?q=" + Uri.EscapeDataString(query))).Problem(400);
        Assert.Contains(says, problem.Text("detail"), StringComparison.Ordinal);
        Assert.Equal(position, problem["position"]!.GetValue<int>());
        Assert.Equal("?q", problem["errors"]![0]!["pointer"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("21:33:af:cc", "21")]
    [InlineData("C:\\temp\\old", "C")]
    [InlineData("error: disk full", "error")]
    [InlineData("Title: disk", "Title")]
    [InlineData("http://intranet.example/wiki?page=3", "http")]
    [InlineData(":smile:", null)]
    public async Task What_is_pasted_is_text_and_a_hint_says_which_word_is_no_field(string pasted, string? noField)
    {
        var word = Some.Word();
        var id = (await suite.OpenAsync("employee1", new { title = $"Pasted {word} {pasted}" })).Id;
        await suite.OpenAsync("employee1", new { title = $"Not pasted {word}" });
        await FoundAsync("employee1", word, 2);
        var page = (await suite.GetAsync("employee1", "search?q=" + Uri.EscapeDataString($"{word} {pasted}"))).Ok();
        Assert.Equal(noField is null ? null : $"There is no field {noField} with this value",
            page["hints"]?[0]!.GetValue<string>().Split(':')[0]);
        Assert.Equal([id], page.Items.Select(item => item.Id));
    }

    [Fact]
    public async Task Words_are_found_however_their_letters_are_written()
    {
        var word = Some.Word();
        var incident = await suite.OpenAsync("employee1",
            new { title = $"Drucker im Bu\u0308ro von \u0130stanbul {word}", affectedService = "Zu\u0308rich" });
        (await suite.PostAsync("employee1", $"incidents/{incident.Id}/comments", new { text = $"Stra\u00dfe {word}c caf\u00e9" })).Ok();
        await FoundAsync("employee1", word + "c", 1);
        foreach (var query in new[]
        {
            "B\u00fcro", "Bu\u0308ro", "BURO", "buro", "istanbul", "\u0130STANBUL", "STRASSE", "cafe\u0301", "\uff23\uff41\uff46\uff45",
            "bu\u0308*", "service:Z\u00fcrich", "service:Zu\u0308rich", "Title:b\u00fcro",
        })
        {
            Assert.Equal([incident.Id], await FoundAsync("employee1", $"{word} {query}", 1));
        }

        Assert.Equal(1,
            (await suite.GetAsync("employee1", $"search?q={word}&affectedService={Uri.EscapeDataString("Zu\u0308rich")}&count=true"))
                .Ok()["count"]!.GetValue<int>());
        Assert.Equal(incident.Id,
            (await suite.GetAsync("employee1", "search/suggestions?q=" + Uri.EscapeDataString($"{word} bu\u0308"))).Ok().Items[0].Id);
    }

    [Fact]
    public async Task What_is_like_an_incident_is_told_right_after_it_was_opened()
    {
        for (var round = 0; round < 5; round++)
        {
            var incident = await suite.OpenAsync();
            (await suite.GetAsync("employee1", $"incidents/{(round % 2 == 0 ? incident.Id : incident.Text("number"))}/similar")).Ok();
        }

        (await suite.GetAsync("employee1", $"incidents/{Guid.Empty}/similar")).Problem(404);
    }

    [Fact]
    public async Task Endless_and_wordy_queries_and_unknown_parameters_are_refused()
    {
        Assert.Equal(414, (int)(await suite.GetAsync("employee1", "search?q=" + new string('a', 10_000))).Status);
        (await suite.GetAsync("employee1", "search?q=" + new string('a', 1_001))).Problem(400);
        (await suite.GetAsync("employee1", "search?q=" + string.Join("%20", Enumerable.Repeat("word", 100)))).Problem(400);
        (await suite.GetAsync("employee1", "search?q=a&sort=weight")).Problem(400);
        (await suite.GetAsync("employee1", "search?q=a&facets=title")).Problem(400);
        (await suite.GetAsync("employee1", "search?q=a&limit=201")).Problem(400);
        (await suite.GetAsync("employee1", "search?q=a&colour=red")).Problem(400);
        (await suite.GetAsync("employee1", "search?q=a&cursor=nonsense")).Problem(400);
        (await suite.GetAsync("employee1", "search?assignmentGroup=nobody-knows")).Problem(400);
        (await suite.GetAsync("employee1", "search?state=nonsense")).Problem(400);
        (await suite.PostAsync("employee1", "search/saved", new { name = "Nonsense", q = "state:nonsense" })).Problem(400);
        (await suite.GetAsync("employee1", "search/suggestions")).Problem(400);
        (await suite.PostAsync("employee1", "search/similar", new { title = "" })).Problem(400);
        (await suite.GetAsync("employee1", "search/index")).Problem(403);
    }

    private static IEnumerable<string> Marked(JsonNode highlight) =>
        highlight["matches"]!.AsArray().Select(match =>
            highlight["text"]!.GetValue<string>().Substring(match!["start"]!.GetValue<int>(), match["length"]!.GetValue<int>()));

    private async Task<IReadOnlyList<JsonObject>> ItemsAsync(string person, string query) =>
        (await suite.GetAsync(person, "search?q=" + Uri.EscapeDataString(query))).Ok().Items;

    private Task<IReadOnlyList<JsonObject>> SuggestedAsync(
        string person, string typed, string kinds, int count, Func<JsonObject, bool>? so = null) => RunningSuite.UntilAsync(
        async () => (await suite.GetAsync(person, $"search/suggestions?q={Uri.EscapeDataString(typed)}&kinds={kinds}")).Ok().Items,
        items => items.Count == count && items.All(so ?? (_ => true)), $"{count} suggested for {typed}");

    private async Task<IReadOnlyList<string>> FoundAsync(string person, string query, int count) =>
        [.. (await RunningSuite.UntilAsync(() => ItemsAsync(person, query), items => items.Count == count, $"{count} found by {query}"))
            .Select(item => item.Id)];
}
