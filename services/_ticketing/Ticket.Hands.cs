using Itsm.Contracts.Directory;
using Itsm.Platform.Aggregates;

namespace Itsm.Ticketing;

/// <summary>Whose a ticket is, and who gets it when they are gone.</summary>
public abstract partial class Ticket
{
    /// <summary>Gives it to a group, a person, or both.</summary>
    public abstract void Assign(GroupChanged? group, Guid? assignee);

    /// <summary>Escalates to a group with more knowledge (functional) or to a person with more say (hierarchical).</summary>
    /// <exception cref="RuleViolationException"><c>{kind}.escalation-same-group</c>.</exception>
    public abstract void Escalate(GroupChanged? group, Guid? person, string reason, AuditContext audit);

    /// <summary>Adds or removes people who want to hear of it.</summary>
    public void Watch(Guid person, bool watches) =>
        Watchers = watches ? [.. Watchers.Union([person])] : [.. Watchers.Except([person])];

    /// <summary>Puts it into these hands.</summary>
    protected virtual void Give(GroupChanged? group, Guid? assignee) => (AssignmentGroup, Assignee) = (group?.Id, assignee);

    /// <summary>Groups and people of whom one gets it when whoever had it is gone; null for the default group.</summary>
    protected internal virtual (IReadOnlyList<Guid> Groups, IReadOnlyList<Guid> People)? Heirs => null;

    /// <summary>Its group is not there any more: another gets it.</summary>
    /// <param name="group">The group.</param>
    /// <param name="heir">An active group that gets it; null for none.</param>
    /// <param name="person">Without one, an active person; null for none.</param>
    /// <param name="audit">Who does it, when and why.</param>
    protected internal virtual void LeaveGroup(Guid group, GroupChanged? heir, Guid? person, AuditContext audit)
    {
        if (AssignmentGroup == group)
        {
            Give(heir, heir is null ? person : null);
        }
    }

    /// <summary>Its assignee is not there any more: it is its group's, or goes to another.</summary>
    /// <param name="gone">The person.</param>
    /// <param name="heir">An active group that gets it where it has none; null for none.</param>
    /// <param name="person">Without one, an active person; null for none.</param>
    /// <param name="audit">Who does it, when and why.</param>
    protected internal virtual void LeavePerson(Guid gone, GroupChanged? heir, Guid? person, AuditContext audit)
    {
        if (Assignee == gone && AssignmentGroup is null)
        {
            Give(heir, heir is null ? person : null);
        }
        else if (Assignee == gone)
        {
            Assignee = null;
        }
    }
}
