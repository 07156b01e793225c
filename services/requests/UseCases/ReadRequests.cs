using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;

namespace Itsm.Requests.UseCases;

/// <summary>Lists, counts, exports and reads the requests that the caller may see.</summary>
internal static class ReadRequests
{
    private static readonly string[] CountFields = ["state", "priority", "assignmentGroup", "assignee", "itemKey"];

    /// <summary>How many.</summary>
    /// <param name="By">The field.</param>
    /// <param name="Counts">By value; none for those without.</param>
    public sealed record CountResponse(string By, IReadOnlyDictionary<string, long> Counts);

    public static void Map(IEndpointRouteBuilder requests)
    {
        requests.MapGet("", (ListQuery list, AggregateStore<ServiceRequest> store, CancellationToken ct) => list.PageAsync(store, RequestStore.Lists, ct))
            .WithName("ListRequests").WithSummary("Lists requests").Requires(Permissions.Read).Lists(RequestStore.Lists).Produces<Page<ServiceRequest>>();
        requests.MapGet("counts", async (string? by, ListQuery list, AggregateStore<ServiceRequest> store, CancellationToken ct) => by is not null && CountFields.Contains(by)
                ? new CountResponse(by, await list.GroupAsync(store, RequestStore.Lists, by, ct))
                : throw HttpProblemException.Invalid("?by", $"by must be one of: {string.Join(", ", CountFields)}."))
            .WithName("CountRequests").WithSummary("Counts requests by a field").WithDescription($"by is one of: {string.Join(", ", CountFields)}.").Requires(Permissions.Read).Counts(RequestStore.Lists, "by");
        requests.MapGet("export", (ListQuery list, AggregateStore<ServiceRequest> store, CancellationToken ct) => list.ExportAsync(store, RequestStore.Lists, ct))
            .WithName("ExportRequests").WithSummary("Exports requests, one JSON object a line").Requires(Permissions.Read).Exports(RequestStore.Lists).Produces<string>(contentType: "application/x-ndjson");
        requests.MapGet("{id}", (string id, Read read, AggregateStore<ServiceRequest> store, CancellationToken ct) => read.OneAsync(store, id, ct))
            .WithName("GetRequest").WithSummary("Reads a request by id or number: what it waits for, its approvals and tasks").Requires(Permissions.Read).Takes("fields").Produces<ServiceRequest>();
    }
}
