using System.ComponentModel.DataAnnotations;
using Itsm.Contracts;
using Itsm.Platform.Aggregates;

namespace Itsm.Assets.Domain;

/// <summary>What a device has installed and which patches it misses, as it was last reported. Its id is the asset's.</summary>
public sealed class DeviceSoftware : Aggregate
{
    private const int MostInstallations = 1_000;

    /// <summary>The asset's number.</summary>
    public required string Number { get; init; }

    /// <summary>The asset's name at the first report.</summary>
    public required string Name { get; init; }

    /// <summary>The person who had it at the last report.</summary>
    public Guid? Holder { get; private set; }

    /// <summary>What told it.</summary>
    public string Source { get; private set; } = "";

    /// <summary>When it was so.</summary>
    public DateTimeOffset SeenAt { get; private set; }

    /// <summary>When it was told.</summary>
    public DateTimeOffset ReportedAt { get; private set; }

    /// <summary>Who told it.</summary>
    public Actor? ReportedBy { get; private set; }

    /// <summary>What is installed.</summary>
    [AtMost(MostInstallations)]
    public IReadOnlyList<InstalledSoftware> Installations { get; private set; } = [];

    /// <summary>Which patches are missing.</summary>
    [AtMost(500)]
    public IReadOnlyList<MissingPatch> MissingPatches { get; private set; } = [];

    /// <summary>The severity of the worst of them; null where none is missing.</summary>
    public PatchSeverity? WorstSeverity { get; private set; }

    /// <summary>The products that are installed.</summary>
    [AtMost(MostInstallations), Hidden]
    public IReadOnlyList<Guid> Products { get; private set; } = [];

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<DeviceSoftware> Definition { get; } = new("device-software", null,
        new("products", "number") { Serves = "installations of a product" },
        new("worstSeverity", "number") { Sparse = true, Serves = "missing patches" })
    {
        Noun = "software report", HasHistory = false,
    };

    internal static DeviceSoftware Of(Asset asset) =>
        new() { Id = asset.Id, Number = asset.Number, Name = asset.Name, Readers = Asset.Staff };

    /// <summary>Takes what is told of it now; a list that is not told stays as it was.</summary>
    internal void Report(SoftwareReport report, Guid? holder, AuditContext audit)
    {
        (Holder, Source, SeenAt, ReportedAt, ReportedBy) = (holder, report.Source, report.SeenAt, audit.At, audit.By);
        Installations = report.Installations ?? Installations;
        MissingPatches = report.MissingPatches ?? MissingPatches;
        Products = [.. Installations.Select(one => one.Product).OfType<Guid>().Distinct()];
        WorstSeverity = MissingPatches.Count == 0 ? null : MissingPatches.Max(one => one.Severity);
    }

    /// <summary>The device is not used any more: what it has does not count until it is reported again.</summary>
    internal void Withdraw() => (Products, WorstSeverity) = ([], null);
}

/// <summary>What is told of a device's software.</summary>
internal sealed record SoftwareReport(
    string Source, DateTimeOffset SeenAt, IReadOnlyList<InstalledSoftware>? Installations, IReadOnlyList<MissingPatch>? MissingPatches);

/// <summary>Software on a device.</summary>
/// <param name="Product">The product; null where none of this name and publisher was known at the report.</param>
/// <param name="Name">Its name then.</param>
/// <param name="Publisher">Its publisher then.</param>
/// <param name="Version">Which version.</param>
/// <param name="LastUsedAt">When it was last used there; null where that is not known.</param>
public sealed record InstalledSoftware(Guid? Product, string Name, string Publisher, string? Version, DateTimeOffset? LastUsedAt);

/// <summary>A patch that a device misses.</summary>
public sealed record MissingPatch
{
    /// <summary>As its publisher calls it.</summary>
    [Required, StringLength(100, MinimumLength = 1)]
    public required string Id { get; init; }

    /// <summary>How bad it is to miss it.</summary>
    public required PatchSeverity Severity { get; init; }

    /// <summary>What it mends.</summary>
    [StringLength(500, MinimumLength = 1)]
    public string? Title { get; init; }

    /// <summary>What it is for, as the report calls that.</summary>
    [StringLength(200, MinimumLength = 1)]
    public string? Product { get; init; }

    /// <summary>The day on which it came out.</summary>
    public DateOnly? PublishedOn { get; init; }
}

/// <summary>How bad it is to miss a patch.</summary>
public enum PatchSeverity
{
    /// <summary>Hardly.</summary>
    Low,

    /// <summary>Under conditions that are rare.</summary>
    Moderate,

    /// <summary>What people keep there is in danger.</summary>
    Important,

    /// <summary>Anybody can take the device over.</summary>
    Critical,
}
