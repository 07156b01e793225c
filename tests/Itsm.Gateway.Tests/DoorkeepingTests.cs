using System.Net;
using Microsoft.AspNetCore.Builder;

namespace Itsm.Gateway.Tests;

public sealed class DoorkeepingTests
{
    private static void Answer(WebApplication app) => app.MapGet("/{**path}", () => "ok");

    [Fact]
    public async Task Nobody_gets_in_without_a_valid_token_and_each_refusal_says_why()
    {
        await using var door = await Door.OpenAsync(Answer);
        await using var other = await Door.OpenAsync(Answer);
        var unsigned = string.Join('.', door.Token().Split('.')[1..2].Prepend("eyJhbGciOiJub25lIn0").Append(""));

        var missing = await door.GetAsync("/api/v1/incidents", token: null);

        Assert.Contains("Send a token", missing.Problem(401)["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.NotEmpty(missing.Headers["WWW-Authenticate"]);
        Assert.Contains("expired",
            (await door.GetAsync("/api/v1/incidents", door.Token(TimeProvider.System.GetUtcNow().AddDays(-2))))
                .Problem(401)["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        (await door.GetAsync("/api/v1/incidents", other.Token())).Problem(401);
        (await door.GetAsync("/api/v1/incidents", unsigned)).Problem(401);
        (await door.GetAsync("/api/v1/incidents", "nonsense")).Problem(401);
        Assert.Equal(HttpStatusCode.OK, (await door.GetAsync("/api/v1/incidents")).Status);
    }

    [Fact]
    public async Task A_ticket_lets_a_get_of_the_paths_that_take_one_through_and_counts_by_address()
    {
        await using var door = await Door.OpenAsync(Answer, settings: [("Routes:notifications:ByTicket", "stream"),
            ("RateLimits:PermitsPerSecond", "1"), ("RateLimits:Burst", "12")]);
        Assert.Equal(HttpStatusCode.OK, (await door.GetAsync("/api/v1/stream?types=ticket&ticket=x", token: null)).Status);
        foreach (var path in new[] { "stream", "stream?ticket=", "stream?tickets=x", "stream/tickets?ticket=x", "incidents?ticket=x" })
        {
            (await door.GetAsync($"/api/v1/{path}", token: null)).Problem(401);
        }

        (await door.GetAsync("/api/v1/stream?ticket=x", token: "nonsense")).Problem(401);
        (await door.SendAsync(HttpMethod.Post, "/api/v1/stream?ticket=x", token: null)).Problem(401);
        var answers = new List<HttpStatusCode>();
        for (var number = 0; number < 12; number++)
        {
            answers.Add((await door.GetAsync($"/api/v1/stream?ticket={number}", token: null)).Status);
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
    }

    [Fact]
    public async Task Each_caller_has_a_limit_of_their_own_that_the_answers_tell()
    {
        await using var door = await Door.OpenAsync(Answer, settings: [("RateLimits:PermitsPerSecond", "1"), ("RateLimits:Burst", "5")]);

        var answers = new List<Testing.Answer>();
        for (var request = 0; request < 12; request++)
        {
            answers.Add(await door.GetAsync("/api/v1/incidents", door.Token("agent1")));
        }

        var refused = answers.First(answer => answer.Status == HttpStatusCode.TooManyRequests);
        refused.Problem(429);
        Assert.NotEmpty(refused.Headers["Retry-After"]);
        Assert.StartsWith("\"caller\";r=4", answers[0].Headers["RateLimit"], StringComparison.Ordinal);
        Assert.StartsWith("\"caller\";q=5", answers[0].Headers["RateLimit-Policy"], StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await door.GetAsync("/api/v1/incidents", door.Token("agent2"))).Status);
    }

    [Fact]
    public async Task Every_answer_carries_security_headers()
    {
        await using var door = await Door.OpenAsync(Answer);

        foreach (var path in new[] { "/api/v1/incidents", "/alive", "/elsewhere" })
        {
            var headers = (await door.GetAsync(path)).Headers;
            Assert.Equal("nosniff", headers["X-Content-Type-Options"]);
            Assert.Equal("DENY", headers["X-Frame-Options"]);
            Assert.Equal("no-referrer", headers["Referrer-Policy"]);
            Assert.Contains("frame-ancestors 'none'", headers["Content-Security-Policy"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Front_ends_named_in_the_settings_may_call_from_browsers_and_others_may_not()
    {
        await using var door = await Door.OpenAsync(Answer, settings: ("Cors:Origins:0", "https://desk.example.org"));

        var known = await door.SendAsync(HttpMethod.Get, "/api/v1/incidents", configure: request =>
            request.Headers.Add("Origin", "https://desk.example.org"));
        var unknown = await door.SendAsync(HttpMethod.Get, "/api/v1/incidents", configure: request =>
            request.Headers.Add("Origin", "https://evil.example.org"));

        Assert.Equal("https://desk.example.org", known.Headers["Access-Control-Allow-Origin"]);
        Assert.Contains("ETag", known.Headers["Access-Control-Expose-Headers"], StringComparison.Ordinal);
        Assert.False(unknown.Headers.ContainsKey("Access-Control-Allow-Origin"));
        var preflight = await door.SendAsync(HttpMethod.Options, "/api/v1/incidents", configure: request =>
        {
            request.Headers.Add("Origin", "https://desk.example.org");
            request.Headers.Add("Access-Control-Request-Method", "PATCH");
        });
        Assert.Equal("7200", preflight.Headers["Access-Control-Max-Age"]);
    }
}
