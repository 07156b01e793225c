using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Itsm.Gateway.Tests;

public sealed class ForwardingTests
{
    private static void Echo(WebApplication app) => app.Map("/{**path}", (HttpContext context) => TypedResults.Json(new
    {
        path = context.Request.Path.Value, query = context.Request.QueryString.Value,
        headers = context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString()),
    }));

    [Fact]
    public async Task A_request_reaches_its_service_with_path_query_and_token()
    {
        await using var door = await Door.OpenAsync(Echo);

        var answer = (await door.GetAsync("/api/v1/incidents/INC1/comments?limit=5&sort=-at")).Ok();

        Assert.Equal("/api/v1/incidents/INC1/comments", answer["path"]!.GetValue<string>());
        Assert.Equal("?limit=5&sort=-at", answer["query"]!.GetValue<string>());
        Assert.StartsWith("Bearer ", answer["headers"]!["authorization"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_word_goes_to_the_service_that_owns_it()
    {
        await using var door = await Door.OpenAsync(app => app.MapGet("/{**path}", () => "incidents"), app =>
            app.MapGet("/{**path}", () => "directory"));

        Assert.Equal("incidents", (await door.GetAsync("/api/v1/categories")).Text);
        Assert.Equal("directory", (await door.GetAsync("/api/v1/groups/network")).Text);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "10.0.0.1")]
    [InlineData("X-Forwarded-Host", "evil.example.org")]
    [InlineData("Forwarded", "for=10.0.0.1")]
    [InlineData("X-Itsm-Person", "admin")]
    public async Task Headers_that_claim_an_origin_are_taken_off(string name, string value)
    {
        await using var door = await Door.OpenAsync(Echo);

        var answer = (await door.SendAsync(HttpMethod.Get, "/api/v1/incidents", configure: request => request.Headers.Add(name, value)))
            .Ok();

        Assert.DoesNotContain(value, answer["headers"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_is_down_gives_503_and_says_when_to_come_back()
    {
        await using var door = await Door.OpenAsync(Echo);
        await door.StopServicesAsync();

        var answer = await door.GetAsync("/api/v1/incidents");

        answer.Problem(503);
        Assert.NotEmpty(answer.Headers["Retry-After"]);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await door.GetAsync("/health")).Status);
    }

    [Fact]
    public async Task A_service_that_stays_silent_gives_504()
    {
        await using var door = await Door.OpenAsync(
            app => app.MapGet("/{**path}", (CancellationToken ct) => Task.Delay(Timeout.Infinite, ct)),
            settings: ("Limits:Request", "00:00:00.3"));

        (await door.GetAsync("/api/v1/incidents")).Problem(504);
    }

    [Fact]
    public async Task A_service_that_breaks_off_gives_502_and_says_that_the_request_may_have_had_its_effect()
    {
        await using var door = await Door.OpenAsync(app => app.MapPost("/{**path}", (HttpContext context) => context.Abort()));

        var answer = await door.SendAsync(HttpMethod.Post, "/api/v1/incidents", new StringContent("{}"));

        Assert.Contains("Idempotency-Key", answer.Problem(502)["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_limit_is_refused_with_and_without_its_length(bool withLength)
    {
        await using var door = await Door.OpenAsync(app => app.MapPost("/{**path}", async (HttpContext context) =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            return "taken";
        }), settings: ("Limits:BodyBytes", "1000"));
        using var body = new ByteArrayContent(new byte[100_000]);

        var answer = await door.SendAsync(HttpMethod.Post, "/api/v1/incidents", body, configure: request =>
            request.Headers.TransferEncodingChunked = !withLength);

        answer.Problem(413);
    }

    [Fact]
    public async Task A_path_that_nobody_owns_is_404_with_problem_details()
    {
        await using var door = await Door.OpenAsync(Echo);

        (await door.GetAsync("/api/v1/nothing")).Problem(404);
        (await door.GetAsync("/elsewhere", token: null)).Problem(404);
    }
}
