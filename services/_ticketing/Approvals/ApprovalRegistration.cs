using Itsm.Contracts;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.WorkingTime;
using Itsm.Ticketing.Worklists;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Itsm.Ticketing.Approvals;

/// <summary>How approvals of a type of things are run.</summary>
/// <param name="Names">What the kind is called.</param>
/// <param name="Context">What the approvers of the next stage follow from.</param>
public record ApprovalsOf<T>(KindNames Names, Func<T, IServiceProvider, CancellationToken, ValueTask<ApprovalContext>> Context)
    where T : Aggregate, IApprovable;

/// <summary>How approvals of a type of things are run, and what is published of them.</summary>
/// <param name="Names">What the kind is called.</param>
/// <param name="Context">What the approvers of the next stage follow from.</param>
/// <param name="Approvals">The approvals that a message tells of; one with a routing key is of this kind.</param>
public sealed record ApprovalsOf<T, TMessage>(
    KindNames Names, Func<T, IServiceProvider, CancellationToken, ValueTask<ApprovalContext>> Context,
    Func<TMessage, IEnumerable<TicketApproval>> Approvals) : ApprovalsOf<T>(Names, Context)
    where T : Aggregate, IApprovable
    where TMessage : class, IEntityChanged;

/// <summary>Registers approvals for things of any type; <c>MapApprovals</c> and <c>MapApprovalList</c> map their routes.</summary>
public static class ApprovalRegistration
{
    /// <summary>Reminders and expiry by a timer, and successors for approvers who are gone. The readers of a thing must have its
    /// <see cref="Approvable"/> approver tokens among them, and an index of its own begins with <c>readers</c>.</summary>
    /// <typeparam name="T">What is to be approved.</typeparam>
    /// <typeparam name="TMessage">What the service publishes of it.</typeparam>
    /// <param name="service">The service that owns it.</param>
    /// <param name="approvals">How its approvals are run.</param>
    public static ServiceBuilder AddApprovals<T, TMessage>(this ServiceBuilder service, ApprovalsOf<T, TMessage> approvals)
        where T : Aggregate, IApprovable
        where TMessage : class, IEntityChanged
    {
        service.Services.AddSingleton(approvals).AddSingleton<ApprovalsOf<T>>(approvals).AddSingleton<AbsentApprovers<T>>();
        service.Services.TryAddSingleton<Approvers>();
        service.Services.TryAddSingleton<Calendars>();
        return service
            .Replicates<CalendarChanged>(new IndexDefinition("key"))
            .Subscribes<PersonChanged, ReplaceApprover<T>>()
            .Subscribes<GroupChanged, ReplaceMembers<T>>()
            .SubscribesInBatches<TMessage, CheckApprovers<T, TMessage>>(
                message => approvals.Approvals(message).Any(one => one.State == ApprovalState.Requested),
                typeof(IRouted).IsAssignableFrom(typeof(TMessage)) ? approvals.Names.Kind : null)
            .Timer<T>(Approvable.Timer, "run-approvals", (thing, audit) => thing.RunApprovals(audit));
    }

    /// <summary>Records of the approvals of all kinds of tickets, for one list of them all: in one service of the suite.</summary>
    /// <param name="service">Which one.</param>
    /// <param name="read">What callers need to read them.</param>
    public static ServiceBuilder AddApprovalList(this ServiceBuilder service, Permission read) =>
        service.AddWork(provider => new ApprovalWork(provider.GetRequiredService<Projection<ApprovalRecord>>(), read))
            .Projects(ApprovalRecord.Definition)
            .SubscribesInBatches<TicketChanged, ShowApprovals>(ticket => ticket.Approvals is not null);
}
