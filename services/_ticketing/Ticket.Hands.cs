using Itsm.Contracts.Directory;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Ticketing;

/// <summary>Whose a ticket is, and who gets it when they are gone.</summary>
public abstract partial class Ticket
{
    /// <summary>Gives it to a group, a person, or both.</summary>
    public abstract void Assign(GroupChanged? group, Guid? assignee);

    /// <summary>Escalates to a group with more knowledge (functional) or to a person with more say (hierarchical).</summary>
    /// <exception cref="RuleViolationException"><c>{kind}.escalation-same-group</c>.</exception>
    public abstract void Escalate(GroupChanged? group, Guid? person, string reason, AuditContext audit);

    /// <summary>Why this caller makes nobody watch it; null where they may.</summary>
    public Sentence? WhyNotWatch(Caller caller) => caller.SeesForThemselves(Readers) ? null
        : (Sentence)$"You see {Number} for somebody else, and only as long as you stand in for them.";

    /// <summary>Adds or removes people who want to hear of it.</summary>
    public void Watch(Guid person, bool watches) =>
        Watchers = watches ? [.. Watchers.Union([person])] : [.. Watchers.Except([person])];

    /// <summary>Puts it into these hands.</summary>
    protected virtual void Give(GroupChanged? group, Guid? assignee) => (AssignmentGroup, Assignee) = (group?.Id, assignee);

    /// <summary>Groups and people of whom one gets it when whoever had it is gone; null for the default group.</summary>
    protected internal virtual (IReadOnlyList<Guid> Groups, IReadOnlyList<Guid> People)? Heirs => null;

    /// <summary>Its group, or that of tasks, is not there any more: an active group gets it or, without one, an active person.</summary>
    internal void LeaveGroup(Guid group, GroupChanged? heir, Guid? person, AuditContext audit)
    {
        if (AssignmentGroup == group && !HasEnded)
        {
            Give(heir, heir is null ? person : null);
        }

        LeaveTasks(task => task.AssignmentGroup == group,
            _ => heir is null && AssignmentGroup != group ? (AssignmentGroup, NameOfGroup) : (heir?.Id, heir?.Name), person, audit);
    }

    /// <summary>Its assignee, or that of tasks, is not there any more: it is its group's; without one it goes to an heir.</summary>
    internal void LeavePerson(Guid gone, GroupChanged? heir, Guid? person, AuditContext audit)
    {
        if (Assignee == gone && !HasEnded)
        {
            if (AssignmentGroup is null)
            {
                Give(heir, heir is null ? person : null);
            }
            else
            {
                Assignee = null;
            }
        }

        LeaveTasks(task => task.Assignee == gone, task => task.AssignmentGroup is { } own ? (own, task.GroupName)
            : AssignmentGroup is { } its ? (its, NameOfGroup) : (heir?.Id, heir?.Name), person, audit);
    }

    /// <summary>True where this group or, without one, this person may have it, or a task of it.</summary>
    protected virtual bool MayBeTakenBy(Guid? group, Guid? person) => true;

    /// <summary>Refuses to give it, or a task of it, to who may not have it.</summary>
    protected virtual void RequireTakers(Guid? group, Guid? person)
    {
    }
}
