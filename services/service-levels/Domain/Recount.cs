using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.ServiceLevels.Domain;

/// <summary>Counts the clocks of many tickets anew, a slice at a time, since an edition of an agreement or a calendar begins to hold. There
/// is one for all agreements, and one for each calendar: another edition has it begin again.</summary>
public sealed class Recount : Aggregate
{
    /// <summary>Takes on the next slice.</summary>
    internal const string RunTimer = "run";

    /// <summary>Key of the calendar by which the clocks count; null for all clocks that have not ended.</summary>
    public string? Calendar { get; private init; }

    /// <summary>How often it has begun.</summary>
    public int Round { get; private set; }

    /// <summary>False where all tickets are counted by what the last round began with.</summary>
    public bool Running { get; private set; }

    /// <summary>Number and id of the last ticket that was counted in this round; null before the first.</summary>
    public string? After { get; private set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<Recount> Definition { get; } = new("recounts", null) { HasHistory = false };

    /// <summary>That of a calendar, or of all clocks, as it begins for the first time.</summary>
    internal static Recount Start(string? calendar, AuditContext audit)
    {
        var recount = new Recount { Id = DerivedId.From("recount", calendar ?? ""), Calendar = calendar };
        recount.Begin(audit);
        return recount;
    }

    /// <summary>Begins with the first ticket, wherever it stands.</summary>
    internal void Begin(AuditContext audit)
    {
        (Round, Running, After) = (Round + 1, true, null);
        SetTimer(RunTimer, audit.At);
    }

    /// <summary>Goes on after a slice, or ends.</summary>
    /// <param name="after">Its last ticket; null where there is no other slice.</param>
    /// <param name="audit">When.</param>
    internal void Take(string? after, AuditContext audit)
    {
        (After, Running) = (after, after is not null);
        if (Running)
        {
            SetTimer(RunTimer, audit.At);
        }
    }
}
