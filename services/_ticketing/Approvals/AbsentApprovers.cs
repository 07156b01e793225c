using Itsm.Contracts;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.Platform.Replicas;

namespace Itsm.Ticketing.Approvals;

/// <summary>Hands on what waits for people who are gone. Both who learns that they are gone and who learns of the approval looks, each
/// after writing down what it learned: so one of them sees both, whichever comes first.</summary>
public sealed class AbsentApprovers<T>(AggregateStore<T> things, ApprovalsOf<T> of, Approvers approvers, Replica<PersonChanged> people,
    TimeProvider clock, IServiceProvider services)
    where T : Aggregate, IApprovable
{
    private const int PageSize = 100;

    /// <summary>Of an index by readers, the field in whose order it is read.</summary>
    private readonly string _sort = things.Definition.Collection.Indexes.First(index => index.Fields is ["readers", _]).Fields[1];

    /// <summary>As <see cref="ReplaceAsync"/>, for all that waits for those with this token.</summary>
    internal async Task ReplaceAllAsync(string token, CancellationToken ct)
    {
        var query = new DocumentQuery([Condition.In("readers", token)], _sort, false, null, PageSize);
        while (true)
        {
            var page = await things.Documents.QueryAsync(query, ct);
            foreach (var thing in page.Select(AggregateStore<T>.Load))
            {
                foreach (var waiting in (thing.Approval?.Waiting ?? []).Where(one => Approvable.TokensOf(one).Contains(token)))
                {
                    await ReplaceAsync(thing.Id, waiting.Approver, ct);
                }
            }

            if (page.Count < PageSize)
            {
                return;
            }

            query = query with { After = new DocumentPosition(RawBson.Values(page[^1].Body.Span, _sort)[0], page[^1].Id) };
        }
    }

    /// <summary>Gives an approval to whoever is above, where the approver is deactivated or, asked as one of a group or role, is so no
    /// more. Safe to run twice: it waits for them no more.</summary>
    internal async Task ReplaceAsync(Guid id, Guid approver, CancellationToken ct)
    {
        var known = await things.FindAsync(id, ct);
        foreach (
            var asked in known?.Approval?.Approvals.Where(one => one.Approver == approver && one.State == ApprovalState.Requested) ?? [])
        {
            if (await approvers.WhyGoneAsync(asked, ct) is { } gone && await people.ReadAsync(approver, ct) is { } person)
            {
                var audit = AuditContext.OfService(of.Names.Plural, "replace-approver", clock) with { Reason = gone.ToString() };
                await things.UpdateAsync(id, audit, async one =>
                {
                    one.ReplaceApprover(approver, await approvers.StandInAsync(one, person, audit.At, ct), audit);
                    await approvers.AskAsync(one, () => of.Context(one, services, ct), audit, ct);
                }, ct);
            }
        }
    }
}

/// <summary>What waits for somebody who is deactivated, or has lost the role for which they were asked, waits for them no more. Safe to run
/// twice, and late: it looks at the person as they are now.</summary>
internal sealed class ReplaceApprover<T>(Replica<PersonChanged> people, AbsentApprovers<T> absent) : IHandle<PersonChanged>
    where T : Aggregate, IApprovable
{
    public async Task HandleAsync(PersonChanged message, CancellationToken ct)
    {
        await people.HandleAsync(message, ct);
        await absent.ReplaceAllAsync(ReaderToken.Approver(message.Id), ct);
    }
}

/// <summary>What waits for those who have left the group as one of which they were asked, or whose group is retired, waits for them no
/// more. Safe to run twice, and late: it looks at the group as it is now.</summary>
internal sealed class ReplaceMembers<T>(Replica<GroupChanged> groups, AbsentApprovers<T> absent) : IHandle<GroupChanged>
    where T : Aggregate, IApprovable
{
    public async Task HandleAsync(GroupChanged message, CancellationToken ct)
    {
        await groups.HandleAsync(message, ct);
        await absent.ReplaceAllAsync(Approvable.AskedAs(ReaderToken.Group(message.Id)), ct);
    }
}

/// <summary>Who is asked may have gone since they were looked up. Safe to run twice, and late: it looks at the thing as it is
/// now.</summary>
internal sealed class CheckApprovers<T, TMessage>(AbsentApprovers<T> absent, ApprovalsOf<T, TMessage> of) : IHandleBatch<TMessage>
    where T : Aggregate, IApprovable
    where TMessage : class, IEntityChanged
{
    public async Task HandleAsync(IReadOnlyList<TMessage> messages, CancellationToken ct)
    {
        foreach (var message in messages.GroupBy(message => message.Id).Select(same => same.MaxBy(message => message.Version)!))
        {
            foreach (var waiting in of.Approvals(message).Where(one => one.State == ApprovalState.Requested))
            {
                await absent.ReplaceAsync(message.Id, waiting.Approver, ct);
            }
        }
    }
}
