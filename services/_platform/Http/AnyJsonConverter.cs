using System.Text.Json;
using System.Text.Json.Serialization;
using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Platform.Http;

/// <summary>Any JSON value, stored as it is: for members of type <see cref="BsonValue"/>.</summary>
public sealed class AnyJsonConverter : JsonConverter<BsonValue>
{
    /// <inheritdoc/>
    public override BsonValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        AnyJson.ToBson(JsonElement.ParseValue(ref reader));

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, BsonValue value, JsonSerializerOptions options) => Write(writer, value);

    /// <summary>Writes a stored value as JSON.</summary>
    public static void Write(Utf8JsonWriter writer, BsonValue value)
    {
        var document = new BsonDocument("v", value).ToBson();
        RawBson.TryFind(document, "v"u8, out var element);
        Representation.WriteValue(writer, element);
    }
}
