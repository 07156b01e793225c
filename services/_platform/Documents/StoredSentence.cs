using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Itsm.Platform.Values;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using MongoDB.Bson.Serialization.Attributes;
using MongoDB.Bson.Serialization.Serializers;

namespace Itsm.Platform.Documents;

/// <summary>A sentence inside a document, with its English text, its template and its arguments: read, it is written in the language of the
/// caller. What else the object has is its own.</summary>
public abstract record StoredSentence
{
    /// <summary>Of an object with a sentence.</summary>
    internal const string TemplateElement = "_template";

    private const string TextElement = "text";
    private const string ArgumentsElement = "_arguments";
    private const string WordElement = "_word";

    /// <summary>In plain words.</summary>
    public required string Text { get; init; }

    /// <summary>The text in English with the names of its arguments in braces; stable.</summary>
    [BsonElement(TemplateElement)]
    public string? Template { get; init; }

    /// <summary>The arguments of the template by name.</summary>
    [BsonElement(ArgumentsElement)]
    public StoredArguments? Arguments { get; init; }

    /// <summary>The sentence; words alone where an earlier version stored it.</summary>
    public Sentence ToSentence() => Restore(Template, Arguments?.Values) ?? Sentence.Verbatim(Text);

    /// <summary>The template of a sentence as it is stored; null where people wrote it.</summary>
    protected static string? TemplateOf(Sentence sentence) => WholeOf(sentence).Template;

    /// <summary>The arguments of that template as they are stored.</summary>
    protected static StoredArguments? ArgumentsOf(Sentence sentence) =>
        WholeOf(sentence) is { Template: not null } whole ? new(ToBson(whole)) : null;

    /// <summary>The sentence in an object that has one; null where it is none.</summary>
    internal static Sentence? Find(RawElement element)
    {
        if (!RawBson.TryFind(element.Value, "_template"u8, out var template) || template.Type != BsonType.String)
        {
            return null;
        }

        var stored = BsonSerializer.Deserialize<BsonDocument>(element.Value.ToArray());
        return Restore(stored[TemplateElement].AsString, stored.GetValue(ArgumentsElement, null) as BsonDocument);
    }

    /// <summary>Several sentences are stored as the arguments of one.</summary>
    private static Sentence WholeOf(Sentence sentence)
    {
        if (sentence.Several is not { } several)
        {
            return sentence;
        }

        var byName = several.Sentences.Index().ToDictionary(one => $"sentence{one.Index + 1}", one => one.Item);
        return Sentence.Restore(string.Join(several.Between, byName.Keys.Select(name => $"{{{name}}}")), (name, _) => byName[name]);
    }

    private static BsonDocument ToBson(Sentence sentence) => new(sentence.Names.Index().DistinctBy(one => one.Item)
        .Select(one => new BsonElement(one.Item, ToBson(sentence.ValueOf(one.Index), sentence.FormatOf(one.Index)))));

    private static BsonValue ToBson(object? value, string? format) => value switch
    {
        Sentence sentence when WholeOf(sentence) is { Template: { } template } whole => new BsonDocument
        {
            { TextElement, sentence.ToString() }, { TemplateElement, template }, { ArgumentsElement, ToBson(whole) },
        },
        Word word => new BsonDocument { { TextElement, word.Text }, { WordElement, true } },
        Listing listing => new BsonArray(listing.Items.Select(item => ToBson(item, format))),
        int or long or double or bool or null => BsonValue.Create(value),
        IFormattable formattable => formattable.ToString(format, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static object? ToValue(BsonValue value) => value switch
    {
        BsonDocument word when word.Contains(WordElement) && word.GetValue(TextElement, null) is BsonString text => text.Value.AsWord,
        BsonDocument nested => Restore(
            nested.GetValue(TemplateElement, null)?.ToString(), nested.GetValue(ArgumentsElement, null) as BsonDocument)
            ?? (object?)nested.GetValue(TextElement, null)?.ToString(),
        BsonArray items => items.Select(ToValue).Listed,
        BsonNull => null,
        BsonString text => text.Value,
        _ => BsonTypeMapper.MapToDotNetValue(value),
    };

    private static Sentence? Restore(string? template, BsonDocument? arguments)
    {
        try
        {
            return template is null || arguments is null ? null
                : Sentence.Restore(template, (name, format) => ToValue(arguments.GetValue(name, BsonNull.Value)) switch
                {
                    string text when format is not null && DateOnly.TryParseExact(
                        text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) => day,

                    // JSON of callers may look like a sentence, and have formats that are none.
                    IFormattable value when format is not null && value.ToString(format, CultureInfo.InvariantCulture) is null => null,
                    var value => value,
                });
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

/// <summary>The arguments of a stored sentence.</summary>
[BsonSerializer(typeof(StoredArgumentsSerializer)), JsonConverter(typeof(StoredArgumentsJson))]
public sealed class StoredArguments
{
    internal StoredArguments(BsonDocument values) => Values = values;

    internal BsonDocument Values { get; }
}

internal sealed class StoredArgumentsSerializer : SealedClassSerializerBase<StoredArguments>
{
    protected override void SerializeValue(BsonSerializationContext context, BsonSerializationArgs args, StoredArguments value) =>
        BsonDocumentSerializer.Instance.Serialize(context, value.Values);

    protected override StoredArguments DeserializeValue(BsonDeserializationContext context, BsonDeserializationArgs args) =>
        new(BsonDocumentSerializer.Instance.Deserialize(context));
}

/// <summary>For the contract alone: documents are written as JSON from their bytes.</summary>
internal sealed class StoredArgumentsJson : JsonConverter<StoredArguments>
{
    public override StoredArguments Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, StoredArguments value, JsonSerializerOptions options) =>
        throw new NotSupportedException();
}
