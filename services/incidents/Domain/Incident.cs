using Itsm.Contracts;
using Itsm.Contracts.Incidents;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Ticketing;
using MongoDB.Bson.Serialization.Attributes;

namespace Itsm.Incidents.Domain;

/// <summary>An interruption of a service, from the first word of it to its end.</summary>
public sealed partial class Incident : Ticket
{
    /// <summary>Closes a resolved incident by itself.</summary>
    internal const string CloseTimer = "close";

    /// <summary>Where it stands; moves by actions only.</summary>
    public IncidentState State { get; private set; }

    /// <summary>Since when it stands there.</summary>
    public DateTimeOffset StateSince { get; private set; }

    /// <summary>How it came in.</summary>
    public Channel Channel { get; private init; }

    /// <summary>For whom it waits; null unless on hold.</summary>
    public HoldReason? HoldReason { get; private set; }

    /// <summary>How it was resolved; null while it is not.</summary>
    public ResolutionCode? ResolutionCode { get; private set; }

    /// <summary>What was done; null while it is not resolved.</summary>
    public string? ResolutionNotes { get; private set; }

    /// <summary>Who resolved it; null while it is not.</summary>
    public Actor? ResolvedBy { get; private set; }

    /// <summary>When it will close by itself; null where it will not.</summary>
    public DateTimeOffset? ClosesAt { get; private set; }

    /// <summary>How often it was reopened.</summary>
    public int ReopenCount { get; private set; }

    /// <summary>Who last reopened it.</summary>
    public Actor? ReopenedBy { get; private set; }

    /// <summary>When it was last reopened.</summary>
    public DateTimeOffset? ReopenedAt { get; private set; }

    /// <summary>How far it was escalated; 0 at first.</summary>
    public int EscalationLevel { get; private set; }

    /// <summary>Every escalation, oldest first.</summary>
    public IReadOnlyList<Escalation> Escalations { get; private set; } = [];

    /// <summary>Where an import found it; null for those opened here.</summary>
    public ImportSource? Source { get; private set; }

    /// <inheritdoc/>
    protected override bool IsRestricted => Security is not null;

    /// <inheritdoc/>
    protected override string Kind => "incident";

    /// <inheritdoc/>
    protected override string StateName => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(State.ToString());

    /// <inheritdoc/>
    protected override StateCategory StateCategory => State switch
    {
        IncidentState.OnHold => StateCategory.Paused,
        IncidentState.Resolved => StateCategory.Resolved,
        IncidentState.Closed or IncidentState.Cancelled => StateCategory.Closed,
        _ => StateCategory.Open,
    };

    /// <summary>A new incident.</summary>
    public static Incident Open(NewIncident incident, PriorityMatrix matrix, Act act)
    {
        var opened = new Incident
        {
            Id = Guid.CreateVersion7(act.At), Number = incident.Number, OpenedBy = incident.OpenedBy, OpenedAt = act.At, Channel = incident.Channel,
            Requester = incident.Requester, Title = incident.Title, Description = incident.Description, Category = incident.Category,
            AssignmentGroup = incident.AssignmentGroup, Assignee = incident.Assignee, StateSince = act.At,
        };
        opened.Rate(incident.Impact, incident.Urgency, matrix);
        opened.Affect(incident.AffectedService, incident.ConfigurationItems);
        return opened;
    }

    /// <summary>Begins the work; whoever begins takes it where nobody has.</summary>
    public void Start(Act act)
    {
        MoveTo(IncidentLifeCycle.Start, act);
        Assignee ??= act.By.Person;
    }

    /// <summary>Lets it wait for somebody else; the comment, where there is one, is written in public.</summary>
    public void Hold(HoldReason reason, string? comment, Act act)
    {
        MoveTo(IncidentLifeCycle.Hold, act);
        HoldReason = reason;
        if (comment is not null)
        {
            Raise(new TicketCommentRequested { CommentId = Guid.CreateVersion7(act.At), Kind = Kind, Ticket = Id, Internal = false, Text = comment, By = act.By, At = act.At });
        }
    }

    /// <summary>Goes on after a wait.</summary>
    public void Resume(Act act) => MoveTo(IncidentLifeCycle.Resume, act);

    /// <summary>Says that service is restored; it closes by itself after <paramref name="closeAfter"/>, measured from now, unless it is a major incident.</summary>
    public void Resolve(ResolutionCode code, string notes, TimeSpan closeAfter, Act act)
    {
        MoveTo(IncidentLifeCycle.Resolve, act);
        (ResolutionCode, ResolutionNotes, ResolvedBy, ResolvedAt) = (code, notes, act.By, act.At);
        if (!IsMajor)
        {
            ClosesAt = act.At + closeAfter;
            SetTimer(CloseTimer, ClosesAt.Value);
        }

        EndUpdateCadence();
    }

    /// <summary>Takes the work up again: the resolution did not hold.</summary>
    public void Reopen(Act act)
    {
        MoveTo(IncidentLifeCycle.Reopen, act);
        (ReopenCount, ReopenedBy, ReopenedAt) = (ReopenCount + 1, act.By, act.At);
        (ResolutionCode, ResolutionNotes, ResolvedBy, ResolvedAt, ClosesAt) = (null, null, null, null, null);
        CancelTimer(CloseTimer);
        if (IsMajor)
        {
            ScheduleUpdate(act.At);
        }
    }

    /// <summary>Ends it.</summary>
    public void Close(Act act)
    {
        RequireSettled();
        MoveTo(IncidentLifeCycle.Close, act);
        (ClosedAt, ClosesAt) = (act.At, null);
        CancelTimer(CloseTimer);
    }

    /// <summary>Closes it if its time has come: resolved, not a major incident, and the instant set at the resolution reached.</summary>
    public void CloseWhenDue(Act act)
    {
        if (State == IncidentState.Resolved && !IsMajor && ClosesAt <= act.At)
        {
            if (Reserved is not null || ReservedBy.Count > 0)
            {
                SetTimer(CloseTimer, act.At + ReservedFor);
                return;
            }

            Close(act);
        }
    }

    /// <summary>Ends it without a resolution.</summary>
    public void Cancel(Act act)
    {
        RequireSettled();
        MoveTo(IncidentLifeCycle.Cancel, act);
        ClosedAt = act.At;
        EndUpdateCadence();
    }

    /// <summary>Gives it to a group, a person, or both.</summary>
    public void Assign(Guid? group, Guid? assignee)
    {
        RequireNotEnded("assign");
        RequireNamed(group, assignee);
        (AssignmentGroup, Assignee) = (group, assignee);
    }

    /// <summary>Escalates to a group with more knowledge (functional) or to a person with more say (hierarchical).</summary>
    public void Escalate(Guid? group, Guid? person, string reason, Act act)
    {
        RequireNotEnded("escalate");
        if (group is { } other)
        {
            if (other == AssignmentGroup)
            {
                throw new RuleViolationException("incident.escalation-same-group", $"{Number} is with that group already.");
            }

            RequireNamed(other, person);
            (AssignmentGroup, Assignee) = (other, person);
        }
        else
        {
            Watch(person!.Value, true);
        }

        EscalationLevel++;
        Escalations = [.. Escalations, new Escalation(group is null ? EscalationKind.Hierarchical : EscalationKind.Functional, EscalationLevel, group, person, reason, act.By, act.At)];
    }

    /// <summary>Changes for whom it is.</summary>
    public void TransferTo(Guid requester)
    {
        RequireNotEnded("edit");
        Requester = requester;
    }

    /// <summary>Refuses where nothing may be written any more.</summary>
    /// <exception cref="RuleViolationException"><c>ticket.ended</c>; it names the way on.</exception>
    public void RequireOpenForComments()
    {
        if (StateCategory == StateCategory.Closed)
        {
            throw new RuleViolationException("ticket.ended", $"{Number} is {StateName}; go on with a new one: POST /api/v1/incidents/{Number}/follow-up.");
        }
    }

    /// <exception cref="RuleViolationException"><c>incident.not-ended</c>, or <c>incident.follow-up-late</c>.</exception>
    public void RequireFollowable(TimeSpan within, DateTimeOffset now)
    {
        if (StateCategory != StateCategory.Closed || MergedInto is not null)
        {
            throw new RuleViolationException("incident.not-ended", MergedInto is null ? $"{Number} is {StateName}: comment on it, or reopen it." : $"{Number} was merged: comment on it, and the one that goes on gets it.");
        }

        if (ClosedAt + within < now)
        {
            throw new RuleViolationException("incident.follow-up-late", $"{Number} ended more than {within.TotalDays:0.#} days ago: open a new incident.");
        }
    }

    /// <inheritdoc/>
    protected override IEnumerable<ActionState> Actions(Caller caller) => IncidentLifeCycle.Table.Actions(State).Concat(MajorActions());

    /// <inheritdoc/>
    protected override TicketChanged Snapshot(Act act, IReadOnlyList<string> changed) => base.Snapshot(act, changed) with
    {
        Incident = new IncidentDetails
        {
            Channel = Word<Channel>(Channel)!, HoldReason = Word(HoldReason), ResolutionCode = Word(ResolutionCode), ResolutionNotes = ResolutionNotes,
            ReopenCount = ReopenCount, Parent = Parent, MergedInto = MergedInto, Major = Word(Major?.Stage), Security = Security is not null,
        },
    };

    /// <inheritdoc/>
    protected override (IReadOnlyList<string> Readers, IReadOnlyList<string> NoteReaders) ComputeReaders()
    {
        List<string> workers = Security is { } security
            ? [.. security.People.Select(ReaderToken.Person), .. security.Groups.Select(ReaderToken.Group)]
            : [ReaderToken.Role(KnownRoles.Agent), .. AssignmentGroup is { } group ? new[] { ReaderToken.Group(group) } : [], .. Assignee is { } assignee ? new[] { ReaderToken.Person(assignee) } : []];
        List<string> others = [ReaderToken.Person(Requester), .. Security is null ? Watchers.Append(OpenedBy).Select(ReaderToken.Person) : []];
        return ([.. workers.Concat(others).Distinct()], workers);
    }

    private static string? Word<TEnum>(TEnum? value)
        where TEnum : struct, Enum => value is { } known ? System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(known.ToString()) : null;

    private void MoveTo(string action, Act act)
    {
        State = IncidentLifeCycle.Table.Next(State, action);
        StateSince = act.At;
        HoldReason = null;
    }
}
