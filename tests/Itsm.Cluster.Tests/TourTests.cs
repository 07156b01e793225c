using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Itsm.Testing;
using k8s;

namespace Itsm.Cluster.Tests;

/// <summary>What a newcomer tries, through the node port; and what the chart promises of its pods.</summary>
[OuterTier]
public sealed class TourTests(ClusterSuite suite) : IAsyncLifetime
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
        await RunningSuite.UntilAsync(() => SendAsync(agent, HttpMethod.Get, "incidents/" + id),
            found => found["serviceLevels"] is not null, "The clock");
        await RunningSuite.UntilAsync(() => SendAsync(agent, HttpMethod.Get, "search?q=plotter"), found =>
            found["items"]!.AsArray().Any(one => one!["id"]!.ToString() == id), "The search hit");
    }

    [Fact]
    public async Task A_request_waits_for_two_approvals_and_goes_on_with_them()
    {
        using var employee = suite.As("employee1");
        var until = TimeProvider.System.GetUtcNow().AddDays(90).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var request = await SendAsync(employee, HttpMethod.Post, "requests",
            new { item = "payroll-access", answers = new { role = "reader", until, reason = "Quarterly report" } });
        Assert.Equal("waitingForApproval", request["state"]!.ToString());
        foreach (var approver in new[] { "manager1", "agent2" })
        {
            using var client = suite.As(approver);
            var asked = await RunningSuite.UntilAsync(
                () => SendAsync(client, HttpMethod.Get, $"approvals?ticket={request["id"]}&approver=me&state=requested"),
                found => found["items"]!.AsArray().Count == 1, "The approval of " + approver);
            var approval = asked["items"]![0]!;
            await SendAsync(client, HttpMethod.Post, $"requests/{request["id"]}/approvals/{approval["id"]}/approve",
                new { digest = approval["digest"]!.ToString() });
        }

        await RunningSuite.UntilAsync(() => SendAsync(employee, HttpMethod.Get, "requests/" + request["id"]),
            found => found["state"]!.ToString() == "inFulfillment", "The approved request");
    }

    [Fact]
    public async Task All_pods_are_non_root_on_a_read_only_root()
    {
        var pods = (await suite.Cluster.CoreV1.ListNamespacedPodAsync(suite.Space,
            labelSelector: "app.kubernetes.io/instance=" + ClusterSuite.Release)).Items;
        Assert.True(pods.Count >= ClusterSuite.Parts.Count, $"{pods.Count} pods");
        Assert.All(pods, pod =>
        {
            Assert.True(pod.Spec.SecurityContext.RunAsNonRoot);
            Assert.All(pod.Spec.Containers, container => Assert.True(container.SecurityContext.ReadOnlyRootFilesystem));
        });
    }

    [Fact]
    public async Task The_chart_tests_itself() => await suite.HelmAsync("test", ClusterSuite.Release, "--timeout", "3m");

    private static async Task<JsonNode> SendAsync(HttpClient client, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, "/api/v1/" + path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }
}
