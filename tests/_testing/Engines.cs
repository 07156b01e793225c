namespace Itsm.Testing;

public static class Engines
{
    public static Task<string> MongoDbAsync() => Get("ITSM_TEST_MONGODB");

    public static Task<string> RabbitMqAsync() => Get("ITSM_TEST_RABBITMQ");

    public static Task<string> RedisAsync() => Get("ITSM_TEST_REDIS");

    private static Task<string> Get(string name)
    {
        if (Environment.GetEnvironmentVariable(name) is { } value) return Task.FromResult(value);
        Xunit.Assert.Skip(name + " is not set");
        return null!;
    }
}
