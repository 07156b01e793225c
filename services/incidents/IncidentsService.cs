using Itsm.Contracts.Ticketing;
using Itsm.Incidents.Domain;
using Itsm.Incidents.Import;
using Itsm.Incidents.Subscriptions;
using Itsm.Incidents.UseCases;
using Itsm.Platform.Hosting;
using Itsm.Ticketing;
using Itsm.Ticketing.Routes;
using Microsoft.Extensions.Options;

namespace Itsm.Incidents;

/// <summary>Incidents: restoring service. This file is the table of contents.</summary>
public sealed class IncidentsService : IServiceModule
{
    /// <inheritdoc/>
    public string Name => "incidents";

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => ["incidents", "major-incidents", "categories", "priority-matrix"];

    /// <inheritdoc/>
    public void AddServices(ServiceBuilder service)
    {
        service
            .AddTickets(IncidentKind.Declared, provider => provider.GetRequiredService<IOptions<IncidentSettings>>().Value)
            .Stores(PriorityMatrix<Incident>.Definition)
            .Projects(MajorNotice.Definition)
            .Stores(ImportJob.Definition)
            .Stores(ImportItem.Definition)
            .Subscribes<TicketChanged, FollowParent>(
                ticket => ticket.Incident is not null, IncidentKind.Declared.Names.Kind)
            .Timer<Incident>(Incident.UpdateTimer, "note-overdue-update", (incident, audit) => incident.NoteUpdateOverdue(audit))
            .Timer<Incident, Relations>(Incident.SettleTimer)
            .Timer<ImportJob, RunImport>(ImportJob.RunTimer)
            .Grants(Permissions.Own);
        service.Services.AddOptions<IncidentSettings>().BindConfiguration("Incidents").ValidateDataAnnotations().ValidateOnStart();
        service.Services.AddHostedService<Defaults>();
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder api)
    {
        var incidents = api.MapGroup("incidents").WithTags("Incidents");
        incidents.MapTickets(IncidentKind.Declared);
        OpenIncident.Map(incidents);
        EditIncident.Map(incidents);
        ResolveIncident.Map(incidents);
        SetParent.Map(incidents);
        MarkDuplicate.Map(incidents);
        MergeIncident.Map(incidents);
        UnmergeIncident.Map(incidents);
        SplitIncident.Map(incidents);
        FollowUpIncident.Map(incidents);
        HandleMajorIncident.Map(incidents);
        CommunicateMajorIncident.Map(incidents);
        TellEmployees.Map(incidents, api.MapGroup("major-incidents").WithTags("Incidents"));
        ReportMajorIncident.Map(incidents);
        HandleSecurityIncident.Map(incidents);
        ImportIncidents.Map(incidents);
        api.MapCategories<Incident>(Permissions.OfTickets.Read, Permissions.OfTickets.Configure);
        api.MapPriorityMatrix<Incident>(Permissions.OfTickets.Read, Permissions.OfTickets.Configure);
    }
}
