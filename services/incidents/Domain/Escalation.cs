using Itsm.Contracts;

namespace Itsm.Incidents.Domain;

/// <summary>One escalation.</summary>
public sealed record Escalation(EscalationKind Kind, int Level, Guid? Group, Guid? Person, string Reason, Actor By, DateTimeOffset At);

/// <summary>To whom an incident is escalated.</summary>
public enum EscalationKind
{
    /// <summary>To a group with more knowledge.</summary>
    Functional,

    /// <summary>To a person with more say.</summary>
    Hierarchical,
}
