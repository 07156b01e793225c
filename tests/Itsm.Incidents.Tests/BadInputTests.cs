using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>Whatever is sent: a problem that names what is wrong, and nothing written.</summary>
public sealed class BadInputTests(IncidentsSuite suite)
{
    public static TheoryData<string, string> Bodies => new()
    {
        { """{"title":"Fire","colour":"red"}""", "/colour" },
        { """{"title":"Fire","state":"closed"}""", "/state" },
        { """{"title":"Fire","impact":"huge"}""", "/impact" },
        { """{"title":"Fire","impact":1}""", "/impact" },
        { """{"title":"Fire","impact":"1"}""", "/impact" },
        { """{"title":"Fire","impact":"high, medium"}""", "/impact" },
        { """{"title":"Fire","channel":"pigeon"}""", "/channel" },
        { """{"title":5}""", "/title" },
        { """{"title":["Fire"]}""", "/title" },
        { """{"title":{"text":"Fire"}}""", "/title" },
        { """{"title":null}""", "/title" },
        { """{"title":""}""", "/title" },
        { """{"title":"ab"}""", "/title" },
        { """{}""", "/title" },
        { """{"title":"Fi\u0000re"}""", "/title" },
        { """{"title":"Fire","description":"a\u0000b"}""", "/description" },
        { """{"title":"Fire","configurationItems":["a\u0000b"]}""", "/configurationItems/0" },
        { """{"title":"Fire","configurationItems":[null]}""", "/configurationItems/0" },
        { """{"title":"Fire","configurationItems":"prn-1"}""", "/configurationItems" },
        { """{"title":"Fire","configurationItems":[1]}""", "/configurationItems/0" },
        { """{"title":"Fire","title":"Smoke"}""", "/title" },
        { """{"title":"Fire","category":"no such"}""", "/category" },
        { """{"title":"\ud800"}""", "/title" },
        { """{"title":"Fire",}""", "" },
        { """{"title":"Fire" """, "" },
        { """title=Fire""", "" },
        { """[]""", "" },
        { "\"Fire\"", "" },
        { """null""", "" },
        { "", "" },
    };

    [Theory, InlineData(""), InlineData("null"), InlineData(" null\n")]
    public async Task A_body_is_required(string body) => Assert.Equal("A JSON body is required.",
        (await SendAsync(HttpMethod.Post, "incidents", Encoding.UTF8.GetBytes(body))).Problem(400).Text("detail"));

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_bad_body_is_refused_with_a_pointer_to_what_is_wrong(string body, string place)
    {
        var problem = (await SendAsync(HttpMethod.Post, "incidents", Encoding.UTF8.GetBytes(body))).Problem(400);
        if (place.Length > 0)
        {
            Assert.Equal(place, problem.Pointer());
        }
        else
        {
            Assert.NotNull(problem["errors"]);
        }
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_bad_body_with_an_idempotency_key_is_refused_as_well(string body, string place)
    {
        _ = place;
        (await SendAsync(HttpMethod.Post, "incidents", Encoding.UTF8.GetBytes(body), key: Path.GetRandomFileName())).Problem(400);
    }

    [Fact]
    public async Task A_bad_patch_is_refused_and_changes_nothing()
    {
        var id = (await suite.OpenAsync()).Id;
        foreach (var (body, place) in new[]
        {
            ("""{"title":null}""", "/title"), ("""{"impact":null}""", "/impact"), ("""{"requester":null}""", "/requester"),
            ("""{"state":"closed"}""", "/state"), ("""{"number":"INC1"}""", "/number"),
            ("""{"title":7}""", "/title"), ("""{"urgency":"soon"}""", "/urgency"),
            ("""{"configurationItems":[null]}""", "/configurationItems/0"), ("""{"version":7}""", "/version"),
            ("""{"title":"a\u0000bc"}""", "/title"), ("""{"title":"Fire","title":"Smoke"}""", "/title"),
        })
        {
            Assert.Equal((body, place),
                (body, (await SendAsync(HttpMethod.Patch, "incidents/" + id, Encoding.UTF8.GetBytes(body))).Problem(400).Pointer()));
        }

        Assert.Equal(1, (await suite.ReadAsync(id)).Version);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused()
    {
        byte[] body = [.. "{\"title\":\"Fire "u8, 0xC3, 0x28, 0xFF, .. "\"}"u8];
        (await SendAsync(HttpMethod.Post, "incidents", body)).Problem(400);
    }

    [Fact]
    public async Task Bodies_that_are_too_large_are_refused()
    {
        var large = new string('a', 900_000);
        Assert.Equal("/title",
            (await SendAsync(HttpMethod.Post, "incidents", Encoding.UTF8.GetBytes($$"""{"title":"{{large}}"}"""))).Problem(400).Pointer());
        Assert.Contains("title",
            (await SendAsync(HttpMethod.Post, "incidents", Encoding.UTF8.GetBytes($$"""{"title":"{{large[..300]}}"}"""))).Problem(400)
                .Text("detail"), StringComparison.Ordinal);
        (await SendAsync(HttpMethod.Post, "incidents", Encoding.UTF8.GetBytes($$"""{"title":"{{large}}{{large}}"}"""))).Problem(413);
        var more = string.Concat(Enumerable.Repeat(large, 20));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/incidents")
        {
            Content = new StringContent($$"""{"title":"{{more}}"}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.ExpectContinue = true;
        using var answer = await suite.As(Agent).SendAsync(request);
        Assert.Equal((413, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task Deep_nesting_is_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 5000)) + string.Concat(Enumerable.Repeat("]", 5000));
        (await SendAsync(HttpMethod.Post, "incidents", Encoding.UTF8.GetBytes($$"""{"title":{{deep}}}"""))).Problem(400);
        (await SendAsync(HttpMethod.Post, "incidents", Encoding.UTF8.GetBytes(deep))).Problem(400);
    }

    [Fact]
    public async Task Bodies_of_too_many_parts_are_refused_before_anything_is_made_of_them()
    {
        foreach (var (body, says) in new[]
        {
            ($$"""{"title":"Fire",{{string.Join(',', Enumerable.Range(0, 1_001).Select(number => $"\"k{number}\":1"))}}}""",
                "more than 1000 members"),
            ($$"""{"title":"Fire","configurationItems":[{{string.Join(',', Enumerable.Repeat("\"a\"", 10_001))}}]}""",
                "more than 10000 items"),
            ($$"""{"title":{{string.Concat(Enumerable.Repeat("{\"a\":", 32))}}1{{new string('}', 32)}}}""", "more than 32 levels"),
        })
        {
            Assert.Contains(says, (await SendAsync(HttpMethod.Post, "incidents", Encoding.UTF8.GetBytes(body))).Problem(400).Text("detail"),
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_error_names_some_of_what_is_wrong_and_counts_all_and_is_never_larger_than_the_body()
    {
        var body = Encoding.UTF8.GetBytes(
            $$"""{"title":"Fire","configurationItems":[{{string.Join(',', Enumerable.Repeat("\"a\\u0000\"", 100))}}]}""");
        var answer = await SendAsync(HttpMethod.Post, "incidents", body);
        var problem = answer.Problem(400);
        Assert.Equal((50, 100), (problem["errors"]!.AsArray().Count, problem["errorCount"]!.GetValue<int>()));
        var longest = await SendAsync(HttpMethod.Post, "incidents",
            Encoding.UTF8.GetBytes($$"""{"title":"Fire","{{new string('x', 500_000)}}":1}"""));
        longest.Problem(400);
        Assert.InRange(longest.Text.Length, 1, 5_000);
    }

    [Theory, InlineData("application/json; charset=foo"), InlineData("application/json; charset=utf-16"),
        InlineData("application/merge-patch+json; charset=latin1")]
    public async Task Json_in_another_encoding_is_refused(string type)
    {
        using var content = new ByteArrayContent("""{"title":"Fire"}"""u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        (await suite.SendAsync(Agent, HttpMethod.Post, "incidents", content)).Problem(415);
    }

    [Fact]
    public async Task A_header_may_have_any_text()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/incidents");
        request.Headers.TryAddWithoutValidation("X-Note", "Jürgen Ωmega 日本");
        using var handler = new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 };
        using var client = new HttpClient(handler) { BaseAddress = suite.As(Agent).BaseAddress };
        client.DefaultRequestHeaders.Authorization = suite.As(Agent).DefaultRequestHeaders.Authorization;
        using var answer = await client.SendAsync(request);
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("")]
    public async Task Other_media_types_are_refused(string type) =>
        (await SendAsync(HttpMethod.Post, "incidents", Encoding.UTF8.GetBytes("""{"title":"Fire"}"""), type)).Problem(415);

    [Theory]
    [InlineData("GET", "incidents?limit=0", 400, "?limit")]
    [InlineData("GET", "incidents?limit=201", 400, "?limit")]
    [InlineData("GET", "incidents?limit=abc", 400, "?limit")]
    [InlineData("GET", "incidents?limit=-1", 400, "?limit")]
    [InlineData("GET", "incidents?limit=1&limit=2", 400, "?limit")]
    [InlineData("GET", "incidents?cursor=abc", 400, "?cursor")]
    [InlineData("GET", "incidents?cursor=%00", 400, "?cursor")]
    [InlineData("GET", "incidents?count=yes", 400, "?count")]
    [InlineData("GET", "incidents?openedAt[gte]=yesterday", 400, "?openedAt[gte]")]
    [InlineData("GET", "incidents?openedAt[gte]=2031-01-31", 400, "?openedAt[gte]")]
    [InlineData("GET", "incidents?openedAt[gte]=2031-01-31T08:00:00", 400, "?openedAt[gte]")]
    [InlineData("GET", "incidents?openedAt[gte]=2031-02-30T08:00:00Z", 400, "?openedAt[gte]")]
    [InlineData("GET", "incidents?openedAt=2031-01-31T08:00:00Z", 400, "?openedAt")]
    [InlineData("GET", "incidents?requester=a%00b", 400, "?requester")]
    [InlineData("GET", "incidents?category=no-such", 400, "?category")]
    [InlineData("GET", "incidents/export?limit=5", 400, "?limit")]
    [InlineData("GET", "incidents/counts?by=state&sort=openedAt", 400, "?sort")]
    [InlineData("GET", "incidents/export?colour=red", 400, "?colour")]
    [InlineData("GET", "incidents/INC9999999", 404, "INC9999999")]
    [InlineData("GET", "incidents/%FF", 404, "")]
    [InlineData("GET", "nothing", 404, "nothing")]
    [InlineData("PUT", "incidents", 405, "PUT")]
    [InlineData("DELETE", "incidents/INC9999999", 405, "DELETE")]
    public async Task Bad_requests_are_refused_and_say_why(string method, string path, int status, string names)
    {
        var problem = (await suite.SendAsync(Agent, new HttpMethod(method), path)).Problem(status);
        if (status == 400)
        {
            Assert.Equal(names, problem.Pointer());
        }

        Assert.Contains(names.TrimStart('?'), problem.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_actions_and_wrong_methods_are_refused()
    {
        var id = (await suite.OpenAsync()).Id;
        await suite.TryAsync(id, "explode", null, 404);
        Assert.Contains("POST", (await suite.GetAsync(Agent, $"incidents/{id}/resolve")).Problem(405).Text("detail"),
            StringComparison.Ordinal);
        Assert.Equal("/dueAt",
            (await suite.PostAsync(Agent, $"incidents/{id}/tasks", new { title = "Buy a fuse", dueAt = "tomorrow" })).Problem(400)
                .Pointer());
        Assert.Equal("/dueAt",
            (await suite.PostAsync(Agent, $"incidents/{id}/tasks", new { title = "Buy a fuse", dueAt = "2031-01-31T08:00:00" }))
                .Problem(400).Pointer());
        Assert.Equal("/code", (await suite.TryAsync(id, "resolve", new { code = "magic", notes = "Done." }, 400)).Pointer());
        Assert.Equal(1, (await suite.ReadAsync(id)).Version);
    }

    private async Task<Answer> SendAsync(HttpMethod method, string path, byte[] body, string type = "application/json", string? key = null)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = type.Length > 0 ? new MediaTypeHeaderValue(type) : null;
        return await suite.SendAsync(Agent, method, path, content, method == HttpMethod.Patch ? "*" : null, key);
    }
}
