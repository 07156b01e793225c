using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Itsm.Platform.Values;

/// <summary>A text for people as data: an English template with named arguments, written in the language of whoever reads it.</summary>
/// <remarks>It is written as an interpolated string, <c>$"{Number} is {StateName}; at most {limit} are kept."</c>, of which the names of the
/// arguments come: <c>number</c>, <c>stateName</c>, <c>limit</c>. Its template, <c>{number} is {stateName}; at most {limit} are kept.</c>,
/// is what <c>Words/de.json</c> has the German words by. There is no conversion of a string, so that the compiler finds every text that was
/// forgotten; without arguments it is <c>$"…"</c>, too.</remarks>
[InterpolatedStringHandler, JsonConverter(typeof(SentenceJson))]
public sealed class Sentence
{
    private const int Room = 256;

    // A literal, then of each hole its value, its expression (with a format a Hole) and the literal that follows it.
    private readonly object?[] _parts;
    private readonly Language _language;
    private readonly int _longest;
    private int _holes;
    private string? _text;
    private SentenceShape? _shape;

    /// <summary>Called by the compiler.</summary>
    public Sentence(int literalLength, int formattedCount) =>
        (_parts, _language, _longest) = (new object?[(3 * formattedCount) + 1], Language.English, int.MaxValue);

    private Sentence(Sentence other, Language language, int longest) =>
        (_parts, _holes, _shape, IsVerbatim, _language, _longest) =
            (other._parts, other._holes, other._shape, other.IsVerbatim, language, longest);

    private Sentence(object? only) =>
        (_parts, IsVerbatim, _language, _longest) = ([only], true, Language.English, int.MaxValue);

    /// <summary>The English sentence with its arguments' names in braces, by which it is translated; null where it has none: it was written
    /// by people, or is made of several.</summary>
    public string? Template => IsVerbatim ? null : Shape.Template;

    /// <summary>The arguments of the template; null where there is none.</summary>
    public SentenceArguments? Arguments => IsVerbatim ? null : new SentenceArguments(this);

    internal IReadOnlyList<string> Names => IsVerbatim ? [] : Shape.Names;

    internal Language Language => _language;

    /// <summary>The sentences that it is made of; null where it is one.</summary>
    internal Joined? Several => _parts[0] as Joined;

    private bool IsVerbatim { get; }

    private SentenceShape Shape => _shape ??= SentenceShape.Of(_parts);

    /// <summary>Words that people wrote, or another system: they are never translated.</summary>
    public static Sentence Verbatim(string text) => new((object)text);

    /// <summary>Several sentences as one text, which has no template of its own.</summary>
    public static Sentence Join(string between, IEnumerable<Sentence> sentences) => sentences.ToArray() switch
    {
        [var only] => only,
        var several => new((object)new Joined(between, several)),
    };

    /// <summary>Called by the compiler.</summary>
    public void AppendLiteral(string value) =>
        _parts[3 * _holes] = _parts[3 * _holes] is string before ? before + value : value;

    /// <summary>Called by the compiler. The value is kept, and formatted only when the sentence is written.</summary>
    /// <param name="value">A text, a number, an instant, a member of an enum, a sentence, or one of <see cref="Wording"/>.</param>
    /// <param name="format">As <see cref="IFormattable"/> takes it, invariant.</param>
    /// <param name="expression">What stands in the braces: the argument is called after it.</param>
    public void AppendFormatted<T>(T value, string? format = null, [CallerArgumentExpression(nameof(value))] string expression = "")
    {
        _parts[(3 * _holes) + 1] = value;
        _parts[(3 * _holes) + 2] = format is null ? expression : new SentenceShape.Hole(expression, format);
        _holes++;
    }

    /// <summary>The same, written in this language by <see cref="ToString"/> and in JSON.</summary>
    public Sentence In(Language language) => language == _language ? this : new(this, language, _longest);

    /// <summary>The same, cut after so many characters.</summary>
    public Sentence Shortened(int longest) => new(this, _language, longest);

    /// <summary>The text, in English where <see cref="In"/> chose no other language.</summary>
    public override string ToString()
    {
        if (_text is null)
        {
            var text = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[Room]);
            Append(ref text);
            _text = text.ToStringAndClear();
        }

        return _text;
    }

    /// <summary>Writes the text as a member of a JSON object, and <c>template</c> and <c>arguments</c> beside it.</summary>
    public void Write(Utf8JsonWriter writer, string member)
    {
        var text = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[Room]);
        Append(ref text);
        writer.WriteString(member, text.Text);
        text.Clear();
        if (!IsVerbatim)
        {
            writer.WriteString("template"u8, Template);
            writer.WriteStartObject("arguments"u8);
            WriteArguments(writer);
            writer.WriteEndObject();
        }
    }

    /// <summary>The sentence of a template with these values.</summary>
    /// <exception cref="FormatException">It is no template.</exception>
    internal static Sentence Restore(string template, Func<string, string?, object?> valueOf)
    {
        var parts = TranslationPart.Parse(template);
        var sentence = new Sentence(template.Length, parts.Count - 1)
        {
            _shape = new SentenceShape(template, [.. parts.Select(part => part.Name).OfType<string>()]),
        };
        foreach (var (literal, name, format) in parts)
        {
            sentence.AppendLiteral(literal);
            if (name is not null)
            {
                sentence.AppendFormatted(valueOf(name, format), format, name);
            }
        }

        return sentence;
    }

    internal object? ValueOf(int hole) => _parts[(3 * hole) + 1];

    internal string? FormatOf(int hole) => (_parts[(3 * hole) + 2] as SentenceShape.Hole)?.Format;

    internal void Append(ref DefaultInterpolatedStringHandler to)
    {
        if (_longest < int.MaxValue)
        {
            to.AppendLiteral(new Sentence(this, _language, int.MaxValue).ToString().Shortened(_longest));
        }
        else if (IsVerbatim)
        {
            Wording.Append(ref to, _parts[0], null, _language);
        }
        else if (_language.Find(this) is { } translation)
        {
            foreach (var (literal, name, format) in translation)
            {
                to.AppendLiteral(literal);
                var hole = name is null ? -1 : Array.IndexOf(Shape.Names, name);
                if (hole >= 0)
                {
                    Wording.Append(ref to, ValueOf(hole), format, _language);
                }
            }
        }
        else
        {
            to.AppendLiteral(_parts[0] as string ?? "");
            for (var hole = 0; hole < _holes; hole++)
            {
                Wording.Append(ref to, ValueOf(hole), FormatOf(hole), _language);
                to.AppendLiteral(_parts[(3 * hole) + 3] as string ?? "");
            }
        }
    }

    internal void WriteArguments(Utf8JsonWriter writer)
    {
        for (var hole = 0; hole < _holes; hole++)
        {
            if (Array.IndexOf(Shape.Names, Shape.Names[hole]) == hole)
            {
                writer.WritePropertyName(Shape.Names[hole]);
                Wording.Write(writer, ValueOf(hole), _language);
            }
        }
    }
}

/// <summary>Several sentences as one text.</summary>
internal sealed record Joined(string Between, IReadOnlyList<Sentence> Sentences);

/// <summary>The arguments of a sentence by name, as JSON values: numbers as such, instants in RFC 3339, members of enums by their words in
/// JSON, sentences as their text.</summary>
[JsonConverter(typeof(SentenceArgumentsJson))]
public sealed class SentenceArguments
{
    internal SentenceArguments(Sentence sentence) => Sentence = sentence;

    internal Sentence Sentence { get; }
}

/// <summary>A sentence is written as its text.</summary>
internal sealed class SentenceJson : JsonConverter<Sentence>
{
    public override Sentence Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Sentence.Verbatim(reader.GetString() ?? throw new JsonException());

    public override void Write(Utf8JsonWriter writer, Sentence value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

internal sealed class SentenceArgumentsJson : JsonConverter<SentenceArguments>
{
    /// <summary>Of a text that was read there is nothing but the text.</summary>
    public override SentenceArguments? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        reader.Skip();
        return null;
    }

    public override void Write(Utf8JsonWriter writer, SentenceArguments value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        value.Sentence.WriteArguments(writer);
        writer.WriteEndObject();
    }
}
