using Itsm.Contracts.Directory;
using Itsm.Contracts.ServiceLevels;
using Itsm.Contracts.Ticketing;
using Itsm.Incidents.Domain;
using Itsm.Incidents.Import;
using Itsm.Incidents.Subscriptions;
using Itsm.Incidents.UseCases;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.Http;
using Itsm.Ticketing;
using Itsm.Ticketing.Routes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;

namespace Itsm.Incidents;

/// <summary>Incidents: restoring service. This file is the table of contents.</summary>
public sealed class IncidentsService : IServiceModule
{
    /// <inheritdoc/>
    public string Name => "incidents";

    /// <inheritdoc/>
    public void AddServices(ServiceBuilder service)
    {
        service
            .Declares<Incident, IncidentState>("incident")
            .Stores(IncidentStore.Definition)
            .Stores(Comment<Incident>.Definition)
            .Stores(TicketTask<Incident>.Definition)
            .Stores(Category<Incident>.Definition)
            .Stores(PriorityMatrix<Incident>.Definition)
            .Stores(ImportJob.Definition)
            .Stores(ImportItem.Definition)
            .Hears<TicketCommented, FollowComment>()
            .Hears<TicketCommentRequested, WriteRequestedComment<Incident>>()
            .Hears<TicketChanged, FollowParent>()
            .Hears<TicketEscalationRequested, FollowAgreement>()
            .Hears<GroupChanged, LeaveRetiredGroup<Incident>>()
            .Hears<PersonChanged, LeaveGonePerson<Incident>>()
            .HearsBatches<TicketClocksChanged, ShowServiceLevels<Incident>>()
            .Says<Incident, TicketChanged>(incident => incident.Replay())
            .Says<Comment<Incident>, TicketCommented>(comment => comment.Snapshot(), of: "ticket")
            .Says<Category<Incident>, CategoryChanged>(category => category.Snapshot())
            .Timer<Incident>(Incident.CloseTimer, "close", (incident, act) => incident.CloseWhenDue(act))
            .Timer<Incident>(Incident.UpdateTimer, "note-overdue-update", (incident, act) => incident.NoteUpdateOverdue(act))
            .Timer<Incident, Relations>(Incident.SettleTimer)
            .Timer<ImportJob, RunImport>(ImportJob.RunTimer)
            .Grants(Permissions.All);
        service.Services.AddOptions<IncidentSettings>().BindConfiguration("Incidents").ValidateDataAnnotations().ValidateOnStart();
        service.Services.AddSingleton(provider => new NumberSeries<Incident>(provider.GetRequiredKeyedService<IDocumentDatabase>(Name), "INC"));
        service.Services.AddSingleton(provider => new Ownerless<Incident>(provider.GetRequiredService<AggregateStore<Incident>>(), provider.GetRequiredService<People>(),
            [.. IncidentLifeCycle.Open.Select(state => BsonMapping.Value(state))], provider.GetRequiredService<IOptions<IncidentSettings>>().Value.DefaultGroup));
        service.Services.Configure<OpenApiOptions>("v1", TicketServiceLevels.Describe);
        service.Services.AddHostedService<Defaults>();
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder api)
    {
        var incidents = api.MapGroup("incidents").WithTags("Incidents");
        OpenIncident.Map(incidents);
        GetIncident.Map(incidents);
        ListIncidents.Map(incidents);
        CountIncidents.Map(incidents);
        ExportIncidents.Map(incidents);
        EditIncident.Map(incidents);
        AssignIncident.Map(incidents);
        StartIncident.Map(incidents);
        HoldIncident.Map(incidents);
        ResumeIncident.Map(incidents);
        ResolveIncident.Map(incidents);
        ReopenIncident.Map(incidents);
        CloseIncident.Map(incidents);
        CancelIncident.Map(incidents);
        EscalateIncident.Map(incidents);
        SetParent.Map(incidents);
        MarkDuplicate.Map(incidents);
        MergeIncident.Map(incidents);
        UnmergeIncident.Map(incidents);
        SplitIncident.Map(incidents);
        FollowUpIncident.Map(incidents);
        HandleMajorIncident.Map(incidents);
        CommunicateMajorIncident.Map(incidents);
        ReportMajorIncident.Map(incidents);
        HandleSecurityIncident.Map(incidents);
        ImportIncidents.Map(incidents);
        incidents.MapHistory<Incident>(Permissions.ReadHistory, "incident");
        incidents.MapComments<Incident>("incident", Permissions.Read, Permissions.Comment, Permissions.WriteNotes, incident => incident.RequireOpenForComments(), incident => incident.MergedFrom,
            incident => incident.MergedInto);
        incidents.MapTasks<Incident>("incident", Permissions.Read, Permissions.Work);
        incidents.MapLinks<Incident>("incident", Permissions.Read, Permissions.Edit);
        incidents.MapWatchers<Incident>(Permissions.Read, Permissions.Edit);
        incidents.MapPriorityOverride<Incident>(Permissions.OverridePriority);
        api.MapCategories<Incident>(Permissions.Read, Permissions.Configure);
        api.MapPriorityMatrix<Incident>(Permissions.Read, Permissions.Configure);
    }
}
