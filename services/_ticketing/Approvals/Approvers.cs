using Itsm.Contracts.Directory;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using Itsm.Platform.WorkingTime;

namespace Itsm.Ticketing.Approvals;

/// <summary>What approvers follow from, beside the policy.</summary>
/// <param name="About">For whom it is, or whom it is about: their manager.</param>
/// <param name="Owner">Id or user name of who owns the service; null for nobody.</param>
/// <param name="DataOwner">Id or user name of who owns the data; null for nobody.</param>
/// <param name="Barred">Who may not decide.</param>
/// <param name="Fields">For rules that name a field.</param>
public sealed record ApprovalContext(Guid About, string? Owner, string? DataOwner, IReadOnlyList<Guid> Barred, FieldValues Fields);

/// <summary>Finds the people whom a stage asks, as the directory has them now, and counts their time on their own calendars.</summary>
public sealed class Approvers(People people, Calendars calendars)
{
    private const int MostApprovers = 100;

    /// <summary>Asks the stages that have asked nobody yet, until one waits or the round has ended. To be called before a ticket is
    /// saved.</summary>
    public async ValueTask AskAsync(IApprovable ticket, Func<ValueTask<ApprovalContext>> context, AuditContext audit, CancellationToken ct)
    {
        var known = ticket.Unasked is null ? null : await context();
        while (ticket.Unasked is { } stage)
        {
            ticket.Ask(await FindAsync(stage, known!, audit.At, ct), audit);
        }
    }

    /// <summary>Refuses where a stage still to come has nobody who could decide, or too many.</summary>
    /// <exception cref="RuleViolationException"><c>approval.no-approver</c>, <c>approval.too-many</c>.</exception>
    public async ValueTask RequireAsync(ApprovalPolicy policy, ApprovalContext context, CancellationToken ct)
    {
        foreach (var stage in policy.StagesOf(policy.RuleFor(context.Fields)))
        {
            var candidates = (await CandidatesAsync(stage, context, ct)).Count;
            if (candidates < stage.LeastApprovers)
            {
                throw new RuleViolationException("approval.no-approver",
                    $"The stage {stage.Name} can't be passed: it has too few active approvers other than those whose request it is.");
            }

            if (candidates > MostApprovers)
            {
                throw new RuleViolationException("approval.too-many",
                    $"The stage {stage.Name} would ask {candidates} people; at most {MostApprovers} are asked together.");
            }
        }
    }

    /// <summary>Why somebody who was asked may not decide any more, as the directory has them now; null where they may.</summary>
    public async ValueTask<Sentence?> WhyGoneAsync(TicketApproval approval, CancellationToken ct) =>
        await people.FindCallerAsync(approval.Approver, ct) is not { } approver
        ? $"{approval.ApproverName} is deactivated."
        : approval.MemberOf is { } token && !approver.Tokens.Contains(token)
        ? (Sentence)$"{approval.ApproverName} was asked as {approval.Because}, and is so no more."
        : null;

    /// <summary>Whoever is above an approver who is not there any more, may decide in their place, and is not asked already; null for
    /// nobody.</summary>
    public async ValueTask<Approver?> StandInAsync(IApprovable ticket, PersonChanged approver, DateTimeOffset now, CancellationToken ct) =>
        ticket.Approval is { Result: ApprovalResult.Pending } process
        && await people.FindManagerAsync(approver, [.. ticket.Barred, .. process.OfStage().Select(one => one.Approver)], ct) is { } manager
            ? await ApproverAsync(
                new Candidate(manager, $"in place of {approver.Name}"), process.Stages[process.Stage], ticket.Barred, now, ct)
            : null;

    private async ValueTask<IReadOnlyList<Approver>> FindAsync(
        ApprovalStage stage, ApprovalContext context, DateTimeOffset now, CancellationToken ct)
    {
        var approvers = new List<Approver>();
        foreach (var candidate in await CandidatesAsync(stage, context, ct))
        {
            approvers.Add(await ApproverAsync(candidate, stage, context.Barred, now, ct));
        }

        return approvers;
    }

    private async ValueTask<Approver> ApproverAsync(
        Candidate candidate, ApprovalStage stage, IReadOnlyList<Guid> barred, DateTimeOffset now, CancellationToken ct)
    {
        var person = candidate.Person;
        var schedule = await calendars.FindAsync(person.Calendar, ct);
        var manager = stage.EscalateAfter is null ? null : await people.FindManagerAsync(person, barred, ct);
        var (escalateAt, managers) = (After(stage.EscalateAfter), await calendars.FindAsync(manager?.Calendar, ct));
        return new Approver(person.Id, person.Name, candidate.Because)
        {
            MemberOf = candidate.MemberOf, RemindAt = After(stage.RemindAfter), EscalateAt = escalateAt,
            ExpiresAt = After(stage.ExpireAfter), EscalateTo = manager?.Id, EscalateToName = manager?.Name,
            EscalatedRemindAt =
                manager is not null && escalateAt is { } then && stage.RemindAfter is { } pause ? managers.Add(then, pause) : null,
        };

        DateTimeOffset? After(TimeSpan? working) => working is { } duration ? schedule.Add(now, duration) : null;
    }

    private async ValueTask<IReadOnlyList<Candidate>> CandidatesAsync(ApprovalStage stage, ApprovalContext context, CancellationToken ct)
    {
        var found = await CandidatesAsync(stage.Approvers, context, ct);
        return found.Count < stage.LeastApprovers && stage.Fallback.Count > 0
            ? await CandidatesAsync([.. stage.Approvers, .. stage.Fallback], context, ct)
            : found;
    }

    private async ValueTask<IReadOnlyList<Candidate>> CandidatesAsync(
        IReadOnlyList<ApproverRule> rules, ApprovalContext context, CancellationToken ct)
    {
        var found = new List<Candidate>();
        foreach (var rule in rules)
        {
            found.AddRange(await CandidatesAsync(rule, context, ct));
        }

        // Who is named for themselves, too, is asked for themselves.
        return [.. found.Where(one => one.Person.Active && !context.Barred.Contains(one.Person.Id)).OrderBy(one => one.MemberOf is not null)
            .DistinctBy(one => one.Person.Id)];
    }

    private async ValueTask<IReadOnlyList<Candidate>> CandidatesAsync(ApproverRule rule, ApprovalContext context, CancellationToken ct)
    {
        switch (rule.Kind)
        {
            case ApproverKind.Person:
                return await people.FindPersonAsync(rule.Of!, ct) is { } named ? [new(named, "named by the policy")] : [];
            case ApproverKind.Field:
                return await OrAboveAsync(context.Fields[rule.Of!] is [var text, ..] ? text : null, $"person named in {rule.Of}");
            case ApproverKind.Owner:
                return await OrAboveAsync(context.Owner, "owner of the service");
            case ApproverKind.DataOwner:
                return await OrAboveAsync(context.DataOwner, "owner of the data");
            case ApproverKind.Role:
                return [.. (await people.HoldersAsync(rule.Of!, ct))
                    .Select(person => new Candidate(person, $"role {rule.Of}", ReaderToken.Role(rule.Of!)))];
            case ApproverKind.Group when await people.FindGroupAsync(rule.Of!, ct) is { Active: true } group:
                var members = new List<Candidate>();
                foreach (var member in group.Members)
                {
                    if (await people.FindPersonAsync(member, ct) is { } person)
                    {
                        members.Add(new(person, $"member of {group.Name}", ReaderToken.Group(group.Id)));
                    }
                }

                return members;
            case ApproverKind.Manager when await people.FindPersonAsync(context.About, ct) is { } person
                && await people.FindManagerAsync(person, context.Barred, ct) is { } manager:
                return [new(manager, manager.Id == person.Manager ? $"manager of {person.Name}" : $"above the manager of {person.Name}")];
            default:
                return [];
        }

        // One who may not decide on this is stood in for by whoever is above them.
        async ValueTask<IReadOnlyList<Candidate>> OrAboveAsync(string? named, string because) =>
            named is null || await people.FindPersonAsync(named, ct) is not { } person ? []
            : person.Active && !context.Barred.Contains(person.Id) ? [new(person, because)]
            : await people.FindManagerAsync(person, context.Barred, ct) is { } above ? [new(above, $"above the {because}")] : [];
    }

    private sealed record Candidate(PersonChanged Person, string Because, string? MemberOf = null);
}
