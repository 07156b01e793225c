using System.Buffers;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;
using MongoDB.Bson;

namespace Itsm.Platform.Http;

/// <summary>The columns of a table of records: one for each field, after which, where it is expanded, comes one with the names of those
/// whom its ids stand for.</summary>
internal sealed class ExportColumns
{
    private const string Between = "; ";
    private static readonly string[] First = ["id", "number", "title"];
    private readonly Dictionary<string, int> _fields = [];
    private readonly Dictionary<string, int> _named = [];
    private readonly ArrayBufferWriter<byte> _json = new();
    private readonly Language _language;

    private ExportColumns(IEnumerable<string> ordered, IReadOnlySet<string> fields, IReadOnlyList<string> expand, Language language)
    {
        _language = language;
        List<string> names = [];
        foreach (var field in ordered)
        {
            if (field == "id" || fields.Contains(field))
            {
                _fields[field] = names.Count;
                names.Add(field);
            }

            if (expand.Contains(field))
            {
                _named[field] = names.Count;
                names.Add(field + ".name");
            }
        }

        Names = names;
    }

    /// <summary>What stands above them.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The columns of these fields, in the order in which the type and its bases, the most general first, declare them.</summary>
    public static ExportColumns Of<T>(IReadOnlySet<string> fields, IReadOnlyList<string> expand, Language language)
        where T : Record => new(Declared<T>.Order, fields, expand, language);

    /// <summary>The cells of a record: a string, long, double, bool, DateTime in UTC or null each.</summary>
    public object?[] CellsOf(ReadOnlySpan<byte> bson, ExportFile.View view)
    {
        var cells = new object?[Names.Count];
        foreach (var element in new RawBson(bson))
        {
            var isId = element.Name.SequenceEqual("_id"u8);
            var name = isId ? "id" : Representation.Names.Of(element.Name);
            if (_fields.TryGetValue(name, out var place) && (isId || view.Fields.Contains(name)))
            {
                cells[place] = view.Annex is { } annex && annex.Name == name ? JsonOf(element, annex) : ValueOf(element);
            }

            if (_named.TryGetValue(name, out var named) && view.Expansion is { } expansion)
            {
                cells[named] = string.Join(Between, expansion.NamesIn(element));
            }
        }

        return cells;
    }

    private object? ValueOf(RawElement element) => element.Type switch
    {
        BsonType.Null => null,
        BsonType.String => Encoding.UTF8.GetString(element.Utf8),
        BsonType.Int32 => (long)element.Int32,
        BsonType.Int64 => element.Int64,
        BsonType.Double => element.Double,
        BsonType.Boolean => element.Boolean,
        BsonType.DateTime => DateTime.UnixEpoch.AddMilliseconds(element.Int64),
        BsonType.Array => ListOf(element) ?? JsonOf(element),
        BsonType.Binary => JsonOf(element).Trim('"'),
        _ => JsonOf(element),
    };

    /// <summary>The values of a list one after another; null where one is no scalar.</summary>
    private string? ListOf(RawElement list)
    {
        var texts = new List<string>();
        foreach (var item in new RawBson(list.Value))
        {
            if (item.Type is BsonType.Document or BsonType.Array)
            {
                return null;
            }

            texts.Add(CsvText.Of(ValueOf(item)));
        }

        return string.Join(Between, texts);
    }

    private string JsonOf(RawElement element, AnnexWriter? annex = null)
    {
        _json.ResetWrittenCount();
        using var writer = new Utf8JsonWriter(_json, JsonAnswer.Options);
        if (annex is { } special)
        {
            special.Write(writer, element);
        }
        else
        {
            Representation.WriteValue(writer, element, _language);
        }

        writer.Flush();
        return Encoding.UTF8.GetString(_json.WrittenSpan);
    }

    private static class Declared<T>
        where T : Record
    {
        public static IReadOnlyList<string> Order { get; } =
        [
            .. typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).OrderBy(property => DepthOf(property.DeclaringType))
                .ThenBy(property => property.MetadataToken)
                .Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name))
                .OrderBy(name => First.IndexOf(name) is >= 0 and var place ? place : First.Length),
        ];

        private static int DepthOf(Type? type) => type is null ? 0 : 1 + DepthOf(type.BaseType);
    }
}
