using System.Collections.Concurrent;
using Itsm.Testing;

namespace Itsm.Chart.Tests;

/// <summary>The chart, rendered by the helm that <c>build/helm</c> finds or fetches; where it can do neither, the test is skipped. What
/// uses it starts processes, and is marked [OuterTier].</summary>
internal static class Chart
{
    /// <summary>Secrets of the engines and what else must be set; nothing more.</summary>
    public const string Default = """
        authentication: {authority: "https://id.example.org"}
        audit: {existingSecret: audit}
        engines:
          mongodb: {existingSecret: engines}
          rabbitmq: {existingSecret: engines}
          redis: {existingSecret: engines}
          elasticsearch: {existingSecret: search, key: address}

        """;

    /// <summary>Engines of its own.</summary>
    public const string Trial = """
        authentication: {authority: "https://id.example.org"}
        engines: {enabled: true, persistence: false}
        dashboard: {enabled: true, unsecured: true}

        """;

    /// <summary>Values by the name of what they try.</summary>
    public static IReadOnlyDictionary<string, string> Variants { get; } = new Dictionary<string, string>
    {
        ["default"] = Default,
        ["trial"] = Trial,
        ["trial of the next version"] = Trial + "image: {tag: \"2\"}",
        ["trial with volumes and queue lengths"] = """
            authentication: {authority: "https://id.example.org"}
            engines: {enabled: true, storageClass: fast}
            keda: {enabled: true}
            """,
        ["production with everything"] = Default + """
            image: {registry: "ghcr.io/example", tag: "1.2.3", pullSecrets: [registry]}
            webhooks: {existingSecret: webhooks}
            scanner: {address: "tcp://clamav.security:3310"}
            blobs: {s3: {bucket: files, region: eu-central-1, existingSecret: bucket}}
            serviceAccount: {annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/itsm"}}
            firstAdministrator: ada
            settings: {RateLimits__Burst: "100"}
            dashboard: {enabled: true}
            keda: {enabled: true}
            serviceMonitor: {enabled: true, labels: {release: prometheus}}
            prometheusRule: {enabled: true, labels: {release: prometheus}}
            grafana: {enabled: true}
            route: {enabled: true, parentRefs: [{name: public, namespace: gateways}], hostnames: [itsm.example.org]}
            ingress:
              enabled: true
              className: nginx
              hosts: [itsm.example.org]
              tls: [{secretName: certificate, hosts: [itsm.example.org]}]
            services: {incidents: {env: {Incidents__DefaultGroup: desk}, envFrom: [{secretRef: {name: more}}], replicas: 4}}
            """,
        ["collector and processor time"] = Default + """
            telemetry: {endpoint: "http://collector.monitoring:4317"}
            trust: {existingSecret: own-authorities}
            gateway: {trustedProxies: [10.0.0.0/8]}
            defaults: {autoscaling: {behavior: {scaleDown: {stabilizationWindowSeconds: 30}}}}
            networkPolicies:
              gatewayFrom: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: gateways}}}]
              dns: {to: [{ipBlock: {cidr: 169.254.20.10/32}}]}
            """,
        ["engines elsewhere"] = Default.Replace("key: address", "key: address, clientCertificate: {existingSecret: certificate}") + """
            scanner: {address: "tcp://clamav.security:3310"}
            blobs: {s3: {bucket: files, endpoint: "http://minio.storage:9000"}}
            networkPolicies:
              oidc: {to: [{ipBlock: {cidr: 203.0.113.2/32}}], port: 443}
              webhooks: {to: [{ipBlock: {cidr: 203.0.113.3/32}}], port: 443}
              scanner: {to: [{ipBlock: {cidr: 203.0.113.4/32}}], port: 3310}
              s3: {to: [{ipBlock: {cidr: 203.0.113.5/32}}], port: 9000}
              engines:
                mongodb: {to: [{ipBlock: {cidr: 192.0.2.1/32}}], port: 27017}
                rabbitmq: {to: [{ipBlock: {cidr: 192.0.2.2/32}}], port: 5672}
                redis: {to: [{ipBlock: {cidr: 192.0.2.3/32}}], port: 6379}
                elasticsearch: {to: [{ipBlock: {cidr: 192.0.2.4/32}}], port: 9200}
            """,
        ["everything off"] = Default + """
            defaults: {replicas: 1, autoscaling: {enabled: false}}
            networkPolicies: {enabled: false}
            """,
        ["a service with no pods"] = Default + "services: {search: {replicas: 0}}",
        ["node port"] = Default + "gateway: {service: {type: NodePort, nodePort: 30080}}",
    };

    public static TheoryData<string> Names { get; } = [.. Variants.Keys];

    private static string Folder { get; } = SourceTree.PathTo("charts", "itsm");

    private static readonly Lazy<Task<string>> Helm = new(FindHelmAsync);
    private static readonly ConcurrentDictionary<string, Lazy<Task<Rendering>>> Renderings = new();

    /// <summary>What the chart makes of one of the <see cref="Variants"/>.</summary>
    public static Task<Rendering> RenderAsync(string variant) => Renderings.GetOrAdd(variant, _ => new(async () =>
    {
        var (code, output, error) = await HelmAsync(Variants[variant], "template", "desk", Folder, "--namespace", "itsm", "--values", "-");
        Assert.True(code == 0, error);
        return new Rendering(output);
    })).Value;

    /// <summary>What helm says against these values.</summary>
    public static async Task<string> RefusalAsync(string values)
    {
        var (code, _, error) = await HelmAsync(values, "template", "desk", Folder, "--values", "-");
        Assert.NotEqual(0, code);
        return error;
    }

    public static Task<(int Code, string Output, string Error)> LintAsync(string variant) =>
        HelmAsync(Variants[variant], "lint", "--strict", Folder, "--values", "-");

    private static async Task<(int Code, string Output, string Error)> HelmAsync(string input, params string[] arguments)
    {
        var helm = await Helm.Value;
        if (!File.Exists(helm))
        {
            Assert.Skip(helm);
        }

        return await new Command(helm, arguments) { Input = input }.RunAsync();
    }

    /// <summary>The path of a helm, or why there is none.</summary>
    private static async Task<string> FindHelmAsync()
    {
        var (code, output, error) = await new Command(SourceTree.PathTo("build", "helm")).RunAsync();
        return code == 0 ? output.Trim() : "There is no helm: " + error.Trim();
    }
}
