using Itsm.Contracts;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Ticketing;

/// <summary>What incidents, requests, problems and changes have in common.</summary>
public abstract partial class Ticket : Aggregate, ICommentable
{
    /// <summary>Closes a resolved ticket by itself.</summary>
    public const string CloseTimer = "close";
    /// <summary>Number shown to people; works as an id.</summary>
    public required string Number { get; init; }

    /// <summary>One line, trimmed.</summary>
    public string Title
    {
        get;
        protected set => field = value.Trim();
    }

    = "";

    /// <summary>The full text.</summary>
    [UnusedByActions, Markdown]
    public string? Description { get; protected set; }

    /// <summary>For whom it is.</summary>
    public Guid Requester { get; protected set; }

    /// <summary>Who wrote it down.</summary>
    public Guid OpenedBy { get; protected init; }

    /// <summary>When it was opened.</summary>
    public DateTimeOffset OpenedAt { get; protected init; }

    /// <summary>When it was last changed.</summary>
    public DateTimeOffset UpdatedAt { get; protected set; }

    /// <summary>The group that works on it.</summary>
    public Guid? AssignmentGroup { get; protected set; }

    /// <summary>The person who works on it.</summary>
    public Guid? Assignee { get; protected set; }

    /// <summary>How far the damage reaches.</summary>
    public Level Impact { get; protected set; }

    /// <summary>How soon it must end.</summary>
    public Level Urgency { get; protected set; }

    /// <summary>1 (critical) to 5 (planning): the override where there is one, else computed.</summary>
    public int Priority { get; protected set; }

    /// <summary>What the matrix says of impact and urgency.</summary>
    public int ComputedPriority { get; protected set; }

    /// <summary>Somebody's decision for another priority than the computed one.</summary>
    public PriorityOverride? PriorityOverride { get; protected set; }

    /// <summary>Its node in the category tree.</summary>
    public Guid? Category { get; protected set; }

    /// <summary>True: of those who work on tickets only those see it who have it, or a task of it.</summary>
    public bool Confidential { get; protected set; }

    /// <summary>Reference to the affected service.</summary>
    public string? AffectedService { get; protected set; }

    /// <summary>References to the affected configuration items.</summary>
    [UnusedByActions]
    [AtMost(1_000)]
    public IReadOnlyList<string> ConfigurationItems { get; protected set; } = [];

    /// <summary>People who want to hear of it; they see it.</summary>
    [UnusedByActions]
    [AtMost(1_000)]
    public IReadOnlyList<Guid> Watchers { get; protected set; } = [];

    /// <summary>Typed links to other things, as seen from here; see <see cref="TicketLink"/> for the other direction.</summary>
    [UnusedByActions]
    [AtMost(1_000)]
    public IReadOnlyList<TicketLink> Links { get; protected set; } = [];

    /// <summary>When an agent first answered in public.</summary>
    public DateTimeOffset? FirstAnsweredAt { get; protected set; }

    /// <summary>When it was last resolved; null while it is not.</summary>
    public DateTimeOffset? ResolvedAt { get; protected set; }

    /// <summary>When it ended; null while it has not.</summary>
    public DateTimeOffset? ClosedAt { get; protected set; }

    /// <summary>Every change of the fields that clocks and reports depend on.</summary>
    [UnusedByActions]
    [AtMost(20_000)]
    public IReadOnlyList<TimelineEntry> Timeline { get; protected set; } = [];

    /// <summary>When this suite first knew of it: later than it was opened where an import brought it.</summary>
    public DateTimeOffset RecordedAt { get; protected set; }

    /// <summary>What the directory said of its requester and group when they became so.</summary>
    [Hidden, UnusedByActions]
    public Surroundings? Surroundings { get; private set; }

    /// <summary>Its service-level clocks, as service-levels last told; null until it has.</summary>
    [Annex, UnusedByActions]
    public TicketServiceLevels? ServiceLevels { get; private set; }

    /// <summary>Who may read its work notes.</summary>
    [Hidden]
    [AtMost(5_000)]
    public IReadOnlyList<string> NoteReaders { get; protected set; } = [];

    /// <summary>True where only those who work on it do anything to it, and what it holds goes nowhere else.</summary>
    protected internal virtual bool IsRestricted => false;

    bool ICommentable.IsRestricted => IsRestricted || Confidential;

    /// <summary>Why there is no decision for another priority to take back; null where there is one.</summary>
    protected Sentence? WhyNoOverride => PriorityOverride is null ? (Sentence)$"{Number} has its computed priority." : null;

    /// <summary>True once somebody has it, or has begun: from then on those whose it is comment on it, and don't change it.</summary>
    protected internal abstract bool HasWorkBegun { get; }

    /// <summary>True once it is closed or cancelled.</summary>
    protected internal bool HasEnded => StateCategory == StateCategory.Closed;

    /// <summary>Which process: <c>incident</c>.</summary>
    protected abstract string Kind { get; }

    /// <summary>The state, for sentences.</summary>
    protected abstract Enum StateName { get; }

    /// <summary>The state's word in JSON.</summary>
    protected abstract string StateWord { get; }

    /// <summary>What clocks make of the state.</summary>
    protected abstract StateCategory StateCategory { get; }

    /// <summary>Makes a move of the life cycle.</summary>
    /// <param name="action">Its name in the table.</param>
    /// <param name="closeAfter">Between a resolution and the closing by itself.</param>
    /// <param name="audit">Who and why.</param>
    /// <exception cref="RuleViolationException"><c>{kind}.transition</c> where the table has no such move, or what the kind
    /// adds.</exception>
    public abstract void Move(string action, TimeSpan closeAfter, AuditContext audit);

    /// <summary>Closes it if its time has come.</summary>
    public abstract void CloseWhenDue(AuditContext audit);

    /// <summary>Notes a public comment, and says which move follows from it; null for none.</summary>
    public abstract string? ReactionTo(TicketCommented comment);

    /// <summary>Does what a step of an agreement asks for, unless it is resolved.</summary>
    public abstract void Follow(TicketEscalationRequested step, GroupChanged? group, AuditContext audit);

    /// <summary>Changes title and description.</summary>
    public void Describe(string title, string? description)
    {
        RequireNotEnded("edit");
        (Title, Description) = (title, description);
    }

    /// <summary>Changes for whom it is.</summary>
    public void TransferTo(Guid requester)
    {
        RequireNotEnded("edit");
        Requester = requester;
    }

    /// <summary>Sets impact and urgency, and the priority that follows; an override stays.</summary>
    public void Rate(Level impact, Level urgency, PriorityMatrix matrix)
    {
        RequireNotEnded("edit");
        (Impact, Urgency) = (impact, urgency);
        ComputedPriority = matrix.Priority(impact, urgency);
        Priority = PriorityOverride?.Priority ?? ComputedPriority;
        OnPriorityChanged();
    }

    /// <summary>Decides for another priority than the computed one, kept beside it with who and why.</summary>
    public void OverridePriority(int priority, string reason, AuditContext audit)
    {
        RequireNotEnded("override-priority");
        (PriorityOverride, Priority) = (new PriorityOverride(priority, audit.By, reason, audit.At), priority);
        OnPriorityChanged();
    }

    /// <summary>Goes back to the computed priority.</summary>
    /// <exception cref="RuleViolationException"><c>ticket.no-override</c> where there is none.</exception>
    public void ClearPriorityOverride()
    {
        RequireNotEnded("clear-priority-override");
        Refuse("ticket.no-override", WhyNoOverride);
        (PriorityOverride, Priority) = (null, ComputedPriority);
        OnPriorityChanged();
    }

    /// <summary>Puts it into another category; from then on it is confidential where that says so.</summary>
    public void Categorize(Guid? category, bool isConfidential)
    {
        RequireNotEnded("edit");
        (Category, Confidential) = (category, Confidential || isConfidential);
    }

    /// <summary>Takes it from the eyes of those who don't have it, or shows it to all who work on tickets.</summary>
    public void Seclude(bool confidential)
    {
        RequireNotEnded("edit");
        Confidential = confidential;
    }

    /// <summary>Names what is affected.</summary>
    public void Affect(string? service, IReadOnlyList<string> configurationItems)
    {
        RequireNotEnded("edit");
        (AffectedService, ConfigurationItems) = (service, [.. configurationItems.Distinct()]);
    }

    /// <summary>Links it to another thing.</summary>
    /// <exception cref="RuleViolationException"><c>ticket.link-exists</c>, or <c>ticket.link-self</c>.</exception>
    public void Link(TicketLink link)
    {
        if (link.Target == Id.ToString())
        {
            throw new RuleViolationException("ticket.link-self", $"{Number} can't be linked to itself.");
        }

        if (Links.Any(known => known.Type == link.Type && known.Target == link.Target))
        {
            throw new RuleViolationException("ticket.link-exists", $"{Number} has this link already.");
        }

        Links = [.. Links, link];
    }

    /// <summary>Takes back a link.</summary>
    /// <returns>False where there is none with this id.</returns>
    public bool Unlink(Guid link)
    {
        var left = Links.Where(known => known.LinkId != link).ToList();
        var found = left.Count < Links.Count;
        Links = left;
        return found;
    }

    /// <summary>Somebody answered in public; the first time counts, whatever is received first.</summary>
    public void NoteAnswer(DateTimeOffset at) => FirstAnsweredAt = FirstAnsweredAt < at ? FirstAnsweredAt : at;

    /// <summary>Keeps what the directory says now of its requester and group, for its clocks.</summary>
    public void Surround(Surroundings? surroundings) => Surroundings = surroundings;

    /// <summary>Called when the priority may have changed.</summary>
    protected virtual void OnPriorityChanged()
    {
    }

    /// <summary>Why nothing may be written any more; null where it may. Where there is one it names the way on.</summary>
    protected virtual Sentence? WhyNoComments => WhyEnded("comment");

    /// <summary>Refuses where nothing may be written any more.</summary>
    /// <exception cref="RuleViolationException"><c>ticket.ended</c>.</exception>
    public void RequireOpenForComments() => Refuse("ticket.ended", WhyNoComments);

    /// <summary>Why it may not be changed any more; null where it may.</summary>
    protected Sentence? WhyEnded(string action) =>
        HasEnded ? (Sentence)$"{Number} is {StateName}; {action} is not possible any more." : null;

    /// <exception cref="RuleViolationException"><c>ticket.ended</c> where nothing may change any more.</exception>
    protected void RequireNotEnded(string action) => Refuse("ticket.ended", WhyEnded(action));

    /// <exception cref="RuleViolationException">With this code, where there is a reason.</exception>
    protected static void Refuse(string code, Sentence? why)
    {
        if (why is not null)
        {
            throw new RuleViolationException(code, why);
        }
    }
}

/// <summary>A decision for another priority than the computed one.</summary>
/// <param name="Priority">1 to 5.</param>
/// <param name="By">Who decided.</param>
/// <param name="Reason">Why.</param>
/// <param name="At">When.</param>
public sealed record PriorityOverride(int Priority, Actor By, string Reason, DateTimeOffset At);
