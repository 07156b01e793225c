using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Requests.Fulfilling;

namespace Itsm.Requests.UseCases;

/// <summary>Says that access is still needed, by the owner of the data.</summary>
internal static class ConfirmAccessGrant
{
    /// <summary>Why.</summary>
    /// <example>{ "comment": "Still in the payroll team." }</example>
    public sealed record Request
    {
        /// <summary>In the actor's words.</summary>
        [StringLength(1000, MinimumLength = 3)]
        public string? Comment { get; init; }
    }

    public static void Map(IEndpointRouteBuilder grants) => grants.MapPost("{id}/confirm", Handle)
        .WithName(nameof(ConfirmAccessGrant)).WithSummary("Confirms that access is still needed, by its owner")
        .Requires(Permissions.ReadAccess).ChangesOne().Produces<AccessGrant>();

    private static Task<IResult> Handle(
        string id, Request request, Write write, AggregateStore<AccessGrant> grants, CancellationToken ct) =>
        write.ChangeAsync(grants, id, "confirm", request.Comment, (grant, audit) =>
        {
            Access.RequireOwner(grant.Owner, write.Caller);
            grant.Confirm(audit);
        }, ct);
}
