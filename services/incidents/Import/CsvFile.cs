using CsvHelper;
using Itsm.Platform.Http;

namespace Itsm.Incidents.Import;

/// <summary>An uploaded file, taken apart into the rows of each incident. Values are not looked at yet.</summary>
/// <param name="Form">Told by the header.</param>
/// <param name="Columns">The header.</param>
/// <param name="Incidents">In the order of their first rows.</param>
internal sealed record CsvFile(ImportForm Form, IReadOnlyList<string> Columns, IReadOnlyList<CsvIncident> Incidents)
{
    private const string NumberColumn = "number";
    private const int MostTextOfAnError = 60;

    private static readonly CsvReaderOptions Options = CsvReaderOptions.Default with
    {
        HasHeader = false, Separator = ',', TrimWhitespace = true, TrimInsideQuotes = true, TrackLineNumbers = true, MalformedData = CsvMalformedDataHandling.Throw,
    };

    /// <summary>Takes a file apart.</summary>
    /// <exception cref="HttpProblemException">400 where it is empty, not well-formed, or of neither form: names column and line.</exception>
    public static CsvFile Parse(string text)
    {
        using var reader = CsvReader.Create(new StringReader(text), Options);
        try
        {
            if (!reader.Read())
            {
                throw Invalid("The file is empty: its first line must name the columns.");
            }

            var columns = reader.Current.ToArray();
            var form = CheckHeader(columns);
            var number = Array.IndexOf(columns, NumberColumn);
            var rows = new List<CsvLine>();
            while (reader.Read())
            {
                rows.Add(Check(new CsvLine((int)reader.LineNumber, reader.Current.ToArray()), columns));
            }

            return rows.Count == 0
                ? throw Invalid("The file has a header, but no rows.")
                : new CsvFile(form, columns, [.. Group(rows, number)]);
        }
        catch (CsvFormatException e)
        {
            throw Invalid($"Line {e.LineNumber} is not well-formed CSV: {e.Message}");
        }
    }

    private static IEnumerable<CsvIncident> Group(List<CsvLine> rows, int number) =>
        rows.GroupBy(row => row.Values[number] is { Length: > 0 } known and not SourceRow.Unknown ? (known, 0) : ("", row.Line))
            .Select(group => new CsvIncident(group.Key.Item1, [.. group]));

    private static ImportForm CheckHeader(string[] columns)
    {
        var form = columns.Contains(EventLogForm.Mark) ? ImportForm.EventLog : ImportForm.Plain;
        var (required, known, name) = form == ImportForm.EventLog
            ? (EventLogForm.Required, EventLogForm.Known, "the event-log form")
            : (PlainForm.Required, PlainForm.Known, "the plain form");
        List<FieldError> errors =
        [
            .. columns.Select((column, index) => (column, index)).Where(entry => !known.Contains(entry.column))
                .Select(entry => new FieldError("", $"Line 1, column {entry.index + 1}: {name} has no column {Short(entry.column)}.")),
            .. columns.GroupBy(column => column).Where(group => group.Count() > 1).Select(group => new FieldError("", $"Line 1: column {Short(group.Key)} is there {group.Count()} times.")),
            .. required.Except(columns).Select(column => new FieldError("", $"Line 1: column {column} is missing; {name} needs it.")),
        ];
        return errors.Count == 0 ? form : throw HttpProblemException.Invalid(errors);
    }

    private static CsvLine Check(CsvLine row, string[] columns)
    {
        var (line, values) = row;
        if (values.Count != columns.Length)
        {
            throw Invalid(values.Count < columns.Length
                ? $"Line {line}: {values.Count} values for {columns.Length} columns; {columns[values.Count]} is the first without one."
                : $"Line {line}: {values.Count} values for {columns.Length} columns.");
        }

        var broken = values.ToList().FindIndex(value => value.Contains('\0'));
        return broken < 0 ? row : throw Invalid($"Line {line}, column {columns[broken]}: there is a NUL character.");
    }

    private static string Short(string text) => text.Length == 0 ? "without a name" : text.Length > MostTextOfAnError ? text[..MostTextOfAnError] + "…" : text;

    private static HttpProblemException Invalid(string detail) => HttpProblemException.Invalid("", detail);
}

/// <summary>A row: where it begins, and its values in the order of the columns.</summary>
internal sealed record CsvLine(int Line, IReadOnlyList<string> Values);

/// <summary>All rows with one number; each row without a number stands alone, under an empty one.</summary>
internal sealed record CsvIncident(string Number, IReadOnlyList<CsvLine> Rows);
