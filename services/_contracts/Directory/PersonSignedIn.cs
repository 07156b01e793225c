namespace Itsm.Contracts.Directory;

/// <summary>An account that is bound to nobody has signed in by its user name. May come several times, and from several services.</summary>
/// <remarks>Published by: every service. Consumed by: directory (binds the account to the person).</remarks>
public sealed record PersonSignedIn
{
    /// <summary>Id of the person with that user name.</summary>
    public required Guid Person { get; init; }

    /// <summary>The user name that the token gave, as directory stores it.</summary>
    public required string UserName { get; init; }

    /// <summary>The account.</summary>
    public required ProviderAccount Account { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
