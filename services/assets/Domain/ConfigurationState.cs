using Itsm.Ticketing;
using static Itsm.Assets.Domain.ConfigurationState;

namespace Itsm.Assets.Domain;

/// <summary>Where a configuration item stands.</summary>
public enum ConfigurationState
{
    /// <summary>It is to be.</summary>
    Planned,

    /// <summary>It is used.</summary>
    InUse,

    /// <summary>It is worked on.</summary>
    InMaintenance,

    /// <summary>It is there no more.</summary>
    Retired,
}

/// <summary>The life cycle of configuration items.</summary>
internal static class ConfigurationLifeCycle
{
    public static readonly LifeCycle<ConfigurationState> Table = new("configuration item",
        new("put-in-use", Permissions.EditItems, [Planned], InUse) { Summary = "Puts a planned configuration item in use" },
        new("begin-maintenance", Permissions.EditItems, [InUse], InMaintenance) { Summary = "Says that a configuration item is worked on" },
        new("end-maintenance", Permissions.EditItems, [InMaintenance], InUse) { Summary = "Says that the work on it is done" },
        new("retire", Permissions.EditItems, [Planned, InUse, InMaintenance], Retired)
        {
            Summary = "Retires a configuration item: nothing depends on it any more", NeedsReason = true,
        },
        new("reinstate", Permissions.EditItems, [Retired], InUse)
        {
            Summary = "Takes back that a configuration item was retired", NeedsReason = true,
        });
}
