using System.ComponentModel.DataAnnotations;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;

namespace Itsm.Assets.UseCases;

/// <summary>Accepts or declines the terms of what one got: for the person who has it alone.</summary>
internal static class AnswerAcceptance
{
    /// <summary>Nothing more to say.</summary>
    /// <example>{ }</example>
    public sealed record AcceptRequest;

    /// <summary>Why.</summary>
    /// <example>{ "reason": "The screen is broken." }</example>
    public sealed record DeclineRequest
    {
        /// <summary>In the person's words.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder assets)
    {
        assets.MapPost($"{{id}}/{Asset.Accept}",
            (string id, AcceptRequest request, Write write, AggregateStore<Asset> store, CancellationToken ct) =>
                write.ChangeAsync(store, id, Asset.Accept, null, (asset, audit) => asset.Answer(true, null, audit), ct))
            .WithName("AcceptAsset").WithSummary("Accepts the terms of an asset that one got")
            .Requires(AssetPermissions.ReadOwn).ChangesOne().Produces<Asset>();
        assets.MapPost($"{{id}}/{Asset.Decline}",
            (string id, DeclineRequest request, Write write, AggregateStore<Asset> store, CancellationToken ct) =>
                write.ChangeAsync(store, id, Asset.Decline, request.Reason,
                    (asset, audit) => asset.Answer(false, request.Reason, audit), ct))
            .WithName("DeclineAsset").WithSummary("Declines the terms of an asset that one got")
            .Requires(AssetPermissions.ReadOwn).ChangesOne().Produces<Asset>();
    }
}
