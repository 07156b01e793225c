using Itsm.Platform.Access;
using Itsm.Platform.Caching;
using Itsm.Platform.Errors;
using Itsm.Platform.Hosting;
using Itsm.Platform.Http;
using Itsm.Platform.Telemetry;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Scalar.AspNetCore;
using Yarp.ReverseProxy.Transforms;

namespace Itsm.Gateway;

/// <summary>The one door to the services: authentication, limits, headers, one contract.</summary>
public static class GatewayHost
{
    // As long as browsers keep it at most.
    private static readonly TimeSpan PreflightKept = TimeSpan.FromHours(2);

    private static readonly string[] ForgedHeaders = ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix",
        "Forwarded", "X-Real-IP"];

    /// <summary>The gateway as a web application.</summary>
    /// <exception cref="InvalidOperationException">A setting is missing; the message says which.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.WebHost.UseKestrelHttpsConfiguration();
        configure?.Invoke(builder);
        builder.AddLogs();
        builder.AddDraining();
        builder.AddTokenAuthentication();
        builder.AddItsmTelemetry("gateway");
        builder.AddRedis("gateway");
        builder.AddLanguages();
        var limits = builder.Configuration.GetSection("Limits").Get<LimitSettings>() ?? new LimitSettings();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            HeadLimit.Configure(kestrel.Limits);
        });

        var services = new ServiceAddresses(builder.Configuration);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(services);
        builder.Services.AddHttpClient(MergedOpenApi.Client, client => client.Timeout = TimeSpan.FromSeconds(10));
        builder.Services.AddSingleton<MergedOpenApi>();
        SharedAnswers.Add(builder.Services, limits);
        builder.Services.AddSingleton(provider =>
            new RateLimits(builder.Configuration, provider.GetRequiredService<TimeProvider>(), provider.GetService<RedisLink>()));
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins(builder.Configuration.GetSection("Cors:Origins").Get<string[]>() ?? []).AllowAnyMethod().AllowAnyHeader()
            .SetPreflightMaxAge(PreflightKept)
            .WithExposedHeaders("Content-Disposition", "ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After",
                "Idempotent-Replayed")));
        builder.Services.AddCompression();
        builder.Services.AddReverseProxy().LoadFromMemory(Routes.All(services), Routes.Clusters(services))
            .ConfigureHttpClient((_, handler) =>
            {
                handler.ConnectTimeout = limits.Connect;

                // New pods get their share as soon as connections end, and none of them is still used when a pod that leaves ends its own.
                handler.PooledConnectionLifetime = limits.Connection;
            })
            .AddTransforms(transforms =>
            {
                transforms.CopyRequestHeaders = true;
                foreach (var forged in ForgedHeaders)
                {
                    transforms.AddRequestHeaderRemove(forged);
                }

                transforms.AddRequestTransform(context =>
                {
                    foreach (var header in context.HttpContext.Request.Headers.Keys.Where(name =>
                        name.StartsWith("X-Itsm-", StringComparison.OrdinalIgnoreCase)))
                    {
                        context.ProxyRequest.Headers.Remove(header);
                    }

                    return ValueTask.CompletedTask;
                });
                transforms.AddResponseTransform(EndedStreams.EndAsync);
            });

        var proxies = builder.Configuration.GetSection("Proxies:Known").Get<string[]>() ?? [];
        var app = builder.Build();
        if (proxies.Length > 0)
        {
            app.UseForwardedHeaders(ForwardedBy(proxies));
        }

        app.UseDraining();
        app.UseSecurityHeaders();
        app.UseResponseCompression();
        app.UseGatewayProblems();
        app.UseHeadLimit();
        app.UseBodyLimit(limits);
        app.UseRouting();
        app.UseCors();
        app.UseAuthentication();
        app.UseRateLimits();
        app.UseAuthorization();
        app.MapReverseProxy(proxy => proxy.Use(async (context, next) =>
        {
            await next(context);
            if (context.GetForwarderErrorFeature() is { } failed && !context.Response.HasStarted)
            {
                await Problems.WriteAsync(context, GatewayProblems.OfForwarding(failed, context));
            }
        }));
        var own = app.MapGroup("").AnswersHead();
        if (services.Distinct.Count > 1)
        {
            foreach (var pattern in SharedAnswers.Patterns)
            {
                own.MapGet(pattern, (SharedAnswers answers, HttpContext context) => answers.WriteAsync(context)).RequireAuthorization();
            }
        }

        own.MapGet("/openapi/v1.json", (MergedOpenApi openApi, HttpContext context) => openApi.WriteAsync(context)).AllowAnonymous();
        own.MapScalarApiReference("/docs", options => options
            .WithTitle("itsm-services").WithOpenApiRoutePattern("/openapi/v1.json").HideDeveloperTools().HideClientButton().DisableAgent()
            .DisableMcp().DisableTelemetry().DisableDefaultFonts()).AllowAnonymous();
        own.MapGet("/", () => Results.Redirect("/docs")).AllowAnonymous();
        own.MapGet("/health", HealthOfAll.WriteAsync).AllowAnonymous();
        own.MapGet("/ready", (IHostApplicationLifetime life) => life.ApplicationStopping.IsCancellationRequested
            ? Results.Text("Stopping", statusCode: StatusCodes.Status503ServiceUnavailable) : Results.Text("Healthy")).AllowAnonymous();
        own.MapGet("/alive", () => "Healthy").AllowAnonymous();
        app.MapDevelopmentRoutes();
        return app;
    }

    /// <summary>Believes the client address that these proxies give, and nobody else.</summary>
    private static ForwardedHeadersOptions ForwardedBy(string[] proxies)
    {
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null,
        };
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        foreach (var proxy in proxies)
        {
            options.KnownIPNetworks.Add(
                System.Net.IPNetwork.TryParse(proxy, out var network) ? network
                : System.Net.IPAddress.TryParse(proxy, out var address) ? new(address, address.GetAddressBytes().Length * 8)
                : throw new InvalidOperationException($"Proxies:Known has {proxy}, which is neither an address nor a network such as "
                    + "10.0.0.0/8."));
        }

        return options;
    }
}

/// <summary>Section <c>Limits</c>.</summary>
public sealed class LimitSettings
{
    /// <summary>Largest request body in bytes; 10 MB by default.</summary>
    public long BodyBytes { get; set; } = 10_000_000;

    /// <summary>Most bytes of a request that brings an attachment, or a part of one; 101 MiB by default, so that a file of 100 MiB comes
    /// at once.</summary>
    public long UploadBytes { get; set; } = 101 * 1024 * 1024;

    /// <summary>How long the gateway waits for a connection to a service; 2 s by default.</summary>
    public TimeSpan Connect { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a connection to a service is used; 5 s by default. Where services drain (<c>Host:Drain</c>), less than
    /// that.</summary>
    public TimeSpan Connection { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a service may take for its part of an answer that several make; 5 s by default. Then the others' goes out
    /// without it.</summary>
    public TimeSpan Part { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a service may be silent; 100 s by default.</summary>
    public TimeSpan Request { get; set; } = TimeSpan.FromSeconds(100);
}
