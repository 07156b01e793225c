using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MongoDB.Driver;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Itsm.Platform.Telemetry;

/// <summary>Traces, metrics and logs by OTLP, where the environment names a collector (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c>); metrics for
/// Prometheus, where <c>Metrics:Port</c> is set.</summary>
public static class TelemetrySetup
{
    /// <summary>Setting: another host of this process makes the traces and metrics of both. Two providers would each hear all spans, and a
    /// span has one that exports it.</summary>
    public const string LogsOnly = "Telemetry:LogsOnly";

    private const string Gateway = "gateway";
    private static readonly string[] Unwatched = ["/health", "/ready", "/alive", MetricsPort.Path, "/api/v1/stream"];

    /// <summary>Adds the suite's telemetry under this service name.</summary>
    /// <exception cref="InvalidOperationException"><c>Metrics:Port</c> is no port.</exception>
    public static IHostApplicationBuilder AddItsmTelemetry(this IHostApplicationBuilder builder, string name)
    {
        var settings = builder.Configuration;
        var (exports, isAlone) = (settings["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 }, !settings.GetValue<bool>(LogsOnly));
        var port = isAlone ? MetricsPort.Of(settings) : null;
        builder.Services.AddSingleton(new HostName(name));
        if (port is { } listens)
        {
            MetricsPort.Listen(settings, listens);
            builder.Services.AddSingleton<IStartupFilter>(new MetricsPort(listens));
        }

        if (!exports && port is null)
        {
            return builder;
        }

        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource
            .AddService(name, "itsm", serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}")
            .AddEnvironmentVariableDetector());
        if (exports)
        {
            builder.Logging.AddOpenTelemetry(logging =>
            {
                (logging.IncludeFormattedMessage, logging.IncludeScopes) = (true, true);
                logging.AddOtlpExporter();
            });
        }

        if (exports && isAlone)
        {
            telemetry.WithTracing(tracing => AddTraces(tracing, new TraceSampler(settings, isDoor: name == Gateway)));
        }

        if (isAlone)
        {
            telemetry.WithMetrics(metrics => AddMetrics(metrics, exports, port is not null));
        }

        return builder;
    }

    /// <summary>Says whose the routes are, for their spans where services share a process.</summary>
    public static TBuilder WithService<TBuilder>(this TBuilder routes, string service)
        where TBuilder : IEndpointConventionBuilder => routes.WithMetadata(new ServiceOfRoute(service));

    /// <summary>Gives the span of each request to the service that owns its route; comes after routing.</summary>
    public static void UseServiceSpans(this IApplicationBuilder app)
    {
        if (app.ApplicationServices.GetService<TracerProvider>() is not null)
        {
            app.Use((context, next) =>
            {
                if (context.GetEndpoint()?.Metadata.GetMetadata<ServiceOfRoute>() is { } route)
                {
                    Activity.Current?.BelongsTo(route.Service);
                }

                return next(context);
            });
        }
    }

    private static void AddTraces(TracerProviderBuilder tracing, TraceSampler sampler) => tracing
        .AddAspNetCoreInstrumentation(requests =>
        {
            // Requests to all web servers of the process come here.
            requests.Filter = context => context.RequestServices.GetService<HostName>() is not null
                && !Array.Exists(Unwatched, path => context.Request.Path.StartsWithSegments(path));
            requests.EnrichWithHttpRequest = (span, request) =>
                span.BelongsTo(request.HttpContext.RequestServices.GetRequiredService<HostName>().Name);
        })
        .AddHttpClientInstrumentation()
        .AddSource(Instruments.Name, "Yarp.ReverseProxy", MongoTelemetry.ActivitySourceName)
        .SetSampler(sampler)
        .AddProcessor(services =>
        {
            var options = services.GetRequiredService<IOptionsMonitor<OtlpExporterOptions>>().CurrentValue;
            var batches = new BatchExportActivityProcessorOptions();
            return new BatchActivityExportProcessor(new ServiceExporter(() => new OtlpTraceExporter(options)), batches.MaxQueueSize,
                batches.ScheduledDelayMilliseconds, batches.ExporterTimeoutMilliseconds, batches.MaxExportBatchSize);
        });

    private static void AddMetrics(MeterProviderBuilder metrics, bool exports, bool isScraped)
    {
        metrics.AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation().AddMeter(Instruments.Name)
            .SetExemplarFilter(ExemplarFilterType.TraceBased);
        if (exports)
        {
            metrics.AddOtlpExporter();
        }

        if (isScraped)
        {
            metrics.AddPrometheusExporter();
        }
    }

    private sealed record HostName(string Name);

    /// <summary>Whose a route is.</summary>
    internal sealed record ServiceOfRoute(string Service);
}
