using System.Diagnostics;
using System.Net.Http.Headers;
using Itsm.AppHost;
using Itsm.Testing;
using k8s;
using k8s.Models;

namespace Itsm.Cluster.Tests;

/// <summary>The chart, installed in the cluster of <c>ITSM_TEST_KUBECONFIG</c> in a namespace that enforces pod security "restricted", on the
/// engines of <c>ITSM_TEST_MONGODB</c> and so on, which pods reach at the node's address, and a provider of tokens. <c>ITSM_IMAGE_LOAD</c> gets
/// image archives into the cluster; the gateway answers at <c>ITSM_TEST_KUBERNETES_NODE_PORT</c>. Tests skip where one of these is not
/// set.</summary>
public sealed class ClusterSuite : IAsyncLifetime
{
    /// <summary>Name of the release, with which all names begin.</summary>
    public const string Release = "desk";

    /// <summary>Tags of the same images.</summary>
    public const string FirstTag = "first", SecondTag = "second";

    private static readonly string Root = FindRoot();

    /// <summary>The folder of the chart.</summary>
    public static string Chart { get; } = Path.Combine(Root, "charts", "itsm");

    private static readonly string[] Needed = ["ITSM_TEST_KUBECONFIG", "ITSM_TEST_KUBERNETES_NODE_PORT", "ITSM_IMAGE_LOAD"];
    private readonly string _prefix = "cluster-" + Path.GetRandomFileName()[..8];
    private IdentityProvider? _provider;
    private Kubernetes? _cluster;

    public string Space => _prefix;

    public Kubernetes Cluster => _cluster!;

    public Uri Gateway { get; } = new($"http://{Environment.GetEnvironmentVariable("ITSM_TEST_KUBERNETES_NODE_PORT")}");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Installs it, once; skips the test where it can't.</summary>
    public async ValueTask StartAsync()
    {
        foreach (var variable in Needed)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable(variable) is null or "", $"{variable} is not set.");
        }

        if (_cluster is not null)
        {
            return;
        }

        _cluster = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(Variable("ITSM_TEST_KUBECONFIG")));
        _provider = new IdentityProvider(Space);
        await LoadImagesAsync();
        await _cluster.CoreV1.CreateNamespaceAsync(new V1Namespace
        {
            Metadata = new()
            {
                Name = Space, Labels = new Dictionary<string, string> { ["pod-security.kubernetes.io/enforce"] = "restricted" },
            },
        });
        await _provider.StartAsync(_cluster, "docker.io/library/itsm-test-oidc:" + FirstTag);
        await AddSecretsAsync(await NodeAddressAsync());
        await HelmAsync("install", Release, Chart, "--wait", "--timeout", "5m", "--values", "-");
        Environment.SetEnvironmentVariable("ITSM_TOKEN", _provider.TokenOf("admin"));
        await RunAsync("dotnet", "", Path.Combine(AppContext.BaseDirectory, "Itsm.AppHost.dll"), "--demo", Gateway.ToString());
    }

    /// <summary>A client with a token of this person.</summary>
    public HttpClient As(string person)
    {
        var client = new HttpClient { BaseAddress = Gateway, Timeout = Patience.Most };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _provider!.TokenOf(person));
        return client;
    }

    /// <summary>Runs helm in the namespace, with the suite's values where <c>--values -</c> asks for them.</summary>
    public async Task<string> HelmAsync(params string[] arguments)
    {
        var helm = (await RunAsync(Path.Combine(Root, "build", "helm"), "")).Trim();
        return await RunAsync(helm, Values(), ["--kubeconfig", Variable("ITSM_TEST_KUBECONFIG"), "--namespace", Space, .. arguments]);
    }

    public async Task<IList<V1Pod>> PodsAsync(string component) => (await Cluster.CoreV1.ListNamespacedPodAsync(Space,
        labelSelector: $"app.kubernetes.io/instance={Release},app.kubernetes.io/component={component}")).Items;

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.CoreV1.DeleteNamespaceAsync(Space);
            _cluster.Dispose();
            _provider!.Dispose();
            using var leftovers = new Leftovers(await Engines.MongoDbAsync(), new Uri(await Engines.RabbitMqAsync()), _prefix);
            await leftovers.DeleteAsync();
        }
    }

    private static async Task LoadImagesAsync()
    {
        var archives = Path.Combine(Root, "artifacts", "cluster-images");
        foreach (var tag in new[] { FirstTag, SecondTag })
        {
            await RunAsync(Path.Combine(Root, "build", "images"), "", "--archive", Path.Combine(archives, tag), "--tag", tag);
        }

        await RunAsync("dotnet", "", "publish", Path.Combine(Root, "tests", "_oidc"), "-c", "Release", "-r", "linux-x64", "--self-contained",
            "false", "-t:PublishContainer", "-p:ContainerImageTag=" + FirstTag,
            "-p:ContainerArchiveOutputPath=" + Path.Combine(archives, FirstTag) + "/", "-v", "quiet", "-nologo");
        await RunAsync(Variable("ITSM_IMAGE_LOAD"), "",
            [.. System.IO.Directory.GetFiles(archives, "*.tar.gz", SearchOption.AllDirectories)]);
    }

    private async Task<string> NodeAddressAsync() => (await Cluster.CoreV1.ListNodeAsync()).Items[0].Status.Addresses
        .First(address => address.Type == "InternalIP").Address;

    private async Task AddSecretsAsync(string engines)
    {
        await AddAsync("engines", new()
        {
            ["mongodb"] = At(await Engines.MongoDbAsync()), ["rabbitmq"] = At(await Engines.RabbitMqAsync()),
            ["redis"] = At(await Engines.RedisAsync()), ["elasticsearch"] = At(await Engines.ElasticsearchAsync()),
        });
        await AddAsync("audit", new() { ["Audit__Current"] = "test", ["Audit__Keys__test"] = Convert.ToBase64String(new byte[32]) });

        string At(string address) => address.Replace("127.0.0.1", engines, StringComparison.Ordinal);

        Task AddAsync(string name, Dictionary<string, string> entries) => Cluster.CoreV1.CreateNamespacedSecretAsync(
            new V1Secret { Metadata = new() { Name = name }, StringData = entries }, Space);
    }

    private string Values() => $$$"""
        image: {registry: docker.io/library, tag: {{{FirstTag}}}, pullPolicy: Never}
        authentication: {authority: "{{{_provider!.Authority}}}"}
        trust: {existingSecret: {{{IdentityProvider.Name}}}, key: tls.crt}
        storagePrefix: {{{_prefix}}}
        firstAdministrator: admin
        settings:
          Messaging__Prefix: {{{_prefix}}}
          Messaging__QueueExpiry: "00:10:00"
          RateLimits__PermitsPerSecond: "100000"
          RateLimits__Burst: "100000"
        audit: {existingSecret: audit}
        defaults:
          replicas: 1
          autoscaling: {enabled: false}
          resources: {requests: {cpu: 20m, memory: 96Mi}, limits: {cpu: "2", memory: 384Mi}}
        gateway: {service: {type: NodePort, nodePort: {{{Gateway.Port}}}}}
        engines:
          mongodb: {existingSecret: engines}
          rabbitmq: {existingSecret: engines}
          redis: {existingSecret: engines}
          elasticsearch: {existingSecret: engines}
        networkPolicies:
          oidc: {port: {{{IdentityProvider.Port}}}}
          engines: {mongodb: {port: {{{Port("MONGODB")}}}}, rabbitmq: {port: {{{Port("RABBITMQ")}}}}, redis: {port: {{{Port("REDIS")}}}},
            elasticsearch: {port: {{{Port("ELASTICSEARCH")}}}}}
        """;

    private static string Port(string engine) =>
        Variable("ITSM_TEST_" + engine) is var text && text.Contains("://", StringComparison.Ordinal)
            ? new Uri(text).Port.ToString(System.Globalization.CultureInfo.InvariantCulture) : text.Split(':')[1];

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? "";

    private static async Task<string> RunAsync(string program, string input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {await error} {await output}");
        return await output;
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "itsm-services.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("itsm-services.slnx is not above the tests.");
        }

        return folder;
    }
}
