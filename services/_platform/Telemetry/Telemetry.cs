using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MongoDB.Driver;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Itsm.Platform.Telemetry;

/// <summary>Traces, metrics and logs by OTLP, where the environment names a collector (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c>).</summary>
public static class TelemetrySetup
{
    /// <summary>Adds the suite's telemetry under this service name.</summary>
    public static IHostApplicationBuilder AddItsmTelemetry(this IHostApplicationBuilder builder, string name)
    {
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            return builder;
        }

        builder.Logging.AddOpenTelemetry(logging => (logging.IncludeFormattedMessage, logging.IncludeScopes) = (true, true));
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(name, "itsm"))
            .WithTracing(tracing =>
                tracing.AddAspNetCoreInstrumentation().AddHttpClientInstrumentation()
                    .AddSource(Instruments.Name, "MassTransit", "Yarp.ReverseProxy", MongoTelemetry.ActivitySourceName))
            .WithMetrics(metrics =>
                metrics.AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation()
                    .AddMeter(Instruments.Name, "MassTransit"))
            .UseOtlpExporter();
        return builder;
    }
}
