using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Itsm.Platform.Http;

/// <summary>Writes CSV as <see cref="CsvTable"/> reads it: RFC 4180 in UTF-8, with a byte order mark, by which spreadsheets know it, and
/// lines that end with CR and LF.</summary>
public static class CsvText
{
    /// <summary>What a formula begins with, for some spreadsheet.</summary>
    private static readonly SearchValues<char> Formulas = SearchValues.Create("=+-@＝＋－＠\t\r");

    private static readonly SearchValues<char> Quoted = SearchValues.Create(",;\"\r\n");

    /// <summary>A whole file as an answer.</summary>
    /// <param name="name">Of the file, without its extension.</param>
    /// <param name="rows">As <see cref="WriteRow"/> takes them; the header first.</param>
    public static IResult Answer(string name, IEnumerable<IEnumerable<object?>> rows)
    {
        var file = new ArrayBufferWriter<byte>();
        Begin(file);
        foreach (var row in rows)
        {
            WriteRow(file, row);
        }

        return TypedResults.File(file.WrittenSpan.ToArray(), $"{CsvTable.MediaType}; charset=utf-8", $"{name}.csv");
    }

    /// <summary>A value as text: instants in RFC 3339, nothing for null.</summary>
    /// <param name="value">A string, long, double, bool, DateTime in UTC or null.</param>
    public static string Of(object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        DateTime at => at.ToString(
            at.Ticks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-ddTHH:mm:ssZ" : "yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new NotSupportedException($"{value.GetType()} is no value of a table."),
    };

    /// <summary>Marks what follows as UTF-8; at the beginning of a file.</summary>
    public static void Begin(IBufferWriter<byte> file) => file.Write(Encoding.UTF8.Preamble);

    /// <summary>Writes a row. A text that begins as a formula does, which a spreadsheet would calculate, is preceded by an
    /// apostrophe.</summary>
    /// <param name="file">Where it goes.</param>
    /// <param name="values">As <see cref="Of"/> takes them.</param>
    public static void WriteRow(IBufferWriter<byte> file, IEnumerable<object?> values)
    {
        var isFirst = true;
        foreach (var value in values)
        {
            if (!isFirst)
            {
                file.Write(","u8);
            }

            isFirst = false;
            var text = Of(value);
            text = value is string && text.AsSpan().IndexOfAny(Formulas) == 0 ? "'" + text : text;
            Encoding.UTF8.GetBytes(text.AsSpan().ContainsAny(Quoted) || text.AsSpan().Trim().Length < text.Length
                ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
                : text, file);
        }

        file.Write("\r\n"u8);
    }
}
