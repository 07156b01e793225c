using Itsm.Contracts.Directory;
using Itsm.Contracts.ServiceLevels;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Itsm.Ticketing;

/// <summary>Registers what every kind of ticket has.</summary>
public static class TicketRegistration
{
    /// <summary>Stores, numbers, subscriptions, messages, timers and permissions of a kind.</summary>
    /// <param name="service">The service that owns it.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="settings">Finds the service's settings.</param>
    public static ServiceBuilder AddTickets<TTicket, TState, THold>(
        this ServiceBuilder service, TicketKind<TTicket, TState, THold> kind, Func<IServiceProvider, TicketSettings> settings)
        where TTicket : Ticket<TState, THold>
        where TState : struct, Enum
        where THold : struct, Enum
    {
        var services = service.Services;
        services.AddSingleton(provider =>
            new NumberSeries<TTicket>(provider.GetRequiredKeyedService<IDocumentDatabase>(service.Name), kind.Names.Prefix));
        services.AddSingleton(new NamesOf<TTicket>(kind.Names));
        services.TryAddSingleton(provider => new TicketMoves<TTicket>(settings(provider)));
        services.TryAddSingleton(provider => new Ownerless<TTicket>(
            provider.GetRequiredService<AggregateStore<TTicket>>(), provider.GetRequiredService<People>(), kind.Unfinished,
            settings(provider).DefaultGroup));
        services.Configure<OpenApiOptions>("v1", TicketServiceLevels.Describe);
        if (!kind.HasOwnTasks)
        {
            service.Stores(TicketTask<TTicket>.Definition);
        }

        return service
            .Declares<TTicket, TState>(kind.Names.Kind)
            .Stores(kind.Definition)
            .Stores(Comment<TTicket>.Definition)
            .Stores(Category<TTicket>.Definition)
            .Subscribes<TicketCommented, FollowComment<TTicket>>()
            .Subscribes<TicketCommentRequested, WriteRequestedComment<TTicket>>()
            .Subscribes<TicketEscalationRequested, FollowAgreement<TTicket>>()
            .Subscribes<GroupChanged, LeaveRetiredGroup<TTicket>>()
            .Subscribes<PersonChanged, LeaveGonePerson<TTicket>>()
            .SubscribesInBatches<TicketClocksChanged, ShowServiceLevels<TTicket>>()
            .Publishes<TTicket, TicketChanged>(ticket => ticket.Replay())
            .Publishes<Comment<TTicket>, TicketCommented>(comment => comment.Snapshot(), of: "ticket")
            .Publishes<Category<TTicket>, CategoryChanged>(category => category.Snapshot())
            .Timer<TTicket>(Ticket.CloseTimer, "close", (ticket, audit) => ticket.CloseWhenDue(audit))
            .Grants(kind.Permissions.All);
    }
}
