using Itsm.Contracts;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Assets.Domain;

/// <summary>Somebody goes round and looks whether what should be there is there. What is expected is fixed at the start: an
/// <see cref="AuditedAsset"/> each.</summary>
public sealed class AssetAudit : Aggregate
{
    /// <summary>Lists what is expected.</summary>
    internal const string PrepareTimer = "prepare";

    /// <summary>Says of what was not found that it is missing.</summary>
    internal const string CloseTimer = "close";

    /// <summary>Notes that it is late.</summary>
    internal const string LateTimer = "late";

    /// <summary>Number shown to people; works as an id.</summary>
    public required string Number { get; init; }

    /// <summary>Name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>Only assets of this site; null for all.</summary>
    public string? Site { get; init; }

    /// <summary>Only assets that this person has; null for all.</summary>
    public Guid? Holder { get; init; }

    /// <summary>Only assets of this model; null for all.</summary>
    public string? Model { get; init; }

    /// <summary>Where it stands.</summary>
    public AssetAuditState State { get; private set; }

    /// <summary>How many assets are expected; null while they are listed.</summary>
    public int? Expected { get; private set; }

    /// <summary>When it began: what was in its scope then is expected.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Who began it.</summary>
    public required Actor StartedBy { get; init; }

    /// <summary>When it should be over.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Since when it is late.</summary>
    public DateTimeOffset? OverdueSince { get; private set; }

    /// <summary>When it was closed.</summary>
    public DateTimeOffset? ClosedAt { get; private set; }

    /// <summary>Who closed it.</summary>
    public Actor? ClosedBy { get; private set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<AssetAudit> Definition { get; } = new("asset-audits", "number",
        new("readers", "startedAt"), new("state", "startedAt"), new("site", "startedAt") { Sparse = true })
    {
        Noun = "asset audit",
    };

    internal static AssetAudit Start(string number, string name, AuditScope scope, DateTimeOffset? dueAt, AuditContext audit)
    {
        var round = new AssetAudit
        {
            Id = Guid.CreateVersion7(audit.At), Number = number, Name = name, Site = scope.Site, Holder = scope.Holder, Model = scope.Model,
            StartedAt = audit.At, StartedBy = audit.By, DueAt = dueAt, Readers = Asset.Staff,
        };
        round.SetTimer(PrepareTimer, audit.At);
        if (dueAt is { } due)
        {
            round.SetTimer(LateTimer, due);
        }

        return round;
    }

    /// <summary>All that is expected is listed.</summary>
    internal void Open(int expected) => (State, Expected) =
        State == AssetAuditState.Preparing ? (AssetAuditState.Open, expected) : (State, Expected);

    /// <exception cref="RuleViolationException"><c>asset-audit.transition</c>.</exception>
    internal void RequireOpen()
    {
        if (WhyNotOpen is { } why)
        {
            throw new RuleViolationException("asset-audit.transition", why);
        }
    }

    /// <summary>It is over: what was not found is missing.</summary>
    /// <exception cref="RuleViolationException"><c>asset-audit.transition</c>.</exception>
    internal void Close(AuditContext audit)
    {
        RequireOpen();
        (State, ClosedAt, ClosedBy) = (AssetAuditState.Closing, audit.At, audit.By);
        SetTimer(CloseTimer, audit.At);
        CancelTimer(LateTimer);
    }

    /// <summary>Nothing is left that may be there or not.</summary>
    internal void End() => State = State == AssetAuditState.Closing ? AssetAuditState.Closed : State;

    /// <summary>The time has come at which it should be over.</summary>
    internal void NoteIsLate(AuditContext audit) => OverdueSince = ClosedAt is null && DueAt <= audit.At ? DueAt : OverdueSince;

    /// <inheritdoc/>
    protected override IEnumerable<ActionState> Actions(Platform.Access.Caller caller) =>
    [
        new("scan", AssetPermissions.Manage.Name, WhyNotOpen), new("close", AssetPermissions.Manage.Name, WhyNotOpen),
    ];

    private Sentence? WhyNotOpen => State switch
    {
        AssetAuditState.Open => null,
        AssetAuditState.Preparing => (Sentence)$"{Number} is being prepared: what is expected is listed just now.",
        _ => $"{Number} is closed.",
    };
}

/// <summary>What an audit looks at: assets of which all of this is so.</summary>
internal sealed record AuditScope(string? Site, Guid? Holder, string? Model);

/// <summary>Where an audit stands.</summary>
public enum AssetAuditState
{
    /// <summary>What is expected is listed.</summary>
    Preparing,

    /// <summary>Somebody looks.</summary>
    Open,

    /// <summary>What was not found is noted as missing.</summary>
    Closing,

    /// <summary>It is over.</summary>
    Closed,
}
