using System.Text.Json;

namespace Itsm.Platform.Values;

/// <summary>The words that stand for members of enums.</summary>
internal static class EnumWords
{
    /// <summary>In JSON.</summary>
    public static string Of(Enum member) => Of(member.GetType(), member.ToString());

    /// <summary>In JSON.</summary>
    public static string Of(Type type, string member) =>
        (type == typeof(FieldCode) ? JsonNamingPolicy.KebabCaseLower : JsonNamingPolicy.CamelCase).ConvertName(member);

    /// <summary>By which labels are found: the name of the type in the contract, where a nested one has its outer type's before it.</summary>
    public static string TypeOf(Type type) => type.DeclaringType is { } outer ? outer.Name + type.Name : type.Name;

    /// <summary>In English within a sentence: <c>in progress</c>.</summary>
    public static string Spaced(string member) => JsonNamingPolicy.SnakeCaseLower.ConvertName(member).Replace('_', ' ').Replace('-', ' ');
}
