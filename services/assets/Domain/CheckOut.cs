using Itsm.Contracts;

namespace Itsm.Assets.Domain;

/// <summary>Who or what has an asset: a person, a site or another asset.</summary>
internal sealed record AssetHolder(Guid? Person, string? Site, Guid? Asset);

/// <summary>Time that somebody had an asset, once it has ended.</summary>
public sealed record CheckOut
{
    /// <summary>Id of the person who had it.</summary>
    public Guid? Person { get; init; }

    /// <summary>Key of the site that had it.</summary>
    public string? Site { get; init; }

    /// <summary>Id of the asset that had it.</summary>
    public Guid? Asset { get; init; }

    /// <summary>Since when.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Who gave it to them.</summary>
    public Actor? By { get; init; }

    /// <summary>When it was expected back.</summary>
    public DateTimeOffset? ExpectedReturn { get; init; }

    /// <summary>What was written of it then.</summary>
    public string? Note { get; init; }

    /// <summary>What they were asked to accept, and what they said.</summary>
    public Acceptance? Acceptance { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset EndedAt { get; init; }

    /// <summary>Who ended it.</summary>
    public required Actor EndedBy { get; init; }

    /// <summary>By which action: <c>check-in</c>, <c>report-missing</c>, <c>report-stolen</c> or <c>retire</c>.</summary>
    public required string EndedWith { get; init; }

    /// <summary>How it came back.</summary>
    public AssetCondition? Condition { get; init; }

    /// <summary>What was written of it at the end.</summary>
    public string? EndNote { get; init; }
}

/// <summary>What the person who gets an asset is asked to accept, and what they said.</summary>
public sealed record Acceptance
{
    /// <summary>The terms, as they were shown.</summary>
    public required string Text { get; init; }

    /// <summary>What they said.</summary>
    public AcceptanceState State { get; init; }

    /// <summary>When they were asked.</summary>
    public DateTimeOffset RequestedAt { get; init; }

    /// <summary>When they accepted.</summary>
    public DateTimeOffset? AcceptedAt { get; init; }

    /// <summary>When they declined.</summary>
    public DateTimeOffset? DeclinedAt { get; init; }

    /// <summary>Who answered.</summary>
    public Actor? By { get; init; }

    /// <summary>Why they declined.</summary>
    public string? Reason { get; init; }
}

/// <summary>What somebody said to the terms of what they got.</summary>
public enum AcceptanceState
{
    /// <summary>Nothing yet.</summary>
    Requested,

    /// <summary>They agree.</summary>
    Accepted,

    /// <summary>They don't.</summary>
    Declined,
}

/// <summary>How an asset came back.</summary>
public enum AssetCondition
{
    /// <summary>As new.</summary>
    New,

    /// <summary>Used, and in order.</summary>
    Good,

    /// <summary>Works, and shows its age.</summary>
    Worn,

    /// <summary>Does not work as it should.</summary>
    Damaged,

    /// <summary>Beyond repair.</summary>
    Broken,
}

/// <summary>An asset is in this one, or about to be put into it.</summary>
/// <param name="Id">Of the claim.</param>
/// <param name="Asset">The one inside.</param>
/// <param name="AssetVersion">Its version before it was put here.</param>
/// <param name="At">When.</param>
public sealed record HoldClaim(Guid Id, Guid Asset, long AssetVersion, DateTimeOffset At)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>False once the other one is elsewhere, or whoever wanted to put it here has died.</summary>
    internal bool IsAlive(Asset holder, Asset? inside, DateTimeOffset now) => inside is not null
        && (inside.HolderAsset == holder.Id || (inside.Version == AssetVersion && At + Patience > now));
}
