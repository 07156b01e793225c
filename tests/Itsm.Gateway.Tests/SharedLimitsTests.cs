using System.Net;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;

namespace Itsm.Gateway.Tests;

public sealed class SharedLimitsTests
{
    private readonly string _prefix = "tests-" + Path.GetRandomFileName().Replace('.', '-');

    [Fact, OuterTier]
    public async Task Two_gateways_count_a_caller_together()
    {
        var redis = await Engines.RedisAsync();
        await using var one = await OpenAsync(redis);
        await using var other = await OpenAsync(redis);

        // What is cold takes its time, in which permits come back.
        await one.GetAsync("/api/v1/incidents", one.Token("another"));
        await other.GetAsync("/api/v1/incidents", other.Token("another"));
        var (answers, started) = (new List<Answer>(), TimeProvider.System.GetTimestamp());
        for (var number = 0; number < 20; number++)
        {
            answers.Add(await (number % 2 == 0 ? one : other).GetAsync("/api/v1/incidents"));
        }

        Assert.Equal("\"caller\";r=7;t=1", answers[2].Headers["RateLimit"]);
        Assert.InRange(answers.Count(answer => answer.Status == HttpStatusCode.OK), 10,
            11 + TimeProvider.System.GetElapsedTime(started).TotalSeconds);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/api/v1/incidents", other.Token("another"))).Status);
    }

    [Fact]
    public async Task Without_its_Redis_a_gateway_counts_by_itself_and_refuses_nobody_for_it()
    {
        await using var door = await OpenAsync("127.0.0.1:1");
        var (answers, started) = (new List<Answer>(), TimeProvider.System.GetTimestamp());
        for (var number = 0; number < 20; number++)
        {
            answers.Add(await door.GetAsync("/api/v1/incidents"));
        }

        Assert.InRange(answers.Count(answer => answer.Status == HttpStatusCode.OK), 10,
            11 + TimeProvider.System.GetElapsedTime(started).TotalSeconds);
        Assert.All(answers, answer => Assert.Contains(answer.Status, new[] { HttpStatusCode.OK, HttpStatusCode.TooManyRequests }));
    }

    [Theory, InlineData("RateLimits:PermitsPerSecond", "0", "at least 1"),
        InlineData("ConnectionStrings:redis", "127.0.0.1:6379,nonsense=1", "ConnectionStrings:redis is not a connection string")]
    public async Task A_setting_that_makes_no_sense_is_named(string name, string value, string says)
    {
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Door.OpenAsync(app => app.Map("/{**path}", () => "there"), null, (name, value)));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }

    private Task<Door> OpenAsync(string redis) => Door.OpenAsync(app => app.Map("/{**path}", () => "there"), null,
        ("ConnectionStrings:redis", redis), ("Storage:Prefix", _prefix), ("RateLimits:PermitsPerSecond", "1"), ("RateLimits:Burst", "10"));
}
