using System.Text;
using CsvHelper;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Itsm.Platform.Http;

/// <summary>An uploaded CSV file: RFC 4180 in UTF-8, separated by commas, semicolons or tabs, its first line the names of the
/// columns.</summary>
/// <param name="Columns">The header.</param>
/// <param name="Rows">Each with as many values as there are columns, trimmed.</param>
public sealed record CsvTable(IReadOnlyList<string> Columns, IReadOnlyList<CsvRow> Rows)
{
    /// <summary>What a file is sent as.</summary>
    public const string MediaType = "text/csv";

    /// <summary>Bytes that a file may have.</summary>
    public const int LargestFile = 10 * 1024 * 1024;

    private static readonly CsvReaderOptions Options = CsvReaderOptions.Default with
    {
        HasHeader = false, TrimWhitespace = true, TrimInsideQuotes = true, TrackLineNumbers = true,
        MalformedData = CsvMalformedDataHandling.Throw,
    };

    /// <summary>Reads the body of a request.</summary>
    /// <exception cref="HttpProblemException">As <see cref="ReadTextAsync"/> and <see cref="Parse"/>.</exception>
    public static async Task<CsvTable> ReadAsync(HttpRequest request, CancellationToken ct) =>
        Parse(await ReadTextAsync(request, LargestFile / 1024 / 1024, ct));

    /// <summary>Reads the body of a request, not taken apart yet.</summary>
    /// <param name="request">The request.</param>
    /// <param name="largest">Mebibytes that the file may have.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="HttpProblemException">415 where it is not CSV in UTF-8 by its content type, 413 where it is too large, 400 where it
    /// is not UTF-8.</exception>
    public static async Task<string> ReadTextAsync(HttpRequest request, int largest, CancellationToken ct)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase)
            || (type.Charset.HasValue && !type.Charset.Value.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
        {
            throw new HttpProblemException(Problems.Create(415, "unsupported-media-type", $"Unsupported media type",
                request.ContentType is { } sent ? $"The body is {sent}; this route takes {MediaType} in UTF-8."
                    : (Sentence)$"The body is of no stated type; this route takes {MediaType} in UTF-8."));
        }

        using var body = new MemoryStream();
        var buffer = new byte[81_920];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, ct)) > 0)
        {
            body.Write(buffer, 0, read);
            if (body.Length > largest * 1024L * 1024)
            {
                throw new HttpProblemException(Problems.Create(
                    413, "body-too-large", $"Body too large", $"The file is larger than {largest} MB."));
            }
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(body.GetBuffer().AsSpan(0, (int)body.Length));
        }
        catch (DecoderFallbackException e)
        {
            throw Invalid(FieldCode.WrongFormat, $"The file is not UTF-8: byte {e.Index + 1} can't be read.");
        }
    }

    /// <summary>Takes a file apart.</summary>
    /// <exception cref="HttpProblemException">400 where it is empty or not well-formed: names line and column.</exception>
    public static CsvTable Parse(string text)
    {
        text = text.TrimStart('\uFEFF');
        using var reader = CsvReader.Create(new StringReader(text), Options with { Separator = SeparatorOf(text) });
        try
        {
            if (!reader.Read())
            {
                throw Invalid(FieldCode.Required, $"The file is empty: its first line must name the columns.");
            }

            var columns = reader.Current.ToArray();
            var rows = new List<CsvRow>();
            while (reader.Read())
            {
                rows.Add(Check(new CsvRow((int)reader.LineNumber, reader.Current.ToArray()), columns));
            }

            return rows.Count == 0
                ? throw Invalid(FieldCode.TooFew, $"The file has a header, but no rows.")
                : new CsvTable(columns, rows);
        }
        catch (CsvFormatException e)
        {
            throw Invalid(FieldCode.WrongFormat, $"Line {e.LineNumber} is not well-formed CSV: {e.Message}");
        }
    }

    /// <summary>Compares the header with what a form of file has.</summary>
    /// <param name="form">The form's name: <c>the plain form</c>.</param>
    /// <param name="required">Columns that must be there.</param>
    /// <param name="known">Columns that may be there.</param>
    /// <exception cref="HttpProblemException">400 that names every column that is missing, unknown or there twice.</exception>
    public void RequireColumns(Sentence form, IReadOnlyCollection<string> required, IReadOnlyCollection<string> known)
    {
        List<FieldError> errors =
        [
            .. Columns.Select((column, index) => (column, index)).Where(entry => !known.Contains(entry.column))
                .Select(entry => new FieldError("", FieldCode.UnknownField,
                    $"Line 1, column {entry.index + 1}: {form} has no column {entry.column.Quoted}.")),
            .. Columns.GroupBy(column => column).Where(group => group.Count() > 1)
                .Select(group => (Column: group.Key, Times: group.Count())).Select(one => new FieldError("", FieldCode.Repeated,
                    $"Line 1: column {one.Column.Quoted} is there {one.Times} times.")),
            .. required.Except(Columns).Select(column => new FieldError("", FieldCode.Required,
                $"Line 1: column {column} is missing; {form} needs it.")),
        ];
        if (errors.Count > 0)
        {
            throw HttpProblemException.Invalid(errors);
        }
    }

    /// <summary>The one of which the header has most.</summary>
    private static char SeparatorOf(string text)
    {
        var header = text.AsSpan(0, text.AsSpan().IndexOfAny('\r', '\n') is >= 0 and var end ? end : text.Length);
        var (commas, semicolons, tabs) = (header.Count(','), header.Count(';'), header.Count('\t'));
        return semicolons > commas && semicolons >= tabs ? ';' : tabs > commas ? '\t' : ',';
    }

    private static CsvRow Check(CsvRow row, string[] columns)
    {
        var (line, values) = row;
        if (values.Count != columns.Length)
        {
            var without = columns.ElementAtOrDefault(values.Count);
            throw without is not null
                ? Invalid(FieldCode.TooFew,
                    $"Line {line}: {values.Count} values for {columns.Length} columns; {without} is the first without one.")
                : Invalid(FieldCode.TooMany, $"Line {line}: {values.Count} values for {columns.Length} columns.");
        }

        var broken = values.ToList().FindIndex(value => value.Contains('\0'));
        return broken < 0 ? row : throw Invalid(FieldCode.WrongFormat, $"Line {line}, column {columns[broken]}: there is a NUL character.");
    }

    private static HttpProblemException Invalid(FieldCode code, Sentence detail) => HttpProblemException.Invalid("", code, detail);
}

/// <summary>A row: where it begins, and its values in the order of the columns.</summary>
public sealed record CsvRow(int Line, IReadOnlyList<string> Values);
