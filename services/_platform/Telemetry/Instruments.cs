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
}
