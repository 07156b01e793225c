using System.Diagnostics;
using Itsm.AppHost;
using Itsm.Testing;
using k8s;
using k8s.Models;

namespace Itsm.Cluster.Tests;

/// <summary>How pods end, and what they take.</summary>
[OuterTier]
public sealed class PodTests(ClusterSuite suite) : IAsyncLifetime
{
    private const int StreamsEach = 10;

    // Half of the chart's limit, in MiB.
    private const int Most = 192;
    private static readonly string[] People = ["employee1", "employee2", "agent1", "agent2", "manager1"];

    // The drain of the values, and as long as it may take beside it where the machine has little to spare.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(8 + 7);

    public ValueTask InitializeAsync() => suite.StartAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(Topology.Gateway)]
    [InlineData("notifications")]
    public async Task A_pod_with_open_streams_ends_them_and_itself_in_time(string part)
    {
        var clients = People.Select(person => suite.As(person)).ToList();
        var streams = await Task.WhenAll(clients.SelectMany(client =>
            Enumerable.Range(0, StreamsEach).Select(_ => EventStream.OpenAsync(client))));
        var pod = Assert.Single(await suite.PodsAsync(part)).Metadata.Name;
        var told = Stopwatch.GetTimestamp();
        await suite.Cluster.CoreV1.DeleteNamespacedPodAsync(pod, suite.Space);
        V1ContainerStateTerminated? end = null;
        await foreach (var (_, changed) in suite.Cluster.CoreV1.WatchListNamespacedPodAsync(suite.Space,
            fieldSelector: "metadata.name=" + pod, cancellationToken: new CancellationTokenSource(Patience.Most).Token))
        {
            if ((end = changed.Status.ContainerStatuses?[0].State.Terminated) is not null)
            {
                break;
            }
        }

        var took = Stopwatch.GetElapsedTime(told);
        TestContext.Current.TestOutputHelper!.WriteLine($"{part} ended {took.TotalSeconds:0.0} s after it was told to.");
        Assert.Equal(0, end!.ExitCode);
        Assert.True(took < Longest, $"{took}");
        Assert.All(streams, stream => Assert.True(stream is { HasEnded: true, IsBroken: false }));
        await suite.SettledAsync(part, 1);
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }

        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Pods_take_less_than_half_of_the_memory_that_they_may()
    {
        var all = await ClusterSuite.UntilAsync(() => suite.Cluster.GetKubernetesPodsMetricsByNamespaceAsync(suite.Space),
            found => found.Items.Count() >= ClusterSuite.Parts.Count, "Figures of all pods");
        var figures = all.Items.Select(pod => (pod.Metadata.Name, MiB: pod.Containers[0].Usage["memory"].ToDecimal() / 1024 / 1024))
            .ToList();
        TestContext.Current.TestOutputHelper!.WriteLine($"All were ready {suite.ReadyAfter.TotalSeconds:0} s after helm began. "
            + string.Join(", ", figures.Select(pod => $"{pod.Name} {pod.MiB:0} MiB")));
        Assert.All(figures, pod => Assert.True(pod.MiB < Most, pod.Name));
    }
}
