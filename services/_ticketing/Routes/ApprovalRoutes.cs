using System.ComponentModel.DataAnnotations;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing.Approvals;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Itsm.Ticketing.Routes;

/// <summary>What needs approval: decisions, and the list of what waits.</summary>
public static class ApprovalRoutes
{
    private static readonly QueryParameter<string> Approver =
        new("approver", QueryValue.Text(), "A person's id or user name, or me: oneself and those whom one substitutes now.");

    private static readonly ListDefinition Lists = new()
    {
        Filters = [Filter.OneOf<ApprovalState>("state"), Filter.Id("ticket"), Filter.Text("kind")], Sorts = ["requestedAt"],
        DefaultSort = "requestedAt", Expandable = ["approver", "requester"],
    };

    /// <summary>A consent.</summary>
    /// <example>{ "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    /// "comment": "Needed for the audit." }</example>
    public sealed record ApproveRequest
    {
        /// <summary>The approval's digest: says that the approver has seen exactly what is approved.</summary>
        [Required, StringLength(64, MinimumLength = 64)]
        public required string Digest { get; init; }

        /// <summary>Why.</summary>
        [StringLength(4000, MinimumLength = 1)]
        public string? Comment { get; init; }
    }

    /// <summary>A refusal.</summary>
    /// <example>{ "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    /// "comment": "The shared account will do." }</example>
    public sealed record RejectRequest
    {
        /// <summary>The approval's digest: says that the approver has seen exactly what is refused.</summary>
        [Required, StringLength(64, MinimumLength = 64)]
        public required string Digest { get; init; }

        /// <summary>Why.</summary>
        [Required, StringLength(4000, MinimumLength = 3)]
        public required string Comment { get; init; }
    }

    extension(IEndpointRouteBuilder things)
    {
        /// <summary>Maps <c>{id}/approvals/{approval}/approve</c> and <c>/reject</c>.</summary>
        /// <param name="permission">What approvers need, beside being asked.</param>
        public void MapApprovals<T>(Permission permission)
            where T : Aggregate, IApprovable
        {
            things.MapPost("{id}/approvals/{approval:guid}/approve",
                (string id, Guid approval, ApproveRequest request, Write write, AggregateStore<T> store, Approvers approvers,
                    ApprovalsOf<T> of, HttpContext http, CancellationToken ct) =>
                    DecideAsync(id, approval, true, request.Digest, request.Comment, write, store, approvers,
                        thing => of.Context(thing, http.RequestServices, ct), ct))
                .WithName($"Approve{typeof(T).Name}")
                .WithSummary("Approves, for oneself or as a substitute; final, and bound to the digest").Requires(permission).ChangesOne()
                .Produces<T>();
            things.MapPost("{id}/approvals/{approval:guid}/reject",
                (string id, Guid approval, RejectRequest request, Write write, AggregateStore<T> store, Approvers approvers,
                    ApprovalsOf<T> of, HttpContext http, CancellationToken ct) =>
                    DecideAsync(id, approval, false, request.Digest, request.Comment, write, store, approvers,
                        thing => of.Context(thing, http.RequestServices, ct), ct))
                .WithName($"Reject{typeof(T).Name}")
                .WithSummary("Refuses, for oneself or as a substitute; final, and bound to the digest").Requires(permission).ChangesOne()
                .Produces<T>();
        }

        /// <summary>Maps <c>approvals</c>: what waits for the caller, and what was decided.</summary>
        /// <param name="permission">To read the list.</param>
        /// <param name="plural">Route of the things that are decided on: <c>requests</c>.</param>
        public void MapApprovalList(Permission permission, string plural)
        {
            var approvals = things.MapGroup("approvals").WithTags("Approvals");
            approvals.MapGet("", ListAsync).WithName("ListApprovals").WithSummary("Lists approvals, oldest first")
                .WithDescription($"Decide at the ticket: POST /api/v1/{plural}/{{ticket}}/approvals/{{id}}/approve.")
                .Requires(permission).Lists<ApprovalRecord>(Lists, Approver);
            approvals.MapGet("{id}", (string id, Read read, Projection<ApprovalRecord> store, CancellationToken ct) =>
                read.OneAsync(store, id, ct))
                .WithName("GetApproval").WithSummary("Reads an approval").Requires(permission).Reads<ApprovalRecord>(Lists);
        }
    }

    private static async Task<IResult> ListAsync(
        HttpRequest request, ListQuery list, Projection<ApprovalRecord> approvals, People people, CancellationToken ct) =>
        await list.PageAsync(approvals, Lists, ct, Approver.Of(request) switch
        {
            null => [],
            "me" => [Condition.In("approver", [.. list.Caller.ApprovesFor.Select(one => BsonMapping.Value(one))])],
            var approver => [Condition.In("approver", BsonMapping.Value((await people.FindPersonAsync(approver, ct)
                ?? throw HttpProblemException.Invalid("?approver", FieldCode.NotFound,
                    $"approver can't be {approver.Quoted}: no such person is known.")).Id))],
        });

    private static Task<IResult> DecideAsync<T>(
        string id, Guid approval, bool approve, string digest, string? comment, Write write, AggregateStore<T> store,
        Approvers approvers, Func<T, ValueTask<ApprovalContext>> context, CancellationToken ct)
        where T : Aggregate,
        IApprovable => write.ChangeAsync(store, id, approve ? "approve" : "reject", comment, async (ticket, audit) =>
        {
            var asked = ticket.Approval?.Approvals.FirstOrDefault(one => one.ApprovalId == approval)
                ?? throw HttpProblemException.NotFound("approval", approval.ToString());
            if (!write.Caller.ApprovesFor.Contains(asked.Approver))
            {
                throw new HttpProblemException(Problems.Create(403, "not-approver", $"Not the approver",
                    $"{asked.ApproverName} is asked; you are neither they nor their substitute today."));
            }

            if (await approvers.WhyGoneAsync(asked, ct) is { } gone)
            {
                throw new HttpProblemException(Problems.Create(403, "not-approver", $"Not the approver", gone));
            }

            ticket.Decide(approval, approve, digest, comment, audit);
            await approvers.AskAsync(ticket, () => context(ticket), audit, ct);
        }, ct);
}
