using System.Text.Json.Serialization;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Platform;
using Itsm.Platform.Access;
using Itsm.Platform.Caching;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Messaging;
using Itsm.Platform.Replicas;
using Itsm.Platform.Telemetry;
using Itsm.Platform.Values;
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
using Microsoft.Extensions.Options;

namespace Itsm.Platform.Hosting;

/// <summary>Hosts modules as one web application on one bus: alone in production, together on a developer's machine.</summary>
public static class ServiceHost
{
    private static readonly TimeSpan SpareToEnd = TimeSpan.FromSeconds(30);

    /// <summary>Runs one module alone until the process is told to stop.</summary>
    /// <returns>Exit code: 0; 1 where a setting is missing, which the error stream names, or where a part stood still that could not be
    /// restarted.</returns>
    public static Task<int> RunAsync(string[] args, IServiceModule module) => RunAsync(() => Build(args, [module]));

    /// <summary>Runs a web application until the process is told to stop.</summary>
    /// <returns>Exit code: 0; 1 where a setting is missing, which the error stream names, or where a part stood still that could not be
    /// restarted.</returns>
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

        if (app.Configuration.GetValue<bool>("Host:EndsWithInput"))
        {
            // Whoever started this process holds its input open: where that one is gone, nobody would ever stop this one.
            _ = Task.Run(async () =>
            {
                await Console.In.ReadToEndAsync();
                app.Lifetime.StopApplication();
            });
        }

        app.Lifetime.ApplicationStopping.Register(() =>
        {
            if (Environment.ExitCode != 0)
            {
                // What stands still may keep the process from ending by itself.
                var longest = app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout + SpareToEnd;
                _ = Task.Delay(longest, TimeProvider.System).ContinueWith(_ => Environment.Exit(1), TaskScheduler.Default);
            }
        });
        await app.RunAsync();
        return Environment.ExitCode;
    }

    /// <summary>A web application with these modules.</summary>
    /// <exception cref="InvalidOperationException">A setting is missing; the message says which.</exception>
    public static WebApplication Build(
        string[] args, IReadOnlyList<IServiceModule> modules, Action<WebApplicationBuilder>? configure = null)
    {
        BsonMapping.Use();
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => (kestrel.AddServerHeader, kestrel.Limits.MaxRequestBodySize) = (false, JsonBody.Most));
        configure?.Invoke(builder);
        builder.AddLogs();
        builder.AddDraining();

        var host = modules.Count == 1 ? modules[0].Name : "suite";
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        builder.AddTokenAuthentication();
        builder.AddItsmTelemetry(modules.Count == 1 ? host : "itsm");
        AddHttp(services);
        builder.AddLanguages();
        builder.AddDocuments(host, modules.Select(module => module.Name).Append(host).Distinct());
        builder.AddSharedCache(host);

        var subscriptions = new SubscriptionList();
        var permissions = new PermissionList();
        permissions.Add(AuditAnchors.Permissions);
        services.AddSingleton(permissions).AddSingleton(new SharedRoutes(Me.Map));
        AddPeople(services, host, subscriptions);
        services.AddSingleton<OwnRequests>();
        foreach (var module in modules)
        {
            module.AddServices(new ServiceBuilder(module.Name, services, subscriptions, permissions));
        }

        subscriptions.Add<MessageRetryRequested, RetryMessage>(host);
        services.AddTransient<RetryMessage>();
        builder.AddBus(host, subscriptions);
        builder.AddAuditSeals();
        services.AddHostedService<ReplicaStart>();

        var app = builder.Build();
        foreach (var start in app.Services.GetServices<IStartUp>())
        {
            start.Run();
        }

        Configure(app, modules);
        app.Services.GetRequiredService<OwnRequests>().Pipeline = Inner(app);
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
            json.Converters.Add(new DurationJsonConverter(isShown: true));
            json.Converters.Add(new EnumNameConverter());
            json.Converters.Add(new AnyJsonConverter());
        });
        services.AddServiceOpenApi();
        services.AddRouting();
    }

    private static void AddPeople(IServiceCollection services, string host, SubscriptionList subscriptions)
    {
        AddReplica<PersonChanged>(services, host, subscriptions, People.PersonIndexes, People.TouchedBy);
        AddReplica<GroupChanged>(services, host, subscriptions, People.GroupIndexes, People.TouchedBy);
        AddReplica<RoleChanged>(services, host, subscriptions, People.RoleIndexes);
        services.AddSingleton(provider => new People(
            provider.GetRequiredService<Replica<PersonChanged>>(), provider.GetRequiredService<Replica<GroupChanged>>(),
            provider.GetRequiredService<Replica<RoleChanged>>(), provider.GetRequiredService<PermissionList>(),
            provider.GetRequiredService<SharedCache>(), provider.GetRequiredService<IMessageBus>(),
            provider.GetRequiredService<TimeProvider>())
        {
            Claim = provider.GetRequiredService<IConfiguration>()["Authentication:PersonClaim"] ?? People.DefaultClaim,
        });
    }

    internal static void AddReplica<TMessage>(
        IServiceCollection services, string service, SubscriptionList subscriptions, IReadOnlyList<IndexDefinition> indexes,
        Func<TMessage?, TMessage, IEnumerable<string>>? touches = null)
        where TMessage : class, Contracts.IEntityChanged
    {
        services.AddSingleton(provider => new Replica<TMessage>(
            provider.GetRequiredKeyedService<IDocumentDatabase>(service), service, provider.GetRequiredService<IMessageBus>(),
            provider.GetRequiredService<SharedCache>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Replica<TMessage>>>(), indexes) { Touches = touches });
        services.AddSingleton<ICopy>(provider => provider.GetRequiredService<Replica<TMessage>>());
        subscriptions.Add<TMessage, Replica<TMessage>>(service);
        CopyQueues.Add(subscriptions, service);
    }

    private static void Configure(WebApplication app, IReadOnlyList<IServiceModule> modules)
    {
        app.UseDraining();
        app.UseProblems();
        app.UseRouting();
        app.UseServiceSpans();
        app.UseAuthentication();
        UseChecks(app, app.Services);
        app.Use((context, next) =>
        {
            if (context.GetEndpoint()?.Metadata.GetMetadata<ApiRoute>() is not null)
            {
                context.Response.Headers.CacheControl = "no-store";
            }

            return next(context);
        });
        var api = app.MapGroup("/api/v1").RequireAuthorization().WithMetadata(new ApiRoute())
            .WithMetadata(new ProducesResponseTypeMetadata(
                StatusCodes.Status500InternalServerError, typeof(ProblemDetails), [ProblemDetails.MediaType]))
            .AddEndpointFilter(RequestValidation.FilterAsync).AnswersHead();
        foreach (var module in modules)
        {
            module.MapEndpoints(api.MapGroup("").WithService(module.Name));
        }

        AuditAnchors.Map(api);
        var shared = api.MapGroup(SharedRoutes.Path).WithTags("Me");
        foreach (var routes in app.Services.GetServices<SharedRoutes>())
        {
            routes.Map(shared);
        }

        LabelRoutes.Map(api);
        app.MapOpenApi("/openapi/v1.json").AllowAnonymous();
        app.MapHealthChecks("/health", new() { ResponseWriter = WriteHealthAsync }).AllowAnonymous();
        app.MapHealthChecks("/ready", new()
        {
            Predicate = check => check.Tags.Contains(EngineSetup.Ready), ResponseWriter = WriteHealthAsync,
            ResultStatusCodes = { [HealthStatus.Degraded] = StatusCodes.Status503ServiceUnavailable },
        }).AllowAnonymous();
        app.MapHealthChecks("/alive", new() { Predicate = _ => false }).AllowAnonymous();
    }

    /// <summary>What stands before every route, whoever sends the request.</summary>
    private static void UseChecks(IApplicationBuilder app, IServiceProvider services)
    {
        app.UseAuthorization();
        app.UseCallers(services.GetRequiredService<People>());
        app.UseStrictQuery();
        app.UseJsonBodies();
        app.Use(async (context, next) =>
        {
            await IdempotencyKey.ReadAsync(context);
            await next(context);
        });
    }

    /// <summary>What this process's requests to itself go through.</summary>
    private static RequestDelegate Inner(WebApplication app)
    {
        var inner = ((IApplicationBuilder)app).New();
        inner.UseProblems();
        inner.UseRouting();
        UseChecks(inner, app.Services);
        inner.UseEndpoints(routes =>
        {
            foreach (var source in ((IEndpointRouteBuilder)app).DataSources)
            {
                routes.DataSources.Add(source);
            }
        });
        return inner.Build();
    }

    /// <summary>Says which engine does not answer, not only that one does not.</summary>
    private static Task WriteHealthAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(new
    {
        status = report.Status.ToString(),
        checks = report.Entries.ToDictionary(entry => entry.Key, entry =>
            new { status = entry.Value.Status.ToString(), entry.Value.Description }),
    });
}

/// <summary>Has copies compared with what the owners have: when this service's own queues are there to take the answer, again, ever more
/// seldom, while there is none, since the owner may start later, and once a day.</summary>
internal sealed class ReplicaStart(IEnumerable<ICopy> copies, IMessageBus bus, TimeProvider clock, ILogger<ReplicaStart> log)
    : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LeastBetween = TimeSpan.FromHours(21);
    private static readonly TimeSpan Spread = TimeSpan.FromHours(6);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(copies.Select(async copy =>
    {
        for (var pause = FirstPause; !stoppingToken.IsCancellationRequested; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await bus.ReadyAsync(stoppingToken);
                await copy.AskAsync(stoppingToken);
                await Task.Delay(pause, clock, stoppingToken);
                if (await copy.IsAnsweredAsync(stoppingToken))
                {
                    await Task.Delay(LeastBetween + (Random.Shared.NextDouble() * Spread), clock, stoppingToken);
                    pause = FirstPause / 2;
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning("A copy of {Message} could not be compared yet: {Reason}", copy.Message, e.Message);
                await Task.Delay(pause, clock, stoppingToken);
            }
        }
    }));
}
