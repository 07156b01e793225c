using System.Buffers.Text;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;

namespace Itsm.Platform.Http;

/// <summary>A request for a list: filters, order, page, all in the engine's own query together with the rule of access.</summary>
public sealed partial class ListQuery
{
    private const int MostItems = 200;
    private const int ExpectedItemSize = 1024;
    private readonly HttpContext _context;

    private ListQuery(HttpContext context) => (_context, Caller) = (context, Caller.Of(context));

    /// <summary>Who asks.</summary>
    public Caller Caller { get; }

    /// <summary>The list query of this request.</summary>
    public static ValueTask<ListQuery?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult<ListQuery?>(new ListQuery(context));

    /// <summary>Answers with a page of what the caller may see.</summary>
    public async Task<IResult> PageAsync<T>(
        IRecords<T> store, ListDefinition definition, CancellationToken ct, params IReadOnlyList<Condition> also)
        where T : Record
    {
        var limit = (int)ListDefinition.Limit.Of(_context.Request);
        var fields = FieldSelection<T>.OfList.Of(_context.Request)?.ToHashSet() ?? definition.Summary;
        var counts = ListDefinition.Count.Of(_context.Request);
        IReadOnlyList<StoredDocument> items;
        string? next = null;
        long? count = null;
        if (ListDefinition.Ids.TryRead(_context.Request, out var ids))
        {
            items = await FindAsync(store, definition, ids, also, ct);
            count = counts ? items.Count : null;
        }
        else
        {
            var order = await ParseAsync(definition, also, limit + 1, ct);
            var found = await order.ReadAsync(store.Documents, ct);
            items = found.Count > limit ? [.. found.Take(limit)] : found;
            next = found.Count > limit ? Cursor(order.Behind(items[^1])) : null;
            count = counts ? await store.Documents.CountAsync(order.Query.Where, ct) : null;
        }

        var annex = store.AnnexWriter;
        var expansion = definition.Expand.TryRead(_context.Request, out var expand)
            ? await Expansion.FindAsync(items, expand, definition, _context, ct)
            : null;
        if (next is not null)
        {
            _context.Response.Headers.Link = $"<{_context.Request.Path}{WithCursor(next)}>; rel=\"next\"";
        }

        await JsonAnswer.SendAsync(_context.Response, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("items"u8);
            foreach (var item in items)
            {
                var visible = store.Definition.Shown(Caller, item.Id);
                writer.WriteStartObject();
                var chosen = store.Definition.Choose(fields, visible);
                Representation.WriteMembers(writer, item.Body.Span, chosen, annex, _context.Language, Spoken<T>.Fields);
                Markdowns<T>.Write(_context.Request, writer, item.Body.Span, chosen);
                if (visible is null && expansion is not null)
                {
                    writer.WritePropertyName(Expansion.Member);
                    expansion.Write(writer, item.Body.Span);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteString("next"u8, next);
            if (count is { } total)
            {
                writer.WriteNumber("count"u8, total);
            }

            writer.WriteEndObject();
        }, (items.Count * ExpectedItemSize) + ExpectedItemSize);
        return TypedResults.Empty;
    }

    /// <summary>How many of what the caller may see have each value of a field.</summary>
    public async Task<IReadOnlyDictionary<string, long>> GroupAsync<T>(
        IRecords<T> store, ListDefinition definition, string field, CancellationToken ct, params IReadOnlyList<Condition> also)
        where T : Record =>
        (await GroupAsync(store, definition, [field], ct, also)).ToDictionary(group => group.Values[0], group => group.Count);

    /// <summary>How many of what the caller may see have each value of a field, or of two together.</summary>
    public async Task<IReadOnlyList<(IReadOnlyList<string> Values, long Count)>> GroupAsync<T>(
        IRecords<T> store, ListDefinition definition, IReadOnlyList<string> fields, CancellationToken ct,
        params IReadOnlyList<Condition> also)
        where T : Record
    {
        var order = await ParseAsync(definition, also, 1, ct);
        var groups = await store.Documents.GroupAsync(order.Query.Where, fields, ct);
        return [.. groups.Select(group => ((IReadOnlyList<string>)[.. group.Key.Select(value => value switch
        {
            BsonNull => "none", BsonBinaryData id => id.AsGuid.ToString(), _ => value.ToString()!,
        })], group.Value))];
    }

    /// <summary>Those with these ids that the caller may see, in their order.</summary>
    private async Task<IReadOnlyList<StoredDocument>> FindAsync<T>(
        IRecords<T> store, ListDefinition definition, IReadOnlyList<Guid> ids, IReadOnlyList<Condition> also, CancellationToken ct)
        where T : Record
    {
        QueryParameter[] others = [.. definition.FilterParameters, ListDefinition.Limit, ListDefinition.Cursor, definition.Sort];
        if (others.FirstOrDefault(one => _context.Request.Query.ContainsKey(one.Name)) is { } other)
        {
            throw HttpProblemException.Invalid($"?{other.Name}", FieldCode.Conflicting, $"{other.Name} does not go with id.");
        }

        var found = await Task.WhenAll(ids.Distinct().Select(id => store.Documents.FindAsync(id, ct).AsTask()));
        return [.. found.OfType<StoredDocument>().Where(document =>
            Read.IsVisible(document, Caller) && also.All(condition => condition.IsMetBy(document.Body.Span)))];
    }

    private async ValueTask<ListOrder> ParseAsync(
        ListDefinition definition, IReadOnlyList<Condition> also, int limit, CancellationToken ct)
    {
        var where = new List<Condition>(also.Count + 2) { Condition.In("readers", Caller.TokenValues) };
        where.AddRange(also);
        var people = _context.RequestServices.GetRequiredService<People>();
        var context = new FilterContext(_context.Request, Caller, people, _context.RequestServices, ct);
        foreach (var filter in definition.Filters)
        {
            if (await filter.ReadAsync(context) is { } condition)
            {
                where.Add(condition);
            }
        }

        var order = ListOrder.Of(definition, definition.Sort.Of(_context.Request)!, where, limit);
        return ListDefinition.Cursor.Of(_context.Request) is { } cursor ? From(order, cursor) : order;
    }

    private string WithCursor(string next)
    {
        var query = _context.Request.Query.Where(pair => pair.Key != "cursor")
            .ToDictionary(pair => pair.Key, pair => (string?)pair.Value.ToString());
        query["cursor"] = next;
        return QueryHelpers.AddQueryString("", query);
    }

    private string Cursor(ListOrder next) => Base64Url.EncodeToString(new BsonDocument
    {
        { "b", Binding(next.Query) }, { "s", next.First },
        { "v", next.Query.After!.Value }, { "i", BsonMapping.Value(next.Query.After.Id) },
    }.ToBson());

    private ListOrder From(ListOrder order, string cursor)
    {
        try
        {
            var document = MongoDB.Bson.Serialization.BsonSerializer.Deserialize<BsonDocument>(Base64Url.DecodeFromChars(cursor));
            if (document["v"].BsonType is BsonType.String or BsonType.Int32 or BsonType.Int64 or BsonType.DateTime or BsonType.Null
                && document["b"].AsByteArray.AsSpan().SequenceEqual(Binding(order.Query))
                && document.GetValue("s", IfUnnumbered(document["v"])).AsInt32 is >= 0 and var stretch && stretch < order.Stretches.Count)
            {
                return order with { First = stretch, Query = order.Query with { After = new(document["v"], document["i"].AsGuid) } };
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Not a cursor of ours: refused below.
        }

        throw HttpProblemException.Invalid("?cursor", FieldCode.Conflicting,
            $"This cursor belongs to another list, order, filter or caller; start again without it.");

        // Older versions did not number the stretches; what has no place came last.
        BsonValue IfUnnumbered(BsonValue value) => value.IsBsonNull ? order.Stretches.Count - 1 : 0;
    }

    /// <summary>What a cursor is good for: this list, filter, order and caller.</summary>
    private byte[] Binding(DocumentQuery query)
    {
        var text = new StringBuilder(200).Append(_context.Request.Path).Append('|').Append(Caller.Person).Append('|').Append(query.Sort)
            .Append(query.Descending);
        foreach (var (name, value) in _context.Request.Query
            .Where(pair => pair.Key is not ("cursor" or "limit" or "fields" or "expand" or "render" or "count"))
            .OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            text.Append('|').Append(name).Append('=').Append(value);
        }

        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))[..12];
    }
}
