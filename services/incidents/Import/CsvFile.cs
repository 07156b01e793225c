using Itsm.Platform.Errors;
using Itsm.Platform.Http;

namespace Itsm.Incidents.Import;

/// <summary>An uploaded file, taken apart into the rows of each incident. Values are not looked at yet.</summary>
/// <param name="Form">Told by the header.</param>
/// <param name="Columns">The header.</param>
/// <param name="Incidents">In the order of their first rows.</param>
internal sealed record CsvFile(ImportForm Form, IReadOnlyList<string> Columns, IReadOnlyList<CsvIncident> Incidents)
{
    private const string NumberColumn = "number";

    /// <summary>Tells the rows of each incident apart.</summary>
    /// <exception cref="HttpProblemException">400 where the header is of neither form: names the columns.</exception>
    public static CsvFile Of(CsvTable table)
    {
        var form = table.Columns.Contains(EventLogForm.Mark) ? ImportForm.EventLog : ImportForm.Plain;
        if (form == ImportForm.EventLog)
        {
            table.RequireColumns($"the event-log form", EventLogForm.Required, EventLogForm.Known);
        }
        else
        {
            table.RequireColumns($"the plain form", PlainForm.Required, PlainForm.Known);
        }

        var number = table.Columns.ToList().IndexOf(NumberColumn);
        return new CsvFile(form, table.Columns, [.. table.Rows
            .GroupBy(row => row.Values[number] is { Length: > 0 } known and not SourceRow.Unknown ? (known, 0) : ("", row.Line))
            .Select(group => new CsvIncident(group.Key.Item1, [.. group]))]);
    }
}

/// <summary>All rows with one number; each row without a number stands alone, under an empty one.</summary>
internal sealed record CsvIncident(string Number, IReadOnlyList<CsvRow> Rows);
