using System.ComponentModel.DataAnnotations;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;

namespace Itsm.Assets.UseCases;

/// <summary>Gives an asset to a person, a site or another asset.</summary>
internal static class CheckOutAsset
{
    /// <summary>To whom: a person, a site or an asset, one of them.</summary>
    /// <example>{ "person": "employee1", "note": "With the charger.", "acceptance": { "text": "I return it when I leave." } }</example>
    public sealed record Request
    {
        /// <summary>Id or user name of the person who gets it.</summary>
        public string? Person { get; init; }

        /// <summary>Key of the site that gets it.</summary>
        public string? Site { get; init; }

        /// <summary>Id or number of the asset into which it is put.</summary>
        public string? Asset { get; init; }

        /// <summary>When it is expected back; left out for no date.</summary>
        public DateTimeOffset? ExpectedReturn { get; init; }

        /// <summary>What else there is to know.</summary>
        [StringLength(4000, MinimumLength = 3)]
        public string? Note { get; init; }

        /// <summary>What the person is asked to accept; left out for nothing.</summary>
        public AcceptanceRequest? Acceptance { get; init; }
    }

    /// <summary>Terms to be accepted by the person who gets the asset.</summary>
    public sealed record AcceptanceRequest
    {
        /// <summary>The terms, as they are shown.</summary>
        [Required, StringLength(32_000, MinimumLength = 3)]
        public required string Text { get; init; }
    }

    public static void Map(IEndpointRouteBuilder assets) => assets.MapPost($"{{id}}/{AssetLifeCycle.CheckOut}", Handle)
        .WithName(nameof(CheckOutAsset)).WithSummary("Gives an asset to a person, a site or another asset")
        .Requires(AssetPermissions.Manage).ChangesOne().Produces<Asset>();

    private static Task<IResult> Handle(
        string id, Request request, Write write, AggregateStore<Asset> assets, AssetLookup lookup, Containment containment,
        CancellationToken ct)
    {
        if (request is { Asset: { } holder, Person: null, Site: null, Acceptance: null })
        {
            return containment.PutAsync(write, id, holder, request.Note, (asset, into, audit) =>
                asset.GiveTo(new AssetHolder(null, null, into), request.ExpectedReturn, request.Note, null, audit), ct);
        }

        return write.ChangeAsync(assets, id, AssetLifeCycle.CheckOut, request.Note, async (asset, audit) =>
        {
            RequireOne(request);
            var to = new AssetHolder(
                await lookup.PersonAsync(request.Person, "/person", ct), await lookup.SiteAsync(request.Site, "/site", ct), null);
            asset.GiveTo(to, request.ExpectedReturn, request.Note, request.Acceptance?.Text, audit);
        }, ct);
    }

    private static void RequireOne(Request request)
    {
        if (request.Person is null && request.Site is null && request.Asset is null)
        {
            throw new InvalidValueException("/person", FieldCode.Required, $"person, site or asset is required: somebody gets it.");
        }

        if (request.Site is not null && request.Person is not null)
        {
            throw new InvalidValueException("/site", FieldCode.Conflicting,
                $"site {request.Site.Quoted} does not go with person {request.Person.Quoted}: one of them gets it.");
        }

        if (request.Asset is not null && (request.Person ?? request.Site) is { } other)
        {
            throw new InvalidValueException("/asset", FieldCode.Conflicting,
                $"asset {request.Asset.Quoted} does not go with {other.Quoted}: one of them gets it.");
        }

        if (request is { Acceptance: not null, Person: null })
        {
            throw new InvalidValueException("/acceptance", FieldCode.Conflicting,
                $"acceptance goes with a person: nobody else can accept.");
        }
    }
}
