using System.Text.RegularExpressions;
using Itsm.Incidents.Import;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.WorkingTime;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;

namespace Itsm.Incidents.UseCases;

/// <summary>Brings in incidents of other systems from CSV, as a job: with the source's own times and history, each once.</summary>
internal static partial class ImportIncidents
{
    private const int ChunkSize = 500;

    private static readonly QueryParameter<string> Source = new("source",
        QueryValue.Form(SourceWord(), $"a lower-case word: a letter, then letters, digits and hyphens, at most 40 in all"),
        "The system that they come from; a number is imported once from each.", "csv");

    private static readonly QueryParameter<string> TimeZone = new("timeZone",
        QueryValue.Known(WorkingCalendar.IsZone, $"an IANA name such as Europe/Lisbon", longest: 60),
        "The time zone of instants in the file that do not say theirs.", "UTC");

    public static void Map(IEndpointRouteBuilder incidents)
    {
        incidents.MapPost("imports", Start).WithName("StartImport").WithSummary("Imports incidents from CSV").Requires(Permissions.Import)
            .Takes(Source, TimeZone)
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
            .WithName("ListImports").WithSummary("Lists imports").Requires(Permissions.Import).Lists<ImportJob>(ImportJob.Lists);
        incidents.MapGet("imports/sample", (Caller caller) => CsvText.Answer("incidents-sample", PlainForm.Sample(caller.UserName)))
            .WithName("GetImportSample").WithSummary("Reads a CSV file that can be imported: the header of one row for each incident, and "
                + "three rows").Requires(Permissions.Import).Produces<string>(contentType: CsvTable.MediaType);
        incidents.MapGet("imports/{id}", (string id, Read read, AggregateStore<ImportJob> jobs, CancellationToken ct) =>
            read.OneAsync(jobs, id, ct))
            .WithName("GetImport").WithSummary("Reads how far an import got").Requires(Permissions.Import).Reads<ImportJob>();
        incidents.MapGet("imports/{id}/results", ListResults).WithName("ListImportResults")
            .WithSummary("Lists what came of each incident of an import")
            .Requires(Permissions.Import).Lists<ImportItem>(ImportItem.Lists);
    }

    private static Task<IResult> Start(
        HttpRequest request, Write write, AggregateStore<ImportJob> jobs, AggregateStore<ImportItem> items, People people,
        CancellationToken ct) =>
        write.CreateAsync(jobs, async audit =>
        {
            var source = Source.Of(request)!;
            var zone = TimeZone.Of(request)!;
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

    [GeneratedRegex("^[a-z][a-z0-9-]{0,39}$")]
    private static partial Regex SourceWord();
}
