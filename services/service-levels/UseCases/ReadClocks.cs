using Itsm.Contracts.ServiceLevels;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.ServiceLevels.Domain;

namespace Itsm.ServiceLevels.UseCases;

/// <summary>The clocks of the tickets that the caller may see.</summary>
internal static class ReadClocks
{
    public static ListDefinition Lists { get; } = new()
    {
        Filters =
        [
            Filter.Id("ticket"), Filter.OneOf<ClockState>("state"), Filter.Flag("breached"), Filter.Text("agreement"),
            Filter.Text("target"), Filter.Text("metric"), Filter.Text("kind"), Filter.OneOf<AgreementKind>("agreementKind"),
            Filter.Number("priority", 1, 5), Filter.Group("assignmentGroup"), Filter.Text("endedMonth"), Filter.Text("endedWeek"),
            Filter.Instant("startedAt"), Filter.Instant("endedAt"), Filter.Instant("dueAt"),
        ],
        Sorts = ["startedAt"],
        SortFields = new Dictionary<string, string> { ["endedAt"] = "endedAt", ["dueAt"] = "dueAt" },
        DefaultSort = "-startedAt",
        Expandable = ["assignmentGroup"],
    };

    public static void Map(IEndpointRouteBuilder clocks)
    {
        clocks.MapGet("", (ListQuery list, Projection<ClockRecord> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListClocks").WithSummary("Lists service level clocks").Requires(Permissions.Read).Lists<ClockRecord>(Lists);
        clocks.MapGet("{id}", (string id, Read read, Projection<ClockRecord> store, CancellationToken ct) => read.OneAsync(store, id, ct))
            .WithName("GetClock").WithSummary("Reads a service level clock").Requires(Permissions.Read).Reads<ClockRecord>(Lists);
    }
}
