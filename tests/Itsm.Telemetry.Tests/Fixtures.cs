using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;

namespace Itsm.Telemetry.Tests;

/// <summary>A provider hears all spans of its process: one suite, and tests one after another.</summary>
[CollectionDefinition(Name)]
public sealed class Observed : ICollectionFixture<ObservedSuite>
{
    public const string Name = "Observed";
}

/// <summary>The suite in one process, with a collector for its spans and a port for its metrics.</summary>
public sealed class ObservedSuite : RunningSuite
{
    private SpanCollector? _collector;

    /// <summary>Where <c>/metrics</c> answers.</summary>
    public int MetricsPort { get; } = FreePort();

    public override async ValueTask InitializeAsync()
    {
        _collector = await SpanCollector.StartAsync();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_collector is not null)
        {
            await _collector.DisposeAsync();
        }
    }

    /// <summary>All spans that have ended until now.</summary>
    public IReadOnlyCollection<SpanCollector.Span> Spans()
    {
        Assert.True(Modules.GetRequiredService<TracerProvider>().ForceFlush());
        return _collector!.Spans;
    }

    /// <summary>Does something as a client whose own trace is recorded.</summary>
    /// <returns>The trace.</returns>
    public static async Task<string> TracedAsync(Func<Task> client)
    {
        using var span = new Activity("client") { ActivityTraceFlags = ActivityTraceFlags.Recorded };
        span.Start();
        await client();
        return span.TraceId.ToString();
    }

    /// <summary>What <c>/metrics</c> says, a line each.</summary>
    public async Task<IReadOnlyList<string>> ScrapeAsync()
    {
        using var client = new HttpClient();
        return (await client.GetStringAsync($"http://127.0.0.1:{MetricsPort}/metrics")).Split('\n');
    }

    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] = _collector!.Endpoint;
        builder.Configuration["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        builder.Configuration["Metrics:Port"] = MetricsPort.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
