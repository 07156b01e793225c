using Itsm.Contracts;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.Assets.Domain;

/// <summary>An asset, or an unknown tag, in an audit: whether it was expected, and what was found. A document of its own, so that those who
/// scan do not wait for each other.</summary>
public sealed class AuditedAsset : Aggregate
{
    private const string OfAudit = "assets of an audit";

    /// <summary>The audit.</summary>
    public Guid Audit { get; private init; }

    /// <summary>The asset; null for a tag that is unknown.</summary>
    public Guid? Asset { get; private init; }

    /// <summary>The asset's number.</summary>
    public string? Number { get; private init; }

    /// <summary>The asset's name at the start.</summary>
    public string? Name { get; private init; }

    /// <summary>The tag, as it was at the start or as it was scanned.</summary>
    public string? Tag { get; private init; }

    /// <summary>False for what was found and is not in the scope.</summary>
    public bool Expected { get; private init; }

    /// <summary>Key of the site where it should be.</summary>
    public string? ExpectedSite { get; private init; }

    /// <summary>The person who should have it.</summary>
    public Guid? ExpectedHolder { get; private init; }

    /// <summary>What was found.</summary>
    public AuditFinding Finding { get; private set; }

    /// <summary>Key of the site where it was scanned.</summary>
    public string? FoundSite { get; private set; }

    /// <summary>When it was last scanned.</summary>
    public DateTimeOffset? ScannedAt { get; private set; }

    /// <summary>Who scanned it then.</summary>
    public Actor? ScannedBy { get; private set; }

    /// <summary>What they wrote of it.</summary>
    public string? Note { get; private set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<AuditedAsset> Definition { get; } = new("audited-assets", null,
        new("audit", "number") { Serves = OfAudit }, new("audit", "finding", "number") { Serves = OfAudit },
        new("asset", "number") { Sparse = true, Serves = "the last audit of an asset" })
    {
        Noun = "asset of this audit",
    };

    /// <summary>An audit has an asset, or a tag, once.</summary>
    /// <param name="audit">The audit.</param>
    /// <param name="what">Id of the asset, or the tag as it is compared.</param>
    internal static Guid IdOf(Guid audit, string what) => DerivedId.From("audited-asset", audit.ToString(), what);

    /// <summary>One that is expected.</summary>
    internal static AuditedAsset Of(AssetAudit round, Asset asset) => Of(round, asset, asset.Tag, expected: true);

    /// <summary>One that nobody expected: an asset out of scope, or a tag that is unknown.</summary>
    internal static AuditedAsset Unexpected(AssetAudit round, Asset? asset, string tag) => Of(round, asset, tag, expected: false);

    /// <summary>Somebody has it before their eyes.</summary>
    /// <exception cref="RuleViolationException"><c>asset-audit.transition</c> once it counts as missing.</exception>
    internal void Scan(string? site, string? note, AuditContext audit)
    {
        if (Finding == AuditFinding.Missing)
        {
            throw new RuleViolationException("asset-audit.transition", $"{Number} counts as missing: the audit is closed.");
        }

        Finding = Asset is null ? AuditFinding.Unknown
            : Expected && (site is null || ExpectedSite is null || site == ExpectedSite) ? AuditFinding.Found : AuditFinding.WrongPlace;
        (FoundSite, Note, ScannedAt, ScannedBy) = (site, note, audit.At, audit.By);
    }

    /// <summary>The audit is over.</summary>
    internal void EndUnseen() => Finding = Finding == AuditFinding.Expected ? AuditFinding.Missing : Finding;

    private static AuditedAsset Of(AssetAudit round, Asset? asset, string? tag, bool expected) => new()
    {
        Id = IdOf(round.Id, asset?.Id.ToString() ?? AssetDetails.KeyOf(tag) ?? ""), Audit = round.Id, Asset = asset?.Id,
        Number = asset?.Number, Name = asset?.Name, Tag = tag, Expected = expected, ExpectedSite = asset?.Site,
        ExpectedHolder = asset?.Holder, Readers = Domain.Asset.Staff,
    };
}

/// <summary>What an audit found of an asset.</summary>
public enum AuditFinding
{
    /// <summary>Not scanned yet.</summary>
    Expected,

    /// <summary>It is where it should be.</summary>
    Found,

    /// <summary>It is not where it should be.</summary>
    WrongPlace,

    /// <summary>No asset has this tag.</summary>
    Unknown,

    /// <summary>Nobody scanned it before the end.</summary>
    Missing,
}
