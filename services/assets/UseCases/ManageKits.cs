using System.ComponentModel.DataAnnotations;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;

namespace Itsm.Assets.UseCases;

/// <summary>Kits, and who gets them.</summary>
internal static class ManageKits
{
    private static readonly ListDefinition Lists = new() { Filters = [Filter.Flag("active")], Sorts = ["key"], DefaultSort = "key" };

    private static readonly ListDefinition CheckOuts = new() { Filters = [], Sorts = ["at"], DefaultSort = "-at" };

    /// <summary>A new kit.</summary>
    /// <example>{ "key": "developer", "name": "Developer's desk", "parts": [{ "model": "Latitude 5440" },
    /// { "model": "Monitor 27", "count": 2 }] }</example>
    public sealed record CreateRequest
    {
        /// <summary>Short name in addresses, unique.</summary>
        [Required, StringLength(60),
            RegularExpression("^[a-z0-9]+(-[a-z0-9]+)*$", ErrorMessage = "lower-case letters, digits and single hyphens")]
        public required string Key { get; init; }

        /// <summary>Name shown to people.</summary>
        [Required, StringLength(120, MinimumLength = 2)]
        public required string Name { get; init; }

        /// <summary>What is in it.</summary>
        [Required, Length(1, 20)]
        public required IReadOnlyList<KitPart> Parts { get; init; }
    }

    /// <summary>Changes of a kit; what is absent stays.</summary>
    /// <example>{ "active": false }</example>
    public sealed record EditRequest
    {
        /// <summary>Name shown to people.</summary>
        [StringLength(120, MinimumLength = 2)]
        public Optional<string> Name { get; init; }

        /// <summary>All that is in it.</summary>
        [Length(1, 20)]
        public Optional<IReadOnlyList<KitPart>> Parts { get; init; }

        /// <summary>False: not handed out any more.</summary>
        public Optional<bool?> Active { get; init; }
    }

    /// <summary>To whom: a person or a site, one of them.</summary>
    /// <example>{ "person": "employee1", "note": "First day." }</example>
    public sealed record CheckOutRequest
    {
        /// <summary>Id or user name of the person who gets it.</summary>
        public string? Person { get; init; }

        /// <summary>Key of the site that gets it.</summary>
        public string? Site { get; init; }

        /// <summary>When it is expected back; left out for no date.</summary>
        public DateTimeOffset? ExpectedReturn { get; init; }

        /// <summary>What else there is to know.</summary>
        [StringLength(4000, MinimumLength = 3)]
        public string? Note { get; init; }

        /// <summary>What the person is asked to accept of each asset; left out for nothing.</summary>
        public CheckOutAsset.AcceptanceRequest? Acceptance { get; init; }
    }

    public static void Map(IEndpointRouteBuilder kits)
    {
        kits.MapGet("", (ListQuery list, AggregateStore<Kit> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListKits").WithSummary("Lists kits").Requires(AssetPermissions.Read).Lists<Kit>(Lists);
        kits.MapGet("{id}", (string id, Read read, AggregateStore<Kit> store, CancellationToken ct) => read.OneAsync(store, id, ct))
            .WithName("GetKit").WithSummary("Reads a kit by id or key").Requires(AssetPermissions.Read).Reads<Kit>();
        kits.MapPost("", (CreateRequest request, Write write, AggregateStore<Kit> store, CancellationToken ct) =>
                write.CreateAsync(store, audit => ValueTask.FromResult(Kit.Create(request.Key, request.Name, request.Parts, audit)), ct))
            .WithName("CreateKit").WithSummary("Adds a kit").Requires(AssetPermissions.Manage)
            .Produces<Kit>(StatusCodes.Status201Created);
        kits.MapPatch("{id}", (string id, EditRequest request, Write write, AggregateStore<Kit> store, CancellationToken ct) =>
                write.ChangeAsync(store, id, "update", null, (kit, _) => kit.Describe(
                    request.Name.Or(kit.Name, "/name"),
                    request.Parts.Or(kit.Parts, "/parts"),
                    request.Active.Or(kit.Active, "/active")!.Value), ct))
            .WithName("EditKit").WithSummary("Renames a kit, changes what is in it, or retires it").Requires(AssetPermissions.Manage)
            .ChangesOne().Produces<Kit>();
        kits.MapPost($"{{id}}/{AssetLifeCycle.CheckOut}", CheckOut).WithName("CheckOutKit")
            .WithSummary("Gives assets of all its models to a person or a site: all of them, or none").Requires(AssetPermissions.Manage)
            .Produces<KitCheckOut>(StatusCodes.Status201Created);
        kits.MapGet("{id}/check-outs", async (string id, ListQuery list, Read read, AggregateStore<Kit> store,
                AggregateStore<KitCheckOut> checkOuts, CancellationToken ct) => await list.PageAsync(checkOuts, CheckOuts, ct,
                    Platform.Documents.Condition.In("kit",
                        Platform.Documents.BsonMapping.Value((await read.FindAsync(store, id, ct)).Id))))
            .WithName("ListKitCheckOuts").WithSummary("Lists who got a kit").Requires(AssetPermissions.Read).Lists<KitCheckOut>(CheckOuts);
        kits.MapGet("{id}/check-outs/{checkOut:guid}",
                async (string id, Guid checkOut, Read read, AggregateStore<Kit> store, AggregateStore<KitCheckOut> checkOuts,
                    CancellationToken ct) =>
                    await checkOuts.FindAsync(checkOut, ct) is { } found && found.Kit == (await read.FindAsync(store, id, ct)).Id
                        ? await read.OneAsync(checkOuts, checkOut.ToString(), ct)
                        : throw HttpProblemException.NotFound(checkOuts.Definition.Noun, checkOut.ToString()))
            .WithName("GetKitCheckOut").WithSummary("Reads who got a kit, and which assets").Requires(AssetPermissions.Read)
            .Reads<KitCheckOut>();
    }

    private static Task<IResult> CheckOut(string id, CheckOutRequest request, Write write, Read read, AggregateStore<Kit> store,
        AssetLookup lookup, KitHandOut handOut, CancellationToken ct) => handOut.HandOutAsync(write, async audit =>
    {
        var kit = AggregateStore<Kit>.Load(await read.FindAsync(store, id, ct));
        kit.RequireActive();
        var holder = await HolderAsync(request, lookup, ct);
        if (request.ExpectedReturn <= audit.At)
        {
            throw new InvalidValueException("/expectedReturn", FieldCode.OutOfRange,
                $"expectedReturn can't be {request.ExpectedReturn:yyyy-MM-ddTHH:mm:ssZ}: it lies in the past.");
        }

        return (kit, KitCheckOut.Begin(kit, holder, request.ExpectedReturn, request.Note, request.Acceptance?.Text, audit));
    }, ct);

    private static async ValueTask<AssetHolder> HolderAsync(CheckOutRequest request, AssetLookup lookup, CancellationToken ct)
    {
        if (request is { Person: null, Site: null })
        {
            throw new InvalidValueException("/person", FieldCode.Required, $"person or site is required: somebody gets it.");
        }

        if (request is { Person: not null, Site: not null })
        {
            throw new InvalidValueException("/site", FieldCode.Conflicting,
                $"site {request.Site.Quoted} does not go with person {request.Person.Quoted}: one of them gets it.");
        }

        if (request is { Acceptance: not null, Person: null })
        {
            throw new InvalidValueException("/acceptance", FieldCode.Conflicting,
                $"acceptance goes with a person: nobody else can accept.");
        }

        return new(await lookup.PersonAsync(request.Person, "/person", ct), await lookup.SiteAsync(request.Site, "/site", ct), null);
    }
}
