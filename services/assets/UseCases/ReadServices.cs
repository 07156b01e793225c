using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using MongoDB.Bson;

namespace Itsm.Assets.UseCases;

/// <summary>The services that the caller may use, who answers for them, and how they are.</summary>
internal sealed class ReadServices(AggregateStore<ConfigurationItem> items, ServiceHealth health)
{
    private const int Most = 1_000;

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
    /// <param name="SupportGroup">The group that looks after it.</param>
    /// <param name="Criticality">1 (most) to 4.</param>
    /// <param name="Attributes">As its class describes them: its hours, how it is asked for, where to find help.</param>
    /// <param name="State">How it is.</param>
    /// <param name="Since">When the first of the incidents among the reasons was opened.</param>
    /// <param name="Reasons">What disturbs it, where the caller sees that and all that is between.</param>
    public sealed record ServiceStatus(
        Guid Id, string Number, string? Key, string Name, string? Description, Guid? Owner, Guid? SupportGroup, int? Criticality,
        IReadOnlyDictionary<string, BsonValue> Attributes, ServiceState State, DateTimeOffset? Since, IReadOnlyList<Reason> Reasons);

    /// <summary>Something that disturbs a service.</summary>
    /// <param name="Item">Where: the service itself, or something that it needs.</param>
    /// <param name="Path">The relations from there to the service.</param>
    /// <param name="Ticket">The incident, if it is one.</param>
    public sealed record Reason(
        ReadImpact.ItemReference Item, IReadOnlyList<ReadImpact.ItemLink> Path, ReadChangesAround.TicketOfItem? Ticket);

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
        services.MapGet("{id}", async (string id, ReadServices read, Caller caller, CancellationToken ct) =>
                await read.Items.RecallAsync(id, ct) is { Class: ConfigurationClass.ItService } item && caller.Sees(item.Readers)
                    ? await read.ShowAsync(item, await read.Health.FindAsync(ct), caller, ct)
                    : throw HttpProblemException.NotFound("service", id))
            .WithName("GetService").WithSummary("Reads a service, by id, number or key, and how it is").Requires(Permissions.ReadItems)
            .Takes().Produces<ServiceStatus>();
    }

    private AggregateStore<ConfigurationItem> Items => items;

    private ServiceHealth Health => health;

    private async ValueTask<IReadOnlyList<ServiceStatus>> AllAsync(Caller caller, CancellationToken ct)
    {
        var disturbances = await health.FindAsync(ct);
        var services = await items.Documents.QueryAsync(new DocumentQuery(
            [Condition.In("class", ConfigurationClass.ItService), Condition.In("readers", caller.TokenValues)], "name", false, null, Most),
            ct);
        var shown = new List<ServiceStatus>();
        foreach (var service in services.Select(AggregateStore<ConfigurationItem>.Load))
        {
            if (service.State != ConfigurationState.Retired)
            {
                shown.Add(await ShowAsync(service, disturbances, caller, ct));
            }
        }

        return shown;
    }

    private async ValueTask<ServiceStatus> ShowAsync(
        ConfigurationItem service, Disturbances disturbances, Caller caller, CancellationToken ct)
    {
        var (state, causes) = disturbances.Of(service.Id);
        var (names, reasons, since) = (new ItemNames(items), new List<Reason>(), (DateTimeOffset?)null);
        foreach (var (cause, path) in causes.Where(one => caller.Sees(one.Cause.Item.Readers)
            && (one.Cause.Ticket is not { } ticket || caller.Sees(ticket.Readers))))
        {
            var sees = true;
            foreach (var id in path.SelectMany(edge => new[] { edge.Source, edge.Target }).Distinct())
            {
                sees &= await names.SeesAsync(caller, id, ct);
            }

            if (sees)
            {
                since = since < cause.Ticket?.OpenedAt ? since : cause.Ticket?.OpenedAt ?? since;
                reasons.Add(new((await names.FindAsync([cause.Item.Id], ct))[0], await names.LinksAsync(path, ct),
                    cause.Ticket is null ? null : ReadChangesAround.TicketOfItem.Of(cause.Ticket)));
            }
        }

        return new(service.Id, service.Number, service.Key, service.Name, service.Description, service.Owner, service.SupportGroup,
            service.Criticality, service.Attributes, state, since, reasons);
    }
}
