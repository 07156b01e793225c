using Itsm.Testing;
using k8s.Models;

namespace Itsm.Chart.Tests;

[OuterTier]
public sealed class SecurityTests
{
    public static TheoryData<string> Variants => Chart.Names;

    /// <summary>Pod security "restricted", a read-only root besides, and no token of the cluster.</summary>
    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Pods_may_do_nothing_that_they_need_not(string variant)
    {
        var chart = await Chart.RenderAsync(variant);
        Assert.NotEmpty(chart.Pods);
        Assert.All(chart.Pods, pods =>
        {
            Assert.True(pods.Spec.SecurityContext.RunAsNonRoot);
            Assert.NotEqual(0, pods.Spec.SecurityContext.RunAsUser ?? 1);
            Assert.Equal("RuntimeDefault", pods.Spec.SecurityContext.SeccompProfile.Type);
            Assert.False(pods.Spec.AutomountServiceAccountToken);
            Assert.False(pods.Spec.EnableServiceLinks);
            Assert.Equal("desk", chart.One<V1ServiceAccount>(pods.Spec.ServiceAccountName).Metadata.Name);
            Assert.True(pods.Spec.HostNetwork is null or false);
            Assert.All(pods.Containers, container =>
            {
                Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
                Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
                Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
                Assert.Null(container.SecurityContext.Capabilities.Add);
                Assert.Null(container.SecurityContext.RunAsUser);
            });
            Assert.All(pods.Spec.Volumes ?? [], volume => Assert.True(
                volume.EmptyDir?.SizeLimit is not null || volume.Secret is not null, $"{volume.Name} has no limit, or is of the node."));
        });
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Containers_say_what_they_need_and_whether_they_live(string variant) =>
        Assert.All((await Chart.RenderAsync(variant)).Pods, pods =>
        {
            Assert.All(pods.Containers, container =>
            {
                Assert.Contains("cpu", container.Resources.Requests.Keys);
                Assert.Contains("memory", container.Resources.Requests.Keys);
                Assert.Contains("cpu", container.Resources.Limits.Keys);
                Assert.Contains("memory", container.Resources.Limits.Keys);
            });
            Assert.All(pods.Kind == "Pod" ? [] : pods.Spec.Containers, container =>
            {
                Assert.NotNull(container.StartupProbe);
                Assert.NotNull(container.ReadinessProbe);
                Assert.NotNull(container.LivenessProbe);
            });
        });

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Images_are_pinned(string variant) =>
        Assert.All((await Chart.RenderAsync(variant)).Pods.SelectMany(pods => pods.Containers), container =>
            Assert.Matches("(:[0-9][^/:]*|:dev|@sha256:[0-9a-f]{64})$", container.Image));

    [Fact]
    public async Task Trial_engines_are_those_of_the_compose_file()
    {
        var compose = await File.ReadAllTextAsync(SourceTree.PathTo("build", "compose.yaml"));
        var images = (await Chart.RenderAsync("trial")).Pods.Where(pods => pods.Component is not "test")
            .SelectMany(pods => pods.Spec.Containers)
            .Select(container => container.Image.Replace("docker.io/library/", "", StringComparison.Ordinal))
            .Where(image => !image.StartsWith("itsm-", StringComparison.Ordinal)).ToList();
        Assert.Equal(5, images.Count);
        Assert.All(images, image => Assert.Contains($"image: {image}\n", compose, StringComparison.Ordinal));
    }

    /// <summary>A password is in a Secret alone, never beside it in what anybody may read.</summary>
    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Secrets_are_referred_to(string variant)
    {
        var chart = await Chart.RenderAsync(variant);
        var secrets = chart.All<V1Secret>().SelectMany(secret => secret.StringData.Values).Where(value => value.Length >= 20).ToList();
        var plain = chart.Pods.SelectMany(pods => pods.Containers).SelectMany(container => container.Env ?? [])
            .Where(variable => variable.Value is not null).Select(variable => (variable.Name, variable.Value))
            .Concat(chart.All<V1ConfigMap>().SelectMany(map => map.Data).Select(pair => (Name: pair.Key, pair.Value))).ToList();
        Assert.NotEmpty(plain);
        Assert.All(plain, setting =>
        {
            Assert.DoesNotContain(secrets, secret => setting.Value.Contains(secret, StringComparison.Ordinal));
            Assert.DoesNotMatch("(?i)connectionstrings|password|secret|(?<!ClientCertificate)key", setting.Name);
            Assert.DoesNotMatch("://[^/]*:[^/]*@", setting.Value);
        });
        Assert.All(Programs.In(chart), pods =>
        {
            var engines = pods.Spec.Containers[0].Env.Where(Programs.NamesEngine).ToList();
            Assert.NotEmpty(engines);
            Assert.All(engines, variable => Assert.NotNull(variable.ValueFrom.SecretKeyRef));
        });
    }

    [Fact]
    public async Task Secrets_that_a_trial_names_are_made()
    {
        var chart = await Chart.RenderAsync("trial with volumes and queue lengths");
        Assert.All(chart.Pods.SelectMany(pods => pods.Spec.Containers), container =>
        {
            Assert.All((container.Env ?? []).Where(variable => variable.ValueFrom?.SecretKeyRef is not null), variable =>
            {
                var reference = variable.ValueFrom.SecretKeyRef;
                Assert.Contains(reference.Key, chart.One<V1Secret>(reference.Name).StringData.Keys);
            });
            Assert.All((container.EnvFrom ?? []).Where(from => from.SecretRef is not null), from =>
                chart.One<V1Secret>(from.SecretRef.Name));
        });
        Assert.Contains("management", chart.One<V1Secret>("desk-engines").StringData.Keys);
    }
}
