using System.Net;
using System.Text.RegularExpressions;
using Itsm.AppHost;
using Itsm.Testing;
using k8s;
using k8s.Models;

namespace Itsm.Cluster.Tests;

/// <summary>Nobody notices that pods come and go.</summary>
[OuterTier]
public sealed partial class RolloutTests(ClusterSuite suite) : IClassFixture<ClusterSuite>, IAsyncLifetime
{
    private const int Clients = 16;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(4);
    private static readonly string[] Parts = [.. AppHost.AppHost.Modules.Select(module => module.Name), "gateway"];

    public ValueTask InitializeAsync() => suite.StartAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Of_requests_during_an_upgrade_and_a_rollback_none_fails_and_nothing_is_lost()
    {
        await using var load = new Load(suite, Clients);
        await AnswersAsync(load);
        await suite.HelmAsync("upgrade", ClusterSuite.Release, "--reuse-values", "--set", "image.tag=" + ClusterSuite.SecondTag,
            ClusterSuite.Chart, "--wait", "--timeout", "5m");
        await SettledAsync(ClusterSuite.SecondTag);
        await AnswersAsync(load);
        await suite.HelmAsync("rollback", ClusterSuite.Release, "--wait", "--timeout", "5m");
        await SettledAsync(ClusterSuite.FirstTag);
        await EndAsync(load);
    }

    [Fact]
    public async Task Each_part_scales_out_and_in_and_requests_reach_all_of_its_pods()
    {
        await using var load = new Load(suite, Clients);
        foreach (var part in new[] { "incidents", "gateway" })
        {
            await ScaleAsync(part, 3);
            await RunningSuite.UntilAsync(async () => await Task.WhenAll((await suite.PodsAsync(part)).Select(RequestsAsync)),
                counts => counts.Length == 3 && counts.All(count => count > 50), $"Requests to three pods of {part}", Longest);
            await ScaleAsync(part, 1);
        }

        await EndAsync(load);
    }

    [Fact]
    public async Task The_chart_tests_itself() => await suite.HelmAsync("test", ClusterSuite.Release, "--timeout", "3m");

    private async Task EndAsync(Load load)
    {
        await load.StopAsync();
        Assert.Empty(load.Failures);
        await RunningSuite.UntilAsync(() => Task.FromResult(load.Created.Except(load.Seen).Count()), missing => missing == 0, "The stream");
        Assert.False(load.WasReset);
        using var client = suite.As("agent1");
        foreach (var id in load.Created)
        {
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/incidents/" + id)).StatusCode);
        }
    }

    private static async Task AnswersAsync(Load load)
    {
        var from = load.Answered;
        await RunningSuite.UntilAsync(() => Task.FromResult(load.Answered), now => now > from + 200, "Answers", Longest);
    }

    private async Task ScaleAsync(string part, int replicas)
    {
        await suite.Cluster.AppsV1.PatchNamespacedDeploymentScaleAsync(
            new V1Patch($$$"""{"spec":{"replicas":{{{replicas}}}}}""", V1Patch.PatchType.MergePatch), $"{ClusterSuite.Release}-{part}", suite.Space);
        await RunningSuite.UntilAsync(() => suite.PodsAsync(part), pods => pods.Count == replicas && pods.All(IsReady), $"{replicas} of {part}",
            Longest);
    }

    /// <summary>Waits until pods with other images have ended, too: only then all that can fail has had its chance.</summary>
    private async Task SettledAsync(string tag)
    {
        foreach (var part in Parts)
        {
            await RunningSuite.UntilAsync(() => suite.PodsAsync(part), pods =>
                pods.Count == 1 && pods.All(pod => IsReady(pod) && pod.Spec.Containers[0].Image.EndsWith(':' + tag)), $"{part} {tag}", Longest);
        }
    }

    /// <summary>How many API requests a pod has answered, by its own metrics, over the API server.</summary>
    private async Task<long> RequestsAsync(V1Pod pod)
    {
        using var metrics = await suite.Cluster.CoreV1.ConnectGetNamespacedPodProxyWithPathAsync(pod.Metadata.Name + ":9090", suite.Space,
            "metrics");
        using var reader = new StreamReader(metrics);
        return Count().Matches(await reader.ReadToEndAsync()).Sum(found =>
            long.Parse(found.Groups["count"].Value, System.Globalization.CultureInfo.InvariantCulture));
    }

    private static bool IsReady(V1Pod pod) =>
        pod.Metadata.DeletionTimestamp is null && pod.Status.Conditions?.Any(one => one is { Type: "Ready", Status: "True" }) == true;

    [GeneratedRegex("""http_server_request_duration_seconds_count\{[^}]*http_route="/api[^}]*\} (?<count>\d+)""")]
    private static partial Regex Count();
}
