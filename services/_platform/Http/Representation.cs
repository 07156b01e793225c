using System.Globalization;
using System.Text;
using System.Text.Json;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;
using MongoDB.Bson;

namespace Itsm.Platform.Http;

/// <summary>Writes stored documents as JSON straight from their BSON bytes: no objects are built on the way.</summary>
public static class Representation
{
    /// <summary>The id of a document and some of its members: what a newer version stored, and perhaps hides, is not written.</summary>
    /// <param name="writer">Stands inside an object.</param>
    /// <param name="bson">The document.</param>
    /// <param name="fields">Names to write.</param>
    /// <param name="annex">How the annex is written; null where there is none.</param>
    /// <param name="language">In which sentences are written; English where left out.</param>
    /// <param name="spoken">Members with a sentence, which an earlier version may have stored as a text.</param>
    internal static void WriteMembers(Utf8JsonWriter writer, ReadOnlySpan<byte> bson, IReadOnlySet<string> fields,
        AnnexWriter? annex = null, Language? language = null, IReadOnlyList<string>? spoken = null)
    {
        foreach (var element in new RawBson(bson))
        {
            if (element.Name.SequenceEqual("_id"u8))
            {
                writer.WriteString("id"u8, element.Guid);
                continue;
            }

            var name = Names.Of(element.Name);
            if (!fields.Contains(name))
            {
                continue;
            }

            writer.WritePropertyName(element.Name);
            if (annex is { } special && special.Name == name)
            {
                special.Write(writer, element);
                continue;
            }

            if (element.Type == BsonType.String && spoken?.Contains(name) == true)
            {
                writer.WriteStartObject();
                writer.WriteString("text"u8, element.Utf8);
                writer.WriteEndObject();
                continue;
            }

            WriteValue(writer, element, language);
        }
    }

    /// <summary>A value of any stored type.</summary>
    public static void WriteValue(Utf8JsonWriter writer, RawElement element, Language? language = null)
    {
        switch (element.Type)
        {
            case BsonType.String:
                writer.WriteStringValue(element.Utf8);
                break;
            case BsonType.Int32:
                writer.WriteNumberValue(element.Int32);
                break;
            case BsonType.Int64:
                writer.WriteNumberValue(element.Int64);
                break;
            case BsonType.Double:
                writer.WriteNumberValue(element.Double);
                break;
            case BsonType.Boolean:
                writer.WriteBooleanValue(element.Boolean);
                break;
            case BsonType.DateTime:
                WriteInstant(writer, element.Int64);
                break;
            case BsonType.Null:
                writer.WriteNullValue();
                break;
            case BsonType.Binary when element.IsGuid:
                writer.WriteStringValue(element.Guid);
                break;
            case BsonType.Binary when element.IsDuration:
                writer.WriteStringValue(element.Duration.FormatShown(stackalloc byte[Durations.LongestIsoText]));
                break;
            case BsonType.Binary:
                writer.WriteBase64StringValue(element.Bytes);
                break;
            case BsonType.Document:
                WriteObject(writer, element, language);
                break;
            case BsonType.Array:
                writer.WriteStartArray();
                foreach (var item in new RawBson(element.Value))
                {
                    WriteValue(writer, item, language);
                }

                writer.WriteEndArray();
                break;
            default:
                throw new NotSupportedException($"BSON type {element.Type} is not stored by the platform.");
        }
    }

    private static void WriteObject(Utf8JsonWriter writer, RawElement element, Language? language)
    {
        writer.WriteStartObject();
        var sentence = StoredSentence.Find(element);
        foreach (var member in new RawBson(element.Value))
        {
            if (sentence is null || !(member.Name is [(byte)'_', ..] || member.Name.SequenceEqual("text"u8)))
            {
                writer.WritePropertyName(member.Name.SequenceEqual("_id"u8) ? "id"u8
                    : member.Name is [(byte)'_', (byte)'_', ..] ? member.Name[1..] : member.Name);
                WriteValue(writer, member, language);
            }
        }

        sentence?.In(language ?? Language.English).Write(writer, "text");
        writer.WriteEndObject();
    }

    private static void WriteInstant(Utf8JsonWriter writer, long milliseconds)
    {
        // The "O" format is written without its pattern being parsed, seven digits of a second behind the point.
        Span<byte> text = stackalloc byte[28];
        DateTime.UnixEpoch.AddMilliseconds(milliseconds).TryFormat(text, out _, "O", CultureInfo.InvariantCulture);
        var length = milliseconds % 1000 == 0 ? "yyyy-MM-ddTHH:mm:ss".Length : "yyyy-MM-ddTHH:mm:ss.fff".Length;
        text[length] = (byte)'Z';
        writer.WriteStringValue(text[..(length + 1)]);
    }

    /// <summary>Element names as strings, without a new string each time.</summary>
    internal static class Names
    {
        private static readonly System.Collections.Concurrent.ConcurrentDictionary<int, (byte[] Utf8, string Text)> Known = new();

        public static string Of(ReadOnlySpan<byte> utf8)
        {
            var hash = new HashCode();
            hash.AddBytes(utf8);
            var key = hash.ToHashCode();
            if (Known.TryGetValue(key, out var known) && utf8.SequenceEqual(known.Utf8))
            {
                return known.Text;
            }

            var text = Encoding.UTF8.GetString(utf8);
            Known.TryAdd(key, (utf8.ToArray(), text));
            return text;
        }
    }
}
