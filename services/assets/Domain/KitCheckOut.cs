using Itsm.Contracts;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.Assets.Domain;

/// <summary>A kit goes to somebody: all of it or nothing. Its assets are reserved first; once all are, they are handed out, whoever dies
/// meanwhile.</summary>
public sealed class KitCheckOut : Aggregate
{
    /// <summary>Hands out what is reserved, or releases what is left of a dead process.</summary>
    internal const string SettleTimer = "settle";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>The kit.</summary>
    public Guid Kit { get; private init; }

    /// <summary>Its name then.</summary>
    public string KitName { get; private init; } = "";

    /// <summary>The person who gets it.</summary>
    public Guid? Person { get; private init; }

    /// <summary>Key of the site that gets it.</summary>
    public string? Site { get; private init; }

    /// <summary>When it is expected back.</summary>
    public DateTimeOffset? ExpectedReturn { get; private init; }

    /// <summary>What was written of it.</summary>
    public string? Note { get; private init; }

    /// <summary>What the person is asked to accept.</summary>
    public string? Terms { get; private init; }

    /// <summary>Where it stands.</summary>
    public KitCheckOutState State { get; private set; }

    /// <summary>The assets, once all are reserved.</summary>
    [AtMost(400)]
    public IReadOnlyList<Guid> Assets { get; private set; } = [];

    /// <summary>When it was asked for.</summary>
    public DateTimeOffset At { get; private init; }

    /// <summary>Who asked for it.</summary>
    public required Actor By { get; init; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<KitCheckOut> Definition { get; } = new("kit-check-outs", null,
        new IndexDefinition("kit", "at") { Serves = "check-outs of a kit" })
    {
        Noun = "check-out of a kit",
    };

    internal static KitCheckOut Begin(Kit kit, AssetHolder holder, DateTimeOffset? expectedReturn, string? note, string? terms,
        AuditContext audit)
    {
        var begun = new KitCheckOut
        {
            Id = Guid.CreateVersion7(audit.At), Kit = kit.Id, KitName = kit.Name, Person = holder.Person, Site = holder.Site,
            ExpectedReturn = expectedReturn, Note = note, Terms = terms, At = audit.At, By = audit.By, Readers = Asset.Staff,
        };
        begun.SetTimer(SettleTimer, audit.At + Patience);
        return begun;
    }

    /// <summary>All are reserved: from now on they are handed out.</summary>
    internal void HandOut(IReadOnlyList<Guid> assets, AuditContext audit)
    {
        (State, Assets) = (KitCheckOutState.HandingOut, assets);
        SetTimer(SettleTimer, audit.At);
    }

    /// <summary>All have been handed out.</summary>
    internal void End() => State = State == KitCheckOutState.HandingOut ? KitCheckOutState.Done : State;

    /// <summary>Not all were there. What a slow process reserves after this is released by the timer.</summary>
    internal void Fail(AuditContext audit)
    {
        if (State == KitCheckOutState.Reserving)
        {
            State = KitCheckOutState.Failed;
            SetTimer(SettleTimer, audit.At + Patience);
        }
    }
}

/// <summary>Where the check-out of a kit stands.</summary>
public enum KitCheckOutState
{
    /// <summary>Its assets are looked for.</summary>
    Reserving,

    /// <summary>All are reserved, and about to be handed out.</summary>
    HandingOut,

    /// <summary>Somebody has them.</summary>
    Done,

    /// <summary>Not all were there: none was handed out.</summary>
    Failed,
}
