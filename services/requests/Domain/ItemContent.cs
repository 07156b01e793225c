using System.ComponentModel.DataAnnotations;
using Itsm.Ticketing;
using Itsm.Ticketing.Approvals;
using Itsm.Ticketing.Forms;

namespace Itsm.Requests.Domain;

/// <summary>All that administrators write of a catalog item; an edition keeps it as it was published.</summary>
public sealed record ItemContent
{
    /// <summary>Name shown to people.</summary>
    [StringLength(120, MinimumLength = 2)]
    public required string Name { get; init; }

    /// <summary>What one gets, and for whom it is.</summary>
    [StringLength(32_000)]
    public string? Description { get; init; }

    /// <summary>Id or key of its node in the catalog's tree.</summary>
    public string? Category { get; init; }

    /// <summary>An ordinary item, or one that is about a person who comes or goes.</summary>
    public ItemKind Kind { get; init; }

    /// <summary>Who may see and order it; everybody where empty.</summary>
    [MaxLength(50)]
    public IReadOnlyList<ItemAudience> Audience { get; init; } = [];

    /// <summary>The questions.</summary>
    public Form Form { get; init; } = Form.Empty;

    /// <summary>Who must approve it; nobody where left out.</summary>
    public ApprovalPolicy Approval { get; init; } = new();

    /// <summary>What is done for it. Empty: the assignment group fulfills it by hand.</summary>
    [MaxLength(100)]
    public IReadOnlyList<PlanStep> Plan { get; init; } = [];

    /// <summary>Id or key of the group that looks after requests of it.</summary>
    public string? AssignmentGroup { get; init; }

    /// <summary>Working time, on the calendar of the requester's site, from approval until it should be there.</summary>
    public TimeSpan? ExpectedDelivery { get; init; }

    /// <summary>What it costs; null where nothing.</summary>
    public Cost? Cost { get; init; }

    /// <summary>Id or user name of who owns the service.</summary>
    public string? Owner { get; init; }

    /// <summary>Id or user name of who owns the data; the owner where left out.</summary>
    public string? DataOwner { get; init; }

    /// <summary>Priority of its requests, 1 (critical) to 5 (planning).</summary>
    [Range(1, 5)]
    public int Priority { get; init; } = 4;

    /// <summary>The access that a fulfilled request gives; null where it gives none.</summary>
    public AccessRule? Access { get; init; }

    /// <summary>True where what is handed out is to come back when the person leaves.</summary>
    public bool Returnable { get; init; }
}

/// <summary>What kind of item it is.</summary>
public enum ItemKind
{
    /// <summary>For the person who asks.</summary>
    Standard,

    /// <summary>About somebody who comes: its question <c>person</c> says who, <c>startDate</c> when.</summary>
    Onboarding,

    /// <summary>About somebody who goes: its question <c>person</c> says who, <c>lastDay</c> when. What they hold is taken back.</summary>
    Offboarding,
}

/// <summary>Some who may see and order an item: a group or a role.</summary>
public sealed record ItemAudience
{
    /// <summary>Id or key of a group.</summary>
    public string? Group { get; init; }

    /// <summary>Key of a role.</summary>
    [StringLength(60, MinimumLength = 1)]
    public string? Role { get; init; }
}

/// <summary>A step of a plan. It begins when those before it have ended.</summary>
public sealed record PlanStep
{
    /// <summary>Tells the steps of a plan apart.</summary>
    [RegularExpression("^[a-z0-9]+(-[a-z0-9]+)*$", ErrorMessage = "lower-case letters, digits and single hyphens"),
        StringLength(60)]
    public required string Key { get; init; }

    /// <summary>What kind of work.</summary>
    public StepKind Kind { get; init; }

    /// <summary>One line.</summary>
    [StringLength(200, MinimumLength = 2)]
    public required string Title { get; init; }

    /// <summary>The full text.</summary>
    [StringLength(32_000)]
    public string? Description { get; init; }

    /// <summary>Id or key of the group that does it, or looks after it.</summary>
    public string? Group { get; init; }

    /// <summary>Keys of the steps that must have ended before it begins.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    /// <summary>It is skipped unless all of these hold of the answers and the request.</summary>
    public IReadOnlyList<FieldCondition> When { get; init; } = [];

    /// <summary>When it should be done; null for no date.</summary>
    public DueRule? Due { get; init; }

    /// <summary>Questions to whoever does it.</summary>
    public Form? Form { get; init; }

    /// <summary>Of a call: where to.</summary>
    public CallRule? Call { get; init; }

    /// <summary>Of a request: what is ordered.</summary>
    public OrderRule? Order { get; init; }
}

/// <summary>What kind of work a step is.</summary>
public enum StepKind
{
    /// <summary>People do it.</summary>
    Work,

    /// <summary>A program does it: a signed call, and its answer.</summary>
    Call,

    /// <summary>Another request is ordered, which goes its own way.</summary>
    Request,

    /// <summary>Something that a leaver holds comes back. Not in plans: it follows from what they hold.</summary>
    Recover,

    /// <summary>The leaver's access ends, at their last working moment. Not in plans.</summary>
    Deactivate,
}

/// <summary>When a step should be done: so many working days from a date, or so much working time after it began.</summary>
public sealed record DueRule
{
    /// <summary>Key of the question with the date.</summary>
    public string? Date { get; init; }

    /// <summary>Working days from that date: -3 for three before it.</summary>
    public int Days { get; init; }

    /// <summary>Working time from the beginning of the step, where no date is named.</summary>
    public TimeSpan? Within { get; init; }
}

/// <summary>A call to a program.</summary>
public sealed record CallRule
{
    /// <summary>Where: https, at a public address, or one that the settings name.</summary>
    [StringLength(2000)]
    public required string Url { get; init; }

    /// <summary>Name of the key in the settings with which it is signed.</summary>
    public required string Secret { get; init; }

    /// <summary>What ends the step.</summary>
    public CallEnd EndsWith { get; init; }

    /// <summary>How long to wait for the call back; 1 hour where left out, 1 minute to 30 days.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(1);
}

/// <summary>What ends a call.</summary>
public enum CallEnd
{
    /// <summary>The answer to it, whose body is the result.</summary>
    Answer,

    /// <summary>A call back with the token that it brought along.</summary>
    Callback,
}

/// <summary>A request to be ordered.</summary>
public sealed record OrderRule
{
    /// <summary>Key of the item.</summary>
    public required string Item { get; init; }

    /// <summary>Its answers by question: a text as it stands or, in braces, the answer to a question of this item:
    /// <c>{model}</c>.</summary>
    public Dictionary<string, string> Answers { get; init; } = [];
}

/// <summary>The access that a request gives.</summary>
public sealed record AccessRule
{
    /// <summary>To which application.</summary>
    [StringLength(120, MinimumLength = 1),
        RegularExpression(@"^(?!\s)[^,]*(?<!\s)$", ErrorMessage = "a name without commas, and without blanks at its ends")]
    public required string Application { get; init; }

    /// <summary>In which role; in braces, the answer to a question: <c>{role}</c>.</summary>
    [StringLength(120, MinimumLength = 1)]
    public required string Role { get; init; }

    /// <summary>How much harm wrong hands could do.</summary>
    public Sensitivity Sensitivity { get; init; }

    /// <summary>Key of the question with the last day; null where none is asked.</summary>
    public string? Until { get; init; }

    /// <summary>The longest time that it is given; null for no limit.</summary>
    public TimeSpan? Longest { get; init; }
}

/// <summary>How much harm wrong hands could do.</summary>
public enum Sensitivity
{
    /// <summary>Little.</summary>
    Normal,

    /// <summary>Some.</summary>
    Confidential,

    /// <summary>Much: people, money, secrets.</summary>
    Sensitive,
}
