using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;

namespace Itsm.Ticketing.Forms;

/// <summary>A question: a schema with these keywords of JSON Schema 2020-12, and two that are ours: the formats <c>person</c> and
/// <c>group</c>, and <see cref="VisibleWhen"/>.</summary>
public sealed record Question
{
    private const int LongestText = 32_000;
    private const int LongestChoice = 300;
    private const int FirstYear = 1900;
    private const int LastYear = 2199;
    private const int MostItems = 100;
    private const int MostKnown = 1_000;
    private static readonly string[] Types = ["string", "integer", "number", "boolean", "array"];
    private static readonly string[] Instants = ["yyyy-MM-ddTHH:mm:ssZ", "yyyy-MM-ddTHH:mm:sszzz", "yyyy-MM-ddTHH:mm:ss.FFFFFFFZ",
        "yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz"];
    private static readonly string[] Formats = ["date", "date-time", "email", "uri", "person", "group"];

    /// <summary><c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c> or <c>array</c> (of strings).</summary>
    public required string Type { get; init; }

    /// <summary>The question as people read it; its key where left out.</summary>
    [StringLength(300, MinimumLength = 1)]
    public string? Title { get; init; }

    /// <summary>Help.</summary>
    [StringLength(4000)]
    public string? Description { get; init; }

    /// <summary>All possible texts.</summary>
    [Length(1, 200)]
    public IReadOnlyList<string>? Enum { get; init; }

    /// <summary>Least number of characters.</summary>
    public int? MinLength { get; init; }

    /// <summary>Greatest number of characters; 32,000 where left out.</summary>
    public int? MaxLength { get; init; }

    /// <summary>A regular expression that matches somewhere in the text; without references back and looks around, so that no text takes
    /// long.</summary>
    [StringLength(500, MinimumLength = 1)]
    public string? Pattern { get; init; }

    /// <summary><c>date</c>, <c>date-time</c>, <c>email</c>, <c>uri</c>; <c>person</c> and <c>group</c> name somebody of the
    /// directory.</summary>
    public string? Format { get; init; }

    /// <summary>Least number.</summary>
    public double? Minimum { get; init; }

    /// <summary>Greatest number.</summary>
    public double? Maximum { get; init; }

    /// <summary>Of an array: what each of its texts is.</summary>
    public Question? Items { get; init; }

    /// <summary>Of an array: least number of items.</summary>
    public int? MinItems { get; init; }

    /// <summary>Of an array: greatest number of items; 100 where left out.</summary>
    public int? MaxItems { get; init; }

    /// <summary>Of an array: no item twice.</summary>
    public bool? UniqueItems { get; init; }

    /// <summary>It is asked only where all of these hold of the questions before it.</summary>
    [MaxLength(20)]
    public IReadOnlyList<FieldCondition> VisibleWhen { get; init; } = [];

    /// <exception cref="InvalidValueException">It makes no sense; the pointer says where.</exception>
    public void Check(string pointer)
    {
        if (!Types.Contains(Type))
        {
            throw new InvalidValueException($"{pointer}/type", FieldCode.NotOneOf,
                $"type must be one of: {Types.Listed}, not {Type.Quoted}.");
        }

        Only("string", ("enum", Enum), ("minLength", MinLength), ("maxLength", MaxLength), ("pattern", Pattern), ("format", Format));
        Only("integer, number", ("minimum", Minimum), ("maximum", Maximum));
        Only("array", ("items", Items), ("minItems", MinItems), ("maxItems", MaxItems), ("uniqueItems", UniqueItems));
        if (Format is not null && !Formats.Contains(Format))
        {
            throw new InvalidValueException($"{pointer}/format", FieldCode.NotOneOf,
                $"format must be one of: {Formats.Listed}, not {Format.Quoted}.");
        }

        if (Format is "person" or "group" && (Enum is not null || MinLength is not null || MaxLength is not null || Pattern is not null))
        {
            throw new InvalidValueException(pointer, FieldCode.Conflicting,
                $"An answer of format {Format} is an id or a name: enum, minLength, maxLength and pattern have no meaning there.");
        }

        if (new[] { MinLength, MaxLength, MinItems, MaxItems }.Any(number => number < 0)
            || MaxLength > LongestText
            || MaxItems > MostItems
            || MinLength > LongestText
            || MinItems > MostItems)
        {
            throw new InvalidValueException(pointer, FieldCode.OutOfRange,
                $"Lengths lie between 0 and {LongestText}, numbers of items between 0 and {MostItems}.");
        }

        if (Pattern is not null && Compile(Pattern) is null)
        {
            throw new InvalidValueException($"{pointer}/pattern", FieldCode.WrongFormat,
                $"{Pattern.Quoted} is no regular expression, is too large a one, or has references back or looks around.");
        }

        if (Enum is { Count: 0 }
            || Enum?.Distinct().Count() < Enum?.Count
            || Enum?.Any(text => text.Length is 0 or > LongestChoice) == true)
        {
            throw new InvalidValueException($"{pointer}/enum", FieldCode.WrongFormat,
                $"enum has at least one text, none twice, each of 1 to {LongestChoice} characters.");
        }

        if (Minimum is { } least && !double.IsFinite(least) || Maximum is { } most && !double.IsFinite(most))
        {
            throw new InvalidValueException(pointer, FieldCode.OutOfRange, $"minimum and maximum are finite.");
        }

        if (Type == "integer" && Math.Ceiling(Minimum ?? double.MinValue) > Math.Floor(Maximum ?? double.MaxValue))
        {
            throw new InvalidValueException(pointer, FieldCode.Conflicting,
                $"No whole number lies between {Minimum} and {Maximum}.");
        }

        if (Minimum > Maximum || MinLength > MaxLength || MinItems > MaxItems)
        {
            throw new InvalidValueException(pointer, FieldCode.Conflicting, $"The least is more than the greatest.");
        }

        if (Type == "array" && Items is not { Type: "string", VisibleWhen: [], Format: not ("person" or "group") })
        {
            throw new InvalidValueException($"{pointer}/items", FieldCode.WrongType,
                $"An array needs items of type string; they can't name people or groups.");
        }

        Items?.Check($"{pointer}/items");

        void Only(string types, params ReadOnlySpan<(string Keyword, object? Value)> keywords)
        {
            foreach (var (keyword, value) in keywords)
            {
                if (value is not null && !types.Split(", ").Contains(Type))
                {
                    throw new InvalidValueException($"{pointer}/{keyword}", FieldCode.Conflicting,
                        $"{keyword} belongs to type {types}, not to {Type}.");
                }
            }
        }
    }

    /// <summary>What is wrong with an answer, to be said after its key; null where nothing is.</summary>
    public AnswerFault? WhyNot(JsonElement value) => (Type, value.ValueKind) switch
    {
        ("string", JsonValueKind.String) => Text(value) is { } text ? WhyNot(text) : new(FieldCode.WrongFormat, $"is not valid text"),
        ("integer", JsonValueKind.Number) when !AnyJson.ToBson(value).IsInt64 && !AnyJson.ToBson(value).IsInt32 =>
            new(FieldCode.WrongType, $"must be a whole number, not {value.QuotedJson()}"),
        ("integer" or "number", JsonValueKind.Number) when value.GetDouble() is var number =>
            !double.IsFinite(number)
                ? new(FieldCode.OutOfRange, $"is too large: {value.QuotedJson()}")
                : number < Minimum ? new(FieldCode.OutOfRange, $"must be at least {Minimum}, not {value.QuotedJson()}")
                : number > Maximum ? new(FieldCode.OutOfRange, $"must be at most {Maximum}, not {value.QuotedJson()}")
                : null,
        ("boolean", JsonValueKind.True or JsonValueKind.False) => null,
        ("array", JsonValueKind.Array) => WhyNotItems([.. value.EnumerateArray()]),
        _ => new(FieldCode.WrongType, $"must be of type {Type}, not {value.QuotedJson()}"),
    };

    private AnswerFault? WhyNot(string text) =>
        text.Contains('\0') ? new(FieldCode.WrongFormat, $"has a NUL character")
        : text.EnumerateRunes().Count() is var length && length < MinLength
        ? new(FieldCode.TooShort, $"must have at least {MinLength} characters, not {length}")
        : length > (MaxLength ?? LongestText)
        ? new(FieldCode.TooLong, $"must have at most {MaxLength ?? LongestText} characters, not {length}")
        : Enum?.Contains(text) == false
        ? new(FieldCode.NotOneOf, $"must be one of: {Enum.Listed}, not {text.Quoted}")
        // $ would match before a last line break, too
        : Pattern is not null && (text.EndsWith('\n') || !Compile(Pattern)!.IsMatch(text))
        ? new(FieldCode.WrongFormat, $"must match {Pattern}, not be {text.Quoted}")
        : Lacks(text) is { } form ? new(FieldCode.WrongFormat, $"must be {form}, not {text.Quoted}")
        : null;

    /// <summary>What the format asks for and the text is not; null where it is.</summary>
    private Word? Lacks(string text) => Format switch
    {
        "date" =>
            DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
                && date.Year is >= FirstYear and <= LastYear
                ? null
                : "a date such as 2026-12-24".AsWord,
        "date-time" =>
            DateTimeOffset.TryParseExact(text, Instants, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _)
                ? null
                : "an instant such as 2026-12-24T08:00:00Z".AsWord,
        "email" =>
            System.Net.Mail.MailAddress.TryCreate(text, out var mail)
                && mail.Address == text
                && !text.Contains(',', StringComparison.Ordinal)
                ? null
                : "a mail address".AsWord,
        "uri" =>
            Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http"
                ? null
                : "an address such as https://example.org".AsWord,
        _ => null,
    };

    private AnswerFault? WhyNotItems(JsonElement[] items) =>
        items.Length < MinItems
        ? new(FieldCode.TooFew, $"must have at least {MinItems} items, not {items.Length}")
        : items.Length > (MaxItems ?? MostItems)
        ? new(FieldCode.TooMany, $"must have at most {MaxItems ?? MostItems} items, not {items.Length}")
        : UniqueItems == true
            && items.Select(item => item.ValueKind == JsonValueKind.String ? Text(item) : null).OfType<string>().GroupBy(text => text)
                .FirstOrDefault(same => same.Count() > 1) is { } twice
        ? new(FieldCode.Repeated, $"has an item twice: {twice.Key.Quoted}")
        : items.Select(item => Items!.WhyNot(item)).FirstOrDefault(why => why is not null) is { } wrong
        ? wrong with { Why = $"has an item that {wrong.Why}" }
        : null;

    /// <summary>Null for text that is no Unicode, such as half a pair of surrogates.</summary>
    private static string? Text(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Null where it is no expression of this kind.</summary>
    private static Regex? Compile(string pattern)
    {
        if (Known.Count >= MostKnown)
        {
            Known.Clear();
        }

        try
        {
            return Known.GetOrAdd(pattern, text => new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, Regex> Known = new();
}

/// <summary>What is wrong with an answer.</summary>
/// <param name="Code">What kind of wrong it is.</param>
/// <param name="Why">To be said after the key of the question.</param>
public sealed record AnswerFault(FieldCode Code, Sentence Why);
