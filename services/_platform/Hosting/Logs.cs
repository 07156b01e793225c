using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Hosting;

/// <summary>What goes to the console.</summary>
public static class Logs
{
    private static readonly string[] QuietBelowWarnings = ["Microsoft.AspNetCore", "MassTransit", "Yarp", "System.Net.Http", "Polly"];

    /// <summary>In a container, or with <c>Logging:Console:FormatterName</c> <c>json</c>, one JSON object a line, with time in UTC and,
    /// among its scopes, the trace id. What libraries tell of each single step is left out.</summary>
    public static void AddLogs(this WebApplicationBuilder builder)
    {
        var format = builder.Configuration["Logging:Console:FormatterName"];
        if (format == "json" || (format is null && builder.Configuration.GetValue<bool>("RUNNING_IN_CONTAINER")))
        {
            builder.Logging.AddJsonConsole(json => (json.IncludeScopes, json.UseUtcTimestamp, json.TimestampFormat) =
                (true, true, "yyyy-MM-ddTHH:mm:ss.fffZ"));
        }

        // A filter of the code would win over one of the settings.
        foreach (var category in QuietBelowWarnings.Where(one => builder.Configuration[$"Logging:LogLevel:{one}"] is null))
        {
            builder.Logging.AddFilter(category, LogLevel.Warning);
        }
    }
}
