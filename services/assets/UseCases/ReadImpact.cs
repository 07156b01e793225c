using System.Globalization;
using System.Text.RegularExpressions;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing.Configuration;

namespace Itsm.Assets.UseCases;

/// <summary>What an item stands on, what stands on it, and by which path: now, or as of any instant.</summary>
internal static partial class ReadImpact
{
    private const int MostItems = 200;
    private const int MostOfPicture = 500;
    private const int MostHops = 5;

    private static readonly QueryParameter<long> Limit = new("limit",
        QueryValue.Whole(1, MostItems), "How many items a page has at most.", 50);
    private static readonly QueryParameter<string> AfterRelation = Place(RelationPlace());
    private static readonly QueryParameter<string> AfterHit = Place(HitPlace());
    private static readonly QueryParameter<long> Hops = new("hops", QueryValue.Whole(1, MostHops), "How far from the item.", 2);
    internal static readonly QueryParameter<string> Class = new("class", QueryValue.Text(60), "Items of this class alone.");
    private static readonly QueryParameter<IReadOnlyList<Guid>> With = new("with", QueryValue.Id.Several(MostItems),
        "Ids of items that fail at the same time.");
    private static readonly QueryParameter<string> Direction = new("direction", QueryValue.Word("out", "in"),
        "out: the item's own relations; in: those of others to it; both where left out.");

    /// <summary>An item as others name it: to who may read histories as of the instant that is asked for, unless it has changed more than
    /// 400 times since; else as it is now.</summary>
    /// <param name="Id">Identity.</param>
    /// <param name="Number">Shown to people.</param>
    /// <param name="Name">Shown to people.</param>
    /// <param name="Class">Key of its class.</param>
    /// <param name="State">Where it stands, or stood.</param>
    /// <param name="Criticality">1 (most) to 4.</param>
    /// <param name="Href">Where it is read.</param>
    public sealed record ItemReference(
        Guid Id, string Number, string Name, string Class, ConfigurationState State, int? Criticality, string Href)
    {
        internal static ItemReference Of(ConfigurationItem item) => new(
            item.Id, item.Number, item.Name, item.Class, item.State, item.Criticality, $"/api/v1/configuration-items/{item.Id}");
    }

    /// <summary>A relation between two items.</summary>
    /// <param name="Source">Whose relation it is.</param>
    /// <param name="Type">Key of its type.</param>
    /// <param name="Target">To which.</param>
    /// <param name="Alternatives">Name of those of the source's relations that stand in for each other.</param>
    /// <param name="Needs">How many of the alternatives must work.</param>
    /// <param name="Since">When it was made.</param>
    /// <param name="Until">When it ended; null while it holds.</param>
    public sealed record ItemLink(
        ItemReference Source, string Type, ItemReference Target, string? Alternatives, int? Needs, DateTimeOffset Since,
        DateTimeOffset? Until);

    /// <summary>The relations of an item with others.</summary>
    /// <param name="Items">By the id of the other end.</param>
    /// <param name="Next">For <c>after</c>; null on the last page.</param>
    public sealed record Related(IReadOnlyList<ItemLink> Items, string? Next);

    /// <summary>What a walk over the graph met.</summary>
    /// <param name="Items">The nearest first.</param>
    /// <param name="Next">For <c>after</c>; null on the last page.</param>
    /// <param name="Counts">How many items there are in all, by effect.</param>
    public sealed record Walk(IReadOnlyList<Hit> Items, string? Next, IReadOnlyDictionary<string, int> Counts);

    /// <summary>An item that a walk met.</summary>
    /// <param name="Item">The item.</param>
    /// <param name="Effect">Of the impact: affected, or atRisk where enough of its alternatives are left. Of requirements: needed, or
    /// alternative where others stand in for it.</param>
    /// <param name="Hops">How many relations away.</param>
    /// <param name="Path">These relations, from the item that was asked for on.</param>
    public sealed record Hit(ItemReference Item, GraphEffect Effect, int Hops, IReadOnlyList<ItemLink> Path);

    /// <summary>An item's surroundings, to be drawn.</summary>
    /// <param name="Items">With the item itself, the nearest first.</param>
    /// <param name="Relations">Between these.</param>
    /// <param name="Truncated">True where there are more than 500 items: the farthest are left out.</param>
    public sealed record Picture(IReadOnlyList<ItemReference> Items, IReadOnlyList<ItemLink> Relations, bool Truncated);

    public static void Map(IEndpointRouteBuilder items)
    {
        items.MapGet("{id}/relations", RelationsAsync).WithName("ListConfigurationItemRelations")
            .WithSummary("Lists the relations of an item with others, in both directions").Requires(Permissions.ReadItems).Tagged()
            .Takes(Direction, AsOf.Optional, Limit, AfterRelation).Produces<Related>();
        items.MapGet("{id}/impact", (string id, Walking walking, HttpContext context, CancellationToken ct) =>
                walking.WalkAsync(id, context, (view, item, request) =>
                    view.Impact([item, .. RequireAll(view, With.Of(request) ?? [])]), ct))
            .WithName("ReadConfigurationItemImpact").WithSummary("Lists what suffers when the item fails, directly or through others")
            .Requires(Permissions.ReadItems).Tagged().Takes(With, Class, AsOf.Optional, Limit, AfterHit).Produces<Walk>();
        items.MapGet("{id}/requirements", (string id, Walking walking, HttpContext context, CancellationToken ct) =>
                walking.WalkAsync(id, context, (view, item, _) => view.Requirements(item), ct))
            .WithName("ReadConfigurationItemRequirements").WithSummary("Lists what the item needs, directly or through others")
            .Requires(Permissions.ReadItems).Tagged().Takes(Class, AsOf.Optional, Limit, AfterHit).Produces<Walk>();
        items.MapGet("{id}/surroundings", PictureAsync).WithName("ReadConfigurationItemSurroundings")
            .WithSummary("Reads the items around an item and the relations between them, to be drawn")
            .Requires(Permissions.ReadItems).Tagged().Takes(Hops, AsOf.Optional).Produces<Picture>();
    }

    private static Task<IResult> RelationsAsync(string id, Walking walking, HttpContext context, CancellationToken ct) =>
        walking.LookAsync<Related>(id, context, async (view, item, names) =>
        {
            var request = context.Request;
            var direction = Direction.Of(request);
            var edges = view.Neighbours(item).Where(edge => direction is null || direction == (edge.Source == item ? "out" : "in"))
                .Select(edge => (Place: $"{(edge.Source == item ? edge.Target : edge.Source)} {edge.Type} {edge.Source}", edge))
                .OrderBy(one => one.Place, StringComparer.Ordinal);
            var (page, next) = PageOf(edges, AfterRelation, request);
            return new([.. await names.LinksAsync(page, ct, view)], next);
        }, ct);

    private static Task<IResult> PictureAsync(string id, Walking walking, HttpContext context, CancellationToken ct) =>
        walking.LookAsync<Picture>(id, context, async (view, item, names) =>
        {
            var hits = view.Around(item, (int)Hops.Of(context.Request)).Hits;
            List<Guid> shown = [.. hits.Take(MostOfPicture).Select(hit => hit.Item)];
            var among = shown.ToHashSet();
            var edges = shown.SelectMany(view.Neighbours).Distinct()
                .Where(edge => among.Contains(edge.Source) && among.Contains(edge.Target));
            return new([.. await names.FindAsync(shown, ct)], [.. await names.LinksAsync([.. edges], ct, view)],
                hits.Count > MostOfPicture);
        }, ct);

    /// <exception cref="HttpProblemException">400 where the caller does not see one of them, or it was not there then.</exception>
    private static IReadOnlyList<Guid> RequireAll(GraphView view, IReadOnlyList<Guid> others)
    {
        foreach (var other in others.Where(other => !view.Contains(other)))
        {
            throw HttpProblemException.Invalid("?with", FieldCode.NotFound,
                $"There is no configuration item {other} that you can see.");
        }

        return others;
    }

    /// <summary>The page of a walk that the request asks for.</summary>
    internal static (IReadOnlyList<GraphHit> Page, string? Next) PageOf(IEnumerable<GraphHit> hits, HttpRequest request) => PageOf(
        hits.Select(hit => (hit.Hops.ToString("D9", CultureInfo.InvariantCulture) + hit.Item, hit)), AfterHit, request);

    /// <summary>Those after the place that the request names, in the order of their places.</summary>
    private static (IReadOnlyList<T> Page, string? Next) PageOf<T>(
        IEnumerable<(string Place, T Item)> all, QueryParameter<string> place, HttpRequest request)
    {
        var (limit, after) = ((int)Limit.Of(request), place.Of(request));
        var rest = all.Where(one => after is null || string.CompareOrdinal(one.Place, after) > 0).Take(limit + 1).ToList();
        return ([.. rest.Take(limit).Select(one => one.Item)], rest.Count > limit ? rest[limit - 1].Place : null);
    }

    private static QueryParameter<string> Place(Regex form) =>
        new("after", QueryValue.Form(form, $"it is the next of the page before"), "The next of the page before.");

    [GeneratedRegex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12} \\S+ [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    private static partial Regex RelationPlace();

    [GeneratedRegex("^[0-9]{9}[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    private static partial Regex HitPlace();
}
