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

    /// <summary>What the suite did for one operation, also after its answer.</summary>
    public required Work Each { get; init; }

    /// <summary>From the last answer until nothing waited to be published any more.</summary>
    public required TimeSpan Backlog { get; init; }

    /// <summary>Processors that this program kept busy.</summary>
    public required double LoadCpu { get; init; }
}

/// <summary>What the suite did.</summary>
/// <param name="Documents">Documents written.</param>
/// <param name="IndexRows">Index rows written.</param>
/// <param name="Deliveries">Messages handled.</param>
/// <param name="Waiting">Saves not published yet.</param>
/// <param name="Allocated">Bytes allocated.</param>
/// <param name="Cpu">Seconds of processor time.</param>
internal sealed record Work(double Documents, double IndexRows, double Deliveries, double Waiting, double Allocated, double Cpu)
{
    public static Work operator -(Work one, Work other) => new(one.Documents - other.Documents, one.IndexRows - other.IndexRows,
        one.Deliveries - other.Deliveries, one.Waiting - other.Waiting, one.Allocated - other.Allocated, one.Cpu - other.Cpu);

    public static Work operator /(Work work, double by) => new(work.Documents / by, work.IndexRows / by, work.Deliveries / by,
        work.Waiting / by, work.Allocated / by, work.Cpu / by);
}
