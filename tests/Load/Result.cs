namespace Itsm.Load;

/// <summary>What a row came to.</summary>
internal sealed record Result
{
    public required string Name { get; init; }

    /// <summary>Operations a second asked for; 0 where none are.</summary>
    public double Target { get; init; }

    public bool IsList { get; init; }

    /// <summary>The size: what the row was measured at.</summary>
    public required int Size { get; init; }

    /// <summary>Incidents when it began.</summary>
    public required int From { get; init; }

    /// <summary>Incidents when it ended.</summary>
    public required int To { get; init; }

    /// <summary>Items of the list.</summary>
    public int? Items { get; init; }

    public required double Rate { get; init; }

    /// <summary>Milliseconds of a request.</summary>
    public required (double P50, double P95, double P99, double Max) Latency { get; init; }

    public required long Errors { get; init; }

    /// <summary>Bytes of the answers' bodies, an operation.</summary>
    public required double Bytes { get; init; }

    /// <summary>Processors that the suite kept busy.</summary>
    public required double SuiteCpu { get; init; }

    /// <summary>Processors that this program kept busy.</summary>
    public required double LoadCpu { get; init; }
}
