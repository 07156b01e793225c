using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Assets.Domain;

/// <summary>An agreement with a supplier about assets: for how long, what it costs, and until when it can be given notice.</summary>
public sealed class AssetContract : Aggregate
{
    /// <summary>Notes that notice must be given now, or not at all.</summary>
    internal const string NoticeTimer = "notice";

    /// <summary>Number shown to people; works as an id.</summary>
    public required string Number { get; init; }

    /// <summary>Name shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>What it is about.</summary>
    public ContractKind Kind { get; private set; }

    /// <summary>With whom.</summary>
    public string Supplier { get; private set; } = "";

    /// <summary>The supplier's own number of it.</summary>
    public string? Reference { get; private set; }

    /// <summary>Its first day.</summary>
    public DateOnly StartsOn { get; private set; }

    /// <summary>Its last day; null where it has no end.</summary>
    public DateOnly? EndsOn { get; private set; }

    /// <summary>The last day on which notice can be given.</summary>
    public DateOnly? NoticeOn { get; private set; }

    /// <summary>True where it goes on unless notice is given.</summary>
    public bool RenewsItself { get; private set; }

    /// <summary>Since when notice is due; null where it is not.</summary>
    public DateTimeOffset? NoticeDueSince { get; private set; }

    /// <summary>What it costs in all.</summary>
    public Cost? Cost { get; private set; }

    /// <summary>The person who answers for it.</summary>
    public Guid? Owner { get; private set; }

    /// <summary>The assets that it covers.</summary>
    [AtMost(1_000)]
    public IReadOnlyList<Guid> Assets { get; private set; } = [];

    /// <summary>What else there is to know.</summary>
    public string? Notes { get; private set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<AssetContract> Definition { get; } = new("contracts", "number",
        new("readers", "number"), new("readers", "endsOn"), new("readers", "noticeOn"), new("supplier", "number"), new("kind", "number"),
        new("assets", "number"), new("owner", "number") { Sparse = true })
    {
        Noun = "contract",
    };

    internal static AssetContract Create(string number, ContractDetails details, TimeSpan noticeAhead, AuditContext audit)
    {
        var contract = new AssetContract { Id = Guid.CreateVersion7(audit.At), Number = number, Readers = Asset.Staff };
        contract.Describe(details, noticeAhead, audit);
        return contract;
    }

    internal ContractDetails Details => new()
    {
        Name = Name, Kind = Kind, Supplier = Supplier, Reference = Reference, StartsOn = StartsOn, EndsOn = EndsOn, NoticeOn = NoticeOn,
        RenewsItself = RenewsItself, Cost = Cost, Owner = Owner, Assets = Assets, Notes = Notes,
    };

    /// <summary>Changes what people write of it.</summary>
    /// <exception cref="InvalidValueException">A value is impossible, or does not go with another one.</exception>
    internal void Describe(ContractDetails details, TimeSpan noticeAhead, AuditContext audit)
    {
        details.Require();
        (Name, Kind, Supplier, Reference) = (details.Name, details.Kind, details.Supplier, details.Reference);
        (StartsOn, EndsOn, RenewsItself, Cost) = (details.StartsOn, details.EndsOn, details.RenewsItself, details.Cost);
        (Owner, Assets, Notes) = (details.Owner, [.. details.Assets.Distinct()], details.Notes);
        if (details.NoticeOn == NoticeOn)
        {
            return;
        }

        (NoticeOn, NoticeDueSince) = (details.NoticeOn, null);
        if (NoticeOn is { } day)
        {
            SetTimer(NoticeTimer, new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero) - noticeAhead);
        }
        else
        {
            CancelTimer(NoticeTimer);
        }
    }

    /// <summary>The day of notice is near.</summary>
    internal void NoteNoticeIsDue(AuditContext audit) => NoticeDueSince = NoticeOn is null ? null : NoticeDueSince ?? audit.At;
}

/// <summary>What people write of a contract.</summary>
internal sealed record ContractDetails
{
    public required string Name { get; init; }

    public ContractKind Kind { get; init; }

    public required string Supplier { get; init; }

    public string? Reference { get; init; }

    public DateOnly StartsOn { get; init; }

    public DateOnly? EndsOn { get; init; }

    public DateOnly? NoticeOn { get; init; }

    public bool RenewsItself { get; init; }

    public Cost? Cost { get; init; }

    public Guid? Owner { get; init; }

    public IReadOnlyList<Guid> Assets { get; init; } = [];

    public string? Notes { get; init; }

    /// <exception cref="InvalidValueException">A value is impossible, or does not go with another one.</exception>
    public void Require()
    {
        AssetDetails.RequireDay(StartsOn, "/startsOn");
        AssetDetails.RequireDay(EndsOn, "/endsOn");
        AssetDetails.RequireDay(NoticeOn, "/noticeOn");
        AssetDetails.RequireCost(Cost);
        if (EndsOn < StartsOn)
        {
            throw new InvalidValueException("/endsOn", FieldCode.Conflicting,
                $"endsOn can't be {EndsOn:yyyy-MM-dd}, before the contract starts on {StartsOn:yyyy-MM-dd}.");
        }

        if (NoticeOn is not null && !(NoticeOn <= EndsOn))
        {
            throw new InvalidValueException("/noticeOn", FieldCode.Conflicting,
                $"noticeOn can't be {NoticeOn:yyyy-MM-dd}: it is a day before the contract ends.");
        }
    }
}

/// <summary>What a contract is about.</summary>
public enum ContractKind
{
    /// <summary>Something else.</summary>
    Other,

    /// <summary>The supplier repairs or helps.</summary>
    Support,

    /// <summary>More warranty than the law gives.</summary>
    Warranty,

    /// <summary>The assets are the supplier's, and are used for a price.</summary>
    Lease,

    /// <summary>A service that is paid for again and again.</summary>
    Subscription,

    /// <summary>The supplier pays for damage.</summary>
    Insurance,
}
