namespace Itsm.Contracts.Requests;

/// <summary>The last working moment of a leaver has come: their access is to end.</summary>
/// <remarks>Published by: requests. Consumed by: directory.</remarks>
public sealed record PersonDeactivationRequested
{
    /// <summary>Id of the person.</summary>
    public required Guid Person { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Who asks.</summary>
    public required Actor By { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
