using Itsm.Contracts;
using Itsm.Platform.Values;

namespace Itsm.Notifications.Live;

/// <summary>The events of the stream, by name, with the data of each.</summary>
internal sealed record StreamEvents(
    ReadyEvent Ready, ResetEvent Reset, EndEvent End, TicketEvent Ticket, CommentEvent Comment, CommentEvent Mention,
    AttachmentEvent Attachment, TimerEvent Timer, ServiceLevelEvent ServiceLevel, SavedSearchEvent SavedSearch, AccessEvent Access,
    ServiceStatusEvent ServiceStatus, ServiceStatusEvent ServiceNotice);

/// <summary>The stream begins here.</summary>
internal sealed record ReadyEvent;

/// <summary>Events were missed for good.</summary>
/// <param name="Reason">What to do.</param>
internal sealed record ResetEvent(Sentence Reason)
{
    /// <summary>The reason in English with the names of its arguments in braces.</summary>
    public string? Template => Reason.Template;

    /// <summary>The arguments of the template by name.</summary>
    public SentenceArguments? Arguments => Reason.Arguments;
}

/// <summary>The stream is over.</summary>
/// <param name="Reason">Why.</param>
internal sealed record EndEvent(Sentence Reason)
{
    /// <summary>The reason in English with the names of its arguments in braces.</summary>
    public string? Template => Reason.Template;

    /// <summary>The arguments of the template by name.</summary>
    public SentenceArguments? Arguments => Reason.Arguments;
}

/// <summary>A ticket changed.</summary>
/// <param name="Ticket">Identity.</param>
/// <param name="Kind">Its process: <c>incident</c>.</param>
/// <param name="Number">Number shown to people.</param>
/// <param name="Version">The version that the change led to.</param>
/// <param name="Title">One line.</param>
/// <param name="State">Where it stands now.</param>
/// <param name="Priority">1 (critical) to 5 (planning).</param>
/// <param name="AssignmentGroup">The group that works on it.</param>
/// <param name="Assignee">The person who works on it.</param>
/// <param name="Action">What was done: <c>create</c>, <c>update</c>, or the action.</param>
/// <param name="Changed">Names of the changed fields.</param>
/// <param name="By">Who did it.</param>
/// <param name="At">When.</param>
internal sealed record TicketEvent(
    Guid Ticket, string Kind, string Number, long Version, string Title, string State, int Priority, Guid? AssignmentGroup, Guid? Assignee,
    string Action, IReadOnlyList<string> Changed, Actor By, DateTimeOffset At);

/// <summary>A comment or work note was written; as a mention, one that speaks to the caller.</summary>
/// <param name="Comment">Identity of the comment.</param>
/// <param name="Ticket">Identity of what it is about.</param>
/// <param name="Kind">Of what it is about: <c>incident</c>.</param>
/// <param name="Number">Number of what it is about.</param>
/// <param name="Version">Of the comment.</param>
/// <param name="Internal">True for a work note.</param>
/// <param name="Text">What was written.</param>
/// <param name="By">Who wrote it.</param>
/// <param name="At">When.</param>
internal sealed record CommentEvent(
    Guid Comment, Guid Ticket, string Kind, string? Number, long Version, bool Internal, string Text, Actor By, DateTimeOffset At);

/// <summary>A file was attached, or removed.</summary>
/// <param name="Attachment">Identity of the attachment.</param>
/// <param name="Ticket">Identity of what it is on.</param>
/// <param name="Kind">Of what it is on: <c>incident</c>.</param>
/// <param name="Number">Number of what it is on.</param>
/// <param name="Version">Of the attachment.</param>
/// <param name="Comment">The comment that it belongs to.</param>
/// <param name="Internal">True where only those who work on the ticket may read it.</param>
/// <param name="FileName">What it is called.</param>
/// <param name="MediaType">By its content.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Removed">True where it is there no more.</param>
/// <param name="By">Who attached or removed it.</param>
/// <param name="At">When.</param>
internal sealed record AttachmentEvent(
    Guid Attachment, Guid Ticket, string Kind, string Number, long Version, Guid? Comment, bool Internal, string FileName, string MediaType,
    long Size, bool Removed, Actor By, DateTimeOffset At);

/// <summary>A timer of a ticket came due.</summary>
/// <param name="Ticket">Identity.</param>
/// <param name="Kind">Its process: <c>incident</c>.</param>
/// <param name="Number">Number shown to people.</param>
/// <param name="Version">The version that it led to.</param>
/// <param name="Timer">Name of the timer.</param>
/// <param name="DueAt">When it was due.</param>
/// <param name="At">When it was carried out.</param>
internal sealed record TimerEvent(
    Guid Ticket, string Kind, string Number, long Version, string Timer, DateTimeOffset DueAt, DateTimeOffset At);

/// <summary>Something happened to a promise about a ticket.</summary>
/// <param name="What"><c>warned</c>, <c>breached</c> or <c>met</c>.</param>
/// <param name="Ticket">Identity.</param>
/// <param name="Kind">Its process: <c>incident</c>.</param>
/// <param name="Number">Number shown to people.</param>
/// <param name="Clock">Identity of the clock.</param>
/// <param name="Details">Of the clock.</param>
internal sealed record ServiceLevelEvent(string What, Guid Ticket, string Kind, string Number, Guid Clock, PromiseDetails Details);

/// <summary>Which promise, and when.</summary>
/// <param name="Agreement">Key of the agreement.</param>
/// <param name="Target">Key of the target in the agreement.</param>
/// <param name="Metric">What is measured.</param>
/// <param name="At">When it happened.</param>
/// <param name="Warning">Which point was reached, of a warning.</param>
/// <param name="DueAt">When the time is up, of a warning.</param>
internal sealed record PromiseDetails(
    string Agreement, string Target, string Metric, DateTimeOffset At, string? Warning = null, DateTimeOffset? DueAt = null);

/// <summary>A saved search finds another number of things for the caller.</summary>
/// <param name="SavedSearch">Identity.</param>
/// <param name="Name">For people.</param>
/// <param name="Count">How many it finds.</param>
/// <param name="At">When they were counted.</param>
internal sealed record SavedSearchEvent(Guid SavedSearch, string Name, long Count, DateTimeOffset At);

/// <summary>Access ends, or is to be confirmed.</summary>
/// <param name="What">Of a grant: <c>ending</c> or its state; of a recertification: <c>recertificationOpen</c>,
/// <c>recertificationEnding</c> or <c>recertificationEnded</c>.</param>
internal sealed record AccessEvent(string What)
{
    /// <summary>Identity of the grant.</summary>
    public Guid? Grant { get; init; }

    /// <summary>Who has the access.</summary>
    public Guid? Person { get; init; }

    /// <summary>To what.</summary>
    public string? Application { get; init; }

    /// <summary>As what.</summary>
    public string? Role { get; init; }

    /// <summary>When the access ends.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When the access ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Identity of the recertification.</summary>
    public Guid? Recertification { get; init; }

    /// <summary>Name of the recertification.</summary>
    public string? Name { get; init; }

    /// <summary>Until when it is to be answered.</summary>
    public DateTimeOffset? EndsAt { get; init; }
}

/// <summary>The state of a service has changed; as a notice, of one that the caller has subscribed to.</summary>
/// <param name="Service">Identity of its configuration item.</param>
/// <param name="Number">Number shown to people.</param>
/// <param name="Key">Short name in addresses.</param>
/// <param name="Name">Name shown to people.</param>
/// <param name="Version">Of the service's status.</param>
/// <param name="State"><c>operational</c>, <c>atRisk</c>, <c>maintenance</c>, <c>degraded</c> or <c>outage</c>.</param>
/// <param name="PreviousState">How it was before, in the same words.</param>
/// <param name="Since">Since when it is so.</param>
/// <param name="At">When that was found.</param>
internal sealed record ServiceStatusEvent(
    Guid Service, string Number, string? Key, string Name, long Version, string State, string? PreviousState, DateTimeOffset Since,
    DateTimeOffset At);
