using System.Text.Json;
using System.Text.Json.Serialization;
using Itsm.Contracts.Directory;
using Itsm.Platform.Access;
using Itsm.Platform.Documents;
using Itsm.Platform.Documents.Sqlite;
using Itsm.Platform.Http;
using Itsm.Platform.Messaging;
using Itsm.Platform.Replicas;
using Itsm.Platform.Telemetry;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Hosting;

/// <summary>Hosts modules as one web application on one bus: alone in production, together on a developer's machine.</summary>
public static class ServiceHost
{
    /// <summary>Runs one module alone until the process is told to stop.</summary>
    /// <returns>Exit code: 0, or 1 where a setting is missing; the error stream then says which.</returns>
    public static Task<int> RunAsync(string[] args, IServiceModule module) => RunAsync(() => Build(args, [module]));

    /// <summary>Runs a web application until the process is told to stop.</summary>
    /// <returns>Exit code: 0, or 1 where a setting is missing; the error stream then says which.</returns>
    public static async Task<int> RunAsync(Func<WebApplication> build)
    {
        WebApplication app;
        try
        {
            app = build();
        }
        catch (InvalidOperationException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }

        await app.RunAsync();
        return 0;
    }

    /// <summary>A web application with these modules.</summary>
    /// <exception cref="InvalidOperationException">A setting is missing; the message says which.</exception>
    public static WebApplication Build(string[] args, IReadOnlyList<IServiceModule> modules, Action<WebApplicationBuilder>? configure = null)
    {
        BsonMapping.Use();
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("MassTransit", LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        configure?.Invoke(builder);

        var host = modules.Count == 1 ? modules[0].Name : "suite";
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        builder.AddTokenAuthentication();
        builder.AddItsmTelemetry(host);
        AddHttp(services);
        AddDatabases(builder, modules.Select(module => module.Name).Append(host).Distinct());

        var subscriptions = new SubscriptionList();
        var permissions = new PermissionList();
        services.AddSingleton(subscriptions).AddSingleton(permissions);
        AddPeople(services, host, subscriptions);
        foreach (var module in modules)
        {
            module.AddServices(new ServiceBuilder(module.Name, services, subscriptions, permissions));
        }

        AddBus(services, subscriptions);
        services.AddHostedService<ReplicaStart>();

        var app = builder.Build();
        foreach (var start in app.Services.GetServices<IStartUp>())
        {
            start.Run();
        }

        Configure(app, modules);
        return app;
    }

    private static void AddHttp(IServiceCollection services)
    {
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(options =>
        {
            var json = options.SerializerOptions;
            json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.RespectNullableAnnotations = true;
            json.RespectRequiredConstructorParameters = true;
            json.NumberHandling = JsonNumberHandling.Strict;
            json.AllowDuplicateProperties = false;
            json.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            json.Converters.Add(new InstantJsonConverter());
            json.Converters.Add(new DurationJsonConverter());
            json.Converters.Add(new EnumNameConverter());
        });
        services.AddServiceOpenApi();
        services.AddRouting();
    }

    private static void AddDatabases(WebApplicationBuilder builder, IEnumerable<string> names)
    {
        if (!builder.Environment.IsDevelopment())
        {
            throw new InvalidOperationException(builder.Configuration.GetConnectionString("mongodb") is null
                ? "ConnectionStrings:mongodb is missing: outside Development a service stores in MongoDB."
                : "ConnectionStrings:mongodb is set, but this build has no MongoDB adapter; it stores in SQLite, in Development only.");
        }

        var folder = builder.Configuration["Storage:Path"] ?? ".itsm";
        Directory.CreateDirectory(folder);
        foreach (var name in names)
        {
            builder.Services.AddKeyedSingleton<IDocumentDatabase>(name, (provider, _) =>
                new SqliteDatabase(Path.Combine(folder, name + ".db"), provider.GetRequiredService<ILogger<SqliteDatabase>>()));
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                "documents-" + name, provider => new DatabaseHealth(provider.GetRequiredKeyedService<IDocumentDatabase>(name)), null, null));
        }
    }

    private static void AddPeople(IServiceCollection services, string host, SubscriptionList subscriptions)
    {
        AddReplica<PersonChanged>(services, host, subscriptions, People.PersonIndexes);
        AddReplica<GroupChanged>(services, host, subscriptions, People.GroupIndexes);
        AddReplica<RoleChanged>(services, host, subscriptions, People.RoleIndexes);
        services.AddSingleton(provider => new People(
            provider.GetRequiredService<Replica<PersonChanged>>(), provider.GetRequiredService<Replica<GroupChanged>>(),
            provider.GetRequiredService<Replica<RoleChanged>>(), provider.GetRequiredService<PermissionList>()));
    }

    private static void AddReplica<TMessage>(IServiceCollection services, string host, SubscriptionList subscriptions, IReadOnlyList<IndexDefinition> indexes)
        where TMessage : class, Contracts.IEntityChanged
    {
        services.AddSingleton(provider => new Replica<TMessage>(
            provider.GetRequiredKeyedService<IDocumentDatabase>(host), host, provider.GetRequiredService<IMessageBus>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Replica<TMessage>>>(), indexes));
        services.AddSingleton<IReplica>(provider => provider.GetRequiredService<Replica<TMessage>>());
        subscriptions.Add<TMessage, Replica<TMessage>>(host);
    }

    private static void AddBus(IServiceCollection services, SubscriptionList subscriptions)
    {
        services.AddSingleton<EmbeddedBus>();
        services.AddSingleton<IMessageBus>(provider => provider.GetRequiredService<EmbeddedBus>());
        services.AddMassTransit(bus =>
        {
            subscriptions.Register(bus);
            bus.UsingInMemory((context, factory) =>
            {
                factory.ConfigureJsonSerializerOptions(options =>
                {
                    foreach (var converter in MessageJson.Options.Converters)
                    {
                        options.Converters.Add(converter);
                    }

                    return options;
                });
                subscriptions.Connect(factory, context);
            });
        });
    }

    private static void Configure(WebApplication app, IReadOnlyList<IServiceModule> modules)
    {
        app.UseProblems();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseCallers(app.Services.GetRequiredService<People>(), app.Configuration["Authentication:PersonClaim"] ?? "preferred_username");
        app.UseStrictQuery();
        app.Use(async (context, next) =>
        {
            await IdempotencyKey.ReadAsync(context);
            await next(context);
        });

        var api = app.MapGroup("/api/v1").RequireAuthorization().WithMetadata(new ApiRoute()).AddEndpointFilter(RequestValidation.FilterAsync);
        foreach (var module in modules)
        {
            module.MapEndpoints(api);
        }

        app.MapOpenApi("/openapi/v1.json").AllowAnonymous();
        app.MapHealthChecks("/health").AllowAnonymous();
        app.MapHealthChecks("/alive", new() { Predicate = _ => false }).AllowAnonymous();
    }

    private sealed class DatabaseHealth(IDocumentDatabase database) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            await database.AnswersAsync(cancellationToken) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The document store does not answer.");
    }
}

/// <summary>Fills new replicas once the bus is up; tries again until the owner has answered.</summary>
internal sealed class ReplicaStart(IEnumerable<IReplica> replicas, TimeProvider clock, ILogger<ReplicaStart> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(replicas.Select(async replica =>
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await replica.AskForReplayIfEmptyAsync(stoppingToken);
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.LogWarning(e, "A replica could not be filled yet.");
                await Task.Delay(Pause, clock, stoppingToken);
            }
        }
    }));
}
