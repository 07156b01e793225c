using Itsm.Platform.Aggregates;
using Itsm.Platform.Caching;
using Itsm.Platform.Documents;
using Itsm.Platform.Documents.Mongo;
using Itsm.Platform.Documents.S3;
using Itsm.Platform.Documents.Sqlite;
using Itsm.Platform.Messaging;
using Itsm.Platform.Supervision;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MongoDB.Driver;

namespace Itsm.Platform.Hosting;

/// <summary>Puts engines behind the ports: those that the connection strings name and, in Development alone, embedded ones where there is
/// none.</summary>
public static class EngineSetup
{
    /// <summary>Tag of the checks without which a service takes no requests.</summary>
    internal const string Ready = "ready";

    /// <summary>Adds the connection to Redis, where <c>ConnectionStrings:redis</c> names one.</summary>
    /// <exception cref="InvalidOperationException">The connection string is missing outside Development, or can't be
    /// understood.</exception>
    public static void AddRedis(this WebApplicationBuilder builder, string host)
    {
        if (ConnectionString(builder, "redis", "limits, caches and live updates are shared through Redis") is not { } text)
        {
            return;
        }

        var options = Understood("redis", text, () => RedisLink.Options(text, host));
        builder.Services.AddSingleton(provider => new RedisLink(options, provider.GetRequiredService<ILogger<RedisLink>>()));
        builder.Services.AddHealthChecks().AddCheck<RedisHealth>("redis", HealthStatus.Degraded);
    }

    internal static void AddSharedCache(this WebApplicationBuilder builder, string host)
    {
        builder.AddRedis(host);
        SharedCache.AddMemory(builder.Services);
        if (builder.Configuration.GetConnectionString("redis") is not null)
        {
            builder.Services.AddStackExchangeRedisCache(_ => { });
            builder.Services.AddOptions<Microsoft.Extensions.Caching.StackExchangeRedis.RedisCacheOptions>()
                .Configure<RedisLink>((options, link) => options.ConnectionMultiplexerFactory = () => Task.FromResult(link.Connection));
        }

        builder.Services.AddSingleton(provider => new SharedCache(
            provider.GetRequiredService<HybridCache>(), provider.GetService<RedisLink>(), $"{Prefix(builder, "Storage", "itsm")}:{host}",
            provider.GetRequiredService<ILogger<SharedCache>>()));
    }

    internal static void AddDocuments(this WebApplicationBuilder builder, string host, IEnumerable<string> names)
    {
        var services = builder.Services;
        builder.AddBucket();
        Func<IServiceProvider, string, IDocumentDatabase> open;
        if (ConnectionString(builder, "mongodb", "a service stores in MongoDB") is { } text)
        {
            var client = Understood("mongodb", text, () => MongoDatabase.Connect(text, host));
            var prefix = Prefix(builder, "Storage", "itsm");
            services.AddSingleton<IMongoClient>(_ => client);
            open = (provider, name) =>
                new MongoDatabase(provider.GetRequiredService<IMongoClient>(), $"{prefix}-{name}",
                    provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<MongoDatabase>>(),
                    provider.GetService<BlobBucket>()?.BlobsOf(name));
        }
        else
        {
            var folder = builder.Configuration["Storage:Path"] ?? ".itsm";
            var held = DataFolder.Hold(folder);
            services.AddSingleton(_ => held);
            open = (provider, name) =>
                new SqliteDatabase(provider.GetRequiredService<DataFolder>().PathOf(name + ".db"),
                    provider.GetRequiredService<ILogger<SqliteDatabase>>(), () => Supervision.Work.IsUnderWay,
                    provider.GetService<BlobBucket>()?.BlobsOf(name));
        }

        foreach (var name in names)
        {
            services.AddKeyedSingleton(name, (provider, _) => open(provider, name));
            services.AddHealthChecks().Add(new HealthCheckRegistration("documents-" + name,
                provider => new DocumentsHealth(provider.GetRequiredKeyedService<IDocumentDatabase>(name)), null, [Ready]));
        }
    }

    /// <exception cref="InvalidOperationException">No key is named outside Development, or it is none.</exception>
    internal static void AddAuditSeals(this WebApplicationBuilder builder)
    {
        var settings = builder.Configuration.GetSection("Audit").Get<AuditSettings>() ?? new AuditSettings();
        if (settings.Current is null && !builder.Environment.IsDevelopment())
        {
            throw new InvalidOperationException("Audit:Current is missing: outside Development it names the key of Audit:Keys with which "
                + "histories are sealed.");
        }

        builder.Services.AddSingleton(new AuditSeals(settings));
    }

    internal static void AddBus(this WebApplicationBuilder builder, string host, SubscriptionList subscriptions)
    {
        var services = builder.Services;
        services.AddSingleton(subscriptions).Configure<SupervisionSettings>(builder.Configuration.GetSection("Supervision"))
            .AddSingleton<Supervisor>();
        services.AddHostedService(provider => provider.GetRequiredService<Supervisor>());
        services.AddHealthChecks().Add(new HealthCheckRegistration("background", provider => provider.GetRequiredService<Supervisor>(),
            HealthStatus.Degraded, null));
        if (ConnectionString(builder, "rabbitmq", "services talk through RabbitMQ") is not { } text)
        {
            AddBus<EmbeddedBus>(services);
            return;
        }

        var address = Understood("rabbitmq", text, () =>
            new Uri(text) is { Scheme: "amqp" or "amqps" } address
                ? address
                : throw new UriFormatException("It begins with amqp:// or amqps://."));
        var prefix = Prefix(builder, "Messaging", "");
        services.AddSingleton(new BrokerAddress(address, host, prefix.Length > 0 ? prefix + "-" : "",
            builder.Configuration.GetValue<TimeSpan?>("Messaging:QueueExpiry")));
        services.AddSingleton<BrokerTopology>().AddSingleton<BrokerProbe>();
        AddBus<BrokerBus>(services);
        services.AddHealthChecks().Add(new HealthCheckRegistration("rabbitmq", provider => provider.GetRequiredService<BrokerBus>(),
            HealthStatus.Unhealthy, null));
    }

    private static void AddBucket(this WebApplicationBuilder builder)
    {
        if (builder.Configuration.GetSection("Blobs:S3").Get<S3Settings>() is not { IsGiven: true } settings)
        {
            return;
        }

        if (settings.Fault is { } fault)
        {
            throw new InvalidOperationException(fault);
        }

        builder.Services.AddSingleton(_ => new BlobBucket(settings));
        builder.Services.AddHealthChecks().AddCheck<BucketHealth>("blobs", HealthStatus.Degraded);
    }

    private static void AddBus<TBus>(IServiceCollection services)
        where TBus : class, IMessageBus, IHostedService
    {
        services.AddSingleton<TBus>().AddSingleton<IMessageBus>(provider => provider.GetRequiredService<TBus>());
        services.AddHostedService(provider => provider.GetRequiredService<TBus>());
    }

    private static string? ConnectionString(WebApplicationBuilder builder, string name, string why) =>
        builder.Configuration.GetConnectionString(name) is { Length: > 0 } text ? text
            : builder.Environment.IsDevelopment() ? null
            : throw new InvalidOperationException($"ConnectionStrings:{name} is missing: outside Development {why}.");

    private static T Understood<T>(string name, string text, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is MongoException or FormatException or ArgumentException)
        {
            throw new InvalidOperationException($"ConnectionStrings:{name} is not a connection string of {name}: {e.Message}", e);
        }
    }

    private static string Prefix(WebApplicationBuilder builder, string section, string otherwise) =>
        builder.Configuration[section + ":Prefix"] is { Length: > 0 } prefix ? prefix : otherwise;

    private sealed class DocumentsHealth(IDocumentDatabase database) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            !await database.AnswersAsync(cancellationToken) ? HealthCheckResult.Unhealthy("The document store does not answer.")
            : database.MissingIndexes is { Count: > 0 } missing ? HealthCheckResult.Degraded(string.Join(' ', missing))
            : HealthCheckResult.Healthy();
    }

    private sealed class BucketHealth(BlobBucket bucket) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            await bucket.OutageAsync(cancellationToken) is { } why
                ? HealthCheckResult.Degraded($"The bucket does not answer, and files can't be stored or read. {why}")
                : HealthCheckResult.Healthy();
    }

    private sealed class RedisHealth(RedisLink redis) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(redis.IsUp
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded("Redis does not answer: limits are local, caches are passed by, live updates wait."));
    }
}
