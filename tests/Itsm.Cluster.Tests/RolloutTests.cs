using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Itsm.AppHost;
using Itsm.Testing;
using k8s;
using k8s.Models;

namespace Itsm.Cluster.Tests;

/// <summary>Nobody notices that pods come and go.</summary>
[OuterTier]
public sealed partial class RolloutTests(ClusterSuite suite) : IAsyncLifetime
{
    private const int Clients = 16;
    private const int LeastOfEachPod = 20;

    // Rollouts are repeated until so many requests were answered: 20,000 takes an hour on two processors.
    private static readonly int Least = int.TryParse(Environment.GetEnvironmentVariable("ITSM_TEST_ROLLOUT_REQUESTS"), NumberStyles.None,
        CultureInfo.InvariantCulture, out var set) ? set : 1;

    // Without that, those whose rollouts differ most: the door, a service that is written to, and the streams.
    private static readonly IReadOnlyList<string> Parts = Least > 1 ? ClusterSuite.Parts : [Topology.Gateway, "incidents", "notifications"];

    private static readonly string Chart = SourceTree.PathTo("charts", "itsm");

    public ValueTask InitializeAsync() => suite.StartAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Of_requests_during_upgrades_rollbacks_and_scaling_none_fails_and_nothing_is_lost()
    {
        await using var load = new Load(suite, Clients);
        do
        {
            var before = await RevisionAsync();
            foreach (var part in Parts)
            {
                await suite.HelmAsync("upgrade", ClusterSuite.Release, Chart, "--reuse-values", "--history-max", "0", "--set",
                    $"{ValuesOf(part)}.tag={ClusterSuite.SecondTag}");
                await suite.SettledAsync(part, 1, ClusterSuite.SecondTag);
            }

            foreach (var part in Parts)
            {
                await ScaleAsync(part, 3);
                await ClusterSuite.UntilAsync(async () => await Task.WhenAll((await suite.PodsAsync(part)).Select(RequestsAsync)),
                    counts => counts.Length == 3 && counts.All(count => count > LeastOfEachPod), $"Requests to all pods of {part}");
                await ScaleAsync(part, 1);
            }

            foreach (var (index, part) in Parts.Index().Reverse())
            {
                // Without a revision, the second one would undo the first.
                await suite.HelmAsync("rollback", ClusterSuite.Release, $"{before + index}", "--history-max", "0");
                await suite.SettledAsync(part, 1);
            }
        }
        while (load.Answered < Least && load.Failures.Count == 0);

        await load.StopAsync();
        TestContext.Current.TestOutputHelper!.WriteLine($"{load.Answered} requests were answered, {load.Created.Count} incidents created.");
        Assert.Empty(load.Failures);
        await ClusterSuite.UntilAsync(() => Task.FromResult(load.Created.Except(load.Seen).Count()), missing => missing == 0, "The stream");
        Assert.False(load.WasReset);
        using var client = suite.As("agent1");
        foreach (var id in load.Created)
        {
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/incidents/" + id)).StatusCode);
        }
    }

    [Fact]
    public async Task Gateway_and_incidents_scale_out_under_load_and_in_again_by_themselves()
    {
        const string Soon = """{"scaleUp": {"stabilizationWindowSeconds": 0}, "scaleDown": {"stabilizationWindowSeconds": 0}}""";
        string[] parts = [Topology.Gateway, "incidents"];
        await suite.HelmAsync(["upgrade", ClusterSuite.Release, Chart, "--reuse-values", .. parts.Select(ValuesOf).SelectMany(part => new[]
        {
            "--set", $"{part}.autoscaling.enabled=true,{part}.autoscaling.min=1,{part}.autoscaling.max=3,{part}.autoscaling.cpuPercent=100",
            "--set", $"{part}.resources.requests.cpu=50m", "--set-json", $"{part}.autoscaling.behavior={Soon}",
        })]);
        await using (var load = new Load(suite, Clients))
        {
            await BothHaveAsync(replicas => replicas > 1);
            await load.StopAsync();
            Assert.Empty(load.Failures);
        }

        await BothHaveAsync(replicas => replicas == 1);
        await suite.HelmAsync("rollback", ClusterSuite.Release);
        foreach (var part in parts)
        {
            await suite.SettledAsync(part, 1);
        }

        async Task BothHaveAsync(Func<int, bool> condition)
        {
            foreach (var part in parts)
            {
                var name = $"{ClusterSuite.Release}-{part}";
                await ClusterSuite.UntilAsync(() => suite.Cluster.AppsV1.ReadNamespacedDeploymentAsync(name, suite.Space),
                    deployment => condition(deployment.Spec.Replicas ?? 0), "Scaling of " + name);
            }
        }
    }

    private async Task<int> RevisionAsync() =>
        JsonNode.Parse(await suite.HelmAsync("status", ClusterSuite.Release, "--output", "json"))!["version"]!.GetValue<int>();

    private async Task ScaleAsync(string part, int replicas)
    {
        await suite.Cluster.AppsV1.PatchNamespacedDeploymentScaleAsync(
            new V1Patch($$$"""{"spec":{"replicas":{{{replicas}}}}}""", V1Patch.PatchType.MergePatch), $"{ClusterSuite.Release}-{part}",
            suite.Space);
        await suite.SettledAsync(part, replicas, ClusterSuite.SecondTag);
    }

    private static string ValuesOf(string part) => part == Topology.Gateway ? part : "services." + part;

    /// <summary>How many API requests a pod has answered, by its own metrics, over the API server.</summary>
    private async Task<long> RequestsAsync(V1Pod pod)
    {
        using var metrics = await suite.Cluster.CoreV1.ConnectGetNamespacedPodProxyWithPathAsync(pod.Metadata.Name + ":9090", suite.Space,
            "metrics");
        using var reader = new StreamReader(metrics);
        return Count().Matches(await reader.ReadToEndAsync())
            .Sum(found => long.Parse(found.Groups["count"].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex("""http_server_request_duration_seconds_count\{.*http_route="/api[^"]*".*\} (?<count>\d+)""")]
    private static partial Regex Count();
}
