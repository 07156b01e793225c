using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Itsm.Platform.Telemetry;

/// <summary>The suite's own spans and metrics.</summary>
public static class Instruments
{
    /// <summary>Name of source and meter.</summary>
    public const string Name = "Itsm";

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
}
