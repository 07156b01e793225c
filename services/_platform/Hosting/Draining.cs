using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Itsm.Platform.Hosting;

/// <summary>How a process leaves without losing a request. Told to stop, it goes on answering for <c>Host:Drain</c> (nothing by default)
/// while <c>/ready</c> is 503, streams end and each answer asks its client to use another connection; then it stops listening and finishes
/// what is under way within <c>Host:ShutdownTimeout</c> (15 s by default). Whoever sends requests here must learn within the first of them
/// that it leaves.</summary>
public static class Draining
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Adds it, with the check <c>stopping</c>.</summary>
    public static void AddDraining(this WebApplicationBuilder builder)
    {
        var drain = builder.Configuration.GetValue<TimeSpan>("Host:Drain");
        var timeout = builder.Configuration.GetValue<TimeSpan?>("Host:ShutdownTimeout") ?? DefaultTimeout;
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = drain + timeout);
        builder.Services.AddHostedService(_ => new Drain(drain));
        builder.Services.AddHealthChecks().Add(
            new HealthCheckRegistration("stopping", provider => new Stopping(provider.GetRequiredService<IHostApplicationLifetime>()), null,
                [EngineSetup.Ready]));
    }

    /// <summary>Has clients of HTTP/1 leave their connections once the process has been told to stop.</summary>
    public static void UseDraining(this WebApplication app)
    {
        var stopping = app.Lifetime.ApplicationStopping;
        app.Use((context, next) =>
        {
            if (stopping.IsCancellationRequested && !HttpProtocol.IsHttp2(context.Request.Protocol))
            {
                context.Response.Headers.Connection = "close";
            }

            return next(context);
        });
    }

    private sealed class Drain(TimeSpan drain) : IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        // Before anything is stopped, the listener too.
        public Task StoppingAsync(CancellationToken cancellationToken) => Task.Delay(drain, TimeProvider.System, cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Stopping(IHostApplicationLifetime life) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(life.ApplicationStopping.IsCancellationRequested
                ? HealthCheckResult.Unhealthy("The process was told to stop, and takes no new connections.") : HealthCheckResult.Healthy());
    }
}
