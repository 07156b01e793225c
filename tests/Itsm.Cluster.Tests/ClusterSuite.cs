using System.Diagnostics;
using System.Net.Http.Headers;
using Itsm.AppHost;
using Itsm.Testing;
using k8s;
using k8s.Autorest;
using k8s.Models;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
[assembly: AssemblyFixture(typeof(Itsm.Cluster.Tests.ClusterSuite))]

namespace Itsm.Cluster.Tests;

/// <summary>The chart, installed once in the cluster of <c>ITSM_TEST_KUBECONFIG</c> in a namespace that enforces pod security
/// "restricted", on the engines of the tests, which pods reach at the node's address, and a provider of tokens; names are asked of pods
/// of kube-system, or of the node. <c>ITSM_IMAGE_LOAD</c>
/// gets image archives into the cluster, those in <c>ITSM_IMAGES</c> or else new ones; the gateway answers at
/// <c>ITSM_TEST_KUBERNETES_NODE_PORT</c>. Tests skip where one of these is not set, but for <c>ITSM_IMAGES</c>.</summary>
[OuterTier]
public sealed class ClusterSuite : IAsyncLifetime
{
    /// <summary>Name of the release, with which all names begin.</summary>
    public const string Release = "desk";

    /// <summary>Tags of the same images.</summary>
    public const string FirstTag = "first", SecondTag = "second";

    /// <summary>Label of pods that may read metrics.</summary>
    public const string Scraper = "scraper";

    private const string ProviderImage = "itsm-test-oidc";
    private static readonly string[] Needed = ["ITSM_TEST_KUBECONFIG", "ITSM_TEST_KUBERNETES_NODE_PORT", "ITSM_IMAGE_LOAD"];
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(4);
    private readonly SearchEngine _search = new(Engines.ElasticsearchAsync);
    private readonly Dictionary<string, string> _engines = [];
    private IdentityProvider? _provider;
    private Kubernetes? _cluster;
    private string _node = "";
    private Task? _started;

    /// <summary>The services and the gateway.</summary>
    public static IReadOnlyList<string> Parts { get; } = [.. Topology.Programs.Select(program => program.Name)];

    /// <summary>A small image with a shell.</summary>
    public static string Busybox { get; } =
        Variable("ITSM_TEST_BUSYBOX") is { Length: > 0 } image ? image : "docker.io/library/busybox:1.37.0";

    /// <summary>The namespace, and the first part of all names in engines.</summary>
    public string Space => _search.Prefix;

    public Kubernetes Cluster => _cluster!;

    /// <summary>Address and port of each engine as pods see it, by its name; and of the provider of tokens.</summary>
    public IReadOnlyDictionary<string, (string Host, int Port)> Outside { get; private set; } = new Dictionary<string, (string, int)>();

    /// <summary>From the begin of the installation, with images loaded, until all pods were ready.</summary>
    public TimeSpan ReadyAfter { get; private set; }

    private static Uri Gateway => new($"http://{Variable("ITSM_TEST_KUBERNETES_NODE_PORT")}");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Installs it, once; skips the test where it can't.</summary>
    public ValueTask StartAsync() => new(_started ??= InstallAsync());

    /// <summary>A client with a token of this person.</summary>
    /// <param name="person">User name.</param>
    /// <param name="keeping">How long it keeps a connection.</param>
    public HttpClient As(string person, TimeSpan? keeping = null)
    {
        var connections = new SocketsHttpHandler { PooledConnectionLifetime = keeping ?? Timeout.InfiniteTimeSpan };
        var client = new HttpClient(connections) { BaseAddress = Gateway, Timeout = Patience.Most };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _provider!.TokenOf(person));
        return client;
    }

    /// <summary>Runs helm in the namespace, with the suite's values where <c>--values -</c> asks for them.</summary>
    public async Task<string> HelmAsync(params string[] arguments)
    {
        var helm = (await RunAsync(new Command(SourceTree.PathTo("build", "helm")))).Trim();
        return await RunAsync(new Command(helm, ["--kubeconfig", Variable(Needed[0]), "--namespace", Space, .. arguments])
        {
            Input = Values(),
        });
    }

    /// <summary>Pods of a service or the gateway, those that are ending, too.</summary>
    public async Task<IList<V1Pod>> PodsAsync(string part) => (await Cluster.CoreV1.ListNamespacedPodAsync(Space,
        labelSelector: $"app.kubernetes.io/instance={Release},app.kubernetes.io/component={part},!probe")).Items;

    /// <summary>Waits until what is looked up in the cluster meets the condition; looks twice a second, for the cluster has work to
    /// do.</summary>
    public static Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> condition, string what) =>
        RunningSuite.UntilAsync(look, condition, what, Longest, TimeSpan.FromMilliseconds(500));

    /// <summary>Waits until all pods of a part are ready, this many, and of this tag; until others have ended, too: only then all
    /// that can fail has had its chance.</summary>
    public Task SettledAsync(string part, int replicas, string tag = FirstTag) => UntilAsync(() => PodsAsync(part), pods =>
        pods.Count == replicas && pods.All(pod => IsReady(pod) && pod.Spec.Containers[0].Image.EndsWith(':' + tag)),
        $"{replicas} of {part}");

    public async ValueTask DisposeAsync()
    {
        if (_cluster is null)
        {
            return;
        }

        await _cluster.CoreV1.DeleteNamespaceAsync(Space);
        await UntilAsync(IsGoneAsync, gone => gone, "The end of the namespace");
        _cluster.Dispose();
        _provider!.Dispose();
        await _search.CleanAsync();
        using var leftovers = new Leftovers(_engines["mongodb"], new Uri(_engines["rabbitmq"]), Space);
        await leftovers.DeleteAsync();
    }

    private async Task InstallAsync()
    {
        foreach (var variable in Needed)
        {
            Assert.SkipWhen(Variable(variable).Length == 0, $"{variable} is not set.");
        }

        _engines["mongodb"] = await Engines.MongoDbAsync();
        _engines["rabbitmq"] = await Engines.RabbitMqAsync();
        _engines["redis"] = await Engines.RedisAsync();
        _engines["elasticsearch"] = await _search.FindAsync();
        _cluster = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(Variable(Needed[0])));
        _provider = new IdentityProvider(Space);
        await LoadImagesAsync();
        await _cluster.CoreV1.CreateNamespaceAsync(new V1Namespace
        {
            Metadata = new()
            {
                Name = Space, Labels = new Dictionary<string, string> { ["pod-security.kubernetes.io/enforce"] = "restricted" },
            },
        });
        await _provider.StartAsync(_cluster, "docker.io/library/" + ProviderImage + ":" + FirstTag);
        await AddSecretsAsync();
        var started = Stopwatch.GetTimestamp();
        await HelmAsync("install", Release, SourceTree.PathTo("charts", "itsm"), "--wait", "--timeout", "5m", "--values", "-");
        ReadyAfter = Stopwatch.GetElapsedTime(started);
        await RunAsync(new Command("dotnet", Path.Combine(AppContext.BaseDirectory, "Itsm.AppHost.dll"), "--demo", Gateway.ToString())
        {
            Environment = new Dictionary<string, string> { ["ITSM_TOKEN"] = _provider.TokenOf("admin") },
        });
    }

    private async Task<bool> IsGoneAsync()
    {
        try
        {
            await Cluster.CoreV1.ReadNamespaceAsync(Space);
            return false;
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return true;
        }
    }

    private static async Task LoadImagesAsync()
    {
        var archives = Variable("ITSM_IMAGES");
        if (archives.Length == 0)
        {
            archives = SourceTree.PathTo("artifacts", "cluster-images") + Path.DirectorySeparatorChar;
            await BuildImagesAsync(archives);
        }

        await RunAsync(new Command(Variable("ITSM_IMAGE_LOAD"), [.. System.IO.Directory.GetFiles(archives, "*.tar.gz")]));
    }

    private static async Task BuildImagesAsync(string archives)
    {
        await RunAsync(new Command(SourceTree.PathTo("build", "images"), "--archive", archives, "--tag", FirstTag, "--tag", SecondTag));
        await RunAsync(new Command("dotnet", "publish", SourceTree.PathTo("tests", "_oidc"), "-c", "Release", "-r", "linux-x64",
            "--self-contained", "false", "-t:PublishContainer", $"-p:ArtifactsPath={SourceTree.PathTo("artifacts", "images")}/",
            $"-p:ContainerRepository={ProviderImage}", $"-p:ContainerImageTag={FirstTag}", $"-p:ContainerArchiveOutputPath={archives}",
            "-v", "quiet", "-nologo"));
    }

    private async Task AddSecretsAsync()
    {
        _node = (await Cluster.CoreV1.ListNodeAsync()).Items[0].Status.Addresses.First(address => address.Type == "InternalIP").Address;
        var seen = _engines.ToDictionary(engine => engine.Key, engine =>
            engine.Value.Replace("127.0.0.1", _node, StringComparison.Ordinal));
        Outside = seen.Select(engine =>
                (engine.Key, At: new Uri(engine.Value.Contains("://", StringComparison.Ordinal) ? engine.Value : "tcp://" + engine.Value)))
            .ToDictionary(engine => engine.Key, engine => (engine.At.Host, engine.At.Port));
        await AddAsync("engines", seen);
        await AddAsync("audit", new() { ["Audit__Current"] = "test", ["Audit__Keys__test"] = Convert.ToBase64String(new byte[32]) });

        Task AddAsync(string name, Dictionary<string, string> entries) => Cluster.CoreV1.CreateNamespacedSecretAsync(
            new V1Secret { Metadata = new() { Name = name }, StringData = entries }, Space);
    }

    private string Values() => $$$"""
        image: {registry: docker.io/library, tag: {{{FirstTag}}}, pullPolicy: Never}
        authentication: {authority: "{{{_provider!.Authority}}}"}
        trust: {existingSecret: {{{IdentityProvider.Name}}}, key: tls.crt}
        storagePrefix: {{{Space}}}
        firstAdministrator: admin
        settings:
          Messaging__Prefix: {{{Space}}}
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
        {{{Lines(_engines.Keys, engine => $"  {engine}: {{existingSecret: engines}}")}}}
        networkPolicies:
          metricsFrom: [{podSelector: {matchLabels: {probe: "{{{Scraper}}}" } } }]
          dns:
            to:
              - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system} }
              - ipBlock: {cidr: "{{{_node}}}/32"}
          oidc: {port: {{{IdentityProvider.Port}}}}
          engines:
        {{{Lines(Outside, engine => $"    {engine.Key}: {{port: {engine.Value.Port} }}")}}}
        tests: {image: "{{{Busybox}}}"}
        """;

    private static string Lines<T>(IEnumerable<T> items, Func<T, string> line) => string.Join('\n', items.Select(line));

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? "";

    private static bool IsReady(V1Pod pod) =>
        pod.Metadata.DeletionTimestamp is null && pod.Status.Conditions?.Any(one => one is { Type: "Ready", Status: "True" }) == true;

    private static async Task<string> RunAsync(Command command)
    {
        var (code, output, error) = await command.RunAsync();
        Assert.True(code == 0, $"{command.Program} {string.Join(' ', command.Arguments)}: {error} {output}");
        return output;
    }
}
