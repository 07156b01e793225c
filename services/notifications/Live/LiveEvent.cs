using Itsm.Platform.Access;

namespace Itsm.Notifications.Live;

/// <summary>Something that happened, as the stream tells it.</summary>
internal sealed record LiveEvent
{
    public const string Change = "ticket";
    public const string Comment = "comment";
    public const string Mention = "mention";
    public const string Attachment = "attachment";
    public const string Timer = "timer";
    public const string ServiceLevel = "serviceLevel";
    public const string SavedSearch = "savedSearch";
    public const string Access = "access";
    public const string ServiceStatus = "serviceStatus";
    public const string ServiceNotice = "serviceNotice";

    /// <summary>What can be asked for by <c>types</c>.</summary>
    public static readonly string[] Types = [Change, Comment, Mention, Attachment, Timer, ServiceLevel, SavedSearch, Access,
        ServiceStatus, ServiceNotice];

    /// <summary>One of <see cref="Types"/>.</summary>
    public required string Type { get; init; }

    public required Guid Ticket { get; init; }

    public required string Number { get; init; }

    public required string Kind { get; init; }

    /// <summary>The version of what it is about.</summary>
    public required long Version { get; init; }

    /// <summary>What it is about, where not the ticket itself.</summary>
    public Guid? Subject { get; init; }

    /// <summary>True for what is sent only to those who may read the ticket's work notes.</summary>
    public bool IsNote { get; init; }

    /// <summary>Reader tokens.</summary>
    public required IReadOnlyList<string> Readers { get; init; }

    /// <summary>Ids of the readers whom it is sent to; null for all of them.</summary>
    public IReadOnlyList<Guid>? Only { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>JSON for the client.</summary>
    public required string Data { get; init; }

    /// <summary>The same for every delivery of it.</summary>
    public string Key => $"{Type}:{Subject ?? Ticket}:{Version}";

    /// <summary>True for who may see it and is among those whom it is sent to.</summary>
    public bool IsFor(Caller caller) => caller.Sees(Readers) && Only?.Contains(caller.Person) != false;
}

/// <summary>A place in the live log, as clients name it: milliseconds and a number within them. Later places are greater.</summary>
internal readonly record struct LivePosition(long Milliseconds, long Number) : IComparable<LivePosition>
{
    public int CompareTo(LivePosition other) =>
        Milliseconds.CompareTo(other.Milliseconds) is var order and not 0 ? order : Number.CompareTo(other.Number);

    public override string ToString() => $"{Milliseconds}-{Number}";

    public static bool operator >(LivePosition one, LivePosition other) => one.CompareTo(other) > 0;

    public static bool operator <(LivePosition one, LivePosition other) => one.CompareTo(other) < 0;

    public static LivePosition? Parse(string text) =>
        text.Split('-') is [var milliseconds, var number]
            && ulong.TryParse(milliseconds, out var ms)
            && ulong.TryParse(number, out var n)
            && ms <= long.MaxValue
            && n <= long.MaxValue
            ? new((long)ms, (long)n) : null;
}

/// <summary>An event at its place.</summary>
internal sealed record LiveEntry(LivePosition Position, LiveEvent Event);
