using System.Text.Json;
using System.Text.Json.Serialization;

namespace Itsm.Platform.Values;

/// <summary>A member of a merge patch: absent (unchanged), null (removed) or a value.</summary>
[JsonConverter(typeof(OptionalConverterFactory))]
public readonly record struct Optional<T> : IOptional
{
    /// <summary>A present member with this value.</summary>
    public Optional(T? value) => (IsPresent, Value) = (true, value);

    /// <summary>True where the patch has the member, be it null.</summary>
    public bool IsPresent { get; }

    /// <summary>Its value; null where absent or null.</summary>
    public T? Value { get; }

    object? IOptional.Boxed => Value;

    /// <summary>Calls <paramref name="set"/> where the patch has the member.</summary>
    public void IfPresent(Action<T?> set)
    {
        if (IsPresent)
        {
            set(Value);
        }
    }
}

internal interface IOptional
{
    bool IsPresent { get; }

    object? Boxed { get; }
}

internal sealed class OptionalConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Optional<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;

    private sealed class Converter<T> : JsonConverter<Optional<T>>
    {
        public override bool HandleNull => true;

        public override Optional<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(reader.TokenType == JsonTokenType.Null ? default : JsonSerializer.Deserialize<T>(ref reader, options));

        public override void Write(Utf8JsonWriter writer, Optional<T> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.Value, options);
    }
}
