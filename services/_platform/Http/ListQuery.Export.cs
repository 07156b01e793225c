using System.Globalization;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Platform.Http;

/// <content>Exports.</content>
public sealed partial class ListQuery
{
    /// <summary>Streams everything the caller may see that meets the filters, as a file in the format that the request asks for, a page of
    /// records at a time.</summary>
    public async Task<IResult> ExportAsync<T>(IRecords<T> store, ListDefinition definition, CancellationToken ct)
        where T : Record
    {
        var format = ExportFormat.Of(_context.Request);
        var fields = FieldSelection<T>.OfExport.Of(_context.Request)?.ToHashSet();
        var expand = definition.ExpandOfExport.Of(_context.Request) ?? [];
        var order = await ParseAsync(definition, [], MostItems, ct);
        if (format.MostRecords is { } most)
        {
            format.RequireFits(await store.Documents.CountAsync(order.Query.Where, ct), most);
        }

        var page = await order.ReadAsync(store.Documents, ct);
        Announce(format);
        if (HttpMethods.IsHead(_context.Request.Method))
        {
            return TypedResults.Empty;
        }

        await using var file = format.Open(
            _context.Response, ExportColumns.Of<T>(fields ?? store.Definition.Fields, expand, _context.Language));
        await file.BeginAsync(ct);
        while (true)
        {
            var (annex, expansion) =
                (store.AnnexWriter, expand.Count > 0 ? await Expansion.FindAsync(page, expand, definition, _context, ct) : null);
            foreach (var item in page)
            {
                var visible = store.Definition.Shown(Caller, item.Id);
                await file.AddAsync(item.Body, new ExportFile.View(
                    store.Definition.Choose(fields, visible), annex, visible is null ? expansion : null), ct);
            }

            await file.EndPageAsync(ct);
            if (page.Count < MostItems)
            {
                await file.EndAsync(ct);
                return TypedResults.Empty;
            }

            order = order.Behind(page[^1]);
            page = await order.ReadAsync(store.Documents, ct);
        }
    }

    /// <summary>The file is called after the list and the day.</summary>
    private void Announce(ExportFormat format)
    {
        var list = _context.Request.Path.Value!.TrimEnd('/').Split('/')[^2].ToLowerInvariant();
        var day = _context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow()
            .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        _context.Response.ContentType = format.ContentType;
        _context.Response.Headers.ContentDisposition = $"attachment; filename=\"{list}-{day}.{format.Name}\"";
    }
}
