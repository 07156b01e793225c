using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.ServiceLevels.Domain;

/// <summary>Counts the clocks of many tickets anew, a slice at a time, since an edition of an agreement or a calendar begins to hold. There
/// is one for all agreements, and one for each calendar: another edition has it go round once more from where it stands, so that every
/// ticket has its turn however often that happens.</summary>
public sealed class Recount : Aggregate
{
    /// <summary>Takes on the next slice.</summary>
    internal const string RunTimer = "run";

    private const int MostFailed = 1_000;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    /// <summary>Key of the calendar by which the clocks count; null for all clocks that have not ended.</summary>
    public string? Calendar { get; private init; }

    /// <summary>Version of the calendar with which it last began; null for all clocks.</summary>
    public long? CalendarVersion { get; private set; }

    /// <summary>How often it has begun.</summary>
    public int Round { get; private set; }

    /// <summary>False where all tickets have had their turn since it last began.</summary>
    public bool Running { get; private set; }

    /// <summary>When it last began or came a slice further.</summary>
    public DateTimeOffset MovedAt { get; private set; }

    /// <summary>Number and id of the last ticket that was counted; null before the first.</summary>
    public string? After { get; private set; }

    /// <summary>Where it stood when it last began, as <see cref="After"/>; null for before the first ticket.</summary>
    public string? Until { get; private set; }

    /// <summary>True where it has come to the last ticket, and goes on from the first until <see cref="Until"/>.</summary>
    public bool FromFirst { get; private set; }

    /// <summary>Tickets that could not be counted since it last began.</summary>
    [AtMost(MostFailed)]
    public IReadOnlyList<Guid> Failed { get; private set; } = [];

    /// <summary>How often those were tried again.</summary>
    public int Retries { get; private set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<Recount> Definition { get; } = new("recounts", null) { HasHistory = false };

    /// <summary>True where there is nothing to do.</summary>
    internal bool IsDone => !Running && Failed.Count == 0;

    /// <summary>Number of the last ticket of this way through the tickets; null where it goes to the end.</summary>
    internal string? LastNumber => FromFirst ? Until?.Split(' ')[0] : null;

    private TimeSpan NextPause => FirstPause * Math.Min(Math.Pow(2, Retries), LongestPause / FirstPause);

    /// <summary>That of a calendar, or of all clocks, as it begins for the first time.</summary>
    internal static Recount Start(string? calendar, long? calendarVersion, AuditContext audit)
    {
        var recount = new Recount { Id = DerivedId.From("recount", calendar ?? ""), Calendar = calendar };
        recount.Begin(calendarVersion, audit);
        return recount;
    }

    /// <summary>Goes round once from where it stands. A version of the calendar that is not newer than the last one changes
    /// nothing.</summary>
    internal void Begin(long? calendarVersion, AuditContext audit)
    {
        if (calendarVersion <= CalendarVersion)
        {
            return;
        }

        CalendarVersion = calendarVersion;
        (Failed, Retries) = ([], 0);
        GoRound(audit.At);
    }

    /// <summary>Goes on after a slice, or ends.</summary>
    /// <param name="after">Its last ticket; null where there is no other slice.</param>
    /// <param name="failed">Those of its tickets that could not be counted.</param>
    /// <param name="audit">When.</param>
    internal void Take(string? after, IReadOnlyList<Guid> failed, AuditContext audit)
    {
        (After, MovedAt) = (after, audit.At);
        Failed = [.. Failed.Union(failed).Take(MostFailed)];
        if (after is not null)
        {
            SetTimer(RunTimer, audit.At);
        }
        else if (Until is not null && !FromFirst)
        {
            FromFirst = true;
            SetTimer(RunTimer, audit.At);
        }
        else
        {
            Running = false;
            Pause(audit);
        }
    }

    /// <summary>Those that failed were tried again.</summary>
    /// <param name="failed">Those that failed again.</param>
    /// <param name="audit">When.</param>
    internal void Retry(IReadOnlyList<Guid> failed, AuditContext audit)
    {
        var mayBeMore = Failed.Count == MostFailed;
        (Failed, Retries) = (failed, Retries + 1);
        if (mayBeMore)
        {
            GoRound(audit.At + NextPause);
        }
        else
        {
            Pause(audit);
        }
    }

    private void GoRound(DateTimeOffset at)
    {
        (Round, Running, MovedAt) = (Round + 1, true, at);
        (Until, FromFirst) = (After, false);
        SetTimer(RunTimer, at);
    }

    /// <summary>Tries again later what failed.</summary>
    private void Pause(AuditContext audit)
    {
        if (Failed.Count > 0)
        {
            SetTimer(RunTimer, audit.At + NextPause);
        }
    }
}
