using System.IO.Compression;
using System.Xml.Linq;

namespace Itsm.Testing;

/// <summary>Reads the only sheet of a workbook (XLSX).</summary>
public static class Workbook
{
    private static readonly XNamespace Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

    /// <summary>The rows, each cell with its type: <c>text</c>, <c>number</c>, <c>date</c> (days since 1899-12-30), <c>bool</c> or
    /// <c>formula</c>; an empty one has none.</summary>
    public static IReadOnlyList<IReadOnlyList<(string Type, string Value)>> Read(byte[] file)
    {
        using var archive = new ZipArchive(new MemoryStream(file));
        using var sheet = archive.GetEntry("xl/worksheets/sheet1.xml")!.Open();
        return [.. XDocument.Load(sheet).Descendants(Main + "row").Select(row => (IReadOnlyList<(string, string)>)[.. row.Elements().Select(Read)])];
    }

    private static (string Type, string Value) Read(XElement cell) =>
        cell.Element(Main + "f") is { } formula ? ("formula", formula.Value)
        : cell.Attribute("t")?.Value switch
        {
            "inlineStr" => ("text", cell.Value),
            "b" => ("bool", cell.Value),
            _ when cell.Value.Length == 0 => ("", ""),
            _ => (cell.Attribute("s") is null ? "number" : "date", cell.Value),
        };
}
