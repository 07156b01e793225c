using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Ticketing.Configuration;
using MongoDB.Bson;

namespace Itsm.Assets.UseCases;

/// <summary>Looks at the graph for a request: the caller sees the item and was there then, and what is met gets its names.</summary>
internal sealed class Walking(AggregateStore<ConfigurationItem> items, ConfigurationMap map)
{
    /// <summary>Answers with what is seen around an item.</summary>
    /// <exception cref="HttpProblemException">404 where the caller does not see it, or it was not there at that instant.</exception>
    public async Task<IResult> LookAsync<T>(
        string id, HttpContext context, Func<GraphView, Guid, ItemNames, ValueTask<T>> look, CancellationToken ct)
        where T : notnull
    {
        var read = (await Read.BindAsync(context, null!))!;
        return await read.PartAsync(items, id, async item =>
        {
            var at = AsOf.Of(context.Request);
            var view = await map.ViewAsync(read.Caller, at, ct);
            return view.Contains(item.Id)
                ? await look(view, item.Id, new ItemNames(items, read.Caller.May(Permissions.ReadHistory.Name) ? at : null))
                : throw HttpProblemException.NotFound(items.Definition.Noun, id);
        }, ct);
    }

    /// <summary>Answers with a page of a walk.</summary>
    public Task<IResult> WalkAsync(
        string id, HttpContext context, Func<GraphView, Guid, HttpRequest, GraphWalk> walk, CancellationToken ct) =>
        LookAsync<ReadImpact.Walk>(id, context, async (view, item, names) =>
        {
            var met = walk(view, item, context.Request);
            var of = ReadImpact.Class.Of(context.Request);
            var hits = of is null ? met.Hits : [.. met.Hits.Where(hit => view.ClassOf(hit.Item) == of)];
            var (page, next) = ReadImpact.PageOf(hits, context.Request);
            var found = new List<ReadImpact.Hit>();
            foreach (var hit in page)
            {
                var path = await names.LinksAsync(met.PathTo(hit), ct, view);
                found.Add(new((await names.FindAsync([hit.Item], ct))[0], hit.Effect, hit.Hops, path));
            }

            return new(found, next, hits.GroupBy(hit => hit.Effect).ToDictionary(
                group => BsonMapping.Value(group.Key).AsString, group => group.Count()));
        }, ct);
}

/// <summary>What people know items by, each read once a request.</summary>
/// <param name="items">All of them.</param>
/// <param name="at">As of when; null for as they are now.</param>
internal sealed class ItemNames(AggregateStore<ConfigurationItem> items, DateTimeOffset? at = null)
{
    private const int AtOnce = 16;

    /// <summary>Pages of an item's history: a year of one that is reported daily.</summary>
    private const int MostPages = 4;
    private readonly Dictionary<Guid, ReadImpact.ItemReference> _known = [];
    private readonly Dictionary<Guid, bool> _seen = [];

    /// <summary>True where the caller may see the item with this id.</summary>
    public async ValueTask<bool> SeesAsync(Caller caller, Guid id, CancellationToken ct) =>
        _seen.TryGetValue(id, out var seen) ? seen
        : _seen[id] = await items.FindAsync(id, ct) is { } item && caller.Sees(item.Readers);

    public async ValueTask<IReadOnlyList<ReadImpact.ItemReference>> FindAsync(IReadOnlyList<Guid> ids, CancellationToken ct)
    {
        foreach (var some in ids.Where(id => !_known.ContainsKey(id)).Distinct().Chunk(AtOnce))
        {
            foreach (var read in await Task.WhenAll(some.Select(id => ReadAsync(id, ct))))
            {
                _known[read.Id] = read;
            }
        }

        return [.. ids.Select(id => _known[id])];
    }

    /// <param name="edges">The relations.</param>
    /// <param name="ct">Ends the look.</param>
    /// <param name="view">Of which <c>needs</c> is told: no more than there are alternatives in it. Null to leave that out.</param>
    public async ValueTask<IReadOnlyList<ReadImpact.ItemLink>> LinksAsync(
        IReadOnlyList<GraphEdge> edges, CancellationToken ct, GraphView? view = null)
    {
        await FindAsync([.. edges.SelectMany(edge => new[] { edge.Source, edge.Target }).Distinct()], ct);
        return [.. edges.Select(edge => new ReadImpact.ItemLink(
            _known[edge.Source], edge.Type, _known[edge.Target], edge.Alternatives,
            view?.AlternativesOf(edge) is { } seen ? Math.Min(edge.Needs ?? 1, seen) : null, edge.From, edge.To))];
    }

    private async Task<ReadImpact.ItemReference> ReadAsync(Guid id, CancellationToken ct)
    {
        var document = (await items.Documents.FindAsync(id, ct))!.Value;
        var item = AggregateStore<ConfigurationItem>.Load(document);
        var now = ReadImpact.ItemReference.Of(item);
        return at is { } instant && item.UpdatedAt > instant
            && (await items.AsOfAsync(document, instant, ct, MostPages))?.State is { } state
            && BsonMapping.FromBytes<Then>(state.ToBson()) is var then
                ? now with { Number = then.Number, Name = then.Name, State = then.State, Criticality = then.Criticality }
                : now;
    }

    private sealed record Then(string Number, string Name, ConfigurationState State, int? Criticality);
}
