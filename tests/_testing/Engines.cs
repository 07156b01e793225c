using DotNet.Testcontainers.Containers;
using Testcontainers.MongoDb;
using Testcontainers.RabbitMq;
using Testcontainers.Redis;
using Xunit;

namespace Itsm.Testing;

/// <summary>Where tests get real engines from: the environment's variables, else a container engine, which starts the official images
/// once for the test process. A test that finds neither skips and says so.</summary>
public static class Engines
{
    private static readonly Lazy<Task<string>> MongoDb = new(() => StartAsync(new MongoDbBuilder("mongo:8").WithReplicaSet().Build(), container => container.GetConnectionString()));
    private static readonly Lazy<Task<string>> RabbitMq = new(() => StartAsync(new RabbitMqBuilder("rabbitmq:4-management").Build(), container => container.GetConnectionString()));
    private static readonly Lazy<Task<string>> Redis = new(() => StartAsync(new RedisBuilder("redis:8").Build(), container => container.GetConnectionString()));

    /// <summary>Connection string of a MongoDB.</summary>
    public static Task<string> MongoDbAsync() => FindAsync("ITSM_TEST_MONGODB", MongoDb);

    /// <summary>Connection string of a RabbitMQ.</summary>
    public static Task<string> RabbitMqAsync() => FindAsync("ITSM_TEST_RABBITMQ", RabbitMq);

    /// <summary>Connection string of a Redis.</summary>
    public static Task<string> RedisAsync() => FindAsync("ITSM_TEST_REDIS", Redis);

    private static Task<string> FindAsync(string variable, Lazy<Task<string>> container)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } address)
        {
            return Task.FromResult(address);
        }

        Assert.SkipUnless(HasContainers, $"{variable} is not set, and no container engine is here to start one.");
        return container.Value;
    }

    private static bool HasContainers => Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 } || File.Exists("/var/run/docker.sock");

    private static async Task<string> StartAsync<T>(T container, Func<T, string> address)
        where T : IContainer
    {
        await container.StartAsync();
        return address(container);
    }
}
