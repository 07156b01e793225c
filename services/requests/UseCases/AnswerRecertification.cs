using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Requests.Fulfilling;

namespace Itsm.Requests.UseCases;

/// <summary>Answers for access in a campaign, by the owner of the data: it is still needed, or it ends. Final.</summary>
internal static class AnswerRecertification
{
    /// <summary>It is still needed.</summary>
    /// <example>{ "comment": "Still in the payroll team." }</example>
    public sealed record ConfirmRequest
    {
        /// <summary>In the actor's words.</summary>
        [StringLength(1000, MinimumLength = 3)]
        public string? Comment { get; init; }
    }

    /// <summary>It is not needed any more.</summary>
    /// <example>{ "reason": "Moved to another team." }</example>
    public sealed record RevokeRequest
    {
        /// <summary>In the actor's words.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder campaigns)
    {
        campaigns.MapPost("{id}/grants/{grant:guid}/confirm",
            (string id, Guid grant, ConfirmRequest request, Write write, AggregateStore<AccessReview> store, CancellationToken ct) =>
                AnswerAsync(id, grant, true, request.Comment, write, store, ct))
            .WithName("ConfirmRecertifiedGrant").WithSummary("Says that access is still needed").Requires(Permissions.ReadAccess)
            .ChangesOne().Produces<AccessReview>();
        campaigns.MapPost("{id}/grants/{grant:guid}/revoke",
            (string id, Guid grant, RevokeRequest request, Write write, AggregateStore<AccessReview> store, CancellationToken ct) =>
                AnswerAsync(id, grant, false, request.Reason, write, store, ct))
            .WithName("RevokeRecertifiedGrant").WithSummary("Says that access is not needed any more: it ends")
            .Requires(Permissions.ReadAccess).ChangesOne().Produces<AccessReview>();
    }

    private static Task<IResult> AnswerAsync(
        string id, Guid grant, bool confirm, string? comment, Write write, AggregateStore<AccessReview> store, CancellationToken ct) =>
        write.ChangeAsync(
        store, Guid.TryParse(id, out var campaign) ? AccessReview.IdOf(campaign, grant).ToString() : id, confirm ? "confirm" : "revoke",
        comment, (review, audit) =>
        {
            Access.RequireOwner(review.Owner, write.Caller);
            review.Decide(confirm, comment, audit);
        }, ct);
}
