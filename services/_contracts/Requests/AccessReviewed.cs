namespace Itsm.Contracts.Requests;

/// <summary>In a recertification campaign somebody's access was confirmed or revoked: by its owner, or by their silence.</summary>
/// <remarks>Published by: requests. Consumed by: requests.</remarks>
public sealed record AccessReviewed
{
    /// <summary>Id of the access grant.</summary>
    public required Guid Grant { get; init; }

    /// <summary>True where it stays; false where it is to end.</summary>
    public required bool Confirmed { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Who decided.</summary>
    public required Actor By { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
