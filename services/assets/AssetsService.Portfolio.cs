using Itsm.Assets.Domain;
using Itsm.Assets.Subscriptions;
using Itsm.Assets.UseCases;
using Itsm.Contracts.Assets;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Requests;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.Http;
using Itsm.Platform.WorkingTime;
using Itsm.Ticketing;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Itsm.Assets;

/// <summary>Services: how they are, and how they were.</summary>
public sealed partial class AssetsService
{
    private static void AddPortfolio(ServiceBuilder service)
    {
        service
            .Stores(ServiceStatus.Definition)
            .Stores(Outage.Definition)
            .AddNumbers<Outage>("OUT")
            .Publishes<ServiceStatus, ServiceStatusChanged>(status => status.Snapshot())
            .Timer<ConfigurationItem, FollowItem>(ConfigurationItem.StatusTimer)
            .Timer<ServiceStatus, CheckServices>(ServiceStatus.CheckTimer)
            .Timer<ServiceStatus, ShowOutages>(ServiceStatus.ShowTimer)
            .Timer<ServiceStatus, SettleOutages>(ServiceStatus.SettleTimer)
            .Timer<Outage, FollowOutage>(Outage.CheckTimer)
            .Timer<Outage, ShowOutage>(Outage.ShowTimer)
            .Timer<Outage, FollowOutage>(Outage.BeginTimer)
            .Timer<Outage, FollowOutage>(Outage.EndTimer)
            .Replicates<CalendarChanged>(new IndexDefinition("key"))
            .Replicates<CatalogItemChanged>(new IndexDefinition("key"), new IndexDefinition("readers", "key"));
        service.Services.AddSingleton<ServiceHealth>().AddSingleton<ReadServices>().AddSingleton<ServiceStatuses>()
            .AddSingleton<ServiceOutages>().AddSingleton<ServiceHours>().AddSingleton<ServiceReferences>().AddSingleton<ReadAvailability>();
        service.Services.AddHostedService<ServiceDefaults>().TryAddSingleton<Calendars>();
    }

    private static void MapPortfolio(IEndpointRouteBuilder api)
    {
        var services = api.MapGroup("services").WithTags("Services");
        ReadServices.Map(services);
        SubscribeToService.Map(services);
        ReadAvailability.Map(api);
        var outages = api.MapGroup("outages").WithTags("Services");
        ManageOutages.Map(outages);
        outages.MapHistory<Outage>(Permissions.ReadHistory, "outage");
    }
}
