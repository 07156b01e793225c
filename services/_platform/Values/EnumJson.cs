using System.Text.Json;
using System.Text.Json.Serialization;
using Itsm.Contracts;

namespace Itsm.Platform.Values;

/// <summary>Enums as camelCase text: one name, not a number, not a list of names as the framework's converter would take.</summary>
/// <param name="tolerant">True to take a name that is not known here for what its enum says, where it says so.</param>
internal sealed class EnumNameConverter(bool tolerant = false) : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsEnum && (!tolerant || typeToConvert.IsDefined(typeof(UnknownCountsAsAttribute), false));

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert), args: [tolerant])!;

    private sealed class Converter<TEnum>(bool tolerant) : JsonConverter<TEnum>
        where TEnum : struct, Enum
    {
        public override TEnum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType != JsonTokenType.String ? throw new JsonException()
                : tolerant ? EnumNames<TEnum>.Read(reader.GetString()!)
                : EnumNames<TEnum>.Find(reader.GetString()!) ?? throw new JsonException();

        public override void Write(Utf8JsonWriter writer, TEnum value, JsonSerializerOptions options) =>
            writer.WriteStringValue(EnumNames<TEnum>.Of(value));
    }
}
