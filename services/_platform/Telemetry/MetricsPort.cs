using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Itsm.Platform.Telemetry;

/// <summary>On a port of its own <c>/metrics</c> answers, in Prometheus' text format, and nothing else does.</summary>
internal sealed class MetricsPort(int port) : IStartupFilter
{
    public const string Path = "/metrics";
    private const string Setting = "Metrics:Port";
    private const string ServerDefault = "http://localhost:5000";

    /// <summary>The port of the settings; null where there is none.</summary>
    /// <exception cref="InvalidOperationException">It is no port.</exception>
    public static int? Of(IConfiguration settings) =>
        settings[Setting] is not { Length: > 0 } text ? null
        : ushort.TryParse(text, CultureInfo.InvariantCulture, out var port) && port > 0 ? port
        : throw new InvalidOperationException($"{Setting} is {text}, which is no port: 1 to 65535.");

    /// <summary>Has the server listen there beside where it is told to: an address added in any other way would take the place of all
    /// those.</summary>
    /// <exception cref="InvalidOperationException">The settings name endpoints of their own.</exception>
    public static void Listen(IConfigurationManager settings, int port)
    {
        if (settings.GetSection("Kestrel:Endpoints").GetChildren().Any())
        {
            throw new InvalidOperationException(
                $"{Setting} does not go with Kestrel:Endpoints, which take the place of all other addresses.");
        }

        string[] told = [.. Split(settings[WebHostDefaults.ServerUrlsKey])];
        if (told.Length == 0)
        {
            told = [.. Split(settings[WebHostDefaults.HttpPortsKey]).Select(one => $"http://*:{one}"),
                .. Split(settings[WebHostDefaults.HttpsPortsKey]).Select(one => $"https://*:{one}")];
        }

        var all = (told.Length > 0 ? told : [ServerDefault]).Append($"http://*:{port.ToString(CultureInfo.InvariantCulture)}");
        settings[WebHostDefaults.ServerUrlsKey] = string.Join(';', all);
        (settings[WebHostDefaults.HttpPortsKey], settings[WebHostDefaults.HttpsPortsKey]) = ("", "");
    }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.MapWhen(context => context.Connection.LocalPort == port, own =>
        {
            own.UseOpenTelemetryPrometheusScrapingEndpoint(Path);
            own.Run(context =>
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            });
        });
        next(app);
    };

    private static string[] Split(string? addresses) =>
        (addresses ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
