using Itsm.Ticketing;
using static Itsm.Assets.Domain.AssetState;

namespace Itsm.Assets.Domain;

/// <summary>Where an asset stands.</summary>
public enum AssetState
{
    /// <summary>Bought, and not here yet.</summary>
    Ordered,

    /// <summary>Here, and nobody's.</summary>
    InStock,

    /// <summary>Somebody has it: a person, a site, or another asset.</summary>
    Deployed,

    /// <summary>Being repaired; whoever had it gets it back.</summary>
    InMaintenance,

    /// <summary>Nobody knows where it is.</summary>
    Missing,

    /// <summary>Taken by somebody who should not have it.</summary>
    Stolen,

    /// <summary>Not used any more.</summary>
    Retired,

    /// <summary>Sold, given away or destroyed.</summary>
    Disposed,
}

/// <summary>The life cycle of assets. What is not here is refused.</summary>
internal static class AssetLifeCycle
{
    public const string Receive = "receive";
    public const string CheckOut = "check-out";
    public const string CheckIn = "check-in";
    public const string SendToMaintenance = "send-to-maintenance";
    public const string ReturnFromMaintenance = "return-from-maintenance";
    public const string ReportMissing = "report-missing";
    public const string ReportStolen = "report-stolen";
    public const string Find = "find";
    public const string Retire = "retire";
    public const string Dispose = "dispose";

    /// <summary>The moves; what returns from maintenance while nobody has it is in stock.</summary>
    public static LifeCycle<AssetState> Table { get; } = new("asset",
        new(Receive, AssetPermissions.Manage, [Ordered], InStock) { Summary = "Says that an ordered asset has come" },
        new(CheckOut, AssetPermissions.Manage, [InStock], Deployed),
        new(CheckIn, AssetPermissions.Manage, [Deployed, InMaintenance], InStock),
        new(SendToMaintenance, AssetPermissions.Manage, [InStock, Deployed], InMaintenance)
        {
            Summary = "Sends an asset to be repaired; who has it keeps it", NeedsReason = true,
        },
        new(ReturnFromMaintenance, AssetPermissions.Manage, [InMaintenance], Deployed)
        {
            Summary = "Says that an asset was repaired: back to who has it, or to stock",
        },
        new(ReportMissing, AssetPermissions.Manage, [InStock, Deployed, InMaintenance], Missing)
        {
            Summary = "Says that nobody knows where an asset is; whoever had it has it no more", NeedsReason = true,
        },
        new(ReportStolen, AssetPermissions.Manage, [InStock, Deployed, InMaintenance, Missing], Stolen)
        {
            Summary = "Says that an asset was stolen; whoever had it has it no more", NeedsReason = true,
        },
        new(Find, AssetPermissions.Manage, [Missing, Stolen], InStock) { Summary = "Says that a lost asset was found" },
        new(Retire, AssetPermissions.Manage, [Ordered, InStock, InMaintenance, Missing, Stolen], Retired)
        {
            Summary = "Takes an asset out of use for good, or writes off a lost one", NeedsReason = true,
        },
        new(Dispose, AssetPermissions.Manage, [Retired], Disposed)
        {
            Summary = "Says that a retired asset was sold, given away or destroyed", NeedsReason = true,
        });

    /// <summary>The states in which an asset can have others in it.</summary>
    public static IReadOnlyList<AssetState> Holding { get; } = [InStock, Deployed, InMaintenance];
}
