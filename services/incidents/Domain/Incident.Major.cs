using Itsm.Contracts;
using Itsm.Contracts.Incidents;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Incidents.Domain;

/// <summary>Major incident handling.</summary>
public sealed partial class Incident
{
    /// <summary>Says that the next status update of a major incident is due.</summary>
    internal const string UpdateTimer = "status-update";

    /// <summary>Major incident handling; null where it never came up.</summary>
    public MajorIncident? Major { get; private set; }

    /// <summary>True from acceptance on, unless demoted.</summary>
    internal bool IsMajor => Major?.Stage == MajorStage.Accepted;

    /// <summary>Proposes to handle it as a major incident.</summary>
    public void ProposeMajor(string reason, AuditContext audit)
    {
        RequireNotEnded("propose-major");
        RequireStage("propose-major", null, MajorStage.Candidate, MajorStage.Rejected, MajorStage.Demoted);
        Major =
            (Major ?? new MajorIncident()) with
            {
                Stage = MajorStage.Proposed, ProposedBy = audit.By, ProposedAt = audit.At, Reason = reason,
            };
    }

    /// <summary>Accepts the proposal: from now on it is a major incident.</summary>
    public void AcceptMajor(Guid coordinator, AuditContext audit)
    {
        RequireNotEnded("accept-major");
        RequireStage("accept-major", MajorStage.Candidate, MajorStage.Proposed);
        Major = Major! with { Stage = MajorStage.Accepted, DecidedBy = audit.By, DecidedAt = audit.At, Coordinator = coordinator };
        Watch(coordinator, true);
        if (State == IncidentState.Resolved)
        {
            ScheduleClosing(null);
        }

        Raise(new MajorIncidentDeclared
        {
            IncidentId = Id, Number = Number, Title = Title, Coordinator = coordinator, By = audit.By, At = audit.At,
            Readers = ComputeReaders().Readers,
        });
    }

    /// <summary>Refuses the proposal.</summary>
    public void RejectMajor(string reason, AuditContext audit)
    {
        RequireStage("reject-major", MajorStage.Candidate, MajorStage.Proposed);
        Major = Major! with { Stage = MajorStage.Rejected, DecidedBy = audit.By, DecidedAt = audit.At, Reason = reason };
    }

    /// <summary>Goes back to handling it as an ordinary incident.</summary>
    public void DemoteMajor(string reason, TimeSpan closeAfter, AuditContext audit)
    {
        RequireStage("demote-major", MajorStage.Accepted);
        Major = Major! with { Stage = MajorStage.Demoted, DecidedBy = audit.By, DecidedAt = audit.At, Reason = reason };
        EndUpdateCadence();
        if (State == IncidentState.Resolved)
        {
            ScheduleClosing(ResolvedAt!.Value + closeAfter);
        }
    }

    /// <summary>Says who hears what, how often. The first update is due one cadence from now.</summary>
    public void PlanCommunication(IReadOnlyList<Audience> plan, AuditContext audit)
    {
        RequireNotEnded("plan-communication");
        RequireStage("plan-communication", MajorStage.Accepted);
        Major = Major! with { Plan = plan };
        ScheduleUpdate(audit.At);
    }

    /// <summary>Publishes a status update; the next is due one cadence from now.</summary>
    public void PublishUpdate(string text, IReadOnlyList<string> audiences, AuditContext audit)
    {
        RequireNotEnded("publish-update");
        RequireStage("publish-update", MajorStage.Accepted);
        if (audiences.Except(Major!.Plan.Select(audience => audience.Name)).FirstOrDefault() is { } unknown)
        {
            throw new InvalidValueException("/audiences", FieldCode.NotFound, $"The communication plan has no audience {unknown.Quoted}.");
        }

        var reached = audiences.Count > 0 ? audiences : [.. Major.Plan.Select(audience => audience.Name)];
        var late = Major.NextUpdateAt is { } due && audit.At > due ? audit.At - due : (TimeSpan?)null;
        Major =
            Major with
            {
                Updates = [.. Major.Updates, new StatusUpdate(text, reached, audit.By, audit.At, late)], UpdateOverdueSince = null,
            };
        ScheduleUpdate(audit.At);
        Raise(new MajorIncidentUpdated
        {
            IncidentId = Id, Number = Number, Text = text, Audiences = reached, NextDueAt = Major.NextUpdateAt, By = audit.By,
            At = audit.At, Readers = ComputeReaders().Readers,
        });
    }

    /// <summary>Tells employees of it in words for them; again, to tell them what is new.</summary>
    public void PublishNotice(string text, IReadOnlyList<string> sites, AuditContext audit)
    {
        RequireNotEnded("publish-notice");
        RequireStage("publish-notice", MajorStage.Accepted);
        Major = Major! with { Notice = new EmployeeNotice(text, [.. sites.Distinct()], audit.By, audit.At) };
    }

    /// <summary>Tells employees no more of it.</summary>
    /// <exception cref="RuleViolationException"><c>incident.no-notice</c> where they are told nothing.</exception>
    public void WithdrawNotice()
    {
        Refuse("incident.no-notice", WhyNoNotice);
        Major = Major! with { Notice = null };
    }

    /// <summary>Notes that the update is due and has not come.</summary>
    public void NoteUpdateOverdue(AuditContext audit)
    {
        if (IsMajor && Major!.NextUpdateAt is { } due && due <= audit.At && Major.UpdateOverdueSince is null)
        {
            Major = Major with { UpdateOverdueSince = due };
        }
    }

    /// <summary>Writes the post-incident report; possible from the resolution on until it closes.</summary>
    public void Report(string? overview, string? findings, string? resolution)
    {
        RequireStage("write-report", MajorStage.Accepted);
        Refuse("incident.report-state", WhyNoReport);
        Major = Major! with { Report = new PostIncidentReport(overview, findings, resolution) };
    }

    /// <inheritdoc/>
    protected override void OnPriorityChanged()
    {
        if (Priority == 1 && Major is null)
        {
            Major = new MajorIncident { Stage = MajorStage.Candidate, Reason = "Priority 1." };
        }
        else if (Priority != 1 && Major is { Stage: MajorStage.Candidate })
        {
            Major = null;
        }
    }

    private IEnumerable<ActionState> MajorActions() =>
    [
        new("propose-major", Permissions.ProposeMajor.Name, WhyEnded("propose-major")
            ?? WhyNotStage("propose-major", null, MajorStage.Candidate, MajorStage.Rejected, MajorStage.Demoted)),
        new("accept-major", Permissions.DecideMajor.Name, WhyEnded("accept-major")
            ?? WhyNotStage("accept-major", MajorStage.Candidate, MajorStage.Proposed)),
        new("reject-major", Permissions.DecideMajor.Name, WhyNotStage("reject-major", MajorStage.Candidate, MajorStage.Proposed)),
        new("demote-major", Permissions.DecideMajor.Name, WhyNotStage("demote-major", MajorStage.Accepted)),
        new("plan-communication", Permissions.DecideMajor.Name,
            WhyEnded("plan-communication") ?? WhyNotStage("plan-communication", MajorStage.Accepted)),
        new("publish-update", Permissions.DecideMajor.Name,
            WhyEnded("publish-update") ?? WhyNotStage("publish-update", MajorStage.Accepted)),
        new("publish-notice", Permissions.DecideMajor.Name,
            WhyEnded("publish-notice") ?? WhyNotStage("publish-notice", MajorStage.Accepted)),
        new("withdraw-notice", Permissions.DecideMajor.Name, WhyNoNotice),
        new("write-report", Permissions.DecideMajor.Name, WhyNotStage("write-report", MajorStage.Accepted) ?? WhyNoReport),
    ];

    private Sentence? WhyNoNotice => ShownNotice is null ? (Sentence)$"Employees are told nothing of {Number}." : null;

    /// <summary>What employees read of it; null where it is no major incident any more, has ended, or was never told of.</summary>
    private EmployeeNotice? ShownNotice => IsMajor && !HasEnded ? Major!.Notice : null;

    private Sentence? WhyNoReport => State == IncidentState.Resolved ? null
        : (Sentence)$"The report is written while the incident is resolved; {Number} is {StateName}.";

    private void ScheduleUpdate(DateTimeOffset now)
    {
        var cadences = Major!.Plan.Where(audience => audience.Every is not null).Select(audience => audience.Every!.Value).ToList();
        if (cadences.Count == 0 || StateCategory is Contracts.Ticketing.StateCategory.Resolved or Contracts.Ticketing.StateCategory.Closed)
        {
            EndUpdateCadence();
            return;
        }

        Major = Major with { NextUpdateAt = now + cadences.Min() };
        SetTimer(UpdateTimer, Major.NextUpdateAt!.Value);
    }

    private void EndUpdateCadence()
    {
        if (Major?.NextUpdateAt is not null)
        {
            Major = Major with { NextUpdateAt = null, UpdateOverdueSince = null };
            CancelTimer(UpdateTimer);
        }
    }

    private void RequireStage(string action, params ReadOnlySpan<MajorStage?> stages)
    {
        if (WhyNotStage(action, stages) is { } reason)
        {
            throw new RuleViolationException("incident.major-stage", reason);
        }
    }

    private Sentence? WhyNotStage(string action, params ReadOnlySpan<MajorStage?> stages) => stages.Contains(Major?.Stage)
        ? null
        : Major is null ? (Sentence)$"{Number} is no major incident; {action} is not possible."
        : $"{Number} is a major incident {Major.Stage}; {action} is not possible.";
}

/// <summary>How far major incident handling has come.</summary>
public enum MajorStage
{
    /// <summary>A rule thinks that it may be one.</summary>
    Candidate,

    /// <summary>Somebody thinks that it is one.</summary>
    Proposed,

    /// <summary>It is one.</summary>
    Accepted,

    /// <summary>It is none.</summary>
    Rejected,

    /// <summary>It was one.</summary>
    Demoted,
}

/// <summary>Major incident handling of one incident.</summary>
public sealed record MajorIncident
{
    /// <summary>How far it has come.</summary>
    public MajorStage Stage { get; init; }

    /// <summary>Why it was proposed, rejected or demoted.</summary>
    public string? Reason { get; init; }

    /// <summary>Who proposed it.</summary>
    public Actor? ProposedBy { get; init; }

    /// <summary>When it was proposed.</summary>
    public DateTimeOffset? ProposedAt { get; init; }

    /// <summary>Who decided.</summary>
    public Actor? DecidedBy { get; init; }

    /// <summary>When it was decided.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>The person who coordinates.</summary>
    public Guid? Coordinator { get; init; }

    /// <summary>Who hears what, how often.</summary>
    public IReadOnlyList<Audience> Plan { get; init; } = [];

    /// <summary>When the next status update is due.</summary>
    public DateTimeOffset? NextUpdateAt { get; init; }

    /// <summary>Since when it is overdue; null while it is not.</summary>
    public DateTimeOffset? UpdateOverdueSince { get; init; }

    /// <summary>Published updates, oldest first.</summary>
    public IReadOnlyList<StatusUpdate> Updates { get; init; } = [];

    /// <summary>What employees are told; null where nothing was published, or it was withdrawn.</summary>
    public EmployeeNotice? Notice { get; init; }

    /// <summary>The post-incident report.</summary>
    public PostIncidentReport? Report { get; init; }
}

/// <summary>What employees are told of a major incident.</summary>
/// <param name="Text">In words for them.</param>
/// <param name="Sites">Keys of the sites whose people it concerns; empty for all.</param>
/// <param name="By">Who wrote it.</param>
/// <param name="At">When.</param>
public sealed record EmployeeNotice(string Text, IReadOnlyList<string> Sites, Actor By, DateTimeOffset At);

/// <summary>One audience of a communication plan.</summary>
/// <param name="Name">Who: <c>executives</c>.</param>
/// <param name="Channel">How: <c>mail</c>, <c>chat</c>, <c>status page</c>.</param>
/// <param name="Every">How often; null: when there is something to say.</param>
public sealed record Audience(string Name, string Channel, TimeSpan? Every);

/// <summary>One published status update.</summary>
/// <param name="Text">In plain words.</param>
/// <param name="Audiences">To whom.</param>
/// <param name="By">Who wrote it.</param>
/// <param name="At">When.</param>
/// <param name="Late">How much later than due; null where in time.</param>
public sealed record StatusUpdate(string Text, IReadOnlyList<string> Audiences, Actor By, DateTimeOffset At, TimeSpan? Late);

/// <summary>What was learned. Its timeline is generated from the history.</summary>
public sealed record PostIncidentReport(string? Overview, string? Findings, string? Resolution);
