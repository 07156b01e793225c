using System.Text.RegularExpressions;
using Itsm.Assets.Import;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;

namespace Itsm.Assets.UseCases;

/// <summary>Brings in configuration items from CSV, as a job: what each row would do can be looked at before.</summary>
internal static partial class ImportItems
{
    private const int MostRows = 100_000;

    private static readonly QueryParameter<string> Source = new("source",
        QueryValue.Form(SourceWord(), $"a lower-case word, not person: a letter, then letters, digits and hyphens, at most 40 in all"),
        "The source that the rows are the word of.", "import");
    private static readonly QueryParameter<string> Class = new("class", QueryValue.Text(60), "Class of the rows that name none.");
    private static readonly QueryParameter<string> SampleClass = new("class", QueryValue.Text(60), "Of which class.", "server");
    private static readonly QueryParameter<bool> Preview = new("preview", QueryValue.Flag,
        "true to say what would happen first; apply does it then.", false);

    public static void Map(IEndpointRouteBuilder items)
    {
        var imports = items.MapGroup("imports");
        imports.MapPost("", Start).WithName("StartConfigurationItemImport").WithSummary("Imports configuration items from CSV")
            .WithDescription("Columns: externalId, class, key, name, description, owner, supportGroup, criticality, site, attributes.KEY, "
                + "relations.TYPE with ids, numbers or keys, relations.TYPE.externalId with what the source calls them; several are "
                + "separated by semicolons. Rows are recognised and taken in as reported items are.")
            .Requires(Permissions.ReportItems).Takes(Source, Class, Preview)
            .WithMetadata(new RequestSizeLimitAttribute(CsvTable.LargestFile))
            .Produces<ItemImport>(StatusCodes.Status202Accepted)
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true, Description = "UTF-8, a header line first, at most 10 MB and 100,000 rows.",
                    Content = new Dictionary<string, OpenApiMediaType>
                    {
                        [CsvTable.MediaType] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
                    },
                };
                return Task.CompletedTask;
            });
        imports.MapGet("", (ListQuery list, AggregateStore<ItemImport> store, CancellationToken ct) =>
                list.PageAsync(store, ItemImport.Lists, ct))
            .WithName("ListConfigurationItemImports").WithSummary("Lists imports of configuration items")
            .Requires(Permissions.ReportItems).Lists<ItemImport>(ItemImport.Lists);
        imports.MapGet("sample", async (HttpRequest request, ItemLookup lookup, CancellationToken ct) =>
                CsvText.Answer("configuration-items-sample",
                    ItemCsv.Sample(await lookup.RequireClassAsync(SampleClass.Of(request)!, "?class", ct))))
            .WithName("GetConfigurationItemImportSample").WithSummary("Reads a CSV file that can be imported: the header and a row")
            .Requires(Permissions.ReportItems).Takes(SampleClass).Produces<string>(contentType: CsvTable.MediaType);
        imports.MapGet("{import:guid}", (Guid import, Read read, AggregateStore<ItemImport> store, CancellationToken ct) =>
                read.OneAsync(store, import.ToString(), ct))
            .WithName("GetConfigurationItemImport").WithSummary("Reads how far an import got").Requires(Permissions.ReportItems)
            .Reads<ItemImport>(ItemImport.Lists);
        imports.MapGet("{import:guid}/results", async (Guid import, Read read, ListQuery list, AggregateStore<ItemImport> store,
                Projection<ItemImportRow> rows, CancellationToken ct) => await list.PageAsync(rows, ItemImportRow.Lists, ct,
                    Condition.In("import", BsonMapping.Value((await read.FindAsync(store, import.ToString(), ct)).Id))))
            .WithName("ListConfigurationItemImportResults").WithSummary("Lists what came, or would come, of each row")
            .WithDescription("code=import.repeated,configuration-item.ambiguous lists the duplicates: rows that tell of the same as an "
                + "earlier one, and those that several items could be.")
            .Requires(Permissions.ReportItems).Lists<ItemImportRow>(ItemImportRow.Lists);
        imports.MapPost("{import:guid}/apply", (Guid import, Write write, AggregateStore<ItemImport> store, CancellationToken ct) =>
                write.ChangeAsync(store, import.ToString(), "apply", null, (one, audit) => one.Apply(audit), ct))
            .WithName("ApplyConfigurationItemImport").WithSummary("Does what the preview of an import said")
            .Requires(Permissions.ReportItems).ChangesOne().Produces<ItemImport>();
        imports.MapPost("{import:guid}/cancel", async (Guid import, Write write, AggregateStore<ItemImport> store, ItemFiles files,
                CancellationToken ct) =>
            {
                var answer = await write.ChangeAsync(store, import.ToString(), "cancel", null, (one, audit) => one.Cancel(audit), ct);
                await files.DeleteAsync(import, ct);
                return answer;
            })
            .WithName("CancelConfigurationItemImport").WithSummary("Stops an import; what was done is done")
            .Requires(Permissions.ReportItems).ChangesOne().Produces<ItemImport>();
    }

    private static Task<IResult> Start(
        HttpRequest request, Write write, AggregateStore<ItemImport> store, ItemLookup lookup, ItemFiles files, CancellationToken ct) =>
        write.CreateAsync(store, async audit =>
        {
            var of = Class.TryRead(request, out var named) ? (await lookup.RequireClassAsync(named, "?class", ct)).Key : null;
            var text = await CsvTable.ReadTextAsync(request, ct);
            var table = CsvTable.Parse(text);
            ItemCsv.Require(table, of);
            if (table.Rows.Count > MostRows)
            {
                throw HttpProblemException.Invalid("", FieldCode.TooMany,
                    $"A file has at most {MostRows} rows, not {table.Rows.Count}.");
            }

            var id = Guid.CreateVersion7(audit.At);
            var import = ItemImport.Queue(id, Source.Of(request)!, of, table.Rows.Count, Preview.Of(request), audit);
            await files.WriteAsync(import.Id, text, ct);
            return import;
        }, ct, status: StatusCodes.Status202Accepted);

    [GeneratedRegex("^(?!person$)[a-z][a-z0-9-]{0,39}$")]
    private static partial Regex SourceWord();
}
