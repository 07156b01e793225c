using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Cluster.Tests;

/// <summary>The newcomer's tour, through the node port.</summary>
[OuterTier]
public sealed class TourTests(ClusterSuite suite) : IClassFixture<ClusterSuite>, IAsyncLifetime
{
    public ValueTask InitializeAsync() => suite.StartAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task An_incident_has_its_clock_is_found_and_is_told_of_live()
    {
        using HttpClient employee = suite.As("employee1"), agent = suite.As("agent1");
        await using var stream = await EventStream.OpenAsync(agent, "?types=ticket");
        var incident = await SendAsync(employee, HttpMethod.Post, "incidents", new { title = "The plotter is on fire" });
        var id = incident["id"]!.GetValue<string>();
        await stream.UntilAsync(events => events.Any(one => one.Data["ticket"]?.ToString() == id));
        await RunningSuite.UntilAsync(() => SendAsync(agent, HttpMethod.Get, "incidents/" + id), found => found["serviceLevels"] is not null,
            "The clock");
        await RunningSuite.UntilAsync(() => SendAsync(agent, HttpMethod.Get, "search?q=plotter"), found =>
            found["items"]!.AsArray().Any(one => one!["id"]!.ToString() == id), "The search hit");
    }

    private static async Task<JsonNode> SendAsync(HttpClient client, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, "/api/v1/" + path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }
}
