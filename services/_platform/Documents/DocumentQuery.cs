using System.Buffers.Text;
using System.Runtime.CompilerServices;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace Itsm.Platform.Documents;

/// <summary>A condition on one declared field. For a field that is an array, one element is enough.</summary>
public abstract record Condition(string Field)
{
    /// <summary>The field has one of these values; <see cref="BsonNull"/> stands for missing.</summary>
    public static Condition In(string field, params IReadOnlyList<BsonValue> values) => new InCondition(field, values);

    /// <summary>The field lies within these bounds; null means unbounded. Missing values never do.</summary>
    public static Condition Within(string field, BsonValue? from, bool fromIncluded, BsonValue? to, bool toIncluded) =>
        new RangeCondition(field, from, fromIncluded, to, toIncluded);

    /// <summary>True for a document that meets it.</summary>
    /// <param name="body">Of the document.</param>
    internal abstract bool IsMetBy(ReadOnlySpan<byte> body);
}

/// <summary>See <see cref="Condition.In"/>.</summary>
public sealed record InCondition(string Field, IReadOnlyList<BsonValue> Values) : Condition(Field)
{
    internal override bool IsMetBy(ReadOnlySpan<byte> body) =>
        RawBson.Values(body, Field) is { Count: > 0 } values ? values.Any(Values.Contains) : Values.Contains(BsonNull.Value);
}

/// <summary>See <see cref="Condition.Within"/>.</summary>
public sealed record RangeCondition(string Field, BsonValue? From, bool FromIncluded, BsonValue? To, bool ToIncluded) : Condition(Field)
{
    internal override bool IsMetBy(ReadOnlySpan<byte> body) => RawBson.Values(body, Field).Any(value =>
        (From is null || value.CompareTo(From) > (FromIncluded ? -1 : 0)) && (To is null || value.CompareTo(To) < (ToIncluded ? 1 : 0)));
}

/// <summary>A page of a collection: conditions, order, where the page starts, and how long it is.</summary>
/// <param name="Where">All must hold; at least one.</param>
/// <param name="Sort">A field that ends a declared index; ties are broken by id, in the same direction.</param>
/// <param name="Descending">Greatest first.</param>
/// <param name="After">The sort value and id of the last document of the page before; null for the first page.</param>
/// <param name="Limit">1 to <see cref="MostLimit"/>.</param>
public sealed record DocumentQuery(
    IReadOnlyList<Condition> Where, string Sort, bool Descending, DocumentPosition? After, int Limit)
{
    /// <summary>How many documents are read at once at most; <see cref="DocumentPages.AllAsync"/> reads more of them.</summary>
    public const int MostLimit = 10_000;

    internal static void RequireLimit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MostLimit);
    }
}

/// <summary>Counts by one field.</summary>
public static class DocumentGroups
{
    /// <summary>How many documents that meet all conditions have each value of a field; exact, missing values under
    /// <see cref="BsonNull"/>.</summary>
    public static async ValueTask<IReadOnlyDictionary<BsonValue, long>> GroupAsync(
        this IDocumentCollection documents, IReadOnlyList<Condition> where, string field, CancellationToken ct) =>
        (await documents.GroupAsync(where, [field], ct)).ToDictionary(group => group.Key[0], group => group.Value);
}

/// <summary>Reads page by page what is too much for one.</summary>
public static class DocumentPages
{
    /// <summary>All documents that meet the conditions, in order; <see cref="DocumentQuery.Limit"/> is the length of a page. What changes
    /// its place meanwhile may come twice or not at all.</summary>
    public static async IAsyncEnumerable<StoredDocument> AllAsync(
        this IDocumentCollection documents, DocumentQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        while (true)
        {
            var page = await documents.QueryAsync(query, ct);
            foreach (var document in page)
            {
                yield return document;
            }

            if (page.Count < query.Limit)
            {
                yield break;
            }

            var last = page[^1];
            query = query with
            {
                After = new(RawBson.Values(last.Body.Span, query.Sort) is [var value, ..] ? value : BsonNull.Value, last.Id),
            };
        }
    }
}

/// <summary>A place in an ordered list: the sort value and the id of the document that stands there.</summary>
/// <param name="Value">The sort value.</param>
/// <param name="Id">The document.</param>
public sealed record DocumentPosition(BsonValue Value, Guid Id)
{
    /// <summary>The place as a text that <see cref="Parse"/> reads.</summary>
    public string ToText() => Base64Url.EncodeToString(new BsonDocument { { "v", Value }, { "i", BsonMapping.Value(Id) } }.ToBson());

    /// <summary>The place that a text of <see cref="ToText"/> names; null for null.</summary>
    /// <exception cref="FormatException">It is no such text.</exception>
    public static DocumentPosition? Parse(string? text) =>
        text is not null && BsonSerializer.Deserialize<BsonDocument>(Base64Url.DecodeFromChars(text)) is { } place
            ? new(place["v"], place["i"].AsGuid)
            : null;
}
