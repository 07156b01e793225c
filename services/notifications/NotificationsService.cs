using Itsm.Contracts.Assets;
using Itsm.Contracts.Platform;
using Itsm.Contracts.Requests;
using Itsm.Contracts.Search;
using Itsm.Contracts.ServiceLevels;
using Itsm.Contracts.Ticketing;
using Itsm.Notifications.Domain;
using Itsm.Notifications.Live;
using Itsm.Notifications.Subscriptions;
using Itsm.Notifications.UseCases;
using Itsm.Platform.Caching;
using Itsm.Platform.Hosting;
using Itsm.Platform.Http;

namespace Itsm.Notifications;

/// <summary>Tells people and programs what happened: live updates, and what could not be delivered. This file is the table of
/// contents.</summary>
public sealed class NotificationsService : IServiceModule
{
    /// <inheritdoc/>
    public string Name => "notifications";

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => ["stream", "operations"];

    /// <inheritdoc/>
    public IReadOnlyList<string> TicketPaths => ["stream"];

    /// <inheritdoc/>
    public void AddServices(ServiceBuilder service)
    {
        service
            .Stores(FailedMessage.Definition)
            .Subscribes<MessageFailed, KeepFailedMessage>()
            .SubscribesInBatches<TicketChanged, TellTicketChanges>()
            .Subscribes<TicketCommented, TellComment>()
            .Subscribes<TicketAttached, TellAttachment>()
            .Subscribes<ServiceLevelWarned, TellWarning>()
            .Subscribes<ServiceLevelBreached, TellBreach>()
            .Subscribes<ServiceLevelMet, TellKeptPromise>()
            .Subscribes<SavedSearchCounted, TellCount>()
            .Subscribes<AccessGrantChanged, TellAccessEnds>()
            .Subscribes<RecertificationChanged, TellRecertification>()
            .Subscribes<ServiceStatusChanged, TellServiceStatus>()
            .Grants(Permissions.All);
        service.Services.AddOptions<LiveSettings>().BindConfiguration("Live").ValidateDataAnnotations().ValidateOnStart();
        service.Services.AddSingleton(provider =>
            ActivatorUtilities.CreateInstance<LiveLog>(provider, provider.GetService<RedisLink>() is { } redis
            ? [ActivatorUtilities.CreateInstance<RedisLiveStore>(provider, redis)] : []));
        service.Services.AddHostedService(provider => provider.GetRequiredService<LiveLog>());
        service.Services.AddSingleton<ServiceLevelEvents>().AddSingleton<OpenStreams>().AddSingleton<NewestReaders>()
            .AddSingleton<StreamTickets>();
        TicketAuthentication.AddTo(service.Services);
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder api)
    {
        StreamChanges.Map(api);
        IssueStreamTicket.Map(api);
        var failed = api.MapGroup("operations/failed-messages").WithTags("Operations");
        ManageFailedMessages.Map(failed);
        failed.MapHistory<FailedMessage>(Permissions.Operate, "failed message");
    }
}
