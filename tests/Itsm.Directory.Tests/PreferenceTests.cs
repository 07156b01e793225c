using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Directory.Tests;

/// <summary>In which language a person is answered.</summary>
public sealed class PreferenceTests(DirectorySuite suite) : DirectoryTests(suite)
{
    private const string English = "There is no person \"nobody-at-all\" that you can see.";
    private const string German = "Nicht gefunden oder nicht sichtbar: Person \"nobody-at-all\".";

    [Fact]
    public async Task People_set_their_own_language_which_wins_over_the_header_until_they_remove_it()
    {
        var name = await KnownPersonAsync();
        Assert.Equal(("en", English), await AskAsync(name, null));
        Assert.Equal(("de", German), await AskAsync(name, "de"));

        Assert.Equal("de", (await PreferAsync(name, "me", "DE-at")).Ok().Text("language"));
        Assert.Equal(("de", German), await AskAsync(name, "en"));
        Assert.Equal("de", (await Suite.GetAsync(name, "me")).Ok().Text("language"));
        Assert.Equal("de", (await Suite.GetAsync(name, "people/me?fields=language")).Ok().Text("language"));
        Assert.Equal("set-preferences", (await Suite.GetAsync(Admin, $"people/{name}/history")).Ok().Items[0].Text("action"));

        Assert.Null((await PreferAsync(name, "me", null)).Ok()["language"]);
        Assert.Equal(("en", English), await AskAsync(name, "en"));
        Assert.Equal(("de", German), await AskAsync(name, "de"));
        Assert.Null((await Suite.GetAsync(name, "me")).Ok()["language"]);
    }

    [Fact]
    public async Task Administrators_set_that_of_others_and_nobody_else_does_or_sees_it()
    {
        var (name, other) = (await KnownPersonAsync(), await KnownPersonAsync());
        (await PreferAsync(other, name, "de")).Problem(403);
        (await PreferAsync(Admin, "nobody-at-all", "de")).Problem(404);
        (await PreferAsync("", name, "de")).Problem(401);
        (await PreferAsync(name, "me", "de", ifMatch: null)).Problem(428);
        Assert.Equal(("en", English), await AskAsync(name, "en"));

        (await PreferAsync(Admin, name, "de")).Ok();
        Assert.Equal(("de", German), await AskAsync(name, "en"));
        Assert.Null((await Suite.GetAsync(other, $"people/{name}")).Ok()["language"]);
        (await Suite.PatchAsync(Admin, $"people/{name}", new { name = "Somebody Else" }, "*")).Ok();
        Assert.Equal(("de", German), await AskAsync(name, "en"));
        (await Suite.PatchAsync(Admin, $"people/{name}", new JsonObject { ["language"] = null }, "*")).Ok();
        Assert.Equal(("en", English), await AskAsync(name, "en"));
        (await Suite.PatchAsync(name, $"people/{name}", new { language = "de" }, "*")).Problem(403);
    }

    [Fact]
    public async Task A_new_person_is_answered_in_the_language_that_they_came_with()
    {
        var name = Fresh();
        var added = (await Suite.PostAsync(Admin, "people", new { userName = name, name = "Neu", language = "de" })).Ok();
        Assert.Equal("de", added.Text("language"));
        await KnownAsync(name);
        Assert.Equal(("de", German), await AskAsync(name, "en"));
    }

    [Theory, InlineData("tlh"), InlineData(""), InlineData("d")]
    public async Task A_language_that_there_is_not_is_refused_with_those_that_there_are(string tag)
    {
        var name = await KnownPersonAsync();
        foreach (var answer in new[]
        {
            await PreferAsync(name, "me", tag), await Suite.PatchAsync(Admin, $"people/{name}", new { language = tag }, "*"),
            await Suite.PostAsync(Admin, "people", new { userName = Fresh(), name = "X", language = tag }),
        })
        {
            PointsAt(answer, "/language");
            Assert.Equal($"language can't be \"{tag}\": possible: de, en.", answer.Problem(400).Text("detail"));
        }
    }

    [Theory, InlineData("{}"), InlineData("""{ "language": 1 }"""), InlineData("""{ "language": ["de"] }"""),
        InlineData("""{ "language": "de-de-de-de-de-de-de-de-de-de-de-de-de" }""")]
    public async Task What_is_no_language_is_refused(string body) =>
        PointsAt(await Suite.SendAsync(
            await KnownPersonAsync(), HttpMethod.Put, "people/me/preferences", JsonNode.Parse(body), "*"), "/language");

    [Fact]
    public async Task Of_two_who_saw_the_same_version_one_is_told_of_the_other()
    {
        var name = await KnownPersonAsync();
        var tag = (await Suite.GetAsync(name, "people/me?fields=version")).Ok().Tag;
        var answers = await Task.WhenAll(PreferAsync(name, "me", "de", tag), PreferAsync(Admin, name, "en", tag)).WaitAsync(Patience.Most);
        Assert.Equal([200, 412], answers.Select(answer => (int)answer.Status).Order());
        var kept = answers.Single(answer => (int)answer.Status == 200).Ok().Text("language");
        Assert.Equal(kept, (await Suite.GetAsync(name, "me")).Ok().Text("language"));
        Assert.Contains("language", answers.Single(answer => (int)answer.Status == 412).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_import_sets_languages_refuses_unknown_ones_in_that_of_its_reader_and_leaves_what_it_does_not_name()
    {
        var (keeper, a, b) = (Fresh(), Fresh(), Fresh());
        await CreateAsync(keeper, "administrator", "requester");
        await KnownAsync(keeper);
        (await PreferAsync(keeper, "me", "de")).Ok();

        var answer = (await ImportAsync($"userName,name,language\n{a},A,DE\n{b},B,tlh\n", keeper)).Ok();
        var refused = Assert.Single(answer["refused"]!.AsArray())!.AsObject();
        Assert.Equal((1, 3, "language kann nicht \"tlh\" sein: möglich: de, en."),
            (answer["created"]!.GetValue<int>(), refused["line"]!.GetValue<int>(), refused.Text("reason")));
        Assert.Equal(1, (await ImportAsync($"userName,name\n{a},A\n")).Ok()["unchanged"]!.GetValue<int>());
        Assert.Equal("de", (await Suite.GetAsync(Admin, $"people/{a}")).Ok().Text("language"));
        Assert.Equal(1, (await ImportAsync($"userName,name,language\n{a},A,en\n")).Ok()["updated"]!.GetValue<int>());
        Assert.Equal("en", (await Suite.GetAsync(Admin, $"people/{a}")).Ok().Text("language"));
    }

    private async Task<string> KnownPersonAsync()
    {
        var name = Fresh();
        await CreateAsync(name);
        await KnownAsync(name);
        return name;
    }

    private Task<Answer> PreferAsync(string by, string person, string? language, string? ifMatch = "*") =>
        Suite.SendAsync(by, HttpMethod.Put, $"people/{person}/preferences", new JsonObject { ["language"] = language }, ifMatch);

    /// <summary>How a person is told that somebody is not there.</summary>
    private async Task<(string Language, string Detail)> AskAsync(string person, string? accepted)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/people/nobody-at-all");
        request.Headers.TryAddWithoutValidation("Accept-Language", accepted);
        using var answer = await Suite.As(person).SendAsync(request);
        Assert.Equal(["Accept-Language", "Authorization"], answer.Headers.Vary.Where(name => name[0] == 'A').Order());
        return (Assert.Single(answer.Content.Headers.ContentLanguage),
            JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject().Text("detail"));
    }
}
