using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Itsm.Platform.Access;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace Itsm.Search.Queries;

/// <summary>The cursor of a search: a place, good for one caller and what they asked.</summary>
internal static class SearchCursor
{
    private const int BindingLength = 12;

    public static string Of(SearchPosition position, Caller caller, SearchCriteria criteria) => Base64Url.EncodeToString(new BsonDocument
    {
        { "b", Binding(caller, criteria) }, { "v", BsonValue.Create(position.Value) }, { "i", BsonMapping.Value(position.Id) },
        { "w", position.View is { } view ? view : BsonNull.Value },
    }.ToBson());

    /// <exception cref="HttpProblemException">400 for a cursor of another search or caller, or none at all.</exception>
    public static SearchPosition Parse(string cursor, Caller caller, SearchCriteria criteria)
    {
        try
        {
            var document = BsonSerializer.Deserialize<BsonDocument>(Base64Url.DecodeFromChars(cursor));
            if (document["b"].AsByteArray.AsSpan().SequenceEqual(Binding(caller, criteria)))
            {
                object? value = document["v"] switch
                {
                    BsonString text => text.Value, BsonInt64 number => number.Value, BsonInt32 number => (long)number.Value,
                    BsonDouble score => score.Value, _ => null,
                };
                return new SearchPosition(value, document["i"].AsGuid, document["w"].IsString ? document["w"].AsString : null);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Not a cursor of ours: refused below.
        }

        throw HttpProblemException.Invalid("?cursor", FieldCode.Conflicting,
            $"This cursor belongs to another search or caller; start again without it.");
    }

    private static byte[] Binding(Caller caller, SearchCriteria criteria)
    {
        var text = new StringBuilder(200).Append(caller.Person).Append('|').Append(criteria.Q).Append('|').Append(criteria.Sort);
        foreach (var (name, value) in criteria.Filters.OrderBy(filter => filter.Key, StringComparer.Ordinal))
        {
            text.Append('|').Append(name).Append('=').Append(value);
        }

        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))[..BindingLength];
    }
}
