using System.Text.Json;
using Itsm.Contracts;
using Itsm.Contracts.Assets;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Assets.Domain;

/// <summary>A thing of value that the organisation has: what it is, where it is, who has it, and what it is worth.</summary>
public sealed partial class Asset : Aggregate
{
    internal static readonly string[] Staff =
    [
        ReaderToken.Role(KnownRoles.Agent), ReaderToken.Role(KnownRoles.Administrator), ReaderToken.Role(KnownRoles.MajorIncidentManager),
        ReaderToken.Role(KnownRoles.SecurityAnalyst),
    ];

    /// <summary>What those see who have it, or answer for it, and keep no assets.</summary>
    private static readonly HashSet<string> HolderFields =
    [
        "version", "number", "tag", "name", "model", "manufacturer", "serialNumber", "state", "stateSince", "site", "owner", "ownerGroup",
        "holder", "holderSite", "holderAsset", "checkedOutAt", "expectedReturn", "overdue", "overdueSince", "acceptance", "warrantyEndsOn",
    ];

    /// <summary>Number shown to people; works as an id.</summary>
    public required string Number { get; init; }

    /// <summary>As printed on the device; no two are the same, whatever their case and white space.</summary>
    public string? Tag { get; private set; }

    /// <summary>The tag as it is compared.</summary>
    [Hidden, Unaudited]
    public string? TagKey { get; private set; }

    /// <summary>Name shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Of which model.</summary>
    public string? Model { get; private set; }

    /// <summary>Who made it.</summary>
    public string? Manufacturer { get; private set; }

    /// <summary>As the manufacturer gave it; no two of a manufacturer are the same.</summary>
    public string? SerialNumber { get; private set; }

    /// <summary>Manufacturer and serial number as they are compared.</summary>
    [Hidden, Unaudited]
    public string? SerialKey { get; private set; }

    /// <summary>Where it stands; moves by actions only.</summary>
    public AssetState State { get; private set; }

    /// <summary>Since when it stands there.</summary>
    public DateTimeOffset StateSince { get; private set; }

    /// <summary>Key of the site where it is.</summary>
    public string? Site { get; private set; }

    /// <summary>The person who answers for it.</summary>
    public Guid? Owner { get; private set; }

    /// <summary>The group that answers for it.</summary>
    public Guid? OwnerGroup { get; private set; }

    /// <summary>The person who has it.</summary>
    public Guid? Holder { get; private set; }

    /// <summary>Key of the site that has it.</summary>
    public string? HolderSite { get; private set; }

    /// <summary>The asset that has it.</summary>
    public Guid? HolderAsset { get; private set; }

    /// <summary>The person who last gave it back, or had it when it was lost.</summary>
    public Guid? LastHolder { get; private set; }

    /// <summary>Since when whoever has it does.</summary>
    public DateTimeOffset? CheckedOutAt { get; private set; }

    /// <summary>Who gave it to them.</summary>
    public Actor? CheckedOutBy { get; private set; }

    /// <summary>What was written of it then.</summary>
    public string? CheckOutNote { get; private set; }

    /// <summary>When it is expected back.</summary>
    public DateTimeOffset? ExpectedReturn { get; private set; }

    /// <summary>True where it is late.</summary>
    [Unaudited]
    public bool Overdue { get; private set; }

    /// <summary>Since when it is late.</summary>
    public DateTimeOffset? OverdueSince { get; private set; }

    /// <summary>What whoever has it was asked to accept, and what they said.</summary>
    public Acceptance? Acceptance { get; private set; }

    /// <summary>Who had it before, oldest first: the last 50 times; earlier ones are in the history.</summary>
    [AtMost(MostCheckOuts), UnusedByActions, ShownToSome]
    public IReadOnlyList<CheckOut> CheckOuts { get; private set; } = [];

    /// <summary>Assets that are in this one, or about to be.</summary>
    [AtMost(1_000), Hidden, UnusedByActions]
    public IReadOnlyList<HoldClaim> Claims { get; private set; } = [];

    /// <summary>The check-out of a kit for which it is reserved; null for none.</summary>
    [Hidden]
    public Guid? ReservedBy { get; private set; }

    /// <summary>Who sold it.</summary>
    public string? Supplier { get; private set; }

    /// <summary>What it cost.</summary>
    public Cost? Cost { get; private set; }

    /// <summary>The day of its purchase.</summary>
    public DateOnly? PurchasedOn { get; private set; }

    /// <summary>The last day of its warranty.</summary>
    public DateOnly? WarrantyEndsOn { get; private set; }

    /// <summary>Months over which it loses its value.</summary>
    public int? UsefulLife { get; private set; }

    /// <summary>What it is worth after that, in the minor unit of the cost's currency.</summary>
    public long? SalvageValue { get; private set; }

    /// <summary>What else there is to know.</summary>
    [UnusedByActions]
    public string? Notes { get; private set; }

    /// <summary>Id of the configuration item that it is operated as.</summary>
    public Guid? ConfigurationItem { get; private set; }

    /// <summary>When it was entered.</summary>
    [ShownToSome]
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>When it was last changed.</summary>
    [ShownToSome, Unaudited]
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<Asset> Definition { get; } = new("assets", "number",
        new("readers", "number"), new("readers", "updatedAt"), new("readers", "tagKey"), new("readers", "warrantyEndsOn"),
        new("state", "number"), new("holder", "number") { Sparse = true }, new("holderSite", "number") { Sparse = true },
        new("holderAsset", "number") { Sparse = true }, new("owner", "number") { Sparse = true },
        new("ownerGroup", "number") { Sparse = true }, new("site", "number"), new("model", "number"), new("manufacturer", "number"),
        new("overdue", "number"), new("acceptance.state", "number") { Sparse = true },
        new("configurationItem", "number") { Sparse = true },
        new("reservedBy", "number") { Sparse = true, Serves = "check-outs of kits" },
        new("tagKey") { Unique = true, Called = "tag", Serves = "tags" },
        new("serialKey") { Unique = true, Called = "serial number", Serves = "serial numbers" })
    {
        Shown = (caller, _) => caller.May(AssetPermissions.Read.Name) ? null : HolderFields,
        WhyNot = (asset, caller, action) =>
            action is Accept or Decline && asset.Holder != caller.Person ? (Sentence)$"That is for the person who has it alone." : null,
        HistoryReaders = _ => Staff,
    };

    internal static Asset Create(string number, AssetDetails details, AssetState state, AuditContext audit)
    {
        var asset = new Asset
        {
            Id = Guid.CreateVersion7(audit.At), Number = number, State = state, StateSince = audit.At, CreatedAt = audit.At,
        };
        asset.Describe(details);
        return asset;
    }

    /// <summary>What people wrote of it.</summary>
    internal AssetDetails Details => new()
    {
        Tag = Tag, Name = Name, Model = Model, Manufacturer = Manufacturer, SerialNumber = SerialNumber, Site = Site, Owner = Owner,
        OwnerGroup = OwnerGroup, Supplier = Supplier, Cost = Cost, PurchasedOn = PurchasedOn, WarrantyEndsOn = WarrantyEndsOn,
        UsefulLife = UsefulLife, SalvageValue = SalvageValue, Notes = Notes, ConfigurationItem = ConfigurationItem,
    };

    /// <summary>Changes what people write of it.</summary>
    internal void Describe(AssetDetails details)
    {
        details.Require();
        (Tag, TagKey) = (details.Tag, AssetDetails.KeyOf(details.Tag));
        (Name, Model, Manufacturer, SerialNumber) = (details.Name, details.Model, details.Manufacturer, details.SerialNumber);
        SerialKey = AssetDetails.KeyOf(SerialNumber) is { } serial ? $"{AssetDetails.KeyOf(Manufacturer)}\n{serial}" : null;
        (Site, Owner, OwnerGroup, Supplier) = (details.Site, details.Owner, details.OwnerGroup, details.Supplier);
        (Cost, PurchasedOn, WarrantyEndsOn) = (details.Cost, details.PurchasedOn, details.WarrantyEndsOn);
        (UsefulLife, SalvageValue) = (details.UsefulLife, details.SalvageValue);
        (Notes, ConfigurationItem) = (details.Notes, details.ConfigurationItem);
    }

    /// <summary>The message of this version.</summary>
    public AssetChanged Snapshot() => new()
    {
        Id = Id, Version = Version, Number = Number, Tag = Tag, Name = Name, Model = Model, Manufacturer = Manufacturer,
        SerialNumber = SerialNumber, State = JsonNamingPolicy.CamelCase.ConvertName(State.ToString()), Site = Site, Holder = Holder,
        HolderSite = HolderSite, HolderAsset = HolderAsset, CheckedOutAt = CheckedOutAt, ExpectedReturn = ExpectedReturn,
        OverdueSince = OverdueSince, LastHolder = LastHolder, Owner = Owner, OwnerGroup = OwnerGroup,
        ConfigurationItem = ConfigurationItem, At = UpdatedAt, Readers = Readers,
    };

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed)
    {
        (Overdue, UpdatedAt) = (OverdueSince is not null, audit.At);
        Readers =
        [
            .. Staff, .. new[] { Holder, Owner }.OfType<Guid>().Distinct().Select(ReaderToken.Person),
            .. OwnerGroup is { } group ? new[] { ReaderToken.Group(group) } : [],
        ];
        Raise(Snapshot() with { Changed = changed, By = audit.By });
    }
}
