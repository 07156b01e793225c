using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.AppHost.Aspire;

/// <summary>The engines: those that <c>ConnectionStrings:</c> names, else containers with the images of <c>build/compose.yaml</c>, whose
/// data outlive the run in volumes.</summary>
internal static class Engines
{
    private const int MongoPort = 27017;
    private const int SearchPort = 9200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly Lazy<bool> ContainerEngineAnswers = new(() =>
        (Environment.GetEnvironmentVariable("ASPIRE_CONTAINER_RUNTIME") is { Length: > 0 } chosen ? [chosen] : new[] { "docker", "podman" })
            .Any(Answers));

    /// <summary>Why the suite can't start here; null where it can.</summary>
    public static string? Missing(IConfiguration configuration)
    {
        var missing = Topology.Engines.Where(engine => AddressOf(configuration, engine) is null).Select(Topology.EngineVariable).ToList();
        return missing.Count == 0 || ContainerEngineAnswers.Value ? null
            : $"Neither a container engine (docker, podman) answers nor is it said where engines run: set {string.Join(", ", missing)}.";
    }

    /// <summary>Adds them. Without container engine and connection string Elasticsearch is left out: search then has an index of its
    /// own.</summary>
    public static IReadOnlyList<Engine> AddTo(IDistributedApplicationBuilder builder) =>
        [.. Topology.Engines.Append(Topology.SearchEngine)
            .Where(name => AddressOf(builder.Configuration, name) is not null || ContainerEngineAnswers.Value)
            .Select(name => AddressOf(builder.Configuration, name) is null ? AddContainer(builder, name) : Named(builder, name))];

    /// <summary>Adds a container.</summary>
    internal static Engine AddContainer(IDistributedApplicationBuilder builder, string name)
    {
        switch (name)
        {
            case "mongodb":
                builder.Services.AddHealthChecks().Add(new(name, _ => new ReplicaSet(MongoPort), null, null));
                // The member's address is the one that clients outside of the container use, so there is no proxy before it.
                var mongo = builder.AddContainer(name, "mongo", "8.2.5").WithArgs("--replSet", ReplicaSet.Name)
                    .WithEndpoint(MongoPort, MongoPort, isProxied: false)
                    .WithVolume("itsm-aspire-mongodb", "/data/db").WithHealthCheck(name);
                return new(name, mongo, ReferenceExpression.Create($"{ReplicaSet.ConnectionString(MongoPort)}"));
            case "rabbitmq":
                var guest = builder.AddParameter("rabbitmq-guest", "guest");
                var rabbit = builder.AddRabbitMQ(name, guest, guest).WithImage("rabbitmq", "4.2.9-management")
                    .WithDataVolume("itsm-aspire-rabbitmq");
                return new(name, rabbit, rabbit.Resource.ConnectionStringExpression);
            case "redis":
                var redis = builder.AddRedis(name).WithPassword(null).WithImage("redis", "8.4.0").WithDataVolume("itsm-aspire-redis");
                return new(name, redis, redis.Resource.ConnectionStringExpression);
            default:
                var search = builder.AddContainer(name, "docker.elastic.co/elasticsearch/elasticsearch", "9.5.3")
                    .WithHttpEndpoint(targetPort: SearchPort).WithHttpHealthCheck("/_cluster/health")
                    .WithEnvironment("discovery.type", "single-node").WithEnvironment("xpack.security.enabled", "false")
                    .WithEnvironment("ES_JAVA_OPTS", "-Xms512m -Xmx512m")
                    .WithVolume("itsm-aspire-elasticsearch", "/usr/share/elasticsearch/data");
                return new(name, search, ReferenceExpression.Create($"{search.GetEndpoint("http")}"));
        }
    }

    private static Engine Named(IDistributedApplicationBuilder builder, string name)
    {
        var engine = builder.AddConnectionString(name);
        return new(name, engine, engine.Resource.ConnectionStringExpression);
    }

    private static string? AddressOf(IConfiguration configuration, string engine) =>
        configuration.GetConnectionString(engine) is { Length: > 0 } address ? address : null;

    private static bool Answers(string containerEngine)
    {
        try
        {
            using var list = Process.Start(new ProcessStartInfo(containerEngine, ["ps", "--quiet"])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
            return list.WaitForExit(Patience) && list.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}

/// <summary>An engine of the topology.</summary>
/// <param name="Name">That of its connection string.</param>
/// <param name="Resource">What waits for it waits for this.</param>
/// <param name="Address">Its connection string.</param>
internal sealed record Engine(string Name, IResourceBuilder<IResource> Resource, ReferenceExpression Address);
