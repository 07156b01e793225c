using Itsm.Contracts;
using Itsm.Contracts.Incidents;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using Itsm.Ticketing;
using Itsm.Ticketing.Tasks;

namespace Itsm.Incidents.Domain;

/// <summary>An interruption of a service, from the first word of it to its end.</summary>
public sealed partial class Incident : Ticket<IncidentState, HoldReason>
{
    /// <summary>How it came in.</summary>
    public Channel Channel { get; private init; }

    /// <summary>How it was resolved; null while it is not.</summary>
    public ResolutionCode? ResolutionCode { get; private set; }

    /// <summary>What was done; null while it is not resolved.</summary>
    [UnusedByActions]
    public string? ResolutionNotes { get; private set; }

    /// <summary>Who resolved it; null while it is not.</summary>
    [UnusedByActions]
    public Actor? ResolvedBy { get; private set; }

    /// <summary>The work on it.</summary>
    [Hidden, UnusedByActions]
    [AtMost(500)]
    public IReadOnlyList<WorkTask> Tasks { get; private set; } = [];

    /// <summary>Where an import found it; null for those opened here.</summary>
    [UnusedByActions]
    public ImportSource? Source { get; private set; }

    /// <summary>True while employees are told of it as a major incident.</summary>
    [Hidden, Unaudited, UnusedByActions]
    public bool IsTold { get; private set; }

    /// <inheritdoc/>
    protected override IReadOnlyList<TicketTask> TaskList { get => Tasks; set => Tasks = [.. value.Cast<WorkTask>()]; }

    /// <inheritdoc/>
    protected override bool GoesOnElsewhere => MergedInto is not null;

    /// <inheritdoc/>
    protected override bool IsRestricted => Security is not null;

    /// <inheritdoc/>
    protected override string Kind => "incident";

    /// <inheritdoc/>
    protected override TicketLifeCycle<IncidentState> LifeCycle => IncidentLifeCycle.Table;

    /// <inheritdoc/>
    protected override HoldReason AwaitsRequester => Domain.HoldReason.Caller;

    /// <inheritdoc/>
    protected override bool ClosesByItself => !IsMajor;

    /// <summary>A new incident.</summary>
    public static Incident Open(NewIncident incident, PriorityMatrix matrix, AuditContext audit)
    {
        var opened = new Incident
        {
            Id = Guid.CreateVersion7(audit.At), Number = incident.Number, OpenedBy = incident.OpenedBy, OpenedAt = audit.At,
            Channel = incident.Channel, Requester = incident.Requester, Title = incident.Title, Description = incident.Description,
            Category = incident.Category, Confidential = incident.Confidential,
            AssignmentGroup = incident.AssignmentGroup, Assignee = incident.Assignee, StateSince = audit.At,
        };
        opened.Rate(incident.Impact, incident.Urgency, matrix);
        opened.Affect(incident.AffectedService, incident.ConfigurationItems);
        return opened;
    }

    /// <summary>Says that service is restored; it closes by itself after <paramref name="closeAfter"/>, measured from now, unless it is a
    /// major incident.</summary>
    public void Resolve(ResolutionCode code, string notes, TimeSpan closeAfter, AuditContext audit)
    {
        Move(IncidentLifeCycle.Resolve, closeAfter, audit);
        (ResolutionCode, ResolutionNotes, ResolvedBy) = (code, notes, audit.By);
    }

    /// <summary>Closes it if its time has come, and no relation to another is just being made.</summary>
    public override void CloseWhenDue(AuditContext audit)
    {
        if (State == IncidentState.Resolved && !IsMajor && ClosesAt <= audit.At && (Reserved is not null || ReservedBy.Count > 0))
        {
            SetTimer(CloseTimer, audit.At + ReservedFor);
            return;
        }

        base.CloseWhenDue(audit);
    }

    /// <inheritdoc/>
    protected override Sentence? WhyNoComments => StateCategory == StateCategory.Closed && MergedInto is null
        ? (Sentence)$"{Number} is {StateName}; go on with a new one: POST /api/v1/incidents/{Number}/follow-up." : null;

    private Sentence? WhyNoFollowUp => MergedInto is not null
        ? $"{Number} was merged: comment on it, and the one that goes on gets it."
        : StateCategory == StateCategory.Closed ? null : (Sentence)$"{Number} is {StateName}: comment on it, or reopen it.";

    /// <exception cref="RuleViolationException"><c>incident.not-ended</c>, or <c>incident.follow-up-late</c>.</exception>
    public void RequireFollowable(TimeSpan within, DateTimeOffset now)
    {
        Refuse("incident.not-ended", WhyNoFollowUp);
        if (ClosedAt + within < now)
        {
            throw new RuleViolationException("incident.follow-up-late",
                $"{Number} ended more than {within.TotalDays:0.#} days ago: open a new incident.");
        }
    }

    /// <inheritdoc/>
    protected override IEnumerable<ActionState> Actions(Caller caller) => 
        base.Actions(caller).Concat(FamilyActions()).Concat(MajorActions()).Concat(SecurityActions());

    /// <inheritdoc/>
    protected override TicketChanged Snapshot(AuditContext audit, IReadOnlyList<string> changed) => base.Snapshot(audit, changed) with
    {
        Incident = new IncidentDetails
        {
            Channel = Word<Channel>(Channel)!, HoldReason = Word(HoldReason), ResolutionCode = Word(ResolutionCode),
            ResolutionNotes = ResolutionNotes, ReopenCount = ReopenCount, Parent = Parent, MergedInto = MergedInto,
            Major = Word(Major?.Stage), Security = Security is not null,
        },
    };

    /// <inheritdoc/>
    protected override (IReadOnlyList<string> Readers, IReadOnlyList<string> NoteReaders) ComputeReaders()
    {
        if (Security is not { } security)
        {
            return base.ComputeReaders();
        }

        List<string> workers = [.. security.People.Select(ReaderToken.Person), .. security.Groups.Select(ReaderToken.Group)];
        return ([.. workers.Append(ReaderToken.Person(Requester)).Distinct()], workers);
    }

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed)
    {
        if (ShownNotice is { } notice)
        {
            Write(MajorNotice.Definition, MajorNotice.Of(this, notice));
        }
        else if (IsTold)
        {
            Delete(MajorNotice.Definition, Id);
        }

        IsTold = ShownNotice is not null;
        base.OnSaving(audit, changed);
    }

    private static string? Word<TEnum>(TEnum? value)
        where TEnum : struct, Enum => value is { } known ? System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(known.ToString()) : null;

    /// <inheritdoc/>
    protected override void OnMoving(string action, AuditContext audit)
    {
        if (action is Moves.Close or Moves.Cancel)
        {
            RequireSettled();
        }
    }

    /// <inheritdoc/>
    protected override void OnMoved(string action, TimeSpan closeAfter, AuditContext audit)
    {
        switch (action)
        {
            case Moves.Start:
                // Whoever begins takes it where nobody has it.
                Assignee ??= audit.By.Person;
                break;
            case Moves.Reopen:
                (ResolutionCode, ResolutionNotes, ResolvedBy) = (null, null, null);
                if (IsMajor)
                {
                    ScheduleUpdate(audit.At);
                }

                break;
            case IncidentLifeCycle.Resolve or Moves.Cancel:
                EndUpdateCadence();
                break;
        }
    }
}
