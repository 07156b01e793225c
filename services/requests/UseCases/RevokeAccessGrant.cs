using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Requests.Fulfilling;

namespace Itsm.Requests.UseCases;

/// <summary>Ends access, by the owner of the data.</summary>
internal static class RevokeAccessGrant
{
    /// <summary>Why.</summary>
    /// <example>{ "reason": "Moved to another team." }</example>
    public sealed record Request
    {
        /// <summary>In the actor's words.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder grants) => grants.MapPost("{id}/revoke", Handle)
        .WithName(nameof(RevokeAccessGrant)).WithSummary("Ends access, by its owner").Requires(Permissions.ReadAccess).ChangesOne()
        .Produces<AccessGrant>();

    private static Task<IResult> Handle(
        string id, Request request, Write write, AggregateStore<AccessGrant> grants, CancellationToken ct) =>
        write.ChangeAsync(grants, id, "revoke", request.Reason, (grant, audit) =>
        {
            Access.RequireOwner(grant.Owner, write.Caller);
            grant.Revoke(request.Reason, audit.By, audit);
        }, ct);
}
