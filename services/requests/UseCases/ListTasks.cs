using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;

namespace Itsm.Requests.UseCases;

/// <summary>Lists fulfillment tasks of all requests: the work of a group, what is late.</summary>
internal static class ListTasks
{
    private static readonly ListDefinition Lists = new()
    {
        Filters = [Filter.OneOf<StepState>("state"), Filter.Group("assignmentGroup"), Filter.Person("assignee"), Filter.Id("request"),
            Filter.Instant("dueAt")],
        Sorts = ["openedAt"], SortFields = new Dictionary<string, string> { ["dueAt"] = "dueAt" }, DefaultSort = "openedAt",
        Expandable = ["assignmentGroup", "assignee"],
    };

    public static void Map(IEndpointRouteBuilder tasks) => tasks
        .MapGet("", (ListQuery list, Projection<TaskRecord> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
        .WithName("ListRequestTasks").WithSummary("Lists fulfillment tasks of all requests: the work of a group, what is late")
        .Requires(Permissions.Work).Lists(Lists).Produces<Page<TaskRecord>>();
}
