using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Itsm.Platform.Telemetry;

/// <summary>The suite's own spans and metrics.</summary>
public static class Instruments
{
    /// <summary>Name of source and meter.</summary>
    public const string Name = "Itsm";

    /// <summary>The header of a message that carries the span which published it, as in W3C Trace Context.</summary>
    internal const string TraceHeader = "traceparent";

    private const string Service = "service";

    /// <summary>Spans of relay, timers and handlers.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>Outbox lag, timer lateness and the like.</summary>
    public static Meter Meter { get; } = new(Name);

    /// <summary>How late timers run.</summary>
    public static Histogram<double> TimerLateness { get; } = Meter.CreateHistogram<double>("itsm.timer.lateness", "s",
        "From the due instant of a timer to its run.");

    /// <summary>Documents written and deleted by the embedded store.</summary>
    public static Counter<long> DocumentsWritten { get; } = Meter.CreateCounter<long>("itsm.documents.written", "{document}",
        "Documents inserted, changed and deleted in SQLite.");

    /// <summary>Rows of indexes that the embedded store wrote and deleted for them.</summary>
    public static Counter<long> IndexRowsWritten { get; } = Meter.CreateCounter<long>("itsm.documents.index_rows", "{row}",
        "Index rows inserted and deleted in SQLite.");

    /// <summary>Begins a span of a service; what is begun below it in this process is the same service's.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="kind">Of the span.</param>
    /// <param name="service">Whose.</param>
    /// <param name="parent">The span that it follows, of another process or time; left out for the current one.</param>
    /// <returns>Null where no traces are made.</returns>
    internal static Activity? Begin(string name, ActivityKind kind, string service, ActivityContext parent = default)
    {
        var span = Source.StartActivity(name, kind, parent);
        span?.SetCustomProperty(Service, service);
        return span;
    }

    /// <summary>Says whose a span is that somebody else began.</summary>
    internal static void BelongsTo(this Activity span, string service) => span.SetCustomProperty(Service, service);

    /// <summary>Whose a span is: its own service's or that of the nearest span above it in this process; null where none says.</summary>
    internal static string? ServiceOf(Activity span)
    {
        for (var one = span; one is not null; one = one.Parent)
        {
            if (one.GetCustomProperty(Service) is string service)
            {
                return service;
            }
        }

        return null;
    }

    /// <summary>The span in a <c>traceparent</c>; none where there is none, or it can't be read.</summary>
    internal static ActivityContext Parse(string? trace) =>
        ActivityContext.TryParse(trace, null, isRemote: true, out var context) ? context : default;
}
