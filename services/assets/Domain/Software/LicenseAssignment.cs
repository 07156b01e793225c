using Itsm.Contracts;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using MongoDB.Bson;

namespace Itsm.Assets.Domain;

/// <summary>Somebody, or a device, has seats of a license, or had them.</summary>
public sealed class LicenseAssignment : Aggregate
{
    /// <summary>Frees its seats.</summary>
    internal const string ReleaseTimer = "release";

    private static readonly TimeSpan Noticeable = TimeSpan.FromDays(7);

    private static readonly Dictionary<string, IReadOnlyList<BsonValue>> EndedOrNot = new() { ["active"] = [true, false] };

    /// <summary>What those see who have it, and keep no assets.</summary>
    private static readonly HashSet<string> HolderFields =
    [
        "version", "license", "product", "productName", "person", "seats", "assignedAt", "assignedBy", "lastUsedAt", "unusedSince",
        "active", "endedAt", "endedBy",
    ];

    /// <summary>The license.</summary>
    public Guid License { get; private init; }

    /// <summary>The product that the license is for.</summary>
    public Guid Product { get; private init; }

    /// <summary>Its name then.</summary>
    public string ProductName { get; private init; } = "";

    /// <summary>The person who has it.</summary>
    public Guid? Person { get; private init; }

    /// <summary>The device that has it.</summary>
    public Guid? Asset { get; private init; }

    /// <summary>How many processor cores of the device it is for; null where cores do not matter.</summary>
    public int? Cores { get; private init; }

    /// <summary>How many seats it takes.</summary>
    public int Seats { get; private init; }

    /// <summary>When it was assigned.</summary>
    public DateTimeOffset AssignedAt { get; private init; }

    /// <summary>Who assigned it.</summary>
    public required Actor AssignedBy { get; init; }

    /// <summary>When the product was last used there, as far as reports tell; it may be up to a week later.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    /// <summary>Since when it is not used: its last use, or its assignment; null once it has ended.</summary>
    [Unaudited]
    public DateTimeOffset? UnusedSince { get; private set; }

    /// <summary>False once it has ended.</summary>
    [Unaudited]
    public bool Active { get; private set; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Who ended it.</summary>
    public Actor? EndedBy { get; private set; }

    /// <summary>Why.</summary>
    public string? EndReason { get; private set; }

    /// <summary>License and holder, while it has not ended.</summary>
    [Hidden, Unaudited]
    public string? ActiveKey { get; private set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<LicenseAssignment> Definition { get; } = new("license-assignments", null,
        new("readers", "assignedAt"), new("readers", "unusedSince"), new("license", "active", "assignedAt") { Domains = EndedOrNot },
        new("product", "active", "assignedAt") { Domains = EndedOrNot }, new("person", "assignedAt") { Sparse = true },
        new("asset", "assignedAt") { Sparse = true }, new("product", "lastUsedAt") { Serves = "positions of products" },
        new("activeKey") { Unique = true, Serves = "one assignment of a license to a holder" })
    {
        Noun = "license assignment", Shown = (caller, _) => caller.May(AssetPermissions.Read.Name) ? null : HolderFields,
        HistoryReaders = _ => Domain.Asset.Staff,
    };

    /// <param name="license">Of which.</param>
    /// <param name="product">The name of its product.</param>
    /// <param name="holder">Who or what gets it.</param>
    /// <param name="audit">Who assigns it.</param>
    internal static LicenseAssignment Of(License license, string product, SeatHolder holder, AuditContext audit) => new()
    {
        Id = Guid.CreateVersion7(audit.At), License = license.Id, Product = license.Product, ProductName = product,
        Person = holder.Person, Asset = holder.Asset, Cores = holder.Cores, Seats = holder.Cores ?? 1, AssignedAt = audit.At,
        AssignedBy = audit.By,
        Readers = [.. Domain.Asset.Staff, .. holder.Person is { } person ? new[] { ReaderToken.Person(person) } : []],
    };

    /// <summary>Who or what has it.</summary>
    internal Guid Holder => Person ?? Asset!.Value;

    /// <summary>Who or what has it is gone; nothing happens where it has ended.</summary>
    internal void EndWithHolder(AuditContext audit)
    {
        if (EndedAt is null)
        {
            End(null, audit);
        }
    }

    /// <summary>It is over; its seats are freed next.</summary>
    /// <exception cref="RuleViolationException"><c>license-assignment.ended</c>.</exception>
    internal void End(string? reason, AuditContext audit)
    {
        if (WhyEnded is { } why)
        {
            throw new RuleViolationException("license-assignment.ended", why);
        }

        (EndedAt, EndedBy, EndReason) = (audit.At, audit.By, reason);
        SetTimer(ReleaseTimer, audit.At);
    }

    /// <summary>True where a use is new: a week later than what is known, or more.</summary>
    internal bool IsNews(DateTimeOffset use) => EndedAt is null && !(use < LastUsedAt + Noticeable);

    /// <summary>The product was used there.</summary>
    internal void NoteUse(DateTimeOffset at) => LastUsedAt = IsNews(at) ? at : LastUsedAt;

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed)
    {
        Active = EndedAt is null;
        UnusedSince = !Active ? null : LastUsedAt > AssignedAt ? LastUsedAt : AssignedAt;
        ActiveKey = Active ? $"{License}\n{Holder}" : null;
    }

    /// <inheritdoc/>
    protected override IEnumerable<ActionState> Actions(Caller caller) => [new("end", AssetPermissions.Manage.Name, WhyEnded)];

    private Sentence? WhyEnded => EndedAt is null ? null : (Sentence)$"This assignment has ended.";
}

/// <summary>Who or what gets seats: a person, or an asset.</summary>
/// <param name="Person">Id of the person.</param>
/// <param name="Asset">Id of the asset.</param>
/// <param name="Cores">How many cores of the asset count; null where cores do not matter.</param>
internal sealed record SeatHolder(Guid? Person, Guid? Asset, int? Cores);
