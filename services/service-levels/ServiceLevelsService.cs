using Itsm.Contracts.Directory;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.Http;
using Itsm.ServiceLevels.Domain;
using Itsm.ServiceLevels.Subscriptions;
using Itsm.ServiceLevels.UseCases;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Itsm.ServiceLevels;

/// <summary>What is promised about tickets, and whether it is kept: to the second, and with reasons. This file is the table of
/// contents.</summary>
public sealed class ServiceLevelsService : IServiceModule
{
    /// <inheritdoc/>
    public string Name => "service-levels";

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => ["service-levels"];

    /// <inheritdoc/>
    public void AddServices(ServiceBuilder service)
    {
        service
            .Stores(Agreement.Definition)
            .Stores(TicketClocks.Definition)
            .Projects(ClockRecord.Definition)
            .Stores(Rebuild.Definition)
            .Stores(Recount.Definition)
            .Replicates<CalendarChanged>(new IndexDefinition("key"))
            .Backfills<TicketClocks, TicketChanged>("number")
            .Backfills<TicketClocks, TicketCommented>("number")
            .SubscribesInBatches<TicketChanged, FollowTicket>()
            .SubscribesInBatches<TicketCommented, FollowReply>(comment => !comment.Internal)
            .Subscribes<CalendarChanged, FollowCalendar>()
            .RunsWhenDue<TicketClocks, TellNext>(TicketClocks.NextField, clocks => clocks.NextAt)
            .Timer<Agreement, ApplyAgreement>(Agreement.EffectTimer)
            .Timer<Rebuild, RunRebuild>(Rebuild.RunTimer)
            .Timer<Recount, RunRecount>(Recount.RunTimer)
            .Grants(Permissions.All);
        service.Services.AddSingleton<CatalogueSource>().AddSingleton<CountClocks>().AddSingleton<Recounting>().AddSingleton<Naming>();
        service.Services.AddHealthChecks().AddCheck<RecountHealth>("recounts", HealthStatus.Degraded);
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder api)
    {
        var agreements = api.MapGroup("service-levels/agreements").WithTags("Service level agreements");
        ManageAgreements.Map(agreements);
        agreements.MapHistory<Agreement>(Permissions.Configure, "agreement");

        var clocks = api.MapGroup("service-levels/clocks").WithTags("Service level clocks");
        ReadClocks.Map(clocks);
        ExplainClock.Map(clocks);

        ReportCompliance.Map(api.MapGroup("service-levels/compliance").WithTags("Service level reports"));
        RebuildClocks.Map(api.MapGroup("service-levels/rebuilds").WithTags("Service level clocks"));
    }
}
