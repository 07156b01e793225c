using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Itsm.Platform.Values;

namespace Itsm.Platform.Hosting;

/// <summary>What the sources say of types and their members, from the documentation files that stand beside the assemblies.</summary>
/// <remarks>The framework's own reader sees the files of the project alone that calls AddOpenApi, and those it refers to; services are
/// neither.</remarks>
internal static partial class XmlDocs
{
    private static readonly ConcurrentDictionary<Assembly, Dictionary<string, XElement>> Files = new();

    /// <summary>The summary of a type; null where it has none.</summary>
    public static string? Of(Type type) => Text(Find(type, $"T:{Id(type)}")?.Element("summary"));

    /// <summary>The summary of a property, or what its record says of the parameter that it comes from; null where neither does.</summary>
    public static string? Of(PropertyInfo property) =>
        property.DeclaringType is not { } type ? null
        : Text(Find(type, $"P:{Id(type)}.{property.Name}")?.Element("summary"))
        ?? Text(Find(type, $"T:{Id(type)}")?.Elements("param")
            .FirstOrDefault(parameter => parameter.Attribute("name")?.Value == property.Name));

    /// <summary>The example of a type, which is JSON; null where it has none.</summary>
    public static JsonNode? Example(Type type) =>
        Find(type, $"T:{Id(type)}")?.Element("example") is { } example ? JsonNode.Parse(example.Value) : null;

    /// <summary>The summary of an enum with those of its members, by the words that stand for them in JSON.</summary>
    public static string? OfEnum(Type type)
    {
        var members = Enum.GetNames(type).Select(name =>
            (Name: EnumWords.Of(type, name), Text: Text(Find(type, $"F:{Id(type)}.{name}")?.Element("summary"))))
            .Where(member => member.Text is not null).Select(member => $"- `{member.Name}`: {member.Text}").ToList();
        return members.Count == 0 ? Of(type) : $"{Of(type)}\n\n{string.Join("\n", members)}".Trim();
    }

    private static XElement? Find(Type type, string id) => Files.GetOrAdd(type.Assembly, Load).GetValueOrDefault(id);

    private static Dictionary<string, XElement> Load(Assembly assembly)
    {
        var file = Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml");
        return File.Exists(file)
            ? XDocument.Load(file).Descendants("member").Where(member => member.Attribute("name") is not null)
            .DistinctBy(member => member.Attribute("name")!.Value).ToDictionary(member => member.Attribute("name")!.Value)
            : [];
    }

    private static string Id(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    private static string? Text(XElement? element) =>
        element is null
            ? null
            : Blanks().Replace(string.Concat(element.Nodes().Select(Text)), " ").Trim() is { Length: > 0 } text ? text
            : null;

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" or "paramref" } see =>
            Word(see.Attribute("cref")?.Value ?? see.Attribute("name")?.Value ?? see.Attribute("langword")?.Value ?? ""),
        XElement other => string.Concat(other.Nodes().Select(Text)),
        _ => "",
    };

    /// <summary>A member by its name in JSON, a type by its own.</summary>
    private static string Word(string reference)
    {
        var name = reference.Split('(')[0].Split('.', ':')[^1];
        return reference.StartsWith("T:", StringComparison.Ordinal) ? name : JsonNamingPolicy.CamelCase.ConvertName(name);
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
