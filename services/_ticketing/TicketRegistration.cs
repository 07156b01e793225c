using System.Diagnostics.Metrics;
using Itsm.Contracts.Assets;
using Itsm.Contracts.Directory;
using Itsm.Contracts.ServiceLevels;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.Http;
using Itsm.Platform.Telemetry;
using Itsm.Platform.Values;
using Itsm.Ticketing.Attachments;
using Itsm.Ticketing.Bulk;
using Itsm.Ticketing.Tasks;
using Itsm.Ticketing.Worklists;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Itsm.Ticketing;

/// <summary>Registers what every kind of ticket has, and the parts of it that other things have, too.</summary>
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
        services.TryAddSingleton(provider => new TicketMoves<TTicket>(settings(provider)));
        services.TryAddSingleton(provider => new TicketTasks<TTicket>(settings(provider)));
        services.TryAddSingleton(provider => new Ownerless<TTicket>(
            provider.GetRequiredService<AggregateStore<TTicket>>(), provider.GetRequiredService<People>(), kind.Unfinished,
            settings(provider).DefaultGroup));
        services.TryAddSingleton<ConfigurationLookup>();
        services.Configure<OpenApiOptions>("v1", TicketServiceLevels.Describe);
        var its = kind.Names.Kind;
        services.AddSingleton<IHostedService>(provider => Tickets<TTicket, TState>(
            its, provider.GetRequiredService<AggregateStore<TTicket>>(), provider.GetRequiredService<ILogger<FetchedGauge>>()));
        return service
            .Declares<TTicket, TState>(its)
            .AddWork(provider => new TicketWork<TTicket, TState, THold>(kind, provider.GetRequiredService<AggregateStore<TTicket>>()))
            .Replicates<ConfigurationItemChanged>(ConfigurationLookup.Indexes)
            .Stores(kind.Definition)
            .AddNumbers<TTicket>(kind.Names.Prefix)
            .AddComments<TTicket>(kind.Names)
            .AddAttachments<TTicket>()
            .AddBulk<TTicket>(kind.Names)
            .AddCategories<TTicket>()
            .Subscribes<TicketCommented, FollowComment<TTicket>>(comment => !comment.Internal, its)
            .Subscribes<TicketEscalationRequested, FollowAgreement<TTicket>>(key: its)
            .Subscribes<GroupChanged, LeaveRetiredGroup<TTicket>>()
            .Subscribes<PersonChanged, LeaveGonePerson<TTicket>>()
            .SubscribesInBatches<TicketClocksChanged, ShowServiceLevels<TTicket>>(key: its)
            .Publishes<TTicket, TicketChanged>(ticket => ticket.Replay())
            .Timer<TTicket>(Ticket.CloseTimer, "close", (ticket, audit) => ticket.CloseWhenDue(audit))
            .Grants(kind.Permissions.All);
    }

    /// <summary>Counted state by state: then the index alone is read.</summary>
    private static FetchedGauge Tickets<TTicket, TState>(string kind, AggregateStore<TTicket> store, ILogger<FetchedGauge> log)
        where TTicket : Ticket
        where TState : struct, Enum => new("itsm.tickets", "{ticket}", "Tickets in each state; every process of their service tells all.",
        async ct => await Task.WhenAll(Enum.GetValues<TState>().Select(async state => new Measurement<long>(
            await store.Documents.CountAsync([Condition.In("state", BsonMapping.Value(state))], ct), new("kind", kind),
            new KeyValuePair<string, object?>("state", BsonMapping.Value(state).ToString())))), store.Clock, log);

    /// <summary>Numbers with this prefix, for things of any type.</summary>
    public static ServiceBuilder AddNumbers<T>(this ServiceBuilder service, string prefix)
        where T : Aggregate
    {
        service.Services.AddSingleton(provider =>
            new NumberSeries<T>(provider.GetRequiredKeyedService<IDocumentDatabase>(service.Name), prefix));
        return service;
    }

    /// <summary>Comments and work notes on things of any type, one type a service; <c>MapComments</c> maps their routes.</summary>
    public static ServiceBuilder AddComments<T>(this ServiceBuilder service, KindNames names)
        where T : Aggregate, ICommentable =>
        service.Stores(Comment<T>.Definition)
            .Subscribes<TicketCommentRequested, WriteRequestedComment<T>>(key: names.Kind)
            .Publishes<Comment<T>, TicketCommented>(comment => comment.Snapshot(), of: "ticket");

    /// <summary>Files on things of any type that have comments; <c>MapAttachments</c> maps their routes.</summary>
    public static ServiceBuilder AddAttachments<T>(this ServiceBuilder service)
        where T : Aggregate, ICommentable
    {
        service.Services.AddOptions<AttachmentSettings>().BindConfiguration("Attachments").ValidateDataAnnotations().ValidateOnStart();
        service.Services.TryAddSingleton<ClamScanner>();
        service.Services.AddSingleton(provider => new AttachmentContents<T>(
            provider.GetRequiredService<AggregateStore<Attachment<T>>>(),
            provider.GetRequiredKeyedService<IDocumentDatabase>(service.Name).Blobs, provider.GetRequiredService<ClamScanner>(),
            provider.GetRequiredService<IOptions<AttachmentSettings>>(), service.Name,
            provider.GetRequiredService<ILogger<Attachment<T>>>()));
        return service.Stores(Attachment<T>.Definition)
            .Timer<Attachment<T>, AttachmentContents<T>>(Attachment<T>.DiscardTimer);
    }

    /// <summary>Jobs that do one thing to many tickets.</summary>
    private static ServiceBuilder AddBulk<T>(this ServiceBuilder service, KindNames names)
        where T : Aggregate
    {
        service.Services.TryAddSingleton<BulkActions>();
        service.Services.AddSingleton(provider => new RunBulk<T>(provider.GetRequiredService<AggregateStore<BulkJob<T>>>(),
            provider.GetRequiredService<OwnRequests>(), provider.GetRequiredService<BulkActions>(),
            provider.GetRequiredService<Languages>(), names, service.Name));
        return service.Stores(BulkJob<T>.Definition).Timer<BulkJob<T>, RunBulk<T>>(BulkJob<T>.RunTimer);
    }

    /// <summary>A category tree for things of any type, one type a service; <c>MapCategories</c> maps its routes.</summary>
    public static ServiceBuilder AddCategories<T>(this ServiceBuilder service)
        where T : Aggregate =>
        service.Stores(Category<T>.Definition).Publishes<Category<T>, CategoryChanged>(category => category.Snapshot());
}
