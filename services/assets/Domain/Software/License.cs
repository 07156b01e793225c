using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Assets.Domain;

/// <summary>The right to use a product: by whom or on what, how often at once, and for how long.</summary>
public sealed class License : Aggregate
{
    /// <summary>Notes that it expires soon.</summary>
    internal const string ExpiresSoonTimer = "expires-soon";

    /// <summary>Notes that it has expired.</summary>
    internal const string ExpiryTimer = "expiry";

    /// <summary>Frees seats that were claimed for assignments that never came to be.</summary>
    internal const string SettleTimer = "settle";

    /// <summary>How long an assignment may take from its claim to its own write.</summary>
    internal static readonly TimeSpan Allowance = TimeSpan.FromMinutes(1);

    private const int MostClaims = 20_000;
    private static readonly TimeSpan SoonAhead = TimeSpan.FromDays(30);

    /// <summary>Number shown to people; works as an id.</summary>
    public required string Number { get; init; }

    /// <summary>Name shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The product that it is for.</summary>
    public Guid Product { get; private init; }

    /// <summary>What a seat is for.</summary>
    public LicenseMetric Metric { get; private init; }

    /// <summary>How many seats it has.</summary>
    public int Seats { get; private set; }

    /// <summary>How many of them are assigned; never more than there are.</summary>
    public int Assigned { get; private set; }

    /// <summary>Where it stands.</summary>
    [Unaudited]
    public LicenseState State { get; private set; }

    /// <summary>Its first day.</summary>
    public DateOnly StartsOn { get; private set; }

    /// <summary>Its last day, UTC; null where it has no end.</summary>
    public DateOnly? ExpiresOn { get; private set; }

    /// <summary>Since when its last day is near: 30 days before at the earliest.</summary>
    public DateTimeOffset? ExpiresSoonSince { get; private set; }

    /// <summary>Since when it is over.</summary>
    public DateTimeOffset? ExpiredSince { get; private set; }

    /// <summary>When it was retired.</summary>
    public DateTimeOffset? RetiredAt { get; private set; }

    /// <summary>What it costs in all.</summary>
    public Cost? Cost { get; private set; }

    /// <summary>Who sold it.</summary>
    public string? Supplier { get; private set; }

    /// <summary>The supplier's own number of it.</summary>
    public string? Reference { get; private set; }

    /// <summary>The contract that it belongs to.</summary>
    public Guid? Contract { get; private set; }

    /// <summary>The person who answers for it.</summary>
    public Guid? Owner { get; private set; }

    /// <summary>What else there is to know.</summary>
    public string? Notes { get; private set; }

    /// <summary>What has seats of it, or is about to.</summary>
    [AtMost(MostClaims), Hidden, Unaudited, UnusedByActions]
    public IReadOnlyList<SeatClaim> Claims { get; private set; } = [];

    /// <summary>Of claims up to here it is known that their assignments are there.</summary>
    [Hidden]
    public DateTimeOffset? SettledUntil { get; private set; }

    /// <summary>When claims are looked at again; null where nothing waits for that.</summary>
    [Hidden]
    public DateTimeOffset? SettlesAt { get; private set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<License> Definition { get; } = new("licenses", "number",
        new("readers", "number"), new("readers", "expiresOn"), new("readers", "startsOn"), new("state", "number"),
        new("product", "metric", "number")
        {
            Domains = new Dictionary<string, IReadOnlyList<MongoDB.Bson.BsonValue>>
            {
                ["metric"] = [.. Enum.GetValues<LicenseMetric>().Select(one => BsonMapping.Value(one))],
            },
        },
        new("supplier", "number") { Sparse = true }, new("contract", "number") { Sparse = true },
        new("owner", "number") { Sparse = true });

    internal static License Create(string number, Guid product, LicenseMetric metric, LicenseDetails details, AuditContext audit)
    {
        var license = new License
        {
            Id = Guid.CreateVersion7(audit.At), Number = number, Product = product, Metric = metric, Readers = Asset.Staff,
        };
        license.Describe(details, audit);
        return license;
    }

    internal LicenseDetails Details => new()
    {
        Name = Name, Seats = Seats, StartsOn = StartsOn, ExpiresOn = ExpiresOn, Cost = Cost, Supplier = Supplier, Reference = Reference,
        Contract = Contract, Owner = Owner, Notes = Notes,
    };

    /// <summary>Changes what people write of it.</summary>
    /// <exception cref="InvalidValueException">A value is impossible, or does not go with another one.</exception>
    /// <exception cref="RuleViolationException"><c>license.seats-in-use</c>.</exception>
    internal void Describe(LicenseDetails details, AuditContext audit)
    {
        details.Require();
        if (details.Seats < Assigned)
        {
            throw new RuleViolationException("license.seats-in-use",
                $"{Number} can't have {details.Seats} seats: {Assigned} are assigned.");
        }

        (Name, Seats, StartsOn, Cost) = (details.Name, details.Seats, details.StartsOn, details.Cost);
        (Supplier, Reference, Contract) = (details.Supplier, details.Reference, details.Contract);
        (Owner, Notes) = (details.Owner, details.Notes);
        if (details.ExpiresOn != ExpiresOn)
        {
            (ExpiresOn, ExpiresSoonSince, ExpiredSince) = (details.ExpiresOn, null, null);
            WatchExpiry(audit);
        }
    }

    /// <summary>Nothing more is assigned; what is assigned stays so until it is ended.</summary>
    /// <exception cref="RuleViolationException"><c>license.retired</c>.</exception>
    internal void Retire(AuditContext audit)
    {
        RequireNotRetired();
        RetiredAt = audit.At;
        CancelTimer(ExpiresSoonTimer);
        CancelTimer(ExpiryTimer);
    }

    /// <summary>Its last day is near.</summary>
    internal void NoteExpiresSoon(AuditContext audit)
    {
        if (RetiredAt is null && End is { } end && audit.At >= SoonBefore(end))
        {
            ExpiresSoonSince ??= audit.At;
        }
    }

    /// <summary>Its last day is over.</summary>
    internal void NoteExpiry(AuditContext audit)
    {
        if (RetiredAt is null && End <= audit.At)
        {
            ExpiredSince = End;
        }
    }

    /// <summary>True where it holds on this day.</summary>
    internal bool IsInForce(DateOnly day) => RetiredAt is null && StartsOn <= day && !(ExpiresOn < day);

    /// <summary>Takes seats for an assignment that is written next.</summary>
    /// <exception cref="RuleViolationException"><c>license.retired</c>, <c>license.expired</c>, <c>license.assigned</c>,
    /// <c>license.no-seats</c>.</exception>
    internal void Claim(LicenseAssignment assignment, AuditContext audit)
    {
        RequireNotRetired();
        if (End <= audit.At)
        {
            throw new RuleViolationException("license.expired", $"{Number} can't be assigned: it expired on {ExpiresOn:yyyy-MM-dd}.");
        }

        if (Claims.Any(one => one.Holder == assignment.Holder))
        {
            throw AssignedAlready(Number);
        }

        var (free, needed) = (Seats - Assigned, assignment.Seats);
        if (needed > free)
        {
            throw new RuleViolationException("license.no-seats",
                $"{Number} has not enough seats: {needed} are needed, and {free} of {Seats} are free.");
        }

        // After what is settled, also where the clocks of two processes differ.
        var at = audit.At > SettledUntil ? audit.At : SettledUntil?.AddMilliseconds(1) ?? audit.At;
        Claims = [.. Claims, new SeatClaim(assignment.Id, assignment.Holder, assignment.Seats, at)];
        Assigned += assignment.Seats;
        if (SettlesAt is null)
        {
            SettleAt(at + Allowance);
        }
    }

    internal static RuleViolationException AssignedAlready(string license) =>
        new("license.assigned", $"{license} is assigned to them already.");

    /// <summary>Frees the seats of an assignment; nothing happens where they are free.</summary>
    internal void Release(Guid assignment) => Keep(one => one.Assignment != assignment);

    /// <summary>Claims of which it is not known yet whether their assignments are there, and that should be by now.</summary>
    internal IEnumerable<SeatClaim> Unsettled(DateTimeOffset until) =>
        Claims.Where(one => one.At <= until && !(one.At <= SettledUntil));

    /// <summary>Frees the seats of assignments that never came to be.</summary>
    /// <param name="seen">Ids of the assignments that were looked for.</param>
    /// <param name="lost">Of those that were not there.</param>
    /// <param name="until">Claims up to here were looked at, besides those that came late.</param>
    internal void Settle(IReadOnlySet<Guid> seen, IReadOnlySet<Guid> lost, DateTimeOffset until)
    {
        if (Unsettled(until).Where(one => !seen.Contains(one.Assignment)).Min(one => (DateTimeOffset?)one.At) is { } late)
        {
            until = late.AddMilliseconds(-1);
        }

        Keep(one => !lost.Contains(one.Assignment));
        (SettledUntil, SettlesAt) = (until, null);
        if (Claims.Where(one => one.At > until).Select(one => one.At).DefaultIfEmpty().Max() is var last && last != default)
        {
            SettleAt(last + Allowance);
        }
    }

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed) =>
        State = RetiredAt is not null ? LicenseState.Retired : ExpiredSince is not null ? LicenseState.Expired : LicenseState.Active;

    /// <inheritdoc/>
    protected override IEnumerable<ActionState> Actions(Caller caller) =>
    [
        new("update", AssetPermissions.Manage.Name, null), new("retire", AssetPermissions.Manage.Name, WhyRetired),
        new("assign", AssetPermissions.Manage.Name, WhyRetired ?? WhyNotAssign),
    ];

    private Sentence? WhyNotAssign =>
        ExpiredSince is not null ? (Sentence)$"{Number} can't be assigned: it expired on {ExpiresOn:yyyy-MM-dd}."
        : Assigned >= Seats ? (Sentence)$"All seats of {Number} are assigned."
        : null;

    private Sentence? WhyRetired => RetiredAt is null ? null : (Sentence)$"{Number} is retired.";

    /// <summary>The first instant after its last day.</summary>
    private DateTimeOffset? End => ExpiresOn is { } day ? new(day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero) : null;

    private static DateTimeOffset SoonBefore(DateTimeOffset end) => end.AddDays(-1) - SoonAhead;

    private void RequireNotRetired()
    {
        if (WhyRetired is { } why)
        {
            throw new RuleViolationException("license.retired", why);
        }
    }

    private void WatchExpiry(AuditContext audit)
    {
        if (RetiredAt is null && End is { } end)
        {
            SetTimer(ExpiresSoonTimer, SoonBefore(end));
            SetTimer(ExpiryTimer, end);
            NoteExpiresSoon(audit);
            NoteExpiry(audit);
        }
        else
        {
            CancelTimer(ExpiresSoonTimer);
            CancelTimer(ExpiryTimer);
        }
    }

    private void SettleAt(DateTimeOffset due)
    {
        SettlesAt = due;
        SetTimer(SettleTimer, due);
    }

    private void Keep(Func<SeatClaim, bool> kept)
    {
        Claims = [.. Claims.Where(kept)];
        Assigned = Claims.Sum(one => one.Seats);
    }
}
