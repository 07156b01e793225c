using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Testcontainers.MongoDb;
using Testcontainers.RabbitMq;
using Testcontainers.Redis;
using Xunit;

namespace Itsm.Testing;

/// <summary>Real engines for tests: those the environment names, else containers that live as long as the test process, else the test is
/// skipped.</summary>
public static class Engines
{
    private const ushort SearchPort = 9200;
    private static readonly TimeSpan SearchLimit = TimeSpan.FromSeconds(10);

    private static readonly Lazy<Task<string?>> MongoDb =
        Container(() => new MongoDbBuilder("mongo:8").WithReplicaSet().Build(), container => container.GetConnectionString());

    private static readonly Lazy<Task<string?>> RabbitMq =
        Container(() => new RabbitMqBuilder("rabbitmq:4-management").WithUsername("guest").WithPassword("guest").Build(), container =>
            container.GetConnectionString());

    private static readonly Lazy<Task<string?>> Redis =
        Container(() => new RedisBuilder("redis:8").Build(), container => container.GetConnectionString());

    private static readonly Lazy<Task<string?>> Elasticsearch = SearchEngine("docker.elastic.co/elasticsearch/elasticsearch:9.5.3",
        ("xpack.security.enabled", "false"), ("ES_JAVA_OPTS", "-Xms512m -Xmx512m"));

    private static readonly Lazy<Task<string?>> OpenSearch = SearchEngine("opensearchproject/opensearch:2.19.6",
        ("DISABLE_SECURITY_PLUGIN", "true"), ("OPENSEARCH_JAVA_OPTS", "-Xms512m -Xmx512m"));

    private static readonly Lazy<Task<string?>> S3 = new(S3Server.StartAsync);

    /// <summary>A replica set, or what <c>ITSM_TEST_MONGODB</c> names: <c>mongodb://…</c></summary>
    public static Task<string> MongoDbAsync() => FindAsync("ITSM_TEST_MONGODB", MongoDb);

    /// <summary>A broker with the management API, or what <c>ITSM_TEST_RABBITMQ</c> names: <c>amqp://guest:guest@host:port/</c></summary>
    public static Task<string> RabbitMqAsync() => FindAsync("ITSM_TEST_RABBITMQ", RabbitMq);

    /// <summary>A server of its own, or what <c>ITSM_TEST_REDIS</c> names: <c>host:port</c></summary>
    public static Task<string> RedisAsync() => FindAsync("ITSM_TEST_REDIS", Redis);

    /// <summary>A server without security, or what <c>ITSM_TEST_ELASTICSEARCH</c> names: <c>http://host:port</c></summary>
    public static Task<string> ElasticsearchAsync() => FindAsync("ITSM_TEST_ELASTICSEARCH", Elasticsearch);

    /// <summary>A server without security, or what <c>ITSM_TEST_OPENSEARCH</c> names: <c>http://host:port</c></summary>
    public static Task<string> OpenSearchAsync() => FindAsync("ITSM_TEST_OPENSEARCH", OpenSearch);

    /// <summary>A bucket of a server from the npm registry, or what <c>ITSM_TEST_S3</c> names:
    /// <c>http://key:secret@host:port/bucket</c></summary>
    public static async Task<BucketAddress> S3Async() => BucketAddress.Of(await FindAsync("ITSM_TEST_S3", S3));

    private static async Task<string> FindAsync(string variable, Lazy<Task<string?>> container)
    {
        OuterTierAttribute.Require();
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } address)
        {
            return address;
        }

        var started = await container.Value;
        if (started is null)
        {
            Assert.Skip($"Set {variable} to the address of an engine: it is not set, and none could be started.");
        }

        return started;
    }

    private static Lazy<Task<string?>> SearchEngine(string image, params (string Name, string Value)[] settings) => Container(
        () => (DockerContainer)new ContainerBuilder(image).WithPortBinding(SearchPort, assignRandomHostPort: true)
            .WithEnvironment("discovery.type", "single-node")
            .WithEnvironment(settings.ToDictionary(setting => setting.Name, setting => setting.Value))
            .WithWaitStrategy(Wait.ForUnixContainer()
                .UntilHttpRequestIsSucceeded(request => request.ForPort(SearchPort).ForPath("/_cluster/health"))).Build(),
        container => $"http://{container.Hostname}:{container.GetMappedPublicPort(SearchPort)}");

    private static Lazy<Task<string?>> Container<T>(Func<T> build, Func<T, string> address)
        where T : DockerContainer => new(async () =>
        {
            T container;
            try
            {
                // Building looks for a container engine, on a blocked thread.
                container = await Task.Run(build).WaitAsync(SearchLimit);
            }
            catch (Exception none) when (none is DockerUnavailableException or TimeoutException)
            {
                return null;
            }

            await container.StartAsync();
            return address(container);
        });
}
