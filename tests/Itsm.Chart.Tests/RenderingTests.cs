using System.Globalization;
using Itsm.Platform.Hosting;
using Itsm.Testing;
using k8s;
using k8s.Models;

namespace Itsm.Chart.Tests;

[OuterTier]
public sealed class RenderingTests
{
    public static TheoryData<string> Variants => Chart.Names;

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Helm_finds_nothing_to_blame(string variant)
    {
        var (code, output, error) = await Chart.LintAsync(variant);
        Assert.True(code == 0, output + error);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Every_document_is_one_of_a_kind_that_Kubernetes_or_an_operator_knows(string variant)
    {
        var chart = await Chart.RenderAsync(variant);
        string[] custom = ["HTTPRoute", "ServiceMonitor", "PrometheusRule", "ScaledObject", "TriggerAuthentication"];
        Assert.All(chart.Custom, one => Assert.Contains(one.Kind, custom));
        Assert.All(chart.Custom, one => Assert.NotEmpty(one.Spec));
        var names = chart.Documents.Select(one => (one.Kind, one.Metadata.Name))
            .Concat(chart.Custom.Select(one => (one.Kind, one.Metadata.Name))).ToList();
        Assert.Distinct(names);
        Assert.All(names, name => Assert.StartsWith("desk", name.Name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Operators_are_asked_only_where_they_are_switched_on()
    {
        Assert.Empty((await Chart.RenderAsync("default")).Custom);
        var everything = await Chart.RenderAsync("production with everything");
        Assert.Equal(["HTTPRoute", "PrometheusRule", "ScaledObject", "ServiceMonitor", "TriggerAuthentication"],
            everything.Custom.Select(one => one.Kind).Distinct().Order(StringComparer.Ordinal));
        Assert.Empty(everything.All<V2HorizontalPodAutoscaler>());
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Services_of_the_suite_and_of_the_chart_are_the_same(string variant)
    {
        var chart = await Chart.RenderAsync(variant);
        var parts = AppHost.AppHost.Modules.Select(module => module.Name).Append("gateway").Select(name => "desk-" + name).ToList();
        Assert.Equal(parts.Order(StringComparer.Ordinal),
            Programs.In(chart).Select(pods => pods.Name).Order(StringComparer.Ordinal));
        Assert.All(parts, name => chart.One<V1Service>(name));
    }

    [Fact]
    public async Task Routes_of_the_gateway_are_those_of_the_modules()
    {
        var routes = (await Chart.RenderAsync("default")).One<V1ConfigMap>("desk-routes").Data;
        var expected = AppHost.AppHost.Modules.SelectMany(module => new[]
        {
            ($"Services__{module.Name}", $"http://desk-{module.Name}:8080"),
            ($"Routes__{module.Name}__Paths", string.Join(',', module.Paths)),
            ($"Routes__{module.Name}__Open", string.Join(',', module.OpenPaths)),
            ($"Routes__{module.Name}__ByTicket", string.Join(',', module.TicketPaths)),
        });
        Assert.Equal(expected.Order(), routes.Select(pair => (pair.Key, pair.Value)).Order());
    }

    /// <summary>A selector that matched pods of others would send them requests, or take them for its own.</summary>
    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Selectors_match_their_own_pods_alone(string variant)
    {
        var chart = await Chart.RenderAsync(variant);
        var selectors = chart.Pods.Where(pods => pods.Selector is not null).Select(pods => (pods.Name, pods.Selector!.MatchLabels))
            .Concat(chart.All<V1Service>().Select(service => (service.Metadata.Name, service.Spec.Selector)))
            .Concat(chart.All<V1PodDisruptionBudget>().Select(budget => (budget.Metadata.Name, budget.Spec.Selector.MatchLabels)));
        Assert.All(selectors, selector =>
        {
            var (name, labels) = selector;
            Assert.Equal(name, Assert.Single(chart.Pods, pods => labels.All(pods.Template.Metadata.Labels.Contains)).Name);
        });
        Assert.All(chart.All<V1Service>(), service => Assert.All(service.Spec.Ports.Where(port => port.TargetPort is not null), port =>
            Assert.Contains(port.TargetPort.Value, chart.Pods.Single(pods => pods.Name == service.Metadata.Name)
                .Spec.Containers.SelectMany(container => container.Ports).Select(one => one.Name))));
        Assert.All(chart.All<V2HorizontalPodAutoscaler>(), scaler =>
            Assert.Null(chart.One<V1Deployment>(scaler.Spec.ScaleTargetRef.Name).Spec.Replicas));
    }

    [Fact]
    public async Task A_service_without_pods_is_not_scaled_and_has_no_budget()
    {
        var chart = await Chart.RenderAsync("a service with no pods");
        Assert.Equal(0, chart.One<V1Deployment>("desk-search").Spec.Replicas);
        Assert.DoesNotContain(chart.All<V2HorizontalPodAutoscaler>(), one => one.Metadata.Name == "desk-search");
        Assert.DoesNotContain(chart.All<V1PodDisruptionBudget>(), one => one.Metadata.Name == "desk-search");
        Assert.Contains(chart.All<V2HorizontalPodAutoscaler>(), one => one.Metadata.Name == "desk-incidents");
    }

    /// <summary>A budget of one pod out of one keeps its node from being drained.</summary>
    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_disruption_budget_leaves_room(string variant)
    {
        var chart = await Chart.RenderAsync(variant);
        Assert.All(chart.All<V1PodDisruptionBudget>(), budget =>
        {
            var name = budget.Metadata.Name;
            var least = chart.One<V1Deployment>(name).Spec.Replicas
                ?? chart.All<V2HorizontalPodAutoscaler>().FirstOrDefault(one => one.Metadata.Name == name)?.Spec.MinReplicas
                ?? int.Parse(chart.Custom.Single(one => one.Kind == "ScaledObject" && one.Metadata.Name == name)
                    .Spec["minReplicaCount"].ToString()!, CultureInfo.InvariantCulture);
            Assert.True(least > int.Parse(budget.Spec.MinAvailable.Value, CultureInfo.InvariantCulture));
        });
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task The_grace_period_holds_drain_and_shutdown(string variant)
    {
        var chart = await Chart.RenderAsync(variant);
        var settings = chart.One<V1ConfigMap>("desk-settings").Data;
        var needed = TimeSpan.Parse(settings["Host__Drain"], CultureInfo.InvariantCulture)
            + TimeSpan.Parse(settings["Host__ShutdownTimeout"], CultureInfo.InvariantCulture);
        Assert.True(needed > TimeSpan.Zero);
        Assert.All(Programs.In(chart), pods =>
            Assert.True(TimeSpan.FromSeconds(pods.Spec.TerminationGracePeriodSeconds ?? 0) > needed, pods.Name));
    }

    [Fact]
    public async Task A_changed_setting_rolls_the_pods()
    {
        var sums = new List<string>();
        foreach (var variant in new[] { "default", "collector and processor time" })
        {
            var pods = Programs.In(await Chart.RenderAsync(variant)).ToList();
            sums.Add(Assert.Single(pods.Select(one => one.Template.Metadata.Annotations["checksum/settings"]).Distinct()));
        }

        Assert.NotEqual(sums[0], sums[1]);
    }

    [Fact]
    public async Task A_new_version_restarts_the_suite_alone()
    {
        var (one, next) = (await Chart.RenderAsync("trial"), await Chart.RenderAsync("trial of the next version"));
        Assert.All(one.Pods.Where(pods => pods.Kind != "Pod"), pods =>
        {
            var stays = pods.Template.Metadata.Labels["itsm/tier"] is "engine" or "dashboard";
            var after = next.Pods.Single(other => other.Name == pods.Name);
            Assert.Equal(stays, KubernetesYaml.Serialize(pods.Template) == KubernetesYaml.Serialize(after.Template));
        });
    }

    [Theory]
    [InlineData("""{"status":"Healthy","services":[]}""", "<!doctype html>\n<html>", true)]
    [InlineData("""{"status":"Healthy","services":[]}""", "Not found", false)]
    [InlineData("""{"status":"Degraded","services":[{"status":"Healthy"}]}""", "<html>", false)]
    [InlineData("""{"status":"Unhealthy","services":[{"status":"Healthy"}]}""", "<html>", false)]
    [InlineData("", "<html>", false)]
    public async Task The_test_of_helm_passes_where_all_is_healthy_and_the_contract_is_read(string health, string docs, bool passes)
    {
        var container = Assert.Single((await Chart.RenderAsync("default")).One<V1Pod>("desk-test").Spec.Containers);
        var gateway = Assert.Single(container.Env);
        Assert.Equal(("GATEWAY", "http://desk-gateway:80"), (gateway.Name, gateway.Value));
        const string Gateway = """
            sleep() { :; }
            wget() {
              for last; do :; done
              case $last in $GATEWAY/health) case $HEALTH in *Unhealthy*) return 1 ;; *) echo "$HEALTH" ;; esac ;; $GATEWAY/docs/) echo "$DOCS" ;; esac
            }

            """;
        var command = new Command(container.Command[0], container.Command[1], Gateway + container.Command[2])
        {
            Environment = new Dictionary<string, string> { [gateway.Name] = gateway.Value, ["HEALTH"] = health, ["DOCS"] = docs },
        };
        var (code, output, error) = await command.RunAsync();
        Assert.Equal((passes, ""), (code == 0, error));
        Assert.Contains(health.Contains("Unhealthy", StringComparison.Ordinal) ? "" : health, output, StringComparison.Ordinal);
    }

    /// <summary>The gateway keeps no files.</summary>
    [Fact]
    public async Task Services_know_the_bucket_and_its_keys_are_in_a_secret()
    {
        var chart = await Chart.RenderAsync("production with everything");
        Assert.All(Programs.In(chart), pods =>
        {
            var container = pods.Spec.Containers[0];
            var named = container.Env.Where(one => one.Name.StartsWith("Blobs__", StringComparison.Ordinal))
                .Select(one => (one.Name, one.Value));
            Assert.Equal(pods.Component == "gateway" ? [] : [("Blobs__S3__Bucket", "files"), ("Blobs__S3__Region", "eu-central-1")], named);
            Assert.Equal(pods.Component != "gateway", container.EnvFrom.Any(from => from.SecretRef?.Name == "bucket"));
        });
        Assert.Contains("eks.amazonaws.com/role-arn", chart.One<V1ServiceAccount>("desk").Metadata.Annotations.Keys);
    }

    [Fact]
    public async Task Who_searches_alone_has_the_certificate_for_the_engine_as_files()
    {
        var chart = await Chart.RenderAsync("engines elsewhere");
        Assert.All(Programs.In(chart), pods =>
        {
            var (container, searches) = (pods.Spec.Containers[0], pods.Component == "search");
            Assert.Equal(searches ? [("Search__ClientCertificate", "tls.crt"), ("Search__ClientCertificateKey", "tls.key")] : [],
                container.Env.Where(one => one.Name.StartsWith("Search__", StringComparison.Ordinal))
                    .Select(one => (one.Name, Path.GetFileName(one.Value))));
            var volumes = pods.Spec.Volumes.Where(volume => volume.Secret?.SecretName == "certificate").ToList();
            Assert.Equal(searches ? 1 : 0, volumes.Count);
            Assert.All(volumes, volume =>
            {
                var mount = container.VolumeMounts.Single(one => one.Name == volume.Name);
                Assert.True(mount.ReadOnlyProperty);
                Assert.Equal(mount.MountPath,
                    Path.GetDirectoryName(container.Env.Single(one => one.Name == "Search__ClientCertificateKey").Value));
            });
        });
        Assert.DoesNotContain((await Chart.RenderAsync("default")).Pods.SelectMany(pods => pods.Containers)
            .SelectMany(container => container.Env ?? []), one => one.Name.StartsWith("Search__", StringComparison.Ordinal));
    }

    /// <summary>Each program takes the settings of its pod, and of the engines whose secrets it has none is left over.</summary>
    [Fact]
    public async Task Every_program_starts_with_the_settings_of_its_pod_and_not_without_one_of_its_engines()
    {
        var chart = await Chart.RenderAsync("default");
        foreach (var pods in Programs.In(chart))
        {
            var settings = Programs.SettingsOf(chart, pods);
            await Programs.BuildAsync(pods.Component, settings);
            var engines = settings.Keys.Where(name => name.StartsWith("ConnectionStrings__", StringComparison.Ordinal)).ToList();
            Assert.NotEmpty(engines);
            foreach (var engine in engines)
            {
                var without = settings.Where(setting => setting.Key != engine).ToDictionary();
                var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => Programs.BuildAsync(pods.Component, without));
                Assert.StartsWith(engine.Replace("__", ":", StringComparison.Ordinal) + " is missing", refusal.Message,
                    StringComparison.Ordinal);
            }
        }
    }
}
