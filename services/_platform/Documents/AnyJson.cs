using System.Text.Json;
using MongoDB.Bson;

namespace Itsm.Platform.Documents;

/// <summary>The stored form of any JSON value.</summary>
public static class AnyJson
{
    /// <summary>Up to here a double tells whole numbers apart.</summary>
    private const double GreatestWhole = 1L << 53;

    /// <summary>The stored form of a JSON value. A number has one form, however it is written: 1.0 and 1e0 are 1, -0.0 is 0.</summary>
    public static BsonValue ToBson(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? Whole(whole)
            : value.GetDouble() is var number && Math.Abs(number) <= GreatestWhole && Math.Truncate(number) == number ? Whole((long)number)
            : new BsonDouble(number),
        JsonValueKind.True => BsonBoolean.True,
        JsonValueKind.False => BsonBoolean.False,
        JsonValueKind.Array => new BsonArray(value.EnumerateArray().Select(ToBson)),
        JsonValueKind.Object =>
            new BsonDocument(value.EnumerateObject().Select(member => new BsonElement(member.Name, ToBson(member.Value)))),
        _ => BsonNull.Value,
    };

    private static BsonValue Whole(long number) =>
        number is >= int.MinValue and <= int.MaxValue ? new BsonInt32((int)number) : new BsonInt64(number);
}
