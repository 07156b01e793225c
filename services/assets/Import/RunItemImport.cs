using System.Text;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Timers;
using Itsm.Platform.Values;

namespace Itsm.Assets.Import;

/// <summary>Works through a file of configuration items, in the name of who uploaded it. Safe to run twice, at once or after a crash: a row
/// that was taken in changes nothing the next time, and keeps its first result.</summary>
internal sealed class RunItemImport(
    AggregateStore<ItemImport> imports, Projection<ItemImportRow> rows, AggregateStore<ConfigurationClass> classes, ItemFiles files,
    Reconciling reconciling, People people) : ITimerHandler
{
    /// <summary>Code of a row that tells of the same as an earlier one.</summary>
    public const string IsRepeated = "import.repeated";

    private const int PageSize = 500;

    /// <summary>After it other timers get their turn.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(10);

    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        if (await imports.FindAsync(id, ct) is not { HasEnded: false } import || await files.ReadAsync(id, ct) is not { } text)
        {
            return;
        }

        var caller = await people.FindCallerAsync(import.CreatedBy, ct);
        if (caller?.Permissions.Contains(Permissions.ReportItems.Name) != true)
        {
            await EndAsync(id, one => one.Cancel(Act("cancel", $"Who uploaded it may not do this any more.")), ct);
            return;
        }

        var (table, known) = (CsvTable.Parse(text), await KnownAsync(ct));
        var repeated = RepeatedRows(import, table, known);
        var report = new Reconciling.Report(import.Source, import.Preview, caller, new AuditContext
        {
            By = caller.Actor, Action = "import", Reason = $"Import from {import.Source}.", At = imports.Clock.GetUtcNow().ToMilliseconds(),
            Request = id,
        });
        var (done, end) = (import.Done, imports.Clock.GetUtcNow() + Slice);
        do
        {
            var page = Enumerable.Range(done, Math.Min(PageSize, table.Rows.Count - done)).ToList();
            var alone = page.Where(at => !repeated.ContainsKey(at)).ToList();
            var results = alone.Zip(await reconciling.ReconcileAsync(report, [.. alone.Select(Reported)], ct)).ToDictionary();
            await rows.UpsertAsync(page.Select(at => ItemImportRow.Of(import, table.Rows[at].Line,
                results.GetValueOrDefault(at) ?? Repeated(Reported(at), table.Rows[repeated[at]].Line))), ct);
            done += page.Count;
        }
        while (done < table.Rows.Count && imports.Clock.GetUtcNow() < end);

        var counts = await CountAsync(id, ct);
        await EndAsync(id, one => one.Progress(import.Preview, done, counts, Act("progress", null)), ct);

        ReportedItem Reported(int at) => ItemCsv.Read(table, table.Rows[at], import.Class, known.GetValueOrDefault);
    }

    private static ReportedResult Repeated(ReportedItem item, int line) => new(item.ExternalId, ReportOutcome.Refused, null,
        [], IsRepeated, $"Line {line} tells of the same item.", []);

    /// <summary>The rows that tell of the same as an earlier one, and that.</summary>
    private static Dictionary<int, int> RepeatedRows(ItemImport import, CsvTable table, Dictionary<string, ConfigurationClass> known)
    {
        var (first, repeated) = (new Dictionary<Guid, int>(), new Dictionary<int, int>());
        foreach (var (at, row) in table.Rows.Index())
        {
            var item = ItemCsv.Read(table, row, import.Class, known.GetValueOrDefault);
            List<Guid> marks =
            [
                .. known.TryGetValue(item.Class, out var of) ? ItemMatching.MarksOf(import.Source, item, of) : [],
                .. item.Key is { } key ? new[] { DerivedId.From("item-of-key", key) } : [],
            ];
            if (marks.Exists(first.ContainsKey))
            {
                repeated[at] = marks.Where(first.ContainsKey).Min(mark => first[mark]);
            }

            marks.ForEach(mark => first.TryAdd(mark, at));
        }

        return repeated;
    }

    private async Task<Dictionary<string, ConfigurationClass>> KnownAsync(CancellationToken ct)
    {
        var known = new Dictionary<string, ConfigurationClass>(StringComparer.OrdinalIgnoreCase);
        Guid? after = null;
        while (await classes.Documents.ScanAsync(after, PageSize, ct) is { Count: > 0 } page)
        {
            foreach (var of in page.Select(AggregateStore<ConfigurationClass>.Load))
            {
                (known[of.Key], known[of.Id.ToString()]) = (of, of);
            }

            after = page[^1].Id;
        }

        return known;
    }

    private async Task<Dictionary<string, int>> CountAsync(Guid id, CancellationToken ct) =>
        (await rows.Documents.GroupAsync([Condition.In("import", BsonMapping.Value(id))], ["outcome"], ct))
        .ToDictionary(of => of.Key[0].AsString, of => (int)of.Value);

    private async Task EndAsync(Guid id, Action<ItemImport> change, CancellationToken ct)
    {
        if (await imports.UpdateAsync(id, Act("progress", null), change, ct) is { HasEnded: true })
        {
            await files.DeleteAsync(id, ct);
        }
    }

    private AuditContext Act(string action, string? reason) =>
        AuditContext.OfService("assets", action, imports.Clock) with { Reason = reason };
}

/// <summary>Gives up an import that nobody applied.</summary>
internal sealed class ExpireItemImport(AggregateStore<ItemImport> imports, ItemFiles files) : ITimerHandler
{
    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        var audit = AuditContext.OfService("assets", "expire", imports.Clock);
        if (await imports.UpdateAsync(id, audit, one =>
        {
            if (one.State == ItemImportState.Previewed)
            {
                one.Cancel(audit);
            }
        }, ct) is { HasEnded: true })
        {
            await files.DeleteAsync(id, ct);
        }
    }
}

/// <summary>The files of imports, each as long as something may still be done with it.</summary>
internal sealed class ItemFiles(IBlobStore blobs)
{
    /// <summary>Keeps a file.</summary>
    public async Task WriteAsync(Guid import, string text, CancellationToken ct)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        await blobs.WriteAsync(import, import, content, ct);
    }

    /// <summary>A file; null where it is kept no more.</summary>
    public async Task<string?> ReadAsync(Guid import, CancellationToken ct)
    {
        if (await blobs.OpenAsync(import, import, ct) is not { } content)
        {
            return null;
        }

        using var reader = new StreamReader(content, Encoding.UTF8);
        return await reader.ReadToEndAsync(ct);
    }

    /// <summary>Lets go of a file.</summary>
    public Task DeleteAsync(Guid import, CancellationToken ct) => blobs.DeleteAsync(import, import, ct);
}
