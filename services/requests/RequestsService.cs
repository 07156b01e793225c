using Itsm.Contracts.Assets;
using Itsm.Contracts.Requests;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Hosting;
using Itsm.Platform.Http;
using Itsm.Platform.Webhooks;
using Itsm.Requests.Domain;
using Itsm.Requests.Fulfilling;
using Itsm.Requests.Ordering;
using Itsm.Requests.Subscriptions;
using Itsm.Requests.UseCases;
using Itsm.Ticketing;
using Itsm.Ticketing.Approvals;
using Itsm.Ticketing.Routes;
using Itsm.Ticketing.Tasks;
using Microsoft.Extensions.Options;

namespace Itsm.Requests;

/// <summary>Service requests: what people ask for, who approves it, and how they get it. This file is the table of contents.</summary>
public sealed class RequestsService : IServiceModule
{
    /// <inheritdoc/>
    public string Name => "requests";

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths =>
    [
        "requests", "catalog", "approvals", "tasks", "request-callbacks", "access-grants", "access-reports", "recertifications",
    ];

    /// <inheritdoc/>
    public IReadOnlyList<string> OpenPaths => ["request-callbacks"];

    /// <inheritdoc/>
    public void AddServices(ServiceBuilder service)
    {
        service.Services.AddSingleton<TicketMoves<ServiceRequest>, RequestMoves>()
            .AddSingleton<TicketTasks<ServiceRequest>, RequestTasks>();
        service
            .AddTickets(RequestKind.Declared, provider => provider.GetRequiredService<IOptions<RequestSettings>>().Value)
            .AddApprovals<ServiceRequest, TicketChanged>(new(RequestKind.Declared.Names, ContextAsync,
                ticket => ticket.Approvals ?? []))
            .AddApprovalList(Permissions.Approve)
            .AddTaskList(Permissions.OfTickets.Read)
            .Stores(CatalogItem.Definition)
            .Stores(CatalogEdition.Definition)
            .Stores(AccessGrant.Definition)
            .Stores(Recertification.Definition)
            .Stores(AccessReview.Definition)
            .Subscribes<TicketChanged, FollowRequest>(ticket => ticket.Request is not null, RequestKind.Declared.Names.Kind)
            .Subscribes<AccessGrantChanged, FollowGrant>()
            .Replicates<AssetChanged>(new("number"), new("holder", "number") { Sparse = true })
            .Subscribes<AssetChanged, FollowAsset>(asset => asset.Changed.Contains("holder"))
            .Subscribes<AccessReviewed, FollowReview>()
            .Subscribes<RecertificationChanged, RunRecertification>()
            .Publishes<CatalogItem, CatalogItemChanged>(item => item.Snapshot())
            .Publishes<AccessGrant, AccessGrantChanged>(grant => grant.Snapshot(), of: "request")
            .Timer<ServiceRequest, DeactivateLeaver>(ServiceRequest.DeactivationTimer)
            .Timer<ServiceRequest, Calls>(ServiceRequest.CallTimer)
            .Timer<AccessGrant>(AccessGrant.NoticeTimer, "announce-expiry", (grant, audit) => grant.Notice(audit))
            .Timer<AccessGrant>(AccessGrant.ExpiryTimer, "expire", (grant, audit) => grant.Expire(audit))
            .Timer<Recertification>(Recertification.NoticeTimer, "announce-end", (campaign, audit) => campaign.Notice(audit))
            .Timer<Recertification>(Recertification.EndTimer, "end", (campaign, audit) => campaign.EndWhenDue(audit))
            .Grants(Permissions.Own);
        service.Services.AddOptions<RequestSettings>().BindConfiguration("Requests").ValidateDataAnnotations().ValidateOnStart();
        service.Services.AddWebhooks();
        service.Services.AddSingleton<ItemCheck>();
        service.Services.AddSingleton<Calls>().AddHostedService(provider => provider.GetRequiredService<Calls>());
        service.Services.AddSingleton<Catalog>().AddSingleton<AnswerReader>().AddSingleton<Fulfillment>().AddSingleton<Leavers>()
            .AddSingleton<Access>();
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder api)
    {
        var requests = api.MapGroup("requests").WithTags("Requests");
        requests.MapTickets(RequestKind.Declared);
        OrderItem.Map(requests);
        ReadForms.Map(requests);
        EditRequest.Map(requests);
        SubmitRequest.Map(requests);
        ShowProgress.Map(requests);
        requests.MapApprovals<ServiceRequest>(Permissions.Approve);

        var items = api.MapGroup("catalog/items").WithTags("Service catalog");
        ReadCatalog.Map(items);
        CreateCatalogItem.Map(items);
        RewriteCatalogItem.Map(items);
        PublishCatalogItem.Map(items);
        RetireCatalogItem.Map(items);
        items.MapHistory<CatalogItem>(Permissions.OfTickets.Configure, "catalog item");
        api.MapGroup("catalog").MapCategories<ServiceRequest>(Permissions.OfTickets.Read, Permissions.OfTickets.Configure);

        api.MapApprovalList(Permissions.Approve, "requests");
        api.MapTaskList(Permissions.OfTickets.Read);
        ReceiveCallback.Map(api.MapGroup("request-callbacks").WithTags("Requests"));

        var grants = api.MapGroup("access-grants").WithTags("Access");
        ReadAccessGrants.Map(grants);
        RevokeAccessGrant.Map(grants);
        ConfirmAccessGrant.Map(grants);
        grants.MapHistory<AccessGrant>(Permissions.OfTickets.ReadHistory, "access grant");
        ReportAccess.Map(api.MapGroup("access-reports").WithTags("Access"));
        var campaigns = api.MapGroup("recertifications").WithTags("Access");
        ReadRecertifications.Map(campaigns);
        StartRecertification.Map(campaigns);
        AnswerRecertification.Map(campaigns);
        campaigns.MapHistory<Recertification>(Permissions.ManageAccess, "recertification");
    }

    private static ValueTask<ApprovalContext> ContextAsync(ServiceRequest request, IServiceProvider services, CancellationToken ct) =>
        services.GetRequiredService<Catalog>().ContextAsync(request, ct);
}
