using System.Text.Json;
using MongoDB.Bson;

namespace Itsm.Platform.Documents;

/// <summary>The stored form of any JSON value.</summary>
/// <remarks>Names that begin with an underscore are stored with another before it: those with one are the platform's own.</remarks>
public static class AnyJson
{
    /// <summary>Up to here a double tells whole numbers apart.</summary>
    private const double GreatestWhole = 1L << 53;

    /// <summary>The stored form of a JSON value. A number has one form, however it is written: 1.0 and 1e0 are 1, -0.0 is 0.</summary>
    /// <exception cref="JsonException">It can't be stored: a number is beyond a double, or a text no Unicode.</exception>
    public static BsonValue ToBson(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => TextOf(value),
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? Whole(whole)
            : value.GetDouble() is var number && Math.Abs(number) <= GreatestWhole && Math.Truncate(number) == number ? Whole((long)number)
            : double.IsFinite(number) ? new BsonDouble(number)
            : throw new JsonException($"The number {value.GetRawText()} is too great."),
        JsonValueKind.True => BsonBoolean.True,
        JsonValueKind.False => BsonBoolean.False,
        JsonValueKind.Array => new BsonArray(value.EnumerateArray().Select(ToBson)),
        JsonValueKind.Object =>
            new BsonDocument(value.EnumerateObject().Select(member => new BsonElement(NameOf(member), ToBson(member.Value)))),
        _ => BsonNull.Value,
    };

    private static string TextOf(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("A text is no Unicode.", e);
        }
    }

    private static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name.Contains('\0') ? throw new JsonException("A member's name has a null character.")
                : member.Name is ['_', ..] ? "_" + member.Name : member.Name;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("A member's name is no Unicode.", e);
        }
    }

    private static BsonValue Whole(long number) =>
        number is >= int.MinValue and <= int.MaxValue ? new BsonInt32((int)number) : new BsonInt64(number);
}
