using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;

namespace Itsm.Assets.UseCases;

/// <summary>Makes the moves of an asset that bring no more than a reason along: a route for each.</summary>
internal static class MoveAsset
{
    /// <summary>Why.</summary>
    /// <example>{ "reason": "It lay under the desk." }</example>
    public sealed record Request
    {
        /// <summary>In the caller's words.</summary>
        [StringLength(1000, MinimumLength = 3)]
        public string? Reason { get; init; }
    }

    /// <summary>Why.</summary>
    /// <example>{ "reason": "The screen is broken." }</example>
    public sealed record ReasonedRequest
    {
        /// <summary>In the caller's words.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder assets)
    {
        foreach (var move in AssetLifeCycle.Table.Table.Where(move => move.Summary is not null))
        {
            var (path, action) = ($"{{id}}/{move.Action}", move.Action);
            var route = move.NeedsReason
                ? assets.MapPost(path,
                    (string id, ReasonedRequest request, Write write, AggregateStore<Asset> store, Containment containment,
                        CancellationToken ct) => MoveAsync(id, action, request.Reason, write, store, containment, ct))
                : assets.MapPost(path,
                    (string id, Request request, Write write, AggregateStore<Asset> store, Containment containment,
                        CancellationToken ct) => MoveAsync(id, action, request.Reason, write, store, containment, ct));
            route.WithName(NameOf(action)).WithSummary(move.Summary!).Requires(move.Permission).ChangesOne().Produces<Asset>();
        }
    }

    private static Task<IResult> MoveAsync(string id, string action, string? reason, Write write, AggregateStore<Asset> store,
        Containment containment, CancellationToken ct) => write.ChangeAsync(store, id, action, reason, async (asset, audit) =>
        {
            asset.Move(action, audit);
            if (asset.State is AssetState.Retired)
            {
                await containment.RequireEmptyAsync(asset, ct);
            }
        }, ct);

    /// <summary>ReportMissingAsset of report-missing.</summary>
    private static string NameOf(string action) =>
        string.Concat(action.Split('-').Select(CultureInfo.InvariantCulture.TextInfo.ToTitleCase)) + nameof(Asset);
}
