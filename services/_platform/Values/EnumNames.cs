using System.Reflection;
using System.Text.Json;
using Itsm.Contracts;

namespace Itsm.Platform.Values;

/// <summary>The members of an enum as camelCase text.</summary>
internal static class EnumNames<TEnum>
    where TEnum : struct, Enum
{
    private static readonly Dictionary<TEnum, string> Texts = Enum.GetValues<TEnum>()
        .ToDictionary(value => value, value => JsonNamingPolicy.CamelCase.ConvertName(value.ToString()));
    private static readonly Dictionary<string, TEnum> Values = Texts.ToDictionary(pair => pair.Value, pair => pair.Key);
    private static readonly TEnum? Unknown = typeof(TEnum).GetCustomAttribute<UnknownCountsAsAttribute>() is { } unknown
        ? Enum.Parse<TEnum>(unknown.Member) : null;

    public static string Of(TEnum value) => Texts[value];

    /// <summary>The member of this name, or null.</summary>
    public static TEnum? Find(string text) => Values.TryGetValue(text, out var value) ? value : null;

    /// <summary>The member of this name; of one that is not known here, what the enum says that it counts as, or null.</summary>
    public static TEnum? OrUnknown(string text) => Find(text) ?? Unknown;

    /// <summary>The same for who can't do without.</summary>
    /// <exception cref="FormatException">The enum says nothing of that.</exception>
    public static TEnum Read(string text) => OrUnknown(text) ?? throw new FormatException($"{text} is no {typeof(TEnum).Name}.");
}
