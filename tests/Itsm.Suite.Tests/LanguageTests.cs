using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Suite.Tests;

/// <summary>What people read is written in the language that they ask for, with its template and arguments beside it.</summary>
[Collection(WholeSuite.Name)]
public sealed class LanguageTests(RunningSuite suite)
{
    [Fact]
    public async Task A_refusal_comes_in_German_with_template_and_arguments()
    {
        var incident = await suite.OpenAsync();
        var (problem, language) = await AskAsync("agent1", HttpMethod.Post, $"incidents/{incident.Id}/close", "de-AT,en;q=0.5", new { });

        Assert.Equal(("de", "Von einer Regel abgelehnt"), (language, problem.Text("title")));
        Assert.Equal("Störung: Der Zustand ist neu; die Aktion „close“ ist möglich aus: gelöst.", problem.Text("detail"));
        Assert.Equal("The {noun} is {state}; {action} is possible from {others}.", problem.Text("template"));
        Assert.Equal("""{"noun":"incident","state":"new","action":"close","others":["resolved"]}""",
            problem["arguments"]!.ToJsonString());
    }

    [Fact]
    public async Task Each_error_of_a_request_has_its_own_words()
    {
        var (problem, _) = await AskAsync("employee1", HttpMethod.Post, "incidents", "de", new { title = "x", impact = "huge", odd = 1 });
        var errors = problem["errors"]!.AsArray().Select(error => error!.AsObject()).ToDictionary(error => error.Text("pointer"));

        Assert.Equal("Es gibt hier kein Feld \"odd\".", errors["/odd"].Text("message"));
        Assert.Equal(("There is no field {memberName} here.", "odd"),
            (errors["/odd"].Text("template"), errors["/odd"]["arguments"]!["memberName"]!.GetValue<string>()));
        Assert.Equal("impact muss einer der Werte high, medium, low sein, nicht \"huge\".", errors["/impact"].Text("message"));
        Assert.Null(problem["template"]);

        var (attribute, _) = await AskAsync("employee1", HttpMethod.Post, "incidents", "de", new { title = "x" });
        Assert.Equal("title muss 3 bis 200 Zeichen haben, nicht 1.", attribute.Text("detail"));
    }

    [Fact]
    public async Task What_is_not_there_and_who_is_nobody_is_told_in_German()
    {
        Assert.Equal("Nicht gefunden oder nicht sichtbar: Störung \"INC9999999\".",
            (await AskAsync("employee1", HttpMethod.Get, "incidents/INC9999999", "de")).Json.Text("detail"));
        Assert.Equal("Ein Token senden: Authorization: Bearer …", (await AskAsync("", HttpMethod.Get, "incidents", "de")).Json.Text("detail"));
        Assert.Equal("Es gibt keine Route /api/v1/nowhere.",
            (await AskAsync("employee1", HttpMethod.Get, "nowhere", "de")).Json.Text("detail"));
        Assert.Equal(("en", "There is no route /api/v1/nowhere."),
            await AskAsync("employee1", HttpMethod.Get, "nowhere", "fr") is var (json, language) ? (language, json.Text("detail")) : default);
    }

    [Fact]
    public async Task Closed_actions_say_why_in_the_callers_language_and_the_tag_tells_languages_apart()
    {
        var incident = await suite.OpenAsync();
        using var german = await SendAsync("agent1", HttpMethod.Get, $"incidents/{incident.Id}?fields=actions", "de");
        using var english = await SendAsync("agent1", HttpMethod.Get, $"incidents/{incident.Id}?fields=actions", "en");
        var action = JsonNode.Parse(await german.Content.ReadAsStringAsync())!["actions"]!.AsArray()
            .Select(one => one!.AsObject()).Single(one => one.Text("name") == "close");

        Assert.Equal(("Störung: Der Zustand ist neu; die Aktion „close“ ist möglich aus: gelöst.", "close"),
            (action.Text("reason"), action["arguments"]!["action"]!.GetValue<string>()));
        Assert.NotEqual(english.Headers.ETag, german.Headers.ETag);
        Assert.Equal(["de", "en"], [.. german.Content.Headers.ContentLanguage, .. english.Content.Headers.ContentLanguage]);
        Assert.Contains("Accept-Language", german.Headers.Vary);

        using var again = await SendAsync("agent1", HttpMethod.Get, $"incidents/{incident.Id}?fields=actions", "de", tag: german.Headers.ETag!.ToString());
        Assert.Equal(System.Net.HttpStatusCode.NotModified, again.StatusCode);
    }

    [Fact]
    public async Task What_a_request_waits_for_is_told_in_the_readers_language()
    {
        var order = await suite.PostAsync("employee1", "requests", new
        {
            item = "payroll-access",
            answers = new
            {
                role = "reader", reason = "Quarterly report",
                until = suite.Clock.GetUtcNow().AddDays(90).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            },
        });
        var waits = (await AskAsync("employee1", HttpMethod.Get, $"requests/{order.Ok().Id}", "de")).Json["waitingFor"]!.AsObject();

        Assert.StartsWith("Es wartet auf die Genehmigung durch ", waits.Text("text"), StringComparison.Ordinal);
        Assert.Equal("It waits for approval by {by}: {stage} (stage {number} of {stages}).", waits.Text("template"));
        Assert.Equal(2, waits["arguments"]!["stages"]!.GetValue<int>());
        using var file = await SendAsync("employee1", HttpMethod.Get, "requests/export?format=csv&fields=waitingFor", "de");
        Assert.Contains("Es wartet auf die Genehmigung durch ", await file.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.StartsWith("It waits for approval by ", order.Ok()["waitingFor"]!["text"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enums_have_labels_in_both_languages_for_every_member_in_the_contract()
    {
        var schemas = (await suite.GetAsync("", "/openapi/v1.json")).Ok()["components"]!["schemas"]!.AsObject()
            .Where(schema => schema.Value!["enum"] is not null)
            .ToDictionary(schema => schema.Key, schema => schema.Value!["enum"]!.AsArray().Select(word => word!.GetValue<string>()).Order());
        var german = (await AskAsync("employee1", HttpMethod.Get, "labels", "de")).Json;
        var english = (await AskAsync("employee1", HttpMethod.Get, "labels", "en")).Json;

        Assert.Equal(("de", "In Bearbeitung", "In progress", "SLA"), (german.Text("language"),
            german["labels"]!["IncidentState"]!["inProgress"]!.GetValue<string>(),
            english["labels"]!["IncidentState"]!["inProgress"]!.GetValue<string>(),
            english["labels"]!["AgreementKind"]!["sla"]!.GetValue<string>()));
        Assert.Equal("Too long", english["labels"]!["FieldCode"]!["too-long"]!.GetValue<string>());
        foreach (var (name, words) in schemas)
        {
            Assert.Equal(words, german["labels"]![name]!.AsObject().Select(label => label.Key).Order());
        }

        using var answer = await SendAsync("employee1", HttpMethod.Get, "labels", "de");
        Assert.Equal("no-cache, private", string.Join(", ", answer.Headers.CacheControl!.ToString().Split(", ").Order()));
        using var again = await SendAsync("employee1", HttpMethod.Get, "labels", "de", tag: answer.Headers.ETag!.ToString());
        Assert.Equal(System.Net.HttpStatusCode.NotModified, again.StatusCode);
    }

    [Fact]
    public async Task A_persons_language_holds_in_each_service_whatever_the_header_says()
    {
        var person = await PersonAsync("de", "requester", "agent", "administrator");
        var readable = (await suite.GetAsync("", "/openapi/v1.json")).Ok()["paths"]!.AsObject()
            .Where(path => path.Value!["get"] is not null && !path.Key.Contains('{'))
            .Select(path => path.Key.Replace("/api/v1/", "", StringComparison.Ordinal)).ToList();
        foreach (var service in AppHost.AppHost.Modules)
        {
            var path = readable.First(one => service.Paths.Contains(one.Split('/')[0]));
            var (problem, language) = await AskAsync(person, HttpMethod.Get, path + "?odd=1", "en");
            Assert.Equal((service.Name, "de", "Ungültige Anfrage"), (service.Name, language, problem.Text("title")));
        }

        Assert.Equal("In Bearbeitung",
            (await AskAsync(person, HttpMethod.Get, "labels", "en")).Json["labels"]!["IncidentState"]!["inProgress"]!.GetValue<string>());
        Assert.Equal("de", (await AskAsync(person, HttpMethod.Get, "me", "en")).Json.Text("language"));
        Assert.Equal(("en", "There is no route /api/v1/nowhere."),
            await AskAsync(person, HttpMethod.Get, "nowhere", "en") is var (json, told) ? (told, json.Text("detail")) : default);
    }

    [Fact]
    public async Task What_has_words_is_another_representation_in_another_preferred_language()
    {
        var (person, incident) = (await PersonAsync("en", "requester", "agent"), await suite.OpenAsync());
        var path = $"incidents/{incident.Id}?fields=actions";
        using var english = await SendAsync(person, HttpMethod.Get, path, "de");
        using var labels = await SendAsync(person, HttpMethod.Get, "labels", "de");
        (await suite.SendAsync(person, HttpMethod.Put, "people/me/preferences", new { language = "de" }, "*")).Ok();

        using var german = await SendAsync(person, HttpMethod.Get, path, "de", tag: english.Headers.ETag!.ToString());
        Assert.Equal((System.Net.HttpStatusCode.OK, "de"), (german.StatusCode, Assert.Single(german.Content.Headers.ContentLanguage)));
        using var same = await SendAsync(person, HttpMethod.Get, path, "en", tag: german.Headers.ETag!.ToString());
        Assert.Equal(System.Net.HttpStatusCode.NotModified, same.StatusCode);
        Assert.Equal(["Accept-Language", "Authorization"], german.Headers.Vary.Where(name => name[0] == 'A').Order());

        using var others = await SendAsync(person, HttpMethod.Get, "labels", "de", tag: labels.Headers.ETag!.ToString());
        Assert.Equal((System.Net.HttpStatusCode.OK, "de"), (others.StatusCode, Assert.Single(others.Content.Headers.ContentLanguage)));
    }

    /// <summary>Somebody new whom the services know already.</summary>
    private async Task<string> PersonAsync(string language, params string[] roles)
    {
        var name = $"speaker-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";
        (await suite.PostAsync("admin", "people", new { userName = name, name = "Speaker", language, roles })).Ok();
        await RunningSuite.UntilAsync(() => suite.GetAsync(name, "me"), answer => (int)answer.Status == 200, name);
        return name;
    }

    private async Task<(JsonObject Json, string Language)> AskAsync(
        string person, HttpMethod method, string path, string language, object? body = null)
    {
        using var answer = await SendAsync(person, method, path, language, body);
        return (JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject(), string.Join(',', answer.Content.Headers.ContentLanguage));
    }

    private async Task<HttpResponseMessage> SendAsync(
        string person, HttpMethod method, string path, string language, object? body = null, string? tag = null)
    {
        using var request = new HttpRequestMessage(method, $"/api/v1/{path}".Replace("/api/v1//", "/", StringComparison.Ordinal));
        request.Content = body is null ? null : JsonContent.Create(body);
        request.Headers.Add("Accept-Language", language);
        request.Headers.TryAddWithoutValidation("If-Match", body is null ? null : "*");
        request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        return await suite.As(person).SendAsync(request);
    }
}
