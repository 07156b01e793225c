using System.Text.Json;
using System.Text.Json.Serialization;

namespace Itsm.Platform.Values;

/// <summary>One thing wrong in a request.</summary>
/// <param name="Pointer">JSON pointer into the body, <c>?name</c> for a query parameter; empty for the body as a whole and for
/// headers.</param>
/// <param name="Code">What kind of wrong it is.</param>
/// <param name="Message">One sentence for people that quotes what was sent, and names what is possible.</param>
public sealed record FieldError(
    string Pointer, [property: JsonConverter(typeof(FieldCodeConverter))] FieldCode Code, Sentence Message)
{
    /// <summary>The message in English with the names of its arguments in braces; stable.</summary>
    public string? Template => Message.Template;

    /// <summary>The arguments of the template.</summary>
    public SentenceArguments? Arguments => Message.Arguments;

    /// <summary>A name as part of a JSON pointer (RFC 6901).</summary>
    public static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}

/// <summary>What kind of wrong a value is.</summary>
[JsonConverter(typeof(FieldCodeConverter))]
public enum FieldCode
{
    /// <summary>It is missing, or null where null is no value.</summary>
    Required,

    /// <summary>It is there, but empty or without anything to see.</summary>
    Blank,

    /// <summary>The text has too few characters.</summary>
    TooShort,

    /// <summary>The text has too many characters.</summary>
    TooLong,

    /// <summary>The list has too few items.</summary>
    TooFew,

    /// <summary>The list has too many items, or the body is nested too deep.</summary>
    TooMany,

    /// <summary>The number, instant or duration is too small or too great.</summary>
    OutOfRange,

    /// <summary>It is of another JSON type, or of a query parameter no number where one is needed.</summary>
    WrongType,

    /// <summary>The text is not of the form that is needed, such as an instant, an id or a key.</summary>
    WrongFormat,

    /// <summary>It is none of the words that are possible.</summary>
    NotOneOf,

    /// <summary>There is no field, parameter or column of this name.</summary>
    UnknownField,

    /// <summary>What it names is not there, retired, or not visible to the caller.</summary>
    NotFound,

    /// <summary>It is given more than once.</summary>
    Repeated,

    /// <summary>It does not go with another value, or with how things are.</summary>
    Conflicting,
}

/// <summary>In JSON the members are written with hyphens: <c>too-long</c>.</summary>
internal sealed class FieldCodeConverter() : JsonStringEnumConverter<FieldCode>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);
