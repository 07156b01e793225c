using System.Globalization;
using System.Text.Json;
using Itsm.Assets.Domain;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;

namespace Itsm.Assets.Import;

/// <summary>A CSV file of configuration items: a row each. Columns <c>attributes.KEY</c> have attributes, <c>relations.TYPE</c> the ids,
/// numbers or keys of other items, <c>relations.TYPE.externalId</c> what the source calls them; several are separated by semicolons. An empty
/// value says nothing.</summary>
internal static class ItemCsv
{
    private const string Attribute = "attributes.";
    private const string Relation = "relations.";
    private const string ByExternalId = ".externalId";
    private const string Class = "class";

    private static readonly string[] Fields =
        ["externalId", Class, "key", "name", "description", "owner", "supportGroup", "criticality", "site"];

    /// <summary>Looks at the header.</summary>
    /// <param name="table">The file.</param>
    /// <param name="of">The class of rows that name none; null where the file must name them.</param>
    /// <exception cref="HttpProblemException">400 that names every column that is missing, unknown or there twice.</exception>
    public static void Require(CsvTable table, string? of) => table.RequireColumns($"a file of configuration items",
        of is null ? [Class] : [],
        [.. Fields, .. table.Columns.Where(column => Keys(column, Attribute) || Keys(column, Relation))]);

    /// <summary>A file of this class to begin with: its header, and a row.</summary>
    public static IEnumerable<IEnumerable<object?>> Sample(ConfigurationClass of) =>
    [
        [.. Fields, .. of.Attributes.Properties.Keys.Select(key => Attribute + key), Relation + "depends-on"],
        ["inventory-1", of.Key, "", "First " + of.Name, "", "", "", 2L, "", .. of.Attributes.Properties.Keys.Select(_ => ""), ""],
    ];

    /// <summary>What a row says.</summary>
    /// <param name="table">The file.</param>
    /// <param name="row">The row.</param>
    /// <param name="of">The class of a row that names none.</param>
    /// <param name="schema">The class that a row names, to tell numbers from texts; null for an unknown one.</param>
    public static ReportedItem Read(CsvTable table, CsvRow row, string? of, Func<string, ConfigurationClass?> schema)
    {
        var values = table.Columns.Zip(row.Values).Where(one => one.Second.Length > 0).ToDictionary(one => one.First, one => one.Second);
        var key = Of(Class) ?? of ?? "";
        var attributes = schema(key)?.Attributes.Properties;
        return new ReportedItem
        {
            ExternalId = Of("externalId"), Class = key, Key = Of("key"), Name = Of("name"), Description = Of("description"),
            Owner = Of("owner"), SupportGroup = Of("supportGroup"), Site = Of("site"),
            Criticality = Of("criticality") is { } level ? int.TryParse(level, CultureInfo.InvariantCulture, out var one) ? one : 0 : null,
            Attributes = values.Where(one => Keys(one.Key, Attribute)).ToDictionary(one => one.Key[Attribute.Length..],
                one => Typed(attributes?.GetValueOrDefault(one.Key[Attribute.Length..])?.Type, one.Value)),
            Relations = table.Columns.Any(column => Keys(column, Relation))
                ? [.. values.Where(one => Keys(one.Key, Relation)).SelectMany(one => RelationsOf(one.Key[Relation.Length..], one.Value))]
                : null,
        };

        string? Of(string column) => values.GetValueOrDefault(column);
    }

    private static bool Keys(string column, string group) =>
        column.StartsWith(group, StringComparison.Ordinal) && column.Length > group.Length;

    private static IEnumerable<ReportedRelation> RelationsOf(string column, string value)
    {
        var external = column.EndsWith(ByExternalId, StringComparison.Ordinal);
        var type = external ? column[..^ByExternalId.Length] : column;
        return Several(value).Select(one => external
            ? new ReportedRelation { Type = type, ExternalId = one }
            : new ReportedRelation { Type = type, Target = one });
    }

    private static string[] Several(string value) =>
        value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>As the class has it; a text where it is not of that type, which is refused as such.</summary>
    private static JsonElement Typed(string? type, string value) => type switch
    {
        "integer" when long.TryParse(value, CultureInfo.InvariantCulture, out var whole) => JsonSerializer.SerializeToElement(whole),
        "number" when decimal.TryParse(value, CultureInfo.InvariantCulture, out var number) => JsonSerializer.SerializeToElement(number),
        "boolean" when bool.TryParse(value, out var flag) => JsonSerializer.SerializeToElement(flag),
        "array" => JsonSerializer.SerializeToElement(Several(value)),
        _ => JsonSerializer.SerializeToElement(value),
    };
}
