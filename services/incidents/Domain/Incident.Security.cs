using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Incidents.Domain;

/// <summary>Security incidents: seen by the named few only.</summary>
public sealed partial class Incident
{
    /// <summary>What makes it a security incident; null for others.</summary>
    public SecurityIncident? Security { get; private set; }

    /// <summary>Makes it a security incident: from now on the caller and those named see it, agents outside the list do not.</summary>
    public void Secure(SecurityCategory category, SecuritySeverity severity, IReadOnlyList<Guid> people, IReadOnlyList<Guid> groups,
        AuditContext audit)
    {
        RequireNotEnded("mark-security");
        Refuse("incident.security-already", WhyNotSecure);
        RequireSettled();
        Security = new SecurityIncident
        {
            Category = category, Severity = severity, People = [.. people.Append(audit.By.Person!.Value).Distinct()],
            Groups = [.. groups.Distinct()],
        };
        LeaveParent();
        HandOverToNamed(audit.By.Person!.Value);
    }

    /// <summary>Corrects category and severity.</summary>
    public void Classify(SecurityCategory category, SecuritySeverity severity) =>
        Security = RequireSecurity("classify-security") with { Category = category, Severity = severity };

    /// <summary>Lets somebody in, or out. The last one can't be put out.</summary>
    public void NameReaders(IReadOnlyList<Guid> people, IReadOnlyList<Guid> groups)
    {
        var security = RequireSecurity("name-readers");
        if (people.Count + groups.Count == 0)
        {
            throw new RuleViolationException("incident.security-readers", $"Somebody must be able to work on it.");
        }

        Security = security with { People = [.. people.Distinct()], Groups = [.. groups.Distinct()] };
        HandOverToNamed(people.Count > 0 ? people[0] : null);
    }

    /// <inheritdoc/>
    protected override bool MayBeTakenBy(Guid? group, Guid? person) => Security is not { } security
        || (group is { } some ? security.Groups.Contains(some) : person is not { } one || security.People.Contains(one));

    /// <inheritdoc/>
    protected override (IReadOnlyList<Guid> Groups, IReadOnlyList<Guid> People)? Heirs =>
        Security is { } security ? (security.Groups, security.People) : null;

    /// <exception cref="RuleViolationException"><c>incident.security-assignment</c> for a group or person outside the list.</exception>
    protected override void RequireTakers(Guid? group, Guid? person)
    {
        if (!MayBeTakenBy(group, person))
        {
            throw new RuleViolationException("incident.security-assignment",
                $"{Number} is a security incident: name those who take it among those who need to know first.");
        }
    }

    /// <summary>Nobody keeps it who can't see it any more.</summary>
    private void HandOverToNamed(Guid? person)
    {
        if (!MayBeTakenBy(AssignmentGroup, Assignee))
        {
            (AssignmentGroup, Assignee) = (Security!.Groups.Count > 0 ? Security.Groups[0] : null,
                Security.Groups.Count > 0 ? null : person);
        }

        Tasks = [.. Tasks.Select(task => task.HasEnded || MayBeTakenBy(task.AssignmentGroup, task.Assignee) ? task
            : task with { AssignmentGroup = AssignmentGroup, GroupName = null, Assignee = Assignee })];
    }

    /// <summary>Notes a step of the investigation as a work note: the caller of the incident does not read it.</summary>
    public void Investigate(SecurityPhase phase, string finding, AuditContext audit)
    {
        RequireNotEnded("investigate");
        Security = RequireSecurity("investigate") with { Phase = phase };
        Raise(new TicketCommentRequested
        {
            CommentId = Guid.CreateVersion7(audit.At), Kind = Kind, Ticket = Id, Internal = true, Text = $"{phase}: {finding}",
            By = audit.By, At = audit.At,
        });
    }

    private Sentence? WhyNotSecure => Security is null ? null : (Sentence)$"{Number} is a security incident already.";

    private SecurityIncident RequireSecurity(string action)
    {
        Refuse("incident.not-security", WhyNoSecurity(action));
        return Security!;
    }

    private Sentence? WhyNoSecurity(string action) =>
        Security is null ? (Sentence)$"{Number} is not a security incident; {action} is not possible." : null;

    private IEnumerable<ActionState> SecurityActions() =>
    [
        new("mark-security", Permissions.HandleSecurity.Name, WhyEnded("mark-security") ?? WhyNotSecure),
        new("classify-security", Permissions.HandleSecurity.Name, WhyNoSecurity("classify-security")),
        new("name-readers", Permissions.HandleSecurity.Name, WhyNoSecurity("name-readers")),
        new("investigate", Permissions.OfTickets.WriteNotes.Name, WhyEnded("investigate") ?? WhyNoSecurity("investigate")),
    ];
}

/// <summary>What makes an incident a security incident.</summary>
public sealed record SecurityIncident
{
    /// <summary>What kind of attack or loss.</summary>
    public SecurityCategory Category { get; init; }

    /// <summary>How bad.</summary>
    public SecuritySeverity Severity { get; init; }

    /// <summary>How far the handling has come.</summary>
    public SecurityPhase Phase { get; init; }

    /// <summary>People who need to know.</summary>
    public IReadOnlyList<Guid> People { get; init; } = [];

    /// <summary>Groups that need to know.</summary>
    public IReadOnlyList<Guid> Groups { get; init; } = [];
}

/// <summary>What kind of attack or loss.</summary>
public enum SecurityCategory
{
    /// <summary>Deceptive messages.</summary>
    Phishing,

    /// <summary>Malicious software.</summary>
    Malware,

    /// <summary>Somebody got in who should not.</summary>
    UnauthorizedAccess,

    /// <summary>Data got out.</summary>
    DataLoss,

    /// <summary>A service was flooded.</summary>
    DenialOfService,

    /// <summary>A device is gone.</summary>
    LostDevice,

    /// <summary>Something else.</summary>
    Other,
}

/// <summary>How bad a security incident is.</summary>
public enum SecuritySeverity
{
    /// <summary>The organisation is in danger.</summary>
    Critical,

    /// <summary>Vital systems or data.</summary>
    High,

    /// <summary>Some systems or data.</summary>
    Medium,

    /// <summary>No damage to speak of.</summary>
    Low,
}

/// <summary>How far the handling of a security incident has come; it may go back.</summary>
public enum SecurityPhase
{
    /// <summary>What happened?</summary>
    Analysis,

    /// <summary>Keep it from spreading.</summary>
    Contain,

    /// <summary>Remove it.</summary>
    Eradicate,

    /// <summary>Restore what it damaged.</summary>
    Recover,

    /// <summary>What to learn.</summary>
    Review,
}
