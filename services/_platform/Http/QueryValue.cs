using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Microsoft.OpenApi;

namespace Itsm.Platform.Http;

/// <summary>What a query parameter takes: how the contract says it and how it is read are one.</summary>
/// <typeparam name="T">What it is read as.</typeparam>
public sealed class QueryValue<T>
{
    private readonly Func<OpenApiSchema> _schema;
    private readonly Func<string, string, T> _read;

    /// <param name="schema">A new schema of what it takes.</param>
    /// <param name="read">Makes a value of the parameter's name and text, or refuses it.</param>
    internal QueryValue(Func<OpenApiSchema> schema, Func<string, string, T> read) => (_schema, _read) = (schema, read);

    internal OpenApiSchema Schema => _schema();

    /// <summary>The same, several with commas.</summary>
    /// <param name="most">How many at most.</param>
    public QueryValue<IReadOnlyList<T>> Several(int? most = null) => new(
        () => new OpenApiSchema { Type = JsonSchemaType.Array, Items = Schema, MinItems = 1, MaxItems = most },
        (name, text) =>
        {
            var parts = text.Split(',', StringSplitOptions.TrimEntries);
            return parts.Length > most
                ? throw HttpProblemException.Invalid($"?{name}", FieldCode.TooMany, $"{name} takes at most {most}, not {parts.Length}.")
                : [.. parts.Select(part => part.Length > 0 ? Read(name, part)
                    : throw QueryValue.Refused(name, FieldCode.Blank, text, $"a value between commas is empty"))];
        });

    /// <exception cref="HttpProblemException">400: it is not what the parameter takes.</exception>
    internal T Read(string name, string text) => _read(name, text);
}

/// <summary>The kinds of values that query parameters take.</summary>
public static class QueryValue
{
    private const string None = "none";
    private static readonly string[] InstantForms = ["yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"];

    /// <summary>true or false.</summary>
    public static QueryValue<bool> Flag { get; } = new(
        () => new OpenApiSchema { Type = JsonSchemaType.Boolean },
        (name, text) => text switch
        {
            "true" => true,
            "false" => false,
            _ => throw Refused(name, FieldCode.NotOneOf, text, $"true or false"),
        });

    /// <summary>An RFC 3339 instant with its offset.</summary>
    public static QueryValue<DateTimeOffset> Instant { get; } = new(
        () => new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" },
        (name, text) => TryInstant(text, out var at) ? at
            : throw Refused(name, FieldCode.WrongFormat, text, $"an RFC 3339 instant such as 2026-01-31T08:00:00Z"));

    /// <summary>An RFC 3339 instant with its offset, or a day in UTC; read as text.</summary>
    public static QueryValue<string> DayOrInstant { get; } = new(
        () => new OpenApiSchema
        {
            AnyOf =
            [
                new OpenApiSchema { Type = JsonSchemaType.String, Format = "date" },
                new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" },
            ],
        },
        (name, text) => TryInstant(text, out _)
            || DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            ? text
            : throw Refused(name, FieldCode.WrongFormat, text,
                $"a day such as 2026-01-31, or an RFC 3339 instant such as 2026-01-31T08:00:00Z"));

    /// <summary>A day such as 2026-01-31.</summary>
    public static QueryValue<DateOnly> Day { get; } = new(
        () => new OpenApiSchema { Type = JsonSchemaType.String, Format = "date" },
        (name, text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : throw Refused(name, FieldCode.WrongFormat, text, $"a day such as 2026-01-31"));

    /// <summary>An id.</summary>
    public static QueryValue<Guid> Id { get; } = new(
        () => new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" },
        (name, text) => Guid.TryParseExact(text, "D", out var id) ? id : throw Refused(name, FieldCode.WrongFormat, text, $"an id"));

    /// <summary>An id, or <c>none</c>, which is read as null.</summary>
    public static QueryValue<Guid?> IdOrNone { get; } = new(
        () => new OpenApiSchema
        {
            AnyOf = [new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" }, Words([None])],
        },
        (name, text) => text == None ? null
            : Guid.TryParseExact(text, "D", out var id) ? id
            : throw Refused(name, FieldCode.WrongFormat, text, $"an id, or none"));

    /// <summary>Any text but an empty one.</summary>
    /// <param name="longest">Characters that it has at most.</param>
    public static QueryValue<string> Text(int? longest = null) => new(
        () => new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = longest },
        (name, text) => text.EnumerateRunes().Count() is var length && length > longest
            ? throw HttpProblemException.Invalid($"?{name}", FieldCode.TooLong, $"{name} has at most {longest} characters, not {length}.")
            : text);

    /// <summary>Text of a form.</summary>
    /// <param name="pattern">Matches the whole of it; means the same in .NET and in ECMAScript.</param>
    /// <param name="expected">The form in words: <c>a whole number</c>.</param>
    public static QueryValue<string> Form(Regex pattern, Sentence expected) => new(
        () => new OpenApiSchema { Type = JsonSchemaType.String, Pattern = pattern.ToString() },
        (name, text) => pattern.IsMatch(text) && !text.EndsWith('\n') ? text : throw Refused(name, FieldCode.WrongFormat, text, expected));

    /// <summary>A name that is known.</summary>
    /// <param name="isKnown">Says whether it is.</param>
    /// <param name="expected">What it names, in words: <c>an IANA name such as Europe/Lisbon</c>.</param>
    /// <param name="longest">Characters that it has at most.</param>
    public static QueryValue<string> Known(Func<string, bool> isKnown, Sentence expected, int longest) => new(
        () => Text(longest).Schema,
        (name, text) =>
            isKnown(Text(longest).Read(name, text)) ? text : throw Refused(name, FieldCode.NotFound, text, expected));

    /// <summary>One of some words.</summary>
    public static QueryValue<string> Word(params IReadOnlyList<string> words) => new(
        () => Words(words),
        (name, text) => words.Contains(text) ? text
            : throw Refused(name, FieldCode.NotOneOf, text, $"possible: {words.Listed}"));

    /// <summary>One of an enum's members, in camelCase.</summary>
    public static QueryValue<string> Member<TEnum>()
        where TEnum : struct, Enum => Word([.. Enum.GetNames<TEnum>().Select(JsonNamingPolicy.CamelCase.ConvertName)]);

    /// <summary>A whole number within bounds.</summary>
    public static QueryValue<long> Whole(long least, long most = long.MaxValue) => new(
        () => new OpenApiSchema
        {
            Type = JsonSchemaType.Integer, Format = most > int.MaxValue ? "int64" : "int32",
            Minimum = least.ToString(CultureInfo.InvariantCulture),
            Maximum = most == long.MaxValue ? null : most.ToString(CultureInfo.InvariantCulture),
        },
        (name, text) => !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? throw Refused(name, FieldCode.WrongType, text, Bounds(least, most))
            : number >= least && number <= most ? number : throw Refused(name, FieldCode.OutOfRange, text, Bounds(least, most)));

    internal static HttpProblemException Refused(string name, FieldCode code, string text, Sentence expected) =>
        HttpProblemException.Invalid($"?{name}", code, $"{name} can't be {text.Quoted}: {expected}.");

    private static Sentence Bounds(long least, long most) =>
        most == long.MaxValue ? (Sentence)$"a whole number, {least} or more" : $"a whole number from {least} to {most}";

    private static OpenApiSchema Words(IEnumerable<string> words) =>
        new() { Type = JsonSchemaType.String, Enum = [.. words.Select(word => (JsonNode)word)] };

    private static bool TryInstant(string text, out DateTimeOffset at) =>
        DateTimeOffset.TryParseExact(text, InstantForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out at)
            && (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > "yyyy-MM-dd".Length);
}
