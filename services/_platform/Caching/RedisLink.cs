using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Itsm.Platform.Caching;

/// <summary>The process's one connection to Redis. While Redis is away every command fails at once, and whoever asked does
/// without.</summary>
public sealed class RedisLink : IDisposable
{
    private const int ConnectMilliseconds = 2_000;
    private const int CommandMilliseconds = 1_000;
    private static readonly string[] Passing = ["LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN"];

    internal RedisLink(ConfigurationOptions options, ILogger<RedisLink> log)
    {
        Connection = ConnectionMultiplexer.Connect(options);
        Connection.ConnectionFailed += (_, e) =>
            Tell(e, () =>
                log.LogWarning("The connection to Redis broke ({Failure}): limits are local, caches are passed by and live updates wait "
                    + "until it is back.", e.FailureType));
        Connection.ConnectionRestored += (_, e) => Tell(e, () => log.LogInformation("The connection to Redis is back."));
        if (!IsUp)
        {
            log.LogWarning("Redis does not answer yet: limits are local, caches are passed by and live updates wait until it does.");
        }
    }

    /// <summary>For commands.</summary>
    public IConnectionMultiplexer Connection { get; }

    /// <summary>True while commands have a chance.</summary>
    public bool IsUp => Connection.IsConnected;

    /// <summary>The database with the suite's keys.</summary>
    public IDatabase Database => Connection.GetDatabase();

    /// <inheritdoc/>
    public void Dispose() => Connection.Dispose();

    /// <summary>Connects; where Redis is away, as soon as it is there.</summary>
    /// <exception cref="ArgumentException">The connection string can't be understood.</exception>
    public static RedisLink Connect(string connectionString, string application, ILogger<RedisLink> log) =>
        new(Options(connectionString, application), log);

    /// <summary>True for what a Redis that is away, late or just starting throws; false for mistakes.</summary>
    public static bool IsOutage(Exception e) => e is RedisConnectionException or TimeoutException or ObjectDisposedException
        || (e is RedisServerException && Passing.Any(word => e.Message.StartsWith(word, StringComparison.Ordinal)));

    // One connection is for commands, the other for what is published: they break and come back together.
    private static void Tell(ConnectionFailedEventArgs e, Action tell)
    {
        if (e.ConnectionType == ConnectionType.Interactive)
        {
            tell();
        }
    }

    internal static ConfigurationOptions Options(string connectionString, string application)
    {
        var options = ConfigurationOptions.Parse(connectionString);
        (options.AbortOnConnectFail, options.BacklogPolicy, options.ClientName) = (false, BacklogPolicy.FailFast, "itsm-" + application);
        (options.ConnectTimeout, options.AsyncTimeout, options.SyncTimeout) = (ConnectMilliseconds, CommandMilliseconds,
            CommandMilliseconds);
        options.ReconnectRetryPolicy = new LinearRetry(CommandMilliseconds / 2);
        return options;
    }
}
