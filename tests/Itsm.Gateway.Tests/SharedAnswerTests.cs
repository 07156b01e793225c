using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Itsm.Gateway.Tests;

/// <summary>What several services answer together.</summary>
public sealed class SharedAnswerTests
{
    private const string Nobody = "http://127.0.0.1:1";

    private static Action<WebApplication> Part(string json, string path = "/api/v1/me") => app =>
        app.MapGet(path, () => Results.Text(json, "application/json"));

    [Fact]
    public async Task The_parts_of_all_services_are_one_answer_that_nobody_stores()
    {
        await using var door = await Door.OpenAsync(
            Part("""{"id":"1","name":"Ann","groups":[{"id":"g","key":"net"}],"permissions":["audit","incidents.read"]}"""),
            Part("""{"id":"1","name":"Ann","groups":[{"id":"g","key":"old"},{"id":"h"}],"permissions":["audit","directory.read"]}"""));

        var answer = await door.GetAsync("/api/v1/me");

        Assert.Equal(
            """{"id":"1","name":"Ann","groups":[{"id":"g","key":"net"},{"id":"h"}],"permissions":["audit","directory.read","incidents.read"]}""",
            answer.Ok().ToJsonString());
        Assert.Equal("no-store", answer.Headers["Cache-Control"]);
        Assert.NotEmpty(answer.Headers["RateLimit"]);
        (await door.GetAsync("/api/v1/me", token: null)).Problem(401);
        (await door.SendAsync(HttpMethod.Post, "/api/v1/me")).Problem(405);
    }

    [Fact]
    public async Task Labels_of_all_services_are_one_answer_that_is_kept_as_long_as_it_holds()
    {
        await using var door = await Door.OpenAsync(
            Part("""{"language":"de","labels":{"Level":{"high":"Hoch"}}}""", "/api/v1/labels"),
            Part("""{"language":"de","labels":{"Channel":{"mail":"E-Mail"}}}""", "/api/v1/labels"));

        var answer = await door.GetAsync("/api/v1/labels");

        Assert.Equal("""{"language":"de","labels":{"Level":{"high":"Hoch"},"Channel":{"mail":"E-Mail"}}}""", answer.Ok().ToJsonString());
        Assert.Contains("no-cache", answer.Headers["Cache-Control"], StringComparison.Ordinal);
        var again = await door.SendAsync(HttpMethod.Get, "/api/v1/labels",
            configure: request => request.Headers.TryAddWithoutValidation("If-None-Match", answer.Tag));
        Assert.Equal(System.Net.HttpStatusCode.NotModified, again.Status);
    }

    [Fact]
    public async Task Each_service_gets_the_token_the_language_and_the_query_and_nothing_that_claims_an_origin()
    {
        static void Echo(WebApplication app) => app.MapGet("/api/v1/me/echo", (HttpContext context) => TypedResults.Json(new
        {
            said = context.Request.QueryString.Value,
            headers = context.Request.Headers.Select(header => $"{header.Key}: {header.Value}".ToLowerInvariant()),
        }));
        await using var door = await Door.OpenAsync(Echo, Echo);

        var answer = (await door.SendAsync(HttpMethod.Get, "/api/v1/me/echo?limit=5", configure: request =>
        {
            request.Headers.Add("Accept-Language", "pt");
            request.Headers.Add("X-Itsm-Person", "evil");
        })).Ok();

        Assert.Equal("?limit=5", answer["said"]!.GetValue<string>());
        var headers = answer["headers"]!.AsArray().Select(header => header!.GetValue<string>()).ToList();
        Assert.Contains(headers, header => header.StartsWith("authorization: bearer", StringComparison.Ordinal));
        Assert.Contains("accept-language: pt", headers);
        Assert.DoesNotContain(headers, header => header.Contains("evil", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("down")]
    [InlineData("broken")]
    [InlineData("slow")]
    [InlineData("no JSON")]
    public async Task Who_does_not_answer_is_left_out_and_named(string how)
    {
        await using var door = await Door.OpenAsync(Part("""{"permissions":["incidents.read"]}"""), app =>
            app.MapGet("/api/v1/me", async (CancellationToken ct) =>
            {
                await Task.Delay(how == "slow" ? Timeout.Infinite : 0, ct);
                return how == "broken" ? Results.StatusCode(500) : Results.Text("Hello", "application/json");
            }),
            [("Limits:Part", "00:00:00.5"), .. how == "down" ? new[] { ("Services:directory", Nobody) } : []]);

        Assert.Equal("""{"permissions":["incidents.read"],"incomplete":["directory"]}""",
            (await door.GetAsync("/api/v1/me")).Ok().ToJsonString());
    }

    [Fact]
    public async Task Where_nobody_answers_it_is_503()
    {
        await using var door = await Door.OpenAsync(Part("{}"), Part("{}"));
        await door.StopServicesAsync();

        var answer = await door.GetAsync("/api/v1/me");

        Assert.Equal("service-unavailable", answer.Problem(503)["code"]!.GetValue<string>());
        Assert.NotEmpty(answer.Headers["Retry-After"]);
    }

    [Fact]
    public async Task A_refusal_of_one_is_the_answer()
    {
        await using var door = await Door.OpenAsync(Part("{}"), app => app.MapGet("/api/v1/me", () =>
            Results.Text("""{"code":"no-access"}""", "application/problem+json", statusCode: 403)));

        var answer = await door.GetAsync("/api/v1/me");

        Assert.Equal((403, """{"code":"no-access"}"""), ((int)answer.Status, answer.Text));
    }

    [Fact]
    public async Task A_refusal_keeps_its_language_what_it_depends_on_and_when_to_come_back()
    {
        await using var door = await Door.OpenAsync(Part("{}"), app => app.MapGet("/api/v1/me", (HttpContext context) =>
        {
            context.Response.Headers.ContentLanguage = "de";
            context.Response.Headers.Append("Vary", "Accept-Language, Authorization");
            context.Response.Headers.RetryAfter = "7";
            context.Response.Headers["X-Inner"] = "1";
            return Results.Text("""{"code":"too-many-requests"}""", "application/problem+json", statusCode: 429);
        }));

        using var answer = await door.OpenAsync("/api/v1/me");

        Assert.Equal((429, "de", TimeSpan.FromSeconds(7)),
            ((int)answer.StatusCode, Assert.Single(answer.Content.Headers.ContentLanguage), answer.Headers.RetryAfter!.Delta!.Value));
        Assert.Equal(["Accept-Language", "Authorization"], answer.Headers.Vary.Except(["Accept-Encoding"]).Order());
        Assert.False(answer.Headers.Contains("X-Inner"));
    }

    [Theory]
    [InlineData("""{"language":"de"}""", """{"language":"de"}""")]
    [InlineData("{}", "{}")]
    [InlineData(null, """{"language":"en","incomplete":["directory"]}""")]
    public async Task The_language_of_a_person_is_what_the_directory_says_where_it_answers(string? directory, string answer)
    {
        await using var door = await Door.OpenAsync(Part("""{"language":"en"}"""), Part(directory ?? "{}"),
            directory is null ? [("Services:directory", Nobody)] : []);

        Assert.Equal(answer, (await door.GetAsync("/api/v1/me")).Ok().ToJsonString());
    }

    [Fact]
    public async Task Labels_in_two_languages_have_no_ETag()
    {
        await using var door = await Door.OpenAsync(
            Part("""{"language":"en","labels":{"Level":{"high":"High"}}}""", "/api/v1/labels"),
            Part("""{"language":"de","labels":{"Channel":{"mail":"E-Mail"}}}""", "/api/v1/labels"));

        var answer = await door.GetAsync("/api/v1/labels");

        Assert.Equal("""{"language":"de","labels":{"Level":{"high":"High"},"Channel":{"mail":"E-Mail"}}}""", answer.Ok().ToJsonString());
        Assert.Equal("no-store", answer.Headers["Cache-Control"]);
        Assert.DoesNotContain("ETag", answer.Headers.Keys);
    }

    [Fact]
    public async Task Who_has_no_such_route_has_nothing_to_add_and_is_not_asked_again_at_once()
    {
        var asked = 0;
        await using var door = await Door.OpenAsync(Part("""{"assigned":{"count":1}}""", "/api/v1/me/work"), app =>
            app.MapGet("/{**path}", () =>
            {
                asked++;
                return Results.NotFound();
            }));

        Assert.Equal("""{"assigned":{"count":1}}""", (await door.GetAsync("/api/v1/me/work")).Ok().ToJsonString());
        Assert.Equal("""{"assigned":{"count":1}}""", (await door.GetAsync("/api/v1/me/work")).Ok().ToJsonString());
        Assert.Equal(1, asked);
        Assert.Equal(404, (int)(await door.GetAsync("/api/v1/me/nothing")).Status);
        Assert.Equal(2, asked);
    }

    [Fact]
    public void Two_tasks_of_one_ticket_are_two_items()
    {
        JsonNode[] parts =
        [
            JsonNode.Parse("""{"tasks":{"count":0,"items":[]}}""")!,
            JsonNode.Parse("""{"tasks":{"count":2,"items":[{"id":"1","task":{"id":"a"}},{"id":"1","task":{"id":"b"}}]}}""")!,
        ];
        Assert.Equal("""{"tasks":{"count":2,"items":[{"id":"1","task":{"id":"a"}},{"id":"1","task":{"id":"b"}}]}}""",
            AnswerMerge.Merge(parts, 20)!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"count":600,"unread":600,"items":[]}""", """{"count":400,"unread":1,"items":[]}""",
        """{"count":1000,"unread":601,"items":[]}""")]
    [InlineData("""{"count":600,"unread":600,"items":[]}""", """{"count":401,"unread":401,"items":[]}""",
        """{"count":1000,"unread":1000,"items":[],"more":true}""")]
    [InlineData("""{"count":3,"items":[]}""", """{"count":1000,"more":true,"items":[]}""", """{"count":1000,"items":[],"more":true}""")]
    public void Beside_items_numbers_are_added_up_to_a_thousand(string one, string other, string merged) =>
        Assert.Equal(merged, AnswerMerge.Merge([JsonNode.Parse(one)!, JsonNode.Parse(other)!], 4).ToJsonString());

    [Fact]
    public void Numbers_are_added_and_items_put_in_order_and_cut()
    {
        var merged = AnswerMerge.Merge(
        [
            JsonNode.Parse("""
                {"assigned":{"count":40,"unread":2,"items":[
                {"id":"c","dueAt":"2026-01-02T08:00:00Z","priority":3,"openedAt":"2026-01-01T08:00:00Z"},
                {"id":"e","priority":2,"openedAt":"2026-01-01T08:00:00.5Z"}]}}
                """)!,
            JsonNode.Parse("""
                {"assigned":{"count":2,"items":[
                {"id":"b","dueAt":"2026-01-02T08:00:00Z","priority":1,"openedAt":"2026-01-01T08:00:00Z"},
                {"id":"d","priority":2,"openedAt":"2026-01-01T08:00:00Z"},
                {"id":"f","priority":5,"openedAt":"2026-01-01T08:00:00Z"}]},"tasks":{"count":0,"items":[]}}
                """)!,
        ], 4);

        Assert.Equal(("42", "2", "0"), (merged["assigned"]!["count"]!.ToJsonString(), merged["assigned"]!["unread"]!.ToJsonString(),
            merged["tasks"]!["count"]!.ToJsonString()));
        Assert.Equal(["b", "c", "d", "e"], merged["assigned"]!["items"]!.AsArray().Select(item => item!["id"]!.GetValue<string>()));
    }
}
