using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;

namespace Itsm.Requests.UseCases;

/// <summary>Lists approvals of tickets of any kind: what waits for the caller, and what was decided.</summary>
internal static class ListApprovals
{
    private static readonly ListDefinition Lists = new()
    {
        Filters = [Filter.OneOf<ApprovalState>("state"), Filter.Id("ticket"), Filter.Text("kind")], Sorts = ["requestedAt"],
        DefaultSort = "requestedAt", Expandable = ["approver", "requester"],
    };

    public static void Map(IEndpointRouteBuilder approvals)
    {
        approvals.MapGet("", Handle).WithName(nameof(ListApprovals)).WithSummary("Lists approvals, oldest first")
            .WithDescription("approver is a person's id or user name, or me: oneself and those whom one substitutes now. Decide at the "
                + "ticket: POST /api/v1/requests/{ticket}/approvals/{id}/approve.")
            .Requires(Permissions.Approve).Lists(Lists, "approver").Produces<Page<ApprovalRecord>>();
        approvals.MapGet("{id}", (string id, Read read, Projection<ApprovalRecord> store, CancellationToken ct) =>
            read.OneAsync(store, id, ct))
            .WithName("GetApproval").WithSummary("Reads an approval").Requires(Permissions.Approve).Takes("fields")
            .Produces<ApprovalRecord>();
    }

    private static async Task<IResult> Handle(string? approver, ListQuery list, Projection<ApprovalRecord> approvals, People people,
        CancellationToken ct) => await list.PageAsync(approvals, Lists, ct, approver switch
    {
        null => [],
        "me" => [Condition.In("approver", [.. list.Caller.ApprovesFor.Select(one => BsonMapping.Value(one))])],
        _ =>
            [Condition.In("approver",
                BsonMapping.Value((await people.FindPersonAsync(approver, ct)
                    ?? throw HttpProblemException.Invalid("?approver", $"approver can't be {approver}: no such person is known.")).Id))],
    });
}
