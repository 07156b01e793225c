using System.Globalization;
using System.Net;
using Itsm.AppHost;
using Itsm.Testing;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Itsm.Cluster.Tests;

/// <summary>Who can connect to what, tried from inside pods that have the labels of each part.</summary>
[OuterTier]
public sealed class PolicyTests(ClusterSuite suite) : IAsyncLifetime
{
    private const int Http = 8080;
    private const int Metrics = 9090;
    private const string Test = "test";
    private const string Stranger = "stranger";
    private const string Round = "round";
    private const string Probe = "probe";

    public ValueTask InitializeAsync() => suite.StartAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Each_pod_connects_to_what_the_chart_lists_and_to_nothing_else()
    {
        var targets = await TargetsAsync();
        var engines = await EnginesOfPartsAsync();
        string[] sources = [.. ClusterSuite.Parts, Test, ClusterSuite.Scraper, Stranger];
        try
        {
            await Task.WhenAll(sources.Select(source => StartAsync(source, targets)));

            // A policy holds for a new pod a moment after its start.
            await ClusterSuite.UntilAsync(async () => string.Join(", ", await Task.WhenAll(sources.Select(WrongAsync))),
                wrong => wrong.All(letter => letter is ',' or ' '), "What policies allow");
        }
        finally
        {
            await suite.Cluster.CoreV1.DeleteCollectionNamespacedPodAsync(suite.Space, labelSelector: Probe, gracePeriodSeconds: 0);
        }

        async Task<string> WrongAsync(string source)
        {
            var found = await FoundAsync(source);
            return found is null ? source + " has not tried yet" : string.Join(", ", targets
                .Where(target => found.Contains(target.Name) != MayConnect(source, target.Name))
                .Select(target => $"{source} {(MayConnect(source, target.Name) ? "can't connect" : "connects")} to {target.Name}"));
        }

        bool MayConnect(string source, string target) => target.Split(' ') switch
        {
            [Topology.Gateway, "http"] => source is ClusterSuite.Scraper or Stranger or Test,
            [_, "http"] => source == Topology.Gateway,
            [_, "metrics"] => source == ClusterSuite.Scraper,
            ["api"] => source is ClusterSuite.Scraper or Stranger,
            [IdentityProvider.Name] => source != Test,
            [var engine] => source is ClusterSuite.Scraper or Stranger
                || (engines.TryGetValue(source, out var own) && own.Contains(engine)),
            _ => throw new InvalidOperationException(target),
        };
    }

    /// <summary>Programs name their engines by connection strings.</summary>
    private async Task<Dictionary<string, HashSet<string>>> EnginesOfPartsAsync() =>
        (await suite.Cluster.AppsV1.ListNamespacedDeploymentAsync(
            suite.Space, labelSelector: "app.kubernetes.io/instance=" + ClusterSuite.Release)).Items
            .ToDictionary(one => one.Metadata.Labels["app.kubernetes.io/component"], one =>
                suite.Outside.Keys.Where(engine => one.Spec.Template.Spec.Containers[0].Env.Any(variable =>
                    variable.Name == Topology.EngineVariable(engine))).ToHashSet());

    private async Task<IReadOnlyList<(string Name, string Host, int Port)>> TargetsAsync()
    {
        var targets = new List<(string, string, int)>();
        foreach (var part in ClusterSuite.Parts)
        {
            var address = (await suite.PodsAsync(part)).Single().Status.PodIP;
            targets.Add(($"{part} http", address, Http));
            targets.Add(($"{part} metrics", address, Metrics));
        }

        targets.AddRange(suite.Outside.Select(engine => (engine.Key, engine.Value.Host, engine.Value.Port)));
        targets.Add(("api", "kubernetes.default.svc.cluster.local", 443));
        targets.Add((IdentityProvider.Name, $"{IdentityProvider.Name}.{suite.Space}.svc.cluster.local", IdentityProvider.Port));
        return targets;
    }

    private static string NameOf(string source) => "probe-" + source;

    /// <summary>Starts a pod that tries all of these, again and again.</summary>
    private Task StartAsync(string source, IReadOnlyList<(string Name, string Host, int Port)> targets)
    {
        var script = string.Join(' ', targets.Select(target => string.Create(CultureInfo.InvariantCulture,
            $"nc -w 2 {target.Host} {target.Port} -e sh -c 'echo {target.Name} >&3' &")));
        return suite.Cluster.CoreV1.CreateNamespacedPodAsync(new V1Pod
        {
            Metadata = new() { Name = NameOf(source), Labels = LabelsOf(source) },
            Spec = new()
            {
                RestartPolicy = "Never", AutomountServiceAccountToken = false,
                SecurityContext = new() { RunAsNonRoot = true, RunAsUser = 65534, SeccompProfile = new() { Type = "RuntimeDefault" } },
                Containers =
                [
                    new V1Container
                    {
                        Name = Probe, Image = ClusterSuite.Busybox,
                        Command = ["sh", "-c", $"exec 3>&1 2>/dev/null; while true; do {script} wait; echo {Round}; sleep 1; done"],
                        SecurityContext = new()
                        {
                            AllowPrivilegeEscalation = false, ReadOnlyRootFilesystem = true, Capabilities = new() { Drop = ["ALL"] },
                        },
                        // Never ready: its labels are those of a service, which must not send it anything.
                        ReadinessProbe = new() { Exec = new() { Command = ["false"] } },
                    },
                ],
            },
        }, suite.Space);
    }

    /// <summary>What the pod could connect to when it tried all for the last time; null where it has not yet.</summary>
    private async Task<IReadOnlySet<string>?> FoundAsync(string source)
    {
        try
        {
            using var log = await suite.Cluster.CoreV1.ReadNamespacedPodLogAsync(NameOf(source), suite.Space);
            using var reader = new StreamReader(log);
            var rounds = (await reader.ReadToEndAsync()).Split(Round + "\n");
            return rounds.Length < 2 ? null : rounds[^2].Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet();
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound)
        {
            // Its container is yet to start.
            return null;
        }
    }

    private static Dictionary<string, string> LabelsOf(string source)
    {
        var labels = new Dictionary<string, string> { [Probe] = source };
        if (source is not (ClusterSuite.Scraper or Stranger))
        {
            labels["app.kubernetes.io/name"] = "itsm";
            labels["app.kubernetes.io/instance"] = ClusterSuite.Release;
            labels["app.kubernetes.io/component"] = source;
            labels["itsm/tier"] = source is Topology.Gateway or Test ? source : "service";
        }

        return labels;
    }
}
