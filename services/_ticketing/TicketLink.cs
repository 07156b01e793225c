using Itsm.Contracts;

namespace Itsm.Ticketing;

/// <summary>A link from a ticket to another thing. It is stored here only; the other end, where it is a ticket of this service,
/// shows it as incoming.</summary>
/// <param name="LinkId">Identity.</param>
/// <param name="Type">How the two relate, as seen from here.</param>
/// <param name="TargetKind">What the other thing is: <c>incident</c>, <c>problem</c>, <c>change</c>, <c>article</c>,
/// <c>configurationItem</c>, <c>url</c>…</param>
/// <param name="Target">Its id (or address).</param>
/// <param name="By">Who linked them.</param>
/// <param name="At">When.</param>
public sealed record TicketLink(Guid LinkId, LinkType Type, string TargetKind, string Target, Actor By, DateTimeOffset At);

/// <summary>How two things relate.</summary>
public enum LinkType
{
    /// <summary>In some way; the same from both ends.</summary>
    RelatesTo,

    /// <summary>Says the same as the other.</summary>
    Duplicates,

    /// <summary>Is the cause of the other.</summary>
    Causes,

    /// <summary>Keeps the other from going on.</summary>
    Blocks,

    /// <summary>Was split off from the other.</summary>
    SplitFrom,

    /// <summary>Was merged into the other.</summary>
    MergedInto,

    /// <summary>Goes on where the other, which is closed, ended.</summary>
    FollowsUp,
}
