using System.Text.Json;
using System.Text.Json.Serialization;
using Itsm.Platform.Values;

namespace Itsm.Platform.Messaging;

/// <summary>How messages are written: camelCase, enums as camelCase text, nulls left out. Unknown members are ignored and
/// unknown values of an enum count as what it says, so that an older service understands a newer message.</summary>
public static class MessageJson
{
    /// <summary>Shared by outbox, broker and golden files.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>Teaches MassTransit the same.</summary>
    internal static JsonSerializerOptions AddTo(JsonSerializerOptions options)
    {
        foreach (var converter in Options.Converters)
        {
            options.Converters.Add(converter);
        }

        return options;
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        };
        options.Converters.Add(new EnumNameConverter(tolerant: true));
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        options.Converters.Add(new DurationJsonConverter());
        return options;
    }
}
