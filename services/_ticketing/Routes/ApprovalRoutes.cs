using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Ticketing.Approvals;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Itsm.Ticketing.Routes;

/// <summary>Decisions on tickets that need approval.</summary>
public static class ApprovalRoutes
{
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

    extension(IEndpointRouteBuilder tickets)
    {
        /// <summary>Maps <c>{id}/approvals/{approval}/approve</c> and <c>/reject</c>.</summary>
        /// <param name="permission">What approvers need, beside being asked.</param>
        /// <param name="context">What the approvers of the next stage follow from.</param>
        public void MapApprovals<TTicket>(
            Permission permission, Func<TTicket, IServiceProvider, CancellationToken, ValueTask<ApprovalContext>> context)
            where TTicket : Aggregate, IApprovable
        {
            tickets.MapPost("{id}/approvals/{approval:guid}/approve",
                (string id, Guid approval, ApproveRequest request, Write write, AggregateStore<TTicket> store, Approvers approvers,
                    HttpContext http, CancellationToken ct) =>
                    DecideAsync(id, approval, true, request.Digest, request.Comment, write, store, approvers,
                        ticket => context(ticket, http.RequestServices, ct), ct))
                .WithName($"Approve{typeof(TTicket).Name}")
                .WithSummary("Approves, for oneself or as a substitute; final, and bound to the digest").Requires(permission).ChangesOne()
                .Produces<TTicket>();
            tickets.MapPost("{id}/approvals/{approval:guid}/reject",
                (string id, Guid approval, RejectRequest request, Write write, AggregateStore<TTicket> store, Approvers approvers,
                    HttpContext http, CancellationToken ct) =>
                    DecideAsync(id, approval, false, request.Digest, request.Comment, write, store, approvers,
                        ticket => context(ticket, http.RequestServices, ct), ct))
                .WithName($"Reject{typeof(TTicket).Name}")
                .WithSummary("Refuses, for oneself or as a substitute; final, and bound to the digest").Requires(permission).ChangesOne()
                .Produces<TTicket>();
        }
    }

    private static Task<IResult> DecideAsync<TTicket>(
        string id, Guid approval, bool approve, string digest, string? comment, Write write, AggregateStore<TTicket> store,
        Approvers approvers, Func<TTicket, ValueTask<ApprovalContext>> context, CancellationToken ct)
        where TTicket : Aggregate,
        IApprovable => write.ChangeAsync(store, id, approve ? "approve" : "reject", comment, async (ticket, audit) =>
        {
            var asked = ticket.Approval?.Approvals.FirstOrDefault(one => one.ApprovalId == approval)
                ?? throw HttpProblemException.NotFound("approval", approval.ToString());
            if (!write.Caller.ApprovesFor.Contains(asked.Approver))
            {
                throw new HttpProblemException(Problems.Create(403, "not-approver", "Not the approver",
                    $"{asked.ApproverName} is asked; you are neither they nor their substitute today."));
            }

            if (await approvers.WhyGoneAsync(asked, ct) is { } gone)
            {
                throw new HttpProblemException(Problems.Create(403, "not-approver", "Not the approver", gone));
            }

            ticket.Decide(approval, approve, digest, comment, audit);
            await approvers.AskAsync(ticket, () => context(ticket), audit, ct);
        }, ct);
}
