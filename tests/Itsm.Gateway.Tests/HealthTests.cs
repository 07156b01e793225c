using System.Net;
using System.Text.Json.Nodes;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;

namespace Itsm.Gateway.Tests;

/// <summary>What the gateway says of the health of the whole.</summary>
public sealed class HealthTests
{
    [Theory]
    [InlineData("Healthy", "Healthy", "Healthy", HttpStatusCode.OK)]
    [InlineData("Healthy", "Degraded", "Degraded", HttpStatusCode.OK)]
    [InlineData("Unhealthy", "Healthy", "Unhealthy", HttpStatusCode.ServiceUnavailable)]
    [InlineData("Unhealthy", "Degraded", "Unhealthy", HttpStatusCode.ServiceUnavailable)]
    public async Task The_whole_is_as_the_worst_of_its_parts(string one, string other, string whole, HttpStatusCode status)
    {
        await using var door = await Door.OpenAsync(Says(one), Says(other));

        var health = await door.GetAsync("/health", null);

        Assert.Equal(status, health.Status);

        // Scripts look for it there.
        Assert.StartsWith($$"""{"status":"{{whole}}",""", health.Text, StringComparison.Ordinal);
        Assert.Equal([one, other, "Healthy"], PartsOf(health).Select(part => part.Text("status")));
        Assert.Equal("Healthy", (await door.GetAsync("/alive", null)).Text);
    }

    [Fact]
    public async Task Without_its_Redis_the_gateway_is_degraded_and_says_why()
    {
        await using var door = await Door.OpenAsync(Says("Healthy"), null, ("ConnectionStrings:redis", "127.0.0.1:1"));

        var health = await door.GetAsync("/health", null);

        Assert.Equal((HttpStatusCode.OK, "Degraded"), (health.Status, health.Json["status"]!.GetValue<string>()));
        var gateway = PartsOf(health).Last();
        Assert.Equal(("gateway", "Degraded"), (gateway.Text("address"), gateway.Text("status")));
        Assert.StartsWith("Redis does not answer: limits are local", gateway["checks"]!["redis"]!["description"]!.GetValue<string>(),
            StringComparison.Ordinal);
    }

    [Fact, OuterTier]
    public async Task It_is_degraded_while_its_Redis_is_away()
    {
        var redis = new Uri("redis://" + (await Engines.RedisAsync()).Split(',')[0]);
        await using var proxy = Proxy.Before(redis.Host, redis.Port);
        proxy.Open();
        await using var door = await Door.OpenAsync(Says("Healthy"), null, ("ConnectionStrings:redis", $"127.0.0.1:{proxy.Port}"));
        await UntilAsync("Healthy");

        proxy.Close();
        await UntilAsync("Degraded");

        proxy.Open();
        await UntilAsync("Healthy");

        Task UntilAsync(string status) => RunningSuite.UntilAsync(() => door.GetAsync("/health", null),
            health => health.Status == HttpStatusCode.OK && health.Json["status"]!.GetValue<string>() == status, status);
    }

    private static Action<WebApplication> Says(string status) => app => app.MapGet("/health", () => new { status });

    private static IEnumerable<JsonObject> PartsOf(Answer health) => health.Json["services"]!.AsArray().Select(part => part!.AsObject());
}
