using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Itsm.Testing;
using k8s;
using k8s.Models;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Itsm.Cluster.Tests;

/// <summary>A provider of tokens inside the cluster, by https under a certificate of its own.</summary>
internal sealed class IdentityProvider(string space) : IDisposable
{
    public const string Name = "oidc";
    public const int Port = 8443;
    private readonly RSA _key = RSA.Create(2048);

    /// <summary>As tokens name it.</summary>
    public string Authority => $"https://{Host}:{Port}";

    private string Host => $"{Name}.{space}.svc.cluster.local";

    /// <summary>A token of this person, good for an hour.</summary>
    public string TokenOf(string userName)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Authority, Audience = "itsm", NotBefore = now.AddMinutes(-1), IssuedAt = now, Expires = now.AddHours(1),
            Claims = new Dictionary<string, object> { ["preferred_username"] = userName },
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(_key) { KeyId = "test" }, SecurityAlgorithms.RsaSha256),
        });
    }

    /// <summary>Starts it. Its Secret has the certificate under <c>tls.crt</c>.</summary>
    public async Task StartAsync(Kubernetes cluster, string image)
    {
        var labels = new Dictionary<string, string> { ["app"] = Name };
        await cluster.CoreV1.CreateNamespacedSecretAsync(
            new V1Secret { Metadata = new() { Name = Name }, StringData = Files() }, space);
        await cluster.CoreV1.CreateNamespacedServiceAsync(new V1Service
        {
            Metadata = new() { Name = Name }, Spec = new() { Selector = labels, Ports = [new V1ServicePort { Port = Port }] },
        }, space);
        await cluster.AppsV1.CreateNamespacedDeploymentAsync(new V1Deployment
        {
            Metadata = new() { Name = Name },
            Spec = new()
            {
                Selector = new() { MatchLabels = labels },
                Template = new() { Metadata = new() { Labels = labels }, Spec = Pod(image) },
            },
        }, space);
        await ClusterSuite.UntilAsync(() => cluster.AppsV1.ReadNamespacedDeploymentAsync(Name, space),
            deployment => deployment.Status.ReadyReplicas == 1, "The provider of tokens");
    }

    public void Dispose() => _key.Dispose();

    private static V1PodSpec Pod(string image) => new()
    {
        SecurityContext = new() { RunAsNonRoot = true, SeccompProfile = new() { Type = "RuntimeDefault" } },
        Containers =
        [
            new V1Container
            {
                Name = Name, Image = image, ImagePullPolicy = "Never",
                Env =
                [
                    Variable("ASPNETCORE_HTTP_PORTS", ""), Variable("ASPNETCORE_URLS", $"https://*:{Port}"),
                    Variable("Kestrel__Certificates__Default__Path", "/data/tls.crt"),
                    Variable("Kestrel__Certificates__Default__KeyPath", "/data/tls.key"),
                ],
                SecurityContext = new()
                {
                    AllowPrivilegeEscalation = false, ReadOnlyRootFilesystem = true, Capabilities = new() { Drop = ["ALL"] },
                },
                ReadinessProbe = new()
                {
                    HttpGet = new() { Path = "/keys", Port = Port, Scheme = "HTTPS" }, PeriodSeconds = 1, TimeoutSeconds = 5,
                },
                VolumeMounts = [new() { Name = "data", MountPath = "/data" }, new() { Name = "tmp", MountPath = "/tmp" }],
            },
        ],
        Volumes = [new() { Name = "data", Secret = new() { SecretName = Name } }, new() { Name = "tmp", EmptyDir = new() }],
    };

    private static V1EnvVar Variable(string name, string value) => new() { Name = name, Value = value };

    private Dictionary<string, string> Files()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={Name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Host);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var publicKey = _key.ExportParameters(false);
        return new Dictionary<string, string>
        {
            ["tls.crt"] = certificate.ExportCertificatePem(), ["tls.key"] = key.ExportPkcs8PrivateKeyPem(),
            ["configuration.json"] = JsonSerializer.Serialize(new
            {
                issuer = Authority, jwks_uri = Authority + "/keys", id_token_signing_alg_values_supported = new[] { "RS256" },
                subject_types_supported = new[] { "public" }, response_types_supported = new[] { "id_token" },
            }),
            ["keys.json"] = JsonSerializer.Serialize(new
            {
                keys = new[]
                {
                    new
                    {
                        kty = "RSA", use = "sig", alg = "RS256", kid = "test", n = Base64UrlEncoder.Encode(publicKey.Modulus),
                        e = Base64UrlEncoder.Encode(publicKey.Exponent),
                    },
                },
            }),
        };
    }
}
