using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Assets.Tests.Shortcuts;

namespace Itsm.Assets.Tests;

/// <summary>Configuration items from CSV.</summary>
public sealed class ItemImportTests(AssetSuite suite)
{
    private const string Path = "configuration-items/imports";

    [Fact]
    public async Task A_preview_says_what_each_row_would_do_and_apply_does_it()
    {
        var (known, host, one, two) = (Fresh("known"), Fresh("host"), Fresh("row"), Fresh("row"));
        var item = await suite.AddItemAsync("server", new { attributes = new { hostname = host, cores = 2 } });
        var file = $"""
            externalId;class;name;criticality;attributes.hostname;attributes.cores;relations.runs-on.externalId
            {one};virtual-machine;{one};2;{one};4;{two}
            {two};server;{two};;{two};;
            ;server;{known};;{host};16;
            ;server;{known};;{host.ToUpperInvariant()};32;
            ;spaceship;x1;;;;
            ;server;{known}-2;9;;many;
            """;
        var queued = await StartAsync(file, "?source=inventory&preview=true");
        var previewed = await suite.UntilAsync(Admin, $"{Path}/{queued.Id}", import => import.Text("state") == "previewed");
        Assert.Equal((6, """{"created":2,"refused":3,"updated":1}"""), (previewed["total"]!.GetValue<int>(), Sorted(previewed["counts"]!)));
        Assert.Equal(["created", "created", "updated", "refused", "refused", "refused"],
            (await ResultsAsync(queued.Id)).Select(row => row.Text("outcome")));
        Assert.Empty((await suite.GetAsync(Agent, $"configuration-items?name={one}")).Ok().Items);
        Assert.Equal(1, (await suite.GetAsync(Agent, $"configuration-items/{item.Id}")).Ok()["version"]!.GetValue<int>());

        (await suite.PostAsync(Admin, $"{Path}/{queued.Id}/apply", new { }, "*")).Ok();
        var done = await suite.UntilAsync(Admin, $"{Path}/{queued.Id}", import => import.Text("state") == "done");
        Assert.Equal("""{"created":2,"refused":3,"updated":1}""", Sorted(done["counts"]!));
        var rows = await ResultsAsync(queued.Id);
        Assert.Equal([2, 3, 4, 5, 6, 7], rows.Select(row => row["line"]!.GetValue<int>()));
        Assert.Equal(("import.repeated", "Line 4 tells of the same item."), (rows[3].Text("code"), rows[3]["reason"]!.AsObject().Text("text")));
        using var german = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/{Path}/{queued.Id}/results?outcome=refused");
        german.Headers.AcceptLanguage.ParseAdd("de");
        Assert.Contains("von demselben Element.", await (await suite.As(Admin).SendAsync(german)).Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
        Assert.Equal(rows[2].Text("item"), item.Id);
        Assert.Equal(2, (await suite.GetAsync(Agent, $"configuration-items/{item.Id}")).Ok()["attributes"]!["cores"]!.GetValue<int>());
        Assert.Equal([rows[0].Text("item")], (await suite.GetAsync(Agent, $"configuration-items/{rows[1].Text("item")}/impact")).Ok().Items
            .Select(hit => hit["item"]!["id"]!.GetValue<string>()));
        Assert.Equal("import", (await suite.GetAsync(Agent, $"configuration-items/{rows[0].Text("item")}/history")).Ok().Items[^1].Text("action"));
        Assert.Equal("import.not-previewed", (await suite.PostAsync(Admin, $"{Path}/{queued.Id}/apply", new { }, "*")).Problem(409).Text("code"));

        // The same file again changes nothing.
        var again = await StartAsync(file, "?source=inventory");
        done = await suite.UntilAsync(Admin, $"{Path}/{again.Id}", import => import.Text("state") == "done");
        Assert.Equal("""{"refused":3,"unchanged":3}""", Sorted(done["counts"]!));
        Assert.Equal("import.ended", (await suite.PostAsync(Admin, $"{Path}/{again.Id}/cancel", new { }, "*")).Problem(409).Text("code"));
    }

    [Fact]
    public async Task The_duplicates_of_a_file_and_of_what_is_there_are_listed_by_their_codes()
    {
        var (twin, once, more) = (Fresh("twin"), Fresh("once"), Fresh("once"));
        await suite.AddItemAsync("application", new { name = twin });
        await suite.AddItemAsync("application", new { name = twin });
        var queued = await StartAsync($"""
            class;name;criticality
            application;{once};2
            application;{twin};2
            application;{once.ToUpperInvariant()};3
            spaceship;x1;
            application;{more};
            """, "?preview=true");
        await suite.UntilAsync(Admin, $"{Path}/{queued.Id}", import => import.Text("state") == "previewed");
        await DuplicatesAsync();
        (await suite.PostAsync(Admin, $"{Path}/{queued.Id}/apply", new { }, "*")).Ok();
        await suite.UntilAsync(Admin, $"{Path}/{queued.Id}", import => import.Text("state") == "done");
        await DuplicatesAsync();
        var refused = (await suite.GetAsync(Admin, $"{Path}/{queued.Id}/results?code=import.repeated,twice")).Problem(400);
        Assert.Equal("?code", refused.Pointer);
        Assert.Contains("twice", refused.Text("detail"), StringComparison.Ordinal);

        async Task DuplicatesAsync()
        {
            Assert.Equal([(3, "configuration-item.ambiguous"), (4, "import.repeated")],
                await LinesAsync("code=import.repeated,configuration-item.ambiguous"));
            Assert.Equal([(4, "import.repeated")], await LinesAsync("code=import.repeated&outcome=refused"));
            Assert.Equal([(5, "invalid-request"), (4, "import.repeated")],
                await LinesAsync("code=import.repeated,invalid-request&sort=-line"));
            Assert.Empty(await LinesAsync("code=configuration-item.hidden"));
            Assert.Equal(1, (await suite.GetAsync(Admin, $"{Path}/{queued.Id}/results?code=import.repeated&count=true")).Ok()["count"]!
                .GetValue<int>());
        }

        async Task<IEnumerable<(int, string)>> LinesAsync(string query) =>
            (await suite.GetAsync(Admin, $"{Path}/{queued.Id}/results?{query}")).Ok().Items
            .Select(row => (row["line"]!.GetValue<int>(), row.Text("code")));
    }

    [Fact]
    public async Task What_is_no_such_file_is_refused_whole()
    {
        foreach (var (file, query, word) in new[]
        {
            ("name\nx1", "", "class"), ("class,name,color\nserver,x1,red", "", "color"), ("class,name\nserver,x1,more", "", "Line 2"),
            ("class,name\nserver,\"x1", "", "Line 2"), ("", "", "empty"), ("name\nx1", "?class=spaceship", "spaceship"),
            ("class,name\nserver,x1", "?source=person", "source"),
        })
        {
            Assert.Contains(word, (await SendAsync(Admin, file, query)).Problem(400).Text("detail"), StringComparison.Ordinal);
        }

        (await SendAsync(Agent, "class,name\nserver,x1", "")).Problem(403);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await suite.PostAsync(Admin, Path, new { })).Status);
    }

    [Fact]
    public async Task The_sample_of_a_class_can_be_imported_and_a_preview_be_cancelled()
    {
        var client = suite.As(Admin);
        var sample = await client.GetStringAsync($"/api/v1/{Path}/sample?class=network-device");
        Assert.Contains("attributes.firmware", sample, StringComparison.Ordinal);
        var queued = await StartAsync(sample, "?preview=true");
        await suite.UntilAsync(Admin, $"{Path}/{queued.Id}", import => import.Text("state") == "previewed");
        Assert.Equal("cancelled", (await suite.PostAsync(Admin, $"{Path}/{queued.Id}/cancel", new { }, "*")).Ok().Text("state"));
        Assert.Contains((await suite.GetAsync(Admin, Path + "?state=cancelled")).Ok().Items, one => one.Id == queued.Id);
    }

    private static string Sorted(JsonNode counts) => new JsonObject(counts.AsObject().OrderBy(one => one.Key, StringComparer.Ordinal)
        .Select(one => KeyValuePair.Create(one.Key, one.Value?.DeepClone()))).ToJsonString();

    private async Task<JsonObject> StartAsync(string file, string query) => (await SendAsync(Admin, file, query)).Ok();

    private async Task<IReadOnlyList<JsonObject>> ResultsAsync(string import) =>
        [.. (await suite.GetAsync(Admin, $"{Path}/{import}/results?limit=200")).Ok().Items];

    private Task<Answer> SendAsync(string person, string file, string query) =>
        suite.SendAsync(person, HttpMethod.Post, Path + query, new StringContent(file, Encoding.UTF8, "text/csv"));
}
