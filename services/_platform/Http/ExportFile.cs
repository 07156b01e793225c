using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Http;
using SpreadCheetah;
using SpreadCheetah.Styling;
using SpreadCheetah.Worksheets;

namespace Itsm.Platform.Http;

/// <summary>A file of records that is sent while it is made.</summary>
internal abstract class ExportFile : IAsyncDisposable
{
    /// <summary>What the caller gets of a record.</summary>
    /// <param name="Fields">Names to write.</param>
    /// <param name="Annex">How the annex is written; null where there is none.</param>
    /// <param name="Expansion">Who ids stand for; null where nobody asked, or the caller does not get all of the record.</param>
    public readonly record struct View(IReadOnlySet<string> Fields, AnnexWriter? Annex, Expansion? Expansion);

    /// <summary>Sends what comes before all records.</summary>
    public virtual Task BeginAsync(CancellationToken ct) => Task.CompletedTask;

    /// <summary>Adds a record.</summary>
    public abstract ValueTask AddAsync(ReadOnlyMemory<byte> bson, View view, CancellationToken ct);

    /// <summary>Sends what was added.</summary>
    public virtual Task EndPageAsync(CancellationToken ct) => Task.CompletedTask;

    /// <summary>Sends what comes after all records.</summary>
    public virtual Task EndAsync(CancellationToken ct) => Task.CompletedTask;

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

/// <summary>Text that is gathered for a page of records.</summary>
internal abstract class TextExport(HttpResponse response) : ExportFile
{
    private const int ExpectedSize = 200 * 1024;

    /// <summary>The page so far.</summary>
    protected PooledBuffer Page { get; } = new(ExpectedSize);

    /// <summary>In which sentences are written.</summary>
    protected Language Language => response.HttpContext.Language;

    public override async Task EndPageAsync(CancellationToken ct)
    {
        await response.Body.WriteAsync(Page.Written, ct);
        Page.Clear();
    }

    public override ValueTask DisposeAsync()
    {
        Page.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>A JSON object a line.</summary>
internal sealed class NdjsonExport(HttpResponse response) : TextExport(response)
{
    public override ValueTask AddAsync(ReadOnlyMemory<byte> bson, View view, CancellationToken ct)
    {
        JsonAnswer.Write(Page, writer =>
        {
            writer.WriteStartObject();
            Representation.WriteMembers(writer, bson.Span, view.Fields, view.Annex, Language);
            if (view.Expansion is { } expansion)
            {
                writer.WritePropertyName(Expansion.Member);
                expansion.Write(writer, bson.Span);
            }

            writer.WriteEndObject();
        });
        "\n"u8.CopyTo(Page.GetSpan(1));
        Page.Advance(1);
        return ValueTask.CompletedTask;
    }
}

/// <summary>A table with the names of its columns in the first line.</summary>
internal sealed class CsvExport(HttpResponse response, ExportColumns columns) : TextExport(response)
{
    public override Task BeginAsync(CancellationToken ct)
    {
        CsvText.Begin(Page);
        CsvText.WriteRow(Page, columns.Names);
        return Task.CompletedTask;
    }

    public override ValueTask AddAsync(ReadOnlyMemory<byte> bson, View view, CancellationToken ct)
    {
        CsvText.WriteRow(Page, columns.CellsOf(bson.Span, view));
        return ValueTask.CompletedTask;
    }
}

/// <summary>A workbook with one sheet: the names of the columns in its first row, instants in UTC as dates, numbers and truth values as
/// such, all else as text that is never a formula.</summary>
internal sealed class XlsxExport(HttpResponse response, ExportColumns columns) : ExportFile
{
    /// <summary>Rows that a sheet can have.</summary>
    public const int MostRows = 1_048_576;

    /// <summary>Characters that a cell can have; longer texts are cut.</summary>
    private const int LongestText = 32_767;

    /// <summary>Dates begin there.</summary>
    private static readonly DateTime First = new(1900, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private Spreadsheet? _sheet;

    public override async Task BeginAsync(CancellationToken ct)
    {
        _sheet = await Spreadsheet.CreateNewAsync(response.BodyWriter.AsStream(leaveOpen: true), new SpreadCheetahOptions
        {
            DefaultDateTimeFormat = NumberFormat.Custom("yyyy-mm-dd hh:mm:ss"),
        }, ct);
        await _sheet.StartWorksheetAsync("Export", new WorksheetOptions { FrozenRows = 1 }, ct);
        var bold = _sheet.AddStyle(new Style { Font = new() { Bold = true } });
        await _sheet.AddHeaderRowAsync(columns.Names.ToArray(), bold, ct);
    }

    public override ValueTask AddAsync(ReadOnlyMemory<byte> bson, View view, CancellationToken ct) =>
        _sheet!.AddRowAsync(Array.ConvertAll(columns.CellsOf(bson.Span, view), CellOf), ct);

    public override async Task EndPageAsync(CancellationToken ct) => await response.BodyWriter.FlushAsync(ct);

    public override async Task EndAsync(CancellationToken ct) => await _sheet!.FinishAsync(ct);

    public override async ValueTask DisposeAsync()
    {
        if (_sheet is not null)
        {
            await _sheet.DisposeAsync();
        }
    }

    private static DataCell CellOf(object? value) => value switch
    {
        null => default,
        long number => new(number),
        double number when double.IsFinite(number) => new(number),
        bool flag => new(flag),
        DateTime at when at >= First => new(at),
        _ => new(TextOf(CsvText.Of(value))),
    };

    private static string TextOf(string text)
    {
        // Of what XML can't hold the library leaves out control characters only.
        text = text.Replace('\uFFFE', '\uFFFD').Replace('\uFFFF', '\uFFFD');
        return text.Length > LongestText ? string.Concat(text.AsSpan(0, LongestText - 1), "…") : text;
    }
}
