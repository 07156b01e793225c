using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Ticketing.Configuration;
using MongoDB.Bson;

namespace Itsm.Assets.UseCases;

/// <summary>The services that the caller may use, who answers for them, and how they are.</summary>
internal sealed class ReadServices(
    AggregateStore<ConfigurationItem> items, AggregateStore<Domain.ServiceStatus> statuses, AggregateStore<Outage> outages,
    ServiceStatuses known, ServiceHealth health, ServiceReferences references, People people)
{
    private const int PageSize = 1_000;
    private const int MostUpcoming = 5;
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(14);

    private static readonly QueryParameter<IReadOnlyList<string>> State = new("state",
        QueryValue.Member<ServiceState>().Several(), "Those that are so alone; several with commas.");
    private static readonly QueryParameter<long> Criticality = new("criticality",
        QueryValue.Whole(1, 4), "Those of this criticality alone.");
    private static readonly QueryParameter<bool> Ownerless = new("ownerless", QueryValue.Flag, "true for those without owner.", false);

    /// <summary>All services that the caller may use and that are not retired.</summary>
    /// <param name="Items">The most disturbed first, then the most critical, then by name.</param>
    public sealed record Portfolio(IReadOnlyList<ServiceStatus> Items);

    /// <summary>A service.</summary>
    /// <param name="Id">Of its configuration item.</param>
    /// <param name="Number">Shown to people.</param>
    /// <param name="Key">How tickets name it; null where it has none, and they name it by number.</param>
    /// <param name="Name">Shown to people.</param>
    /// <param name="Description">What it is for, in Markdown.</param>
    /// <param name="Owner">Who answers for it.</param>
    /// <param name="OwnerName">Their name; null where that is not known.</param>
    /// <param name="SupportGroup">The group that looks after it.</param>
    /// <param name="SupportGroupName">Its name; null where that is not known.</param>
    /// <param name="Criticality">1 (most) to 4.</param>
    /// <param name="Attributes">As its class describes them: its hours, how it is asked for, where to find help.</param>
    /// <param name="RequestBy">Items of the catalog by which the caller can ask for it.</param>
    /// <param name="State">How it is.</param>
    /// <param name="Since">Since when it is so; null where that is not known.</param>
    /// <param name="Reasons">What disturbs it, where the caller sees that and all that is between.</param>
    /// <param name="Outage">The worst outage that goes on; null for none.</param>
    /// <param name="Upcoming">The first maintenances of the next 14 days, at most 5.</param>
    /// <param name="Subscribed">True where the caller wants to be told of changes.</param>
    public sealed record ServiceStatus(
        Guid Id, string Number, string? Key, string Name, string? Description, Guid? Owner, string? OwnerName, Guid? SupportGroup,
        string? SupportGroupName, int? Criticality, IReadOnlyDictionary<string, BsonValue> Attributes,
        IReadOnlyList<ServiceReferences.CatalogLink> RequestBy, ServiceState State, DateTimeOffset? Since,
        IReadOnlyList<Reason> Reasons, OutageReference? Outage, IReadOnlyList<OutageReference> Upcoming, bool Subscribed);

    /// <summary>An outage of a service.</summary>
    /// <param name="Id">Identity.</param>
    /// <param name="Number">Shown to people.</param>
    /// <param name="Kind">How bad it is.</param>
    /// <param name="Title">What it is; null where nobody has written that.</param>
    /// <param name="BeginsAt">When it begins.</param>
    /// <param name="EndsAt">When it ends, as planned; null while that is open.</param>
    public sealed record OutageReference(
        Guid Id, string Number, OutageKind Kind, string? Title, DateTimeOffset BeginsAt, DateTimeOffset? EndsAt)
    {
        internal static OutageReference Of(Outage outage) =>
            new(outage.Id, outage.Number, outage.Kind, outage.Title, outage.BeginsAt, outage.EndsAt);
    }

    /// <summary>Something that disturbs a service.</summary>
    /// <param name="Item">Where: the service itself, or something that it needs.</param>
    /// <param name="Path">The relations from there to the service.</param>
    /// <param name="Ticket">The incident, if it is one.</param>
    /// <param name="Outage">What a person has recorded, if it is that.</param>
    public sealed record Reason(
        ReadImpact.ItemReference Item, IReadOnlyList<ReadImpact.ItemLink> Path, ReadChangesAround.TicketOfItem? Ticket,
        OutageReference? Outage);

    public static void Map(IEndpointRouteBuilder services)
    {
        services.MapGet("", async (ReadServices read, Caller caller, HttpRequest request, CancellationToken ct) =>
            {
                var (states, criticality) = (State.Of(request), Criticality.TryRead(request, out var one) ? one : (long?)null);
                var found = (await read.AllAsync(caller, ct)).Where(service =>
                    states?.Contains(BsonMapping.Value(service.State).AsString) != false
                    && (criticality is null || service.Criticality == criticality) && (!Ownerless.Of(request) || service.Owner is null));
                return new Portfolio([.. found.OrderByDescending(service => service.State)
                    .ThenBy(service => service.Criticality ?? int.MaxValue)
                    .ThenBy(service => service.Name, StringComparer.OrdinalIgnoreCase)]);
            })
            .WithName("ListServices").WithSummary("Lists the services that the caller may use, and how they are")
            .Requires(Permissions.ReadItems).Takes(State, Criticality, Ownerless).Produces<Portfolio>();
        services.MapGet("{id}", (string id, ReadServices read, Caller caller, CancellationToken ct) => read.OneAsync(id, caller, ct))
            .WithName("GetService").WithSummary("Reads a service, by id, number or key, and how it is").Requires(Permissions.ReadItems)
            .Takes().Produces<ServiceStatus>();
    }

    /// <summary>A service as the caller gets it.</summary>
    public async ValueTask<ServiceStatus> OneAsync(string id, Caller caller, CancellationToken ct)
    {
        var service = await FindAsync(id, caller, ct);
        var its = new DocumentQuery([Condition.In("service", BsonMapping.Value(service.Id)), NotOver], "beginsAt", false, null, PageSize);
        return await ShowAsync(service, await statuses.FindAsync(service.Id, ct),
            await outages.Documents.AllAsync(its, ct).Select(AggregateStore<Outage>.Load).ToListAsync(ct),
            await references.LinksAsync([service], caller, ct), caller, ct);
    }

    /// <summary>The service of this id, number or key; where it was merged, the one that has all that it had.</summary>
    /// <exception cref="HttpProblemException">404 where it is not there, or not for the caller.</exception>
    public async ValueTask<ConfigurationItem> FindAsync(string id, Caller caller, CancellationToken ct) =>
        await items.FindSurvivorAsync(id, ct) is { Class: ConfigurationClass.ItService } item && caller.Sees(item.Readers)
            ? item
            : throw HttpProblemException.NotFound("service", id);

    /// <summary>The services that the caller may use and that are not retired, by name.</summary>
    public async ValueTask<IReadOnlyList<ConfigurationItem>> VisibleAsync(Caller caller, CancellationToken ct) =>
        await items.Documents.AllAsync(new DocumentQuery(
            [Condition.In("class", ConfigurationClass.ItService), Condition.In("readers", caller.TokenValues)], "name", false, null,
            PageSize), ct).Select(AggregateStore<ConfigurationItem>.Load)
            .Where(service => service.State != ConfigurationState.Retired).ToListAsync(ct);

    private Condition NotOver => Condition.Within("until", BsonMapping.Value(items.Clock.GetUtcNow()), false, null, false);

    private async ValueTask<IReadOnlyList<ServiceStatus>> AllAsync(Caller caller, CancellationToken ct)
    {
        var services = await VisibleAsync(caller, ct);
        var all = await known.AllAsync(ct);
        var its = (await outages.Documents.AllAsync(
            new DocumentQuery([NotOver, Condition.In("readers", caller.TokenValues)], "until", false, null, PageSize), ct)
            .Select(AggregateStore<Outage>.Load).ToListAsync(ct)).ToLookup(outage => outage.Service);
        var links = await references.LinksAsync(services, caller, ct);
        var shown = new List<ServiceStatus>();
        foreach (var service in services)
        {
            shown.Add(await ShowAsync(service, all.GetValueOrDefault(service.Id), [.. its[service.Id]], links, caller, ct));
        }

        return shown;
    }

    private async ValueTask<ServiceStatus> ShowAsync(
        ConfigurationItem service, Domain.ServiceStatus? status, List<Outage> open,
        ILookup<Guid, ServiceReferences.CatalogLink> links, Caller caller, CancellationToken ct)
    {
        var now = items.Clock.GetUtcNow();
        var (going, coming) = (
            open.Where(outage => outage.BeginsAt <= now).OrderBy(outage => outage.Kind).ThenBy(outage => outage.BeginsAt),
            open.Where(outage => outage.Kind == OutageKind.Maintenance && outage.BeginsAt > now && outage.BeginsAt <= now + Ahead));
        var disturbances = status?.State == ServiceState.Operational ? null : await health.ShareAsync(ct);
        return new(service.Id, service.Number, service.Key, service.Name, service.Description, service.Owner,
            await NameAsync(service.Owner, ct), service.SupportGroup, await NameAsync(service.SupportGroup, ct), service.Criticality,
            service.Attributes, [.. links[service.Id]], status?.State ?? disturbances!.Of(service.Id).State, status?.Since,
            disturbances is null ? [] : await ReasonsAsync(disturbances.Of(service.Id).Causes, caller, ct),
            going.Select(OutageReference.Of).FirstOrDefault(),
            [.. coming.OrderBy(outage => outage.BeginsAt).Take(MostUpcoming).Select(OutageReference.Of)],
            status?.Subscribers.Contains(caller.Person) == true);
    }

    private async ValueTask<string?> NameAsync(Guid? id, CancellationToken ct) =>
        id is { } one ? (await PersonOrGroup.FindAsync(one, people, ct))?.Name : null;

    private async ValueTask<IReadOnlyList<Reason>> ReasonsAsync(
        IReadOnlyList<(Cause Cause, IReadOnlyList<GraphEdge> Path)> causes, Caller caller, CancellationToken ct)
    {
        var (names, reasons) = (new ItemNames(items), new List<Reason>());
        foreach (var (cause, path) in causes.Where(one => caller.Sees(one.Cause.Readers)
            && (one.Cause.Ticket is not { } ticket || caller.Sees(ticket.Readers))
            && (one.Cause.Outage is not { } outage || caller.Sees(outage.Readers))))
        {
            var sees = true;
            foreach (var id in path.SelectMany(edge => new[] { edge.Source, edge.Target }).Distinct())
            {
                sees &= await names.SeesAsync(caller, id, ct);
            }

            if (sees)
            {
                reasons.Add(new((await names.FindAsync([cause.Item], ct))[0], await names.LinksAsync(path, ct),
                    cause.Ticket is null ? null : ReadChangesAround.TicketOfItem.Of(cause.Ticket),
                    cause.Outage is null ? null : OutageReference.Of(cause.Outage)));
            }
        }

        return reasons;
    }
}
