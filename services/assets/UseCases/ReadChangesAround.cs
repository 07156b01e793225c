using Itsm.Assets.Domain;
using Itsm.Contracts;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing.Configuration;

namespace Itsm.Assets.UseCases;

/// <summary>What changed before something happened to an item: on it, and on what is near to it.</summary>
internal sealed class ReadChangesAround(AggregateStore<ConfigurationItem> items, Projection<ItemTicket> tickets, ConfigurationMap map)
{
    private const int MostNear = 500;
    private const int MostOfOne = 100;
    private static readonly QueryParameter<long> Hours = new("hours", QueryValue.Whole(1, 24 * 31), "How long before the instant.", 24);
    private static readonly QueryParameter<long> Hops = new("hops", QueryValue.Whole(0, 3), "How far from the item.", 2);
    private static readonly QueryParameter<long> Limit = new("limit", QueryValue.Whole(1, 200), "How many changes at most.", 50);

    /// <summary>What changed.</summary>
    /// <param name="From">What happened then or before is left out.</param>
    /// <param name="To">What happened later is left out.</param>
    /// <param name="Items">The nearest first: in time and in the graph.</param>
    /// <param name="More">True where there are more than <c>limit</c>, or more than 500 items near.</param>
    public sealed record Changes(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<Change> Items, bool More);

    /// <summary>One thing that happened.</summary>
    /// <param name="What">Which of the members below tells it: fields, relation or ticket.</param>
    /// <param name="At">When.</param>
    /// <param name="Item">On which item.</param>
    /// <param name="Hops">How many relations that is away.</param>
    /// <param name="Score">1 for the instant and the item themselves, less the farther in time and graph.</param>
    /// <param name="By">Who, where that is known.</param>
    /// <param name="Action">By which use case, of fields.</param>
    /// <param name="Reason">Why, in their words.</param>
    /// <param name="Fields">How fields changed; empty for a new item.</param>
    /// <param name="Relation">The relation that was made, or has ended then.</param>
    /// <param name="Ticket">The ticket that was opened then.</param>
    public sealed record Change(
        ChangeKind What, DateTimeOffset At, ReadImpact.ItemReference Item, int Hops, double Score, Actor? By = null, string? Action = null,
        string? Reason = null, IReadOnlyList<RecordedFieldChange>? Fields = null, ReadImpact.ItemLink? Relation = null,
        TicketOfItem? Ticket = null);

    /// <summary>A ticket that names an item.</summary>
    /// <param name="Id">Identity.</param>
    /// <param name="Kind">Which process.</param>
    /// <param name="Number">Shown to people.</param>
    /// <param name="Title">One line.</param>
    /// <param name="State">As it is now, in the words of its kind.</param>
    /// <param name="Priority">1 (critical) to 5 (planning), as it is now.</param>
    /// <param name="Href">Where it is read.</param>
    public sealed record TicketOfItem(Guid Id, string Kind, string Number, string Title, string State, int Priority, string Href)
    {
        // The plural, which is the route, of each kind of ticket is its word with an s.
        internal static TicketOfItem Of(ItemTicket ticket) => new(ticket.Id, ticket.Kind, ticket.Number, ticket.Title, ticket.State,
            ticket.Priority, $"/api/v1/{ticket.Kind}s/{ticket.Id}");
    }

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("{id}/changes-around", (string id, ReadChangesAround changes, Read read, HttpContext context, CancellationToken ct) =>
            read.PartAsync(changes.Items, id, item => changes.HandleAsync(item, read.Caller, context.Request, ct), ct))
        .WithName(nameof(ReadChangesAround)).WithSummary("Lists what changed on an item and near to it before an instant, nearest first")
        .WithDescription("Attributes, moves, relations made and ended, and tickets opened, on the item and on what was related to it "
            + "within so many hops at either end of the time.")
        .Requires(Permissions.ReadHistory).Tagged().Takes(AsOf.Optional, Hours, Hops, Limit).Produces<Changes>();

    private AggregateStore<ConfigurationItem> Items => items;

    private async ValueTask<object> HandleAsync(ConfigurationItem item, Caller caller, HttpRequest request, CancellationToken ct)
    {
        var to = AsOf.Of(request) ?? items.Clock.GetUtcNow().ToMilliseconds();
        var back = TimeSpan.FromHours(Hours.Of(request));
        var (from, limit, names) = (to - DateTimeOffset.MinValue > back ? to - back : DateTimeOffset.MinValue, (int)Limit.Of(request),
            new ItemNames(items));
        var near = await NearAsync(item.Id, caller, from, to, (int)Hops.Of(request), ct);
        var found = new List<Happened>();
        foreach (var (id, hops) in near.Take(MostNear))
        {
            var document = (await items.Documents.FindAsync(id, ct))!.Value;
            var reference = (await names.FindAsync([id], ct))[0];
            var happened = (await FieldsAsync(document, from, to, ct))
                .Concat(await RelationsAsync(document, from, to, caller, names, ct))
                .Concat(await TicketsAsync(AggregateStore<ConfigurationItem>.Load(document), from, to, caller, ct));
            found.AddRange(happened.Select(one => one with
            {
                Change = one.Change with { Item = reference, Hops = hops, Score = (1 - (to - one.Change.At) / back) / (1 + hops) },
            }));
        }

        // What concerns two that are near is told of the nearer one.
        var ranked = found.OrderByDescending(one => one.Change.Score).DistinctBy(one => one.Key).Select(one => one.Change).ToList();
        return new Changes(from, to, [.. ranked.Take(limit)], ranked.Count > limit || near.Count > MostNear);
    }

    /// <summary>What was within so many hops at either end of the time, the nearest first.</summary>
    private async ValueTask<IReadOnlyList<(Guid Item, int Hops)>> NearAsync(
        Guid item, Caller caller, DateTimeOffset from, DateTimeOffset to, int hops, CancellationToken ct)
    {
        var near = new List<(Guid Item, int Hops)> { (item, 0) };
        foreach (var at in new[] { to, from })
        {
            var view = await map.ViewAsync(caller, at, ct);
            near.AddRange(hops > 0 && view.Contains(item) ? view.Around(item, hops).Hits.Select(hit => (hit.Item, hit.Hops)) : []);
        }

        return [.. near.OrderBy(one => one.Hops).DistinctBy(one => one.Item)];
    }

    private async ValueTask<IEnumerable<Happened>> FieldsAsync(
        StoredDocument document, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) =>
        (await items.ChangesAsync(document, from, to, MostOfOne, ct)).Where(change => change.Action != "relate").Select(
            change => new Happened((document.Id, change.At, change.Action), Nearer(ChangeKind.Fields, change.At) with
            {
                By = change.By, Action = change.Action, Reason = change.Reason,
                Fields = [.. change.Fields.Where(field => field.Field != "sources")],
            }));

    private static async ValueTask<IEnumerable<Happened>> RelationsAsync(
        StoredDocument document, DateTimeOffset from, DateTimeOffset to, Caller caller, ItemNames names, CancellationToken ct)
    {
        var (item, happened) = (AggregateStore<ConfigurationItem>.Load(document), new List<Happened>());
        foreach (var relation in item.Snapshot().Relations)
        {
            if ((Instant(relation.To) ?? Instant(relation.From)) is { } at && await names.SeesAsync(caller, relation.Target, ct))
            {
                var edge = new GraphEdge(item.Id, relation.Type, relation.Target, relation.Alternatives, relation.Needs, relation.From,
                    relation.To);
                happened.Add(new((edge, at), Nearer(ChangeKind.Relation, at) with { Relation = (await names.LinksAsync([edge], ct))[0] }));
            }
        }

        return happened;

        DateTimeOffset? Instant(DateTimeOffset? one) => one > from && one <= to ? one : null;
    }

    private async ValueTask<IEnumerable<Happened>> TicketsAsync(
        ConfigurationItem item, DateTimeOffset from, DateTimeOffset to, Caller caller, CancellationToken ct) =>
        (await tickets.Documents.QueryAsync(new DocumentQuery(
            [
                Condition.In("items", item.Names),
                Condition.In("readers", caller.TokenValues),
                Condition.Within("openedAt", BsonMapping.Value(from), false, BsonMapping.Value(to), true),
            ], "openedAt", true, null, MostOfOne), ct))
        .Select(Projection<ItemTicket>.Load).Select(ticket => new Happened(ticket.Id, Nearer(ChangeKind.Ticket, ticket.OpenedAt) with
        {
            Ticket = TicketOfItem.Of(ticket),
        }));

    /// <summary>A change whose place is not known yet.</summary>
    private static Change Nearer(ChangeKind what, DateTimeOffset at) => new(what, at, null!, 0, 0);

    /// <param name="Key">The same for what is found at two items.</param>
    /// <param name="Change">What it is.</param>
    private sealed record Happened(object Key, Change Change);
}

/// <summary>What changed around an item.</summary>
public enum ChangeKind
{
    /// <summary>Its fields, by hand, by a move, or by a source.</summary>
    Fields,

    /// <summary>A relation was made, or has ended.</summary>
    Relation,

    /// <summary>A ticket was opened.</summary>
    Ticket,
}
