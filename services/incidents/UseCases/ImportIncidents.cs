using System.Text.RegularExpressions;
using Itsm.Incidents.Import;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Platform.WorkingTime;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;

namespace Itsm.Incidents.UseCases;

/// <summary>Brings in incidents of other systems from CSV, as a job: with the source's own times and history, each once.</summary>
internal static partial class ImportIncidents
{
    private const int ChunkSize = 500;

    public static void Map(IEndpointRouteBuilder incidents)
    {
        incidents.MapPost("imports", Start).WithName("StartImport").WithSummary("Imports incidents from CSV").Requires(Permissions.Import)
            .Takes("source", "timeZone")
            .WithMetadata(new RequestSizeLimitAttribute(CsvTable.LargestFile)).Produces<ImportJob>(StatusCodes.Status202Accepted)
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Description = "UTF-8, a header line first, at most 10 MB: a ServiceNow event log, or one row for each incident.",
                    Content = new Dictionary<string, OpenApiMediaType>
                    {
                        [CsvTable.MediaType] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
                    },
                };
                return Task.CompletedTask;
            });
        incidents.MapGet("imports", (ListQuery list, AggregateStore<ImportJob> jobs, CancellationToken ct) =>
            list.PageAsync(jobs, ImportJob.Lists, ct))
            .WithName("ListImports").WithSummary("Lists imports").Requires(Permissions.Import).Lists(ImportJob.Lists)
            .Produces<Page<ImportJob>>();
        incidents.MapGet("imports/{id}", (string id, Read read, AggregateStore<ImportJob> jobs, CancellationToken ct) =>
            read.OneAsync(jobs, id, ct))
            .WithName("GetImport").WithSummary("Reads how far an import got").Requires(Permissions.Import).Takes("fields")
            .Produces<ImportJob>();
        incidents.MapGet("imports/{id}/results", ListResults).WithName("ListImportResults")
            .WithSummary("Lists what came of each incident of an import")
            .Requires(Permissions.Import).Lists(ImportItem.Lists).Produces<Page<ImportItem>>();
    }

    private static Task<IResult> Start(
        HttpRequest request, Write write, AggregateStore<ImportJob> jobs, AggregateStore<ImportItem> items, People people,
        CancellationToken ct) =>
        write.CreateAsync(jobs, async audit =>
        {
            var source = SourceOf(request);
            var zone = ZoneOf(request);
            var file = CsvFile.Of(await CsvTable.ReadAsync(request, ct));
            var id = Guid.CreateVersion7(audit.At);
            var job = ImportJob.Queue(id, file, source, zone, audit);
            await AnnounceAsync(job, file, people, ct);

            // The items of a job that never came to be are seen by nobody; a job without its items would lose incidents.
            foreach (var chunk in ImportItem.DocumentsOf(file, id, write.Caller.Person).Chunk(ChunkSize))
            {
                await items.Documents.InsertMissingAsync(chunk, ct);
            }

            return job;
        }, ct, status: StatusCodes.Status202Accepted);

    private static async Task<IResult> ListResults(
        string id, Read read, ListQuery list, AggregateStore<ImportJob> jobs, AggregateStore<ImportItem> items, CancellationToken ct)
    {
        var job = await read.FindAsync(jobs, id, ct);
        return await list.PageAsync(items, ImportItem.Lists, ct, Condition.In("job", BsonMapping.Value(job.Id)));
    }

    /// <summary>People and groups are announced with the job itself, so that no crash can come between.</summary>
    private static async Task AnnounceAsync(ImportJob job, CsvFile file, People people, CancellationToken ct)
    {
        var names = new SourceNames(people, job.Source);
        foreach (var incident in file.Incidents)
        {
            try
            {
                var source = RunImport.Read(job, incident.Number, incident.Rows);
                foreach (var person in source.People)
                {
                    await names.PersonAsync(person, ct);
                }

                foreach (var group in source.Groups)
                {
                    await names.GroupAsync(group, ct);
                }
            }
            catch (RefusedException)
            {
                // The run refuses it with its reason; whom it names need not be known.
            }
        }

        job.Announce(names.FoundPeople, names.FoundGroups);
    }

    private static string SourceOf(HttpRequest request) => Parameter(request, "source") switch
    {
        null => "csv",
        var text when SourceWord().IsMatch(text) => text,
        var source =>
            throw HttpProblemException.Invalid("?source", FieldCode.WrongFormat,
                $"source can't be {source.Quoted}: a lower-case word of a letter, then letters, digits and hyphens, at most 40 in all."),
    };

    private static string ZoneOf(HttpRequest request)
    {
        var name = Parameter(request, "timeZone") ?? "UTC";
        return name.Length is > 0 and <= 60 && WorkingCalendar.IsZone(name)
            ? name
            : throw HttpProblemException.Invalid("?timeZone", FieldCode.NotFound,
                $"There is no time zone {name.Quoted}; IANA names are known, such as Europe/Lisbon.");
    }

    private static string? Parameter(HttpRequest request, string name) => request.Query.TryGetValue(name, out var values)
        ? values.Count == 1 ? values[0] : throw HttpProblemException.Invalid($"?{name}", FieldCode.Repeated,
            $"{name} is given {values.Count} times.")
        : null;

    [GeneratedRegex("^[a-z][a-z0-9-]{0,39}$")]
    private static partial Regex SourceWord();
}
