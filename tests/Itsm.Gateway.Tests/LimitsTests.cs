using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Itsm.Gateway.Tests;

public sealed class LimitsTests
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_body_up_to_the_limit_passes_and_a_larger_one_is_413_whether_its_length_is_said_or_not(bool chunked)
    {
        await using var door = await Door.OpenAsync(app => app.Map("/{**path}", Length), null, ("Limits:BodyBytes", "100000"));

        Assert.Equal("100000", (await PostAsync(door, 100_000, chunked)).Text);
        (await PostAsync(door, 100_001, chunked)).Problem(413);

        // More than the sockets hold: the caller is still sending when the answer comes.
        (await PostAsync(door, 20_000_000, chunked)).Problem(413);
        (await PostAsync(door, 20_000_000, chunked, token: null)).Problem(chunked ? 401 : 413);
    }

    [Fact]
    public async Task A_stopped_caller_is_told_when_to_come_back_and_does_not_stop_others_or_health()
    {
        await using var door = await Door.OpenAsync(app => app.Map("/{**path}", () => new { status = "Healthy" }), null,
            ("RateLimits:PermitsPerSecond", "1"), ("RateLimits:Burst", "3"));
        var (answers, started) = (new List<Testing.Answer>(), TimeProvider.System.GetTimestamp());
        for (var number = 0; number < 8; number++)
        {
            answers.Add(await door.GetAsync("/api/v1/incidents"));
        }

        Assert.Equal("\"caller\";q=3;w=3", answers[0].Headers["RateLimit-Policy"]);
        Assert.Equal("\"caller\";r=2;t=1", answers[0].Headers["RateLimit"]);
        Assert.InRange(answers.Count(answer => answer.Status == HttpStatusCode.OK), 3,
            4 + TimeProvider.System.GetElapsedTime(started).TotalSeconds);
        var stopped = answers.First(answer => answer.Status == HttpStatusCode.TooManyRequests);
        stopped.Problem(429);
        Assert.Equal("1", stopped.Headers["Retry-After"]);
        Assert.Equal(HttpStatusCode.OK, (await door.GetAsync("/api/v1/incidents", door.Token("another"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await door.GetAsync("/health", null)).Status);
    }

    [Theory]
    [InlineData("/API/v1/people/me"), InlineData("/api/v1/PEOPLE/me"), InlineData("/%61pi/v1/people/me"), InlineData("/api//v1/people/me"),
        InlineData("/api/v1/people/me.")]
    [InlineData("/api/v1/nothing/here"), InlineData("/"), InlineData("/health"), InlineData("/openapi/v1.json"), InlineData("/docs"),
        InlineData("/alive")]
    public async Task Every_request_counts_whatever_its_path(string path)
    {
        await using var door = await Door.OpenAsync(app => app.Map("/{**path}", () => new { status = "Healthy" }), null,
            ("RateLimits:PermitsPerSecond", "1"), ("RateLimits:Burst", "3"));

        foreach (var token in new[] { "", null })
        {
            var answers = new List<Testing.Answer>();
            for (var number = 0; number < 8; number++)
            {
                answers.Add(await door.GetAsync(path, token));
            }

            Assert.Contains(answers, answer => answer.Status == HttpStatusCode.TooManyRequests);
        }
    }

    [Fact]
    public async Task Behind_a_known_proxy_each_client_has_a_limit_and_nobody_else_may_say_who_they_are()
    {
        (string, string)[] tight = [("RateLimits:PermitsPerSecond", "1"), ("RateLimits:Burst", "3")];
        await using var behind = await Door.OpenAsync(app => app.Map("/{**path}", () => "ok"), null,
            [.. tight, ("Proxies:Known:0", "127.0.0.0/8")]);
        await using var open = await Door.OpenAsync(app => app.Map("/{**path}", () => "ok"), null, tight);

        Assert.Contains(HttpStatusCode.TooManyRequests,
            await FromAsync(behind, "203.0.113.1", "203.0.113.1", "203.0.113.1", "203.0.113.1", "203.0.113.1", "203.0.113.1"));
        Assert.DoesNotContain(HttpStatusCode.TooManyRequests,
            await FromAsync(behind, "203.0.113.2", "203.0.113.3", "203.0.113.4", "203.0.113.5", "203.0.113.6"));

        // What a client wrote itself stands before what the proxy adds; of IPv6 a client has a whole network.
        Assert.Contains(HttpStatusCode.TooManyRequests,
            await FromAsync(behind, [.. Enumerable.Range(1, 8).Select(number => $"198.51.100.{number}, 203.0.113.9")]));
        Assert.Contains(HttpStatusCode.TooManyRequests,
            await FromAsync(behind, [.. Enumerable.Range(1, 8).Select(number => $"2001:db8:0:1::{number}")]));
        Assert.Contains(HttpStatusCode.TooManyRequests,
            await FromAsync(open, [.. Enumerable.Range(1, 8).Select(number => $"203.0.113.{number}")]));
    }

    private static async Task<List<HttpStatusCode>> FromAsync(Door door, params string[] addresses)
    {
        var answers = new List<HttpStatusCode>();
        foreach (var address in addresses)
        {
            answers.Add((await door.SendAsync(HttpMethod.Get, "/alive", token: null, configure: request =>
                request.Headers.Add("X-Forwarded-For", address))).Status);
        }

        return answers;
    }

    [Fact]
    public async Task Request_lines_and_headers_that_are_too_long_are_refused_with_a_problem()
    {
        await using var door = await Door.OpenAsync(app => app.Map("/{**path}", () => "ok"));

        (await door.GetAsync("/api/v1/incidents?title=" + new string('a', 9_000))).Problem(414);
        (await door.SendAsync(HttpMethod.Get, "/api/v1/incidents", configure: request =>
            request.Headers.Add("X-Large", new string('a', 40_000)))).Problem(431);
        Assert.Equal(HttpStatusCode.OK, (await door.GetAsync("/api/v1/incidents?title=" + new string('a', 4_000))).Status);
    }

    [Theory, InlineData("FFFFFFFFFFFFFFFF"), InlineData("7FFFFFFFFFFFFFFF"), InlineData("zz")]
    public async Task Chunks_that_are_not_well_formed_are_a_bad_request(string size)
    {
        await using var door = await Door.OpenAsync(app => app.Map("/{**path}", Length));
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(door.Address.Host, door.Address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/v1/incidents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {door.Token()}\r\nContent-Type: "
            + $"application/json\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\n{{}}\r\n0\r\n\r\n"));
        using var reader = new StreamReader(stream);
        Assert.Equal("HTTP/1.1 400 Bad Request", await reader.ReadLineAsync().WaitAsync(Testing.Patience.Most));
    }

    [Theory, InlineData("nonsense"), InlineData("[]"), InlineData("{\"paths\":7}"), InlineData("{\"tags\":[{}]}")]
    public async Task A_service_with_an_unusable_contract_is_named_and_the_others_are_shown(string broken)
    {
        await using var door = await Door.OpenAsync(
            app => app.MapGet("/openapi/v1.json", () => Results.Text("""{"paths":{"/api/v1/incidents":{}}}""", "application/json")),
            app => app.MapGet("/openapi/v1.json", () => broken));

        var document = (await door.GetAsync("/openapi/v1.json", null)).Ok();

        Assert.Contains("/api/v1/incidents", document["paths"]!.AsObject().Select(path => path.Key));
        Assert.Single(document["x-unavailable"]!.AsArray());
    }

    [Fact]
    public async Task A_service_that_breaks_off_is_a_problem_and_a_wrong_method_too()
    {
        await using var door = await Door.OpenAsync(app => app.MapGet("/{**path}", (HttpContext context) => context.Abort()));

        Assert.Contains((int)(await door.GetAsync("/api/v1/incidents")).Status, new[] { 502, 503 });
        (await door.SendAsync(HttpMethod.Post, "/health")).Problem(405);
    }

    private static async Task<string> Length(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        return (await reader.ReadToEndAsync()).Length.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static Task<Testing.Answer> PostAsync(Door door, int bytes, bool chunked, string? token = "") => door.SendAsync(
        HttpMethod.Post, "/api/v1/incidents", new ByteArrayContent(Encoding.ASCII.GetBytes(new string('x', bytes))), token,
        request => request.Headers.TransferEncodingChunked = chunked ? true : null);
}
