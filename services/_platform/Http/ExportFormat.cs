using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Http;

namespace Itsm.Platform.Http;

/// <summary>A form of file that an export is sent in.</summary>
/// <param name="Name">As the query parameter and the file's extension have it.</param>
/// <param name="MediaType">Of the answer.</param>
/// <param name="Open">Makes the file that goes into an answer.</param>
internal sealed record ExportFormat(string Name, string MediaType, Func<HttpResponse, ExportColumns, ExportFile> Open)
{
    private static readonly ExportFormat Ndjson =
        new("ndjson", "application/x-ndjson", (response, _) => new NdjsonExport(response));

    /// <summary>All of them; the first where the request asks for none.</summary>
    public static readonly IReadOnlyList<ExportFormat> All =
    [
        Ndjson,
        new("csv", CsvTable.MediaType, (response, columns) => new CsvExport(response, columns)),
        new("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            (response, columns) => new XlsxExport(response, columns)) { MostRecords = XlsxExport.MostRows - 1 },
    ];

    /// <summary>The query parameter <c>format</c>.</summary>
    public static readonly QueryParameter<string> Parameter = new("format", QueryValue.Word([.. All.Select(one => one.Name)]),
        "ndjson: a JSON object a line. csv and xlsx: a table with a column for each field, lists joined by semicolons, objects as JSON; "
        + "text in CSV that begins as a formula does is preceded by an apostrophe; xlsx cuts text after 32,767 characters. "
        + "As Accept says where left out, else ndjson.");

    /// <summary>How many records it can hold; null for any number.</summary>
    public int? MostRecords { get; private init; }

    /// <summary>For the header.</summary>
    public string ContentType => Name == "xlsx" ? MediaType : $"{MediaType}; charset=utf-8";

    /// <summary>What a request asks for.</summary>
    public static ExportFormat Of(HttpRequest request) => Parameter.TryRead(request, out var name)
        ? All.First(one => one.Name == name)
        : request.GetTypedHeaders().Accept.Where(range => range.Quality is not 0).OrderByDescending(range => range.Quality ?? 1)
            .Select(range => All.FirstOrDefault(one =>
                range.MediaType.Equals(one.MediaType, StringComparison.OrdinalIgnoreCase)
                    || (one == Ndjson && range.MatchesAllTypes)))
            .FirstOrDefault(one => one is not null) ?? Ndjson;

    /// <exception cref="HttpProblemException">400: there are more records than the format holds.</exception>
    public void RequireFits(long count, int most)
    {
        if (count > most)
        {
            throw HttpProblemException.Invalid("?format", FieldCode.TooMany,
                $"{Name} holds at most {most} records, and these are {count}: filter them, or take format=csv.");
        }
    }
}
