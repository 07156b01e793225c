using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
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
    [UnusedByActions]
    [AtMost(1_000)]
    public IReadOnlyList<Guid> MergedFrom { get; private set; } = [];

    /// <summary>What each merge brought along, so that it can be taken apart again.</summary>
    [Hidden, UnusedByActions]
    [AtMost(1_000)]
    public IReadOnlyList<Merge> Merges { get; private set; } = [];

    /// <summary>Incidents that this one was merged into until the merge was undone.</summary>
    [Hidden, UnusedByActions]
    [AtMost(1_000)]
    public IReadOnlyList<Guid> UnmergedFrom { get; private set; } = [];

    /// <summary>Puts it below another one. Both must be reserved for it.</summary>
    /// <exception cref="RuleViolationException"><c>incident.parent-self</c> or <c>incident.parent-is-child</c>: the tree has one
    /// level.</exception>
    public void SetParent(Incident parent)
    {
        RequireNotEnded("set-parent");
        Redeem(parent, "incident.parent");
        (Parent, DuplicateOf) = (parent.Id, null);
    }

    /// <summary>Lets it follow nobody.</summary>
    public void LeaveParent() => (Parent, DuplicateOf) = (null, null);

    /// <summary>Says that another one is about the same; from now on this one follows it. Both must be reserved for it.</summary>
    public void MarkDuplicate(Incident original, AuditContext audit)
    {
        RequireNotEnded("mark-duplicate");
        Redeem(original, "incident.duplicate");
        (Parent, DuplicateOf) = (original.Id, original.Id);
        LinkOnce(LinkType.Duplicates, original.Id, audit);
    }

    /// <summary>Ends this one and points to the one that goes on. Both must be reserved for it.</summary>
    public void MergeInto(Incident target, AuditContext audit)
    {
        Redeem(target, "incident.merge");
        (MergedInto, Parent, DuplicateOf, UnmergedFrom) = (target.Id, null, null, [.. UnmergedFrom.Where(left => left != target.Id)]);
        Move(Moves.Cancel, default, audit);
        LinkOnce(LinkType.MergedInto, target.Id, audit);
    }

    /// <summary>Undoes a merge: the work on this one goes on.</summary>
    /// <exception cref="RuleViolationException"><c>incident.not-merged</c>.</exception>
    public void Unmerge(AuditContext audit)
    {
        Refuse("incident.not-merged", WhyNoUnmerge);
        var target = MergedInto!.Value;
        Enter(Assignee is null ? IncidentState.New : IncidentState.InProgress, default, audit);
        (MergedInto, UnmergedFrom) = (null, [.. UnmergedFrom.Union([target])]);
        Links = [.. Links.Where(link => link.Type != LinkType.MergedInto)];
    }

    /// <summary>Takes over what was merged into this one, and what had been merged into that: their comments show here, their people hear
    /// of this one, their links lead from here. Again, when more or less has been merged into that one.</summary>
    public void TakeOver(Incident source)
    {
        List<Guid> incidents = [source.Id, .. source.MergedFrom];
        if (Merges.FirstOrDefault(merge => merge.Source == source.Id) is { } known)
        {
            if (known.Incidents.ToHashSet().SetEquals(incidents))
            {
                return;
            }

            LetGo(source.Id);
        }

        var linked = Links.Select(link => (link.Type, link.Target)).ToHashSet();
        List<TicketLink> links = [.. source.Links.Where(link =>
            link.Type != LinkType.MergedInto && link.Target != Id.ToString() && !linked.Contains((link.Type, link.Target)))];
        List<Guid> people = [.. source.Watchers.Append(source.Requester).Append(source.OpenedBy).Except(Watchers)
            .Where(person => person != Requester).Distinct()];
        (MergedFrom, Watchers, Links) = ([.. MergedFrom.Union(incidents)], [.. Watchers, .. people], [.. Links, .. links]);
        Merges = [.. Merges, new Merge(source.Id, incidents, people, [.. links.Select(link => link.LinkId)])];
    }

    /// <summary>Gives back what a merge brought along.</summary>
    public void LetGo(Guid source)
    {
        if (Merges.FirstOrDefault(merge => merge.Source == source) is { } merge)
        {
            Merges = [.. Merges.Where(one => one.Source != source)];
            MergedFrom = [.. MergedFrom.Except(merge.Incidents).Union(Merges.SelectMany(one => one.Incidents))];
            Watchers = [.. Watchers.Except(merge.Watchers)];
            Links = [.. Links.Where(link => !merge.Links.Contains(link.LinkId))];
        }
    }

    /// <summary>Notes on a new incident that it was split off from another; a part of a security incident has the same readers.</summary>
    public void SplitOff(Incident origin, AuditContext audit)
    {
        Security = origin.Security;
        RequireTakers(AssignmentGroup, Assignee);
        LinkOnce(LinkType.SplitFrom, origin.Id, audit);
    }

    /// <summary>Notes on a new incident that it goes on where a closed one ended.</summary>
    public void FollowUp(Incident closed, AuditContext audit)
    {
        Security = closed.Security;
        RequireTakers(AssignmentGroup, Assignee);
        LinkOnce(LinkType.FollowsUp, closed.Id, audit);
    }

    /// <summary>Follows its parent: in progress, on hold (unless the parent waits for its own caller), resolved with the parent's notes.
    /// It is never closed with it, and reopens only when an agent reopens the parent.</summary>
    /// <returns>True where it moved.</returns>
    public bool Follow(IncidentState parent, HoldReason? reason, ResolutionCode? code, string? notes, bool reopenedByRequester,
        TimeSpan closeAfter, AuditContext audit)
    {
        switch (parent)
        {
            case IncidentState.InProgress when State == IncidentState.New:
                Enter(IncidentState.InProgress, default, audit);
                return true;
            case IncidentState.InProgress when State == IncidentState.OnHold && HoldReason != Domain.HoldReason.Caller:
                Move(Moves.Resume, default, audit);
                return true;
            case IncidentState.InProgress when State == IncidentState.Resolved
                && ResolutionCode == Domain.ResolutionCode.ResolvedWithParent
                && !reopenedByRequester:
                Move(Moves.Reopen, default, audit);
                return true;
            case IncidentState.OnHold when reason is { } why
                && why != Domain.HoldReason.Caller
                && State is IncidentState.New or IncidentState.InProgress:
                Hold(reason!.Value, null, audit);
                return true;
            case IncidentState.Resolved or IncidentState.Closed when State is IncidentState.New or IncidentState.InProgress
                or IncidentState.OnHold:
                Resolve(
                    Domain.ResolutionCode.ResolvedWithParent, notes ?? code?.ToString() ?? "Resolved with its parent.", closeAfter, audit);
                return true;
            default:
                return false;
        }
    }

    /// <exception cref="RuleViolationException">The other can't be the one that goes on; the code begins with the rule.</exception>
    internal void RequireFit(Incident other, string rule)
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

        if (other.Confidential != Confidential)
        {
            throw new RuleViolationException($"{rule}-confidential",
                $"A confidential incident and an ordinary one can't be related: their readers differ.");
        }

        if (other.Security is not null != (Security is not null))
        {
            throw new RuleViolationException($"{rule}-security",
                $"A security incident and an ordinary one can't be related: their readers differ.");
        }
    }

    private Sentence? WhyNoUnmerge =>
        MergedInto is null ? (Sentence)$"{Number} is not merged into another incident." : null;

    private IEnumerable<ActionState> FamilyActions()
    {
        var work = Permissions.OfTickets.Work.Name;
        return
        [
            new("set-parent", work, Parent is null ? WhyEnded("relate") : null), new("mark-duplicate", work, WhyEnded("relate")),
            new("merge", work, WhyEnded("relate")), new("unmerge", work, WhyNoUnmerge), new("split", work, null),
            new("follow-up", Permissions.Open.Name, WhyNoFollowUp),
        ];
    }

    private void LinkOnce(LinkType type, Guid target, AuditContext audit)
    {
        if (!Links.Any(link => link.Type == type && link.Target == target.ToString()))
        {
            Link(new TicketLink(Guid.CreateVersion7(audit.At), type, Kind, target.ToString(), audit.By, audit.At));
        }
    }
}

/// <summary>What a merge brought along.</summary>
/// <param name="Source">The incident that was merged.</param>
/// <param name="Incidents">It, and those that had been merged into it.</param>
/// <param name="Watchers">People who did not watch before.</param>
/// <param name="Links">Ids of links that were not there before.</param>
public sealed record Merge(Guid Source, IReadOnlyList<Guid> Incidents, IReadOnlyList<Guid> Watchers, IReadOnlyList<Guid> Links);
