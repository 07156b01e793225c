using Itsm.Contracts.ServiceLevels;
using Itsm.Platform.Values;

namespace Itsm.ServiceLevels.Domain;

/// <summary>One edition of an agreement: from an instant on, what is promised.</summary>
public sealed record AgreementEdition
{
    /// <summary>1 for the first.</summary>
    public required int Number { get; init; }

    /// <summary>When it was published.</summary>
    public required DateTimeOffset PublishedAt { get; init; }

    /// <summary>From when it holds; for the first edition this may be in the past, for later ones not.</summary>
    public required DateTimeOffset EffectiveFrom { get; init; }

    /// <summary>What becomes of tickets that are open then.</summary>
    public required RunningClocks Running { get; init; }

    /// <summary>Key of the calendar by which working time counts.</summary>
    public required string Calendar { get; init; }

    /// <summary>Whose calendar is taken where it names one.</summary>
    public CalendarSource CalendarFrom { get; init; }

    /// <summary>On whose clock the calendar's hours are read.</summary>
    public TimeZoneSource TimeZoneFrom { get; init; }

    /// <summary>IANA name of the agreement's own zone.</summary>
    public string? TimeZone { get; init; }

    /// <summary>IANA names of the zones of affected services, by their reference.</summary>
    public IReadOnlyDictionary<string, string>? ServiceTimeZones { get; init; }

    /// <summary>What is promised. None ends the agreement.</summary>
    public required IReadOnlyList<Target> Targets { get; init; }

    /// <summary>Points at which to warn.</summary>
    public IReadOnlyList<ClockPoint> Warnings { get; init; } = [];

    /// <summary>What is done at which point.</summary>
    public IReadOnlyList<EscalationStep> Escalations { get; init; } = [];

    /// <summary>True to carry out steps too whose point lay in the past when the clock was attached, as after a change of
    /// priority.</summary>
    public bool EscalatesOnAttach { get; init; }
}

/// <summary>A promise, and for which tickets it holds. An empty list of selectors selects all.</summary>
public sealed record Target
{
    /// <summary>Short name, unique in the agreement: <c>resolution-p1</c>.</summary>
    public required string Key { get; init; }

    /// <summary>What is measured: <c>firstResponse</c>, <c>nextUpdate</c>, <c>resolution</c>, or a word of one's own.</summary>
    public required string Metric { get; init; }

    /// <summary>How much time.</summary>
    public required Promise Promise { get; init; }

    /// <summary>Kinds of ticket.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>1 to 5.</summary>
    public IReadOnlyList<int> Priorities { get; init; } = [];

    /// <summary>References of affected services.</summary>
    public IReadOnlyList<string> Services { get; init; } = [];

    /// <summary>Groups of which the requester is a member.</summary>
    public IReadOnlyList<Guid> RequesterGroups { get; init; } = [];

    /// <summary>Groups that work on it.</summary>
    public IReadOnlyList<Guid> AssignmentGroups { get; init; } = [];

    /// <summary>When its clock starts, pauses and ends.</summary>
    public required Conditions Conditions { get; init; }

    /// <summary>Which of two targets that select the same ticket holds: that which names a service; else a group of requesters; else a
    /// group that works; else a priority; else a kind.</summary>
    internal int Precedence =>
        (Services.Count > 0 ? 16 : 0) + (RequesterGroups.Count > 0 ? 8 : 0) + (AssignmentGroups.Count > 0 ? 4 : 0)
            + (Priorities.Count > 0 ? 2 : 0) + (Kinds.Count > 0 ? 1 : 0);
}

/// <summary>How much time is promised.</summary>
public sealed record Promise
{
    /// <summary>How it is counted.</summary>
    public required PromiseKind Kind { get; init; }

    /// <summary>Working or elapsed time, at least a second, at most 366 days of 24 hours.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Of the end of a working day: how many working days later; 1 is the next.</summary>
    public int? Days { get; init; }
}

/// <summary>A point in the life of a clock. One of the three is set.</summary>
public sealed record ClockPoint
{
    /// <summary>When this part of the promised time is used; over 100 after it is up.</summary>
    public double? Percent { get; init; }

    /// <summary>When this much of the promised time is left.</summary>
    public TimeSpan? Before { get; init; }

    /// <summary>When this much time more than promised is used.</summary>
    public TimeSpan? After { get; init; }

    /// <summary>As messages call it.</summary>
    internal string Name => this switch
    {
        { Percent: { } percent } => FormattableString.Invariant($"{percent}%"),
        { Before: { } before } => $"{before.ToIsoText()} before",
        _ => $"{After!.Value.ToIsoText()} after",
    };

    /// <summary>The time that is used then.</summary>
    internal TimeSpan Of(TimeSpan promised) => this switch
    {
        { Percent: { } percent } => TimeSpan.FromMilliseconds(Math.Round(promised.TotalMilliseconds * percent / 100)),
        { Before: { } before } => promised - before,
        _ => promised + After!.Value,
    };
}

/// <summary>What is done about a ticket when a clock reaches a point.</summary>
public sealed record EscalationStep
{
    /// <summary>When.</summary>
    public required ClockPoint At { get; init; }

    /// <summary>What must be measured; any clock of the agreement where null.</summary>
    public string? Metric { get; init; }

    /// <summary>True to raise the ticket's priority by one.</summary>
    public bool RaisePriority { get; init; }

    /// <summary>The group that the ticket is given to.</summary>
    public Guid? AssignTo { get; init; }

    /// <summary>People to whom it is brought to attention.</summary>
    public IReadOnlyList<Guid> Notify { get; init; } = [];
}

/// <summary>What becomes of tickets that are open when an edition begins to hold.</summary>
public enum RunningClocks
{
    /// <summary>They keep the edition under which they were opened.</summary>
    Keep,

    /// <summary>They go over to it: their new clocks count from the true beginning and keep all pauses.</summary>
    Rebase,
}

/// <summary>Whose calendar counts.</summary>
public enum CalendarSource
{
    /// <summary>The agreement's.</summary>
    Agreement,

    /// <summary>That of the requester's site.</summary>
    RequesterSite,

    /// <summary>That of the group that works on it.</summary>
    AssignmentGroup,
}

/// <summary>On whose clock a calendar's hours are read.</summary>
public enum TimeZoneSource
{
    /// <summary>The calendar's own.</summary>
    Calendar,

    /// <summary>That of the requester's site.</summary>
    RequesterSite,

    /// <summary>That of the affected service.</summary>
    Service,

    /// <summary>The agreement's.</summary>
    Agreement,
}

/// <summary>How promised time is counted.</summary>
public enum PromiseKind
{
    /// <summary>Working time of the calendar.</summary>
    Business,

    /// <summary>All time.</summary>
    Elapsed,

    /// <summary>Until the end of a working day; nothing pauses it.</summary>
    EndOfWorkingDay,
}

/// <summary>What the usual metrics mean.</summary>
internal static class Metrics
{
    public const string FirstResponse = "firstResponse";
    public const string NextUpdate = "nextUpdate";
    public const string Resolution = "resolution";

    private static readonly Condition Open = Condition.Is("category", "open");
    private static readonly Condition Paused = Condition.Is("category", "paused");
    private static readonly Condition Closed = Condition.Is("category", "closed");

    /// <summary>An import may bring a ticket from open to closed in one step.</summary>
    private static readonly Condition Resolved = Condition.OneOf(Condition.Is("category", "resolved"),
        Condition.Is("state", "closed", "fulfilled"));

    private static readonly Condition Answered = Condition.Is("answered", "true");

    /// <summary>The conditions of a usual metric; null for one that is not.</summary>
    /// <param name="metric">Its name.</param>
    /// <param name="afterReply">True for updates that are due after each word of the requester, false for those due after each of an
    /// agent.</param>
    /// <param name="pauses">False for a promise that nothing pauses.</param>
    public static Conditions? Of(string metric, bool afterReply, bool pauses) => metric switch
    {
        FirstResponse =>
            new() { Start = Open, Stop = Condition.OneOf(Answered, Resolved), Pause = pauses ? Paused : null, Cancel = Closed },
        Resolution => new() { Start = Open, Stop = Resolved, Pause = pauses ? Paused : null, Cancel = Closed },

        // Before the first answer another promise holds, and a tighter one for updates must not take its place.
        NextUpdate when afterReply => new()
        {
            Start = Condition.Every(Open, Answered, Condition.Is("lastReply", "requester")),
            Stop = Condition.OneOf(Condition.Is("lastReply", "agent"), Resolved), Pause = pauses ? Paused : null, Cancel = Closed,
        },
        NextUpdate =>
            new() { Start = Condition.Every(Open, Answered), Stop = Resolved, Reset = Condition.Is("reply", "agent"),
                Pause = pauses ? Paused : null, Cancel = Closed },
        _ => null,
    };

    /// <summary>The kind of agreement and the metric: of each a ticket has at most one clock at a time.</summary>
    public readonly record struct Slot(AgreementKind Kind, string Metric);
}
