using Itsm.Platform.Aggregates;
using Itsm.Ticketing;

namespace Itsm.Incidents.Domain;

/// <summary>Parents, children, duplicates, merging and splitting.</summary>
public sealed partial class Incident
{
    /// <summary>The incident whose state this one follows.</summary>
    public Guid? Parent { get; private set; }

    /// <summary>The incident that says the same; this one follows it as its child.</summary>
    public Guid? DuplicateOf { get; private set; }

    /// <summary>The incident that this one was merged into; it ended thereby.</summary>
    public Guid? MergedInto { get; private set; }

    /// <summary>Incidents that were merged into this one; their comments show here.</summary>
    public IReadOnlyList<Guid> MergedFrom { get; private set; } = [];

    /// <summary>Puts it below another one, or (null) on its own.</summary>
    /// <exception cref="RuleViolationException"><c>incident.parent-self</c> or <c>incident.parent-is-child</c>: the tree has one level.</exception>
    public void SetParent(Incident? parent)
    {
        RequireNotEnded("set-parent");
        if (parent is not null)
        {
            RequireFit(parent, "incident.parent");
        }

        (Parent, DuplicateOf) = (parent?.Id, null);
    }

    /// <summary>Says that another one is about the same; from now on this one follows it.</summary>
    public void MarkDuplicate(Incident original, Act act)
    {
        RequireNotEnded("mark-duplicate");
        RequireFit(original, "incident.duplicate");
        (Parent, DuplicateOf) = (original.Id, original.Id);
        LinkOnce(LinkType.Duplicates, original.Id, act);
    }

    /// <summary>Ends this one and points to the one that goes on.</summary>
    public void MergeInto(Incident target, Act act)
    {
        RequireFit(target, "incident.merge");
        Cancel(act);
        (MergedInto, Parent, DuplicateOf) = (target.Id, null, null);
        LinkOnce(LinkType.MergedInto, target.Id, act);
    }

    /// <summary>Takes over what was merged into this one: its comments show here, its caller hears of it.</summary>
    public void TakeOver(Guid source, Guid requester)
    {
        MergedFrom = [.. MergedFrom.Union([source])];
        if (requester != Requester)
        {
            Watch(requester, true);
        }
    }

    /// <summary>Notes on a new incident that it was split off from another; a part of a security incident has the same readers.</summary>
    public void SplitOff(Incident origin, Act act)
    {
        Security = origin.Security;
        LinkOnce(LinkType.SplitFrom, origin.Id, act);
    }

    /// <summary>Follows its parent: in progress, on hold (unless the parent waits for its own caller), resolved with the parent's notes.
    /// It is never closed with it, and reopens only when an agent reopens the parent.</summary>
    /// <returns>True where it moved.</returns>
    public bool Follow(IncidentState parent, HoldReason? reason, ResolutionCode? code, string? notes, bool reopenedByRequester, TimeSpan closeAfter, Act act)
    {
        switch (parent)
        {
            case IncidentState.InProgress when State == IncidentState.New:
                MoveTo(IncidentLifeCycle.Start, act);
                return true;
            case IncidentState.InProgress when State == IncidentState.OnHold && HoldReason != Domain.HoldReason.Caller:
                MoveTo(IncidentLifeCycle.Resume, act);
                return true;
            case IncidentState.InProgress when State == IncidentState.Resolved && ResolutionCode == Domain.ResolutionCode.ResolvedWithParent && !reopenedByRequester:
                Reopen(act);
                return true;
            case IncidentState.OnHold when reason is { } why && why != Domain.HoldReason.Caller && State is IncidentState.New or IncidentState.InProgress:
                Hold(reason!.Value, null, act);
                return true;
            case IncidentState.Resolved or IncidentState.Closed when State is IncidentState.New or IncidentState.InProgress or IncidentState.OnHold:
                Resolve(Domain.ResolutionCode.ResolvedWithParent, notes ?? code?.ToString() ?? "Resolved with its parent.", closeAfter, act);
                return true;
            default:
                return false;
        }
    }

    private void RequireFit(Incident other, string rule)
    {
        if (other.Id == Id)
        {
            throw new RuleViolationException($"{rule}-self", $"{Number} can't be related to itself.");
        }

        if (other.Parent is not null)
        {
            throw new RuleViolationException($"{rule}-is-child", $"{other.Number} follows another incident itself; choose that one.");
        }

        if (other.StateCategory == Contracts.Ticketing.StateCategory.Closed)
        {
            throw new RuleViolationException($"{rule}-ended", $"{other.Number} is {other.StateName}.");
        }

        if (other.Security is not null != (Security is not null))
        {
            throw new RuleViolationException($"{rule}-security", "A security incident and an ordinary one can't be related: their readers differ.");
        }
    }

    private void LinkOnce(LinkType type, Guid target, Act act)
    {
        if (!Links.Any(link => link.Type == type && link.Target == target.ToString()))
        {
            Link(new TicketLink(Guid.CreateVersion7(act.At), type, Kind, target.ToString(), act.By, act.At));
        }
    }
}
