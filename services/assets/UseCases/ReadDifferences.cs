using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing.Configuration;

namespace Itsm.Assets.UseCases;

/// <summary>How an item and what is near to it differ between two instants, whatever happened in between.</summary>
internal sealed class ReadDifferences(AggregateStore<ConfigurationItem> items, ConfigurationMap map)
{
    private const int MostItems = 500;

    // What is told by the graph, and what follows from other fields.
    private static readonly HashSet<string> Untold = ["sources", "seenBy", "seenAt", "relatedAt"];

    private static readonly QueryParameter<DateTimeOffset> From =
        new("from", QueryValue.Instant, "The first instant.") { IsRequired = true };
    private static readonly QueryParameter<DateTimeOffset> To = new("to", QueryValue.Instant, "The second instant; now where left out.");
    private static readonly QueryParameter<long> Hops = new("hops", QueryValue.Whole(0, 3), "How far from the item.", 1);

    /// <summary>What differs.</summary>
    /// <param name="From">The first instant.</param>
    /// <param name="To">The second instant.</param>
    /// <param name="Appeared">Items that are near at the second instant and were not there, or hidden, at the first; called as they were
    /// at the second.</param>
    /// <param name="Gone">Items that were near at the first instant and are not there at the second; called as they were at the
    /// first.</param>
    /// <param name="Changed">Items that are there at both, and differ.</param>
    /// <param name="Begun">Relations that hold at the second instant and did not at the first, with the names of then.</param>
    /// <param name="Ended">Relations that held at the first instant and do not at the second, with the names of then.</param>
    /// <param name="Truncated">True where more than 500 items are near: the farthest are left out.</param>
    public sealed record Differences(
        DateTimeOffset From, DateTimeOffset To, IReadOnlyList<ReadImpact.ItemReference> Appeared,
        IReadOnlyList<ReadImpact.ItemReference> Gone, IReadOnlyList<Differing> Changed, IReadOnlyList<ReadImpact.ItemLink> Begun,
        IReadOnlyList<ReadImpact.ItemLink> Ended, bool Truncated);

    /// <summary>An item that differs.</summary>
    /// <param name="Item">As it was at the second instant.</param>
    /// <param name="Fields">From the first instant to the second.</param>
    public sealed record Differing(ReadImpact.ItemReference Item, IReadOnlyList<RecordedFieldChange> Fields);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("{id}/differences", (string id, ReadDifferences differences, Read read, HttpContext context, CancellationToken ct) =>
            read.PartAsync(differences.Items, id, item => differences.HandleAsync(item, read.Caller, context.Request, ct), ct))
        .WithName("ReadConfigurationItemDifferences")
        .WithSummary("Reads how an item and what is near to it differ between two instants")
        .WithDescription("Items are called as they were at the instant of which they are told; those that changed more than 400 times "
            + "since as they are now.")
        .Requires(Permissions.ReadHistory).Tagged().Takes(From, To, Hops).Produces<Differences>();

    private AggregateStore<ConfigurationItem> Items => items;

    private async ValueTask<object> HandleAsync(ConfigurationItem item, Caller caller, HttpRequest request, CancellationToken ct)
    {
        var (from, to) = (From.Of(request), To.TryRead(request, out var second) ? second : items.Clock.GetUtcNow().ToMilliseconds());
        if (to <= from)
        {
            throw HttpProblemException.Invalid("?to", FieldCode.OutOfRange,
                $"to must be later than from, {from:yyyy-MM-ddTHH:mm:ssZ}, not {to:yyyy-MM-ddTHH:mm:ssZ}.");
        }

        var (before, after) = (await map.ViewAsync(caller, from, ct), await map.ViewAsync(caller, to, ct));
        var (earlier, later) = (new ItemNames(items, from), new ItemNames(items, to));
        var near = new[] { before, after }.SelectMany(view => view.Contains(item.Id) ? Near(view, item.Id, (int)Hops.Of(request)) : [])
            .OrderBy(one => one.Hops).Select(one => one.Item).Distinct().ToList();
        List<Guid> shown = [.. near.Take(MostItems)];
        var there = shown.ToLookup(id => (Before: before.Contains(id), After: after.Contains(id)));
        var changed = new List<(Guid Item, IReadOnlyList<RecordedFieldChange> Fields)>();
        foreach (var id in there[(true, true)])
        {
            if (await FieldsAsync(id, from, to, ct) is { Count: > 0 } fields)
            {
                changed.Add((id, fields));
            }
        }

        var among = shown.ToHashSet();
        var (then, now) = (Among(before, among), Among(after, among));
        var differing = await later.FindAsync([.. changed.Select(one => one.Item)], ct);
        return new Differences(from, to, await later.FindAsync([.. there[(false, true)]], ct),
            await earlier.FindAsync([.. there[(true, false)]], ct),
            [.. differing.Zip(changed, (found, one) => new Differing(found, one.Fields))],
            await later.LinksAsync([.. now.Except(then)], ct, after), await earlier.LinksAsync([.. then.Except(now)], ct, before),
            near.Count > MostItems);
    }

    private static IEnumerable<(Guid Item, int Hops)> Near(GraphView view, Guid item, int hops) =>
        hops == 0 ? [(item, 0)] : view.Around(item, hops).Hits.Select(hit => (hit.Item, hit.Hops));

    private static HashSet<GraphEdge> Among(GraphView view, HashSet<Guid> items) =>
        [.. items.SelectMany(view.Neighbours).Where(edge => items.Contains(edge.Source) && items.Contains(edge.Target))];

    private async ValueTask<IReadOnlyList<RecordedFieldChange>> FieldsAsync(
        Guid id, DateTimeOffset from, DateTimeOffset to, CancellationToken ct)
    {
        if (await items.Documents.FindAsync(id, ct) is not { } document
            || AggregateStore<ConfigurationItem>.Load(document).UpdatedAt <= from)
        {
            return [];
        }

        return [.. (await items.DifferencesAsync(document, from, to, ct)).Where(change => !Untold.Contains(change.Field))];
    }
}
