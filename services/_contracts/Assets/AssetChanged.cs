namespace Itsm.Contracts.Assets;

/// <summary>An asset as of one version: bought, checked out, checked in, lost, retired.</summary>
/// <remarks>Published by: assets. Consumed by: requests (what a leaver has to give back), search.</remarks>
public sealed record AssetChanged : IEntityChanged
{
    /// <inheritdoc/>
    public required Guid Id { get; init; }

    /// <inheritdoc/>
    public required long Version { get; init; }

    /// <summary>Number shown to people: <c>AST0001042</c>.</summary>
    public required string Number { get; init; }

    /// <summary>As printed on the device; null where nothing is.</summary>
    public string? Tag { get; init; }

    /// <summary>Name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>Of which model; null where unknown.</summary>
    public string? Model { get; init; }

    /// <summary>Who made it; null where unknown.</summary>
    public string? Manufacturer { get; init; }

    /// <summary>As the manufacturer gave it; null where unknown.</summary>
    public string? SerialNumber { get; init; }

    /// <summary><c>ordered</c>, <c>inStock</c>, <c>deployed</c>, <c>inMaintenance</c>, <c>missing</c>, <c>stolen</c>, <c>retired</c> or
    /// <c>disposed</c>.</summary>
    public required string State { get; init; }

    /// <summary>Key of the site where it is; null where unknown.</summary>
    public string? Site { get; init; }

    /// <summary>Id of the person who has it; null for nobody.</summary>
    public Guid? Holder { get; init; }

    /// <summary>Key of the site that has it; null for none.</summary>
    public string? HolderSite { get; init; }

    /// <summary>Id of the asset that has it; null for none.</summary>
    public Guid? HolderAsset { get; init; }

    /// <summary>Since when whoever has it does, UTC; null where nobody has it.</summary>
    public DateTimeOffset? CheckedOutAt { get; init; }

    /// <summary>When it is expected back, UTC; null for no date.</summary>
    public DateTimeOffset? ExpectedReturn { get; init; }

    /// <summary>Since when it is late, UTC; null where it is not.</summary>
    public DateTimeOffset? OverdueSince { get; init; }

    /// <summary>Id of the person who last gave it back, or had it when it was lost; null for nobody.</summary>
    public Guid? LastHolder { get; init; }

    /// <summary>Id of the person who answers for it; null for nobody.</summary>
    public Guid? Owner { get; init; }

    /// <summary>Id of the group that answers for it; null for none.</summary>
    public Guid? OwnerGroup { get; init; }

    /// <summary>Id of the configuration item that it is operated as; null for none.</summary>
    public Guid? ConfigurationItem { get; init; }

    /// <summary>Names of the fields that this version changed; empty where it is said again.</summary>
    public IReadOnlyList<string> Changed { get; init; } = [];

    /// <summary>Who made this version; null where it is said again.</summary>
    public Actor? By { get; init; }

    /// <summary>When this version was made, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Reader tokens: who may see it.</summary>
    public required IReadOnlyList<string> Readers { get; init; }
}
