using System.Buffers;
using System.Text;
using CsCheck;
using Itsm.Platform.Http;

namespace Itsm.Platform.Tests.Http;

public sealed class CsvTextTests
{
    private const string Risky = "=+-@\t\r";

    /// <summary>Whatever is written is read again; the reader trims.</summary>
    [Fact]
    public void What_is_written_is_what_is_read_but_for_the_apostrophe_before_formulas()
    {
        var text = Gen.OneOf(Gen.String[Gen.Char[" \",;'\r\n\t=+-@aß€"], 0, 12], Gen.String[Gen.Char['\u0001', '\uD7FF'], 0, 12])
            .Select(any => any.Trim());
        Gen.Select(text, text).Array[1, 8].Sample(rows =>
        {
            var read = CsvTable.Parse(Written([["one", "two"], .. rows.Select(row => new object?[] { row.Item1, row.Item2 })]));
            Assert.Equal(["one", "two"], read.Columns);
            Assert.Equal(rows.SelectMany(row => new[] { Safe(row.Item1), Safe(row.Item2) }), read.Rows.SelectMany(row => row.Values));
        }, iter: 3_000);
    }

    [Fact]
    public void Texts_that_begin_as_formulas_do_are_marked_and_numbers_are_not()
    {
        Assert.Equal("'=1+1,'+1,'-1,'@SUM(A1),'\tx,\"'\rx\",-1,-1.5,a=b\r\n",
            Written([["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", -1L, -1.5, "a=b"]]));
        Assert.Equal(",true,2026-01-31T08:00:00Z,2026-01-31T08:00:00.250Z,\"a \"\"b\"\", c\",\" x\"\r\n", Written([[
            null, true, new DateTime(2026, 1, 31, 8, 0, 0, DateTimeKind.Utc), new DateTime(2026, 1, 31, 8, 0, 0, 250, DateTimeKind.Utc),
            "a \"b\", c", " x",
        ]]));
    }

    private static string Safe(string text) => text.Length > 0 && Risky.Contains(text[0], StringComparison.Ordinal) ? "'" + text : text;

    private static string Written(object?[][] rows)
    {
        var file = new ArrayBufferWriter<byte>();
        CsvText.Begin(file);
        foreach (var row in rows)
        {
            CsvText.WriteRow(file, row);
        }

        Assert.True(file.WrittenSpan.StartsWith(Encoding.UTF8.Preamble));
        return Encoding.UTF8.GetString(file.WrittenSpan[Encoding.UTF8.Preamble.Length..]);
    }
}
