using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Platform.Http;

/// <summary>An order by a field with few values whose things of one value come in an order of their own: read as one stretch for each
/// value, by an index of both fields.</summary>
/// <param name="Values">All that the field can have, the least first.</param>
/// <param name="Within">The order of those of one value, whatever the direction: a field, with a minus for the greatest first.</param>
public sealed record GroupedSort(IReadOnlyList<BsonValue> Values, string Within);

/// <summary>How a list is read: in stretches, one after the other.</summary>
/// <param name="Query">What they have in common; its <see cref="DocumentQuery.After"/> is a place in the first of them.</param>
/// <param name="Stretches">What each is limited to; null for no limit.</param>
/// <param name="First">The number of the stretch in which the page starts.</param>
internal sealed record ListOrder(DocumentQuery Query, IReadOnlyList<Condition?> Stretches, int First = 0)
{
    /// <summary>The order that a list is asked for in.</summary>
    public static ListOrder Of(ListDefinition definition, string sort, IReadOnlyList<Condition> where, int limit)
    {
        var (field, descending) = Parsed(sort);
        if (definition.GroupedSorts.TryGetValue(field, out var grouped))
        {
            var (within, backwards) = Parsed(grouped.Within);
            var values = grouped.Values.Where(value => where.All(one =>
                one.Field != field || one.IsMetBy(new BsonDocument(field, value).ToBson()))).Select(value => Condition.In(field, value));
            return new(new(where, within, backwards, null, limit), [.. descending ? values.Reverse() : values]);
        }

        // Engines would put what has no place in the order first.
        var (stored, least) = definition.SortFields.TryGetValue(field, out var instant) ? (instant, BsonValue.Create(DateTime.UnixEpoch))
            : definition.TextSorts.TryGetValue(field, out var text) ? (text, (BsonValue)"") : (field, null);
        return least is not null && !where.Any(condition => condition.Field == stored)
            ? new(new(where, stored, descending, null, limit),
                [Condition.Within(stored, least, true, null, false), Condition.In(stored, BsonNull.Value)])
            : new(new(where, stored, descending, null, limit), [null]);
    }

    /// <summary>The page.</summary>
    public async Task<IReadOnlyList<StoredDocument>> ReadAsync(IDocumentCollection documents, CancellationToken ct)
    {
        var found = new List<StoredDocument>();
        for (var number = First; number < Stretches.Count && found.Count < Query.Limit; number++)
        {
            found.AddRange(await documents.QueryAsync(Query with
            {
                Where = Stretches[number] is { } only ? [.. Query.Where.Where(one => one.Field != only.Field), only] : Query.Where,
                After = number == First ? Query.After : null,
                Limit = Query.Limit - found.Count,
            }, ct));
        }

        return found;
    }

    /// <summary>The same from behind this document.</summary>
    public ListOrder Behind(StoredDocument last) => this with
    {
        First = Stretches.TakeWhile(one => one?.IsMetBy(last.Body.Span) == false).Count(),
        Query = Query with
        {
            After = new(RawBson.Values(last.Body.Span, Query.Sort) is [var value, ..] ? value : BsonNull.Value, last.Id),
        },
    };

    private static (string Field, bool Descending) Parsed(string sort) => sort[0] == '-' ? (sort[1..], true) : (sort, false);
}
