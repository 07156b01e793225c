using System.ComponentModel.DataAnnotations;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;

namespace Itsm.Assets.UseCases;

/// <summary>Issues consumables, takes in more, and corrects the stock.</summary>
internal static class MoveStock
{
    private const int Most = 1_000_000;

    /// <summary>To whom: a person or a site, one of them.</summary>
    /// <example>{ "person": "employee1", "quantity": 2 }</example>
    public sealed record IssueRequest
    {
        /// <summary>Id or user name of the person who gets it.</summary>
        public string? Person { get; init; }

        /// <summary>Key of the site that gets it.</summary>
        public string? Site { get; init; }

        /// <summary>How many.</summary>
        [Range(1, Most)]
        public long Quantity { get; init; } = 1;

        /// <summary>What else there is to know.</summary>
        [StringLength(1000, MinimumLength = 3)]
        public string? Note { get; init; }
    }

    /// <summary>More has come.</summary>
    /// <example>{ "quantity": 24, "note": "Order 4711." }</example>
    public sealed record RestockRequest
    {
        /// <summary>How many.</summary>
        [Range(1, Most)]
        public required long Quantity { get; init; }

        /// <summary>What else there is to know.</summary>
        [StringLength(1000, MinimumLength = 3)]
        public string? Note { get; init; }
    }

    /// <summary>Somebody has counted.</summary>
    /// <example>{ "stock": 7, "reason": "Two were dried up." }</example>
    public sealed record CountRequest
    {
        /// <summary>How many there are.</summary>
        [Range(0, Most)]
        public required long Stock { get; init; }

        /// <summary>Why it differs.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder consumables)
    {
        consumables.MapPost("{id}/issue", IssueAsync).WithName("IssueConsumable")
            .WithSummary("Gives some of a consumable to a person or a site").Requires(AssetPermissions.Manage).ChangesOne()
            .Produces<Consumable>();
        consumables.MapPost("{id}/restock",
            (string id, RestockRequest request, Write write, AggregateStore<Consumable> store, StockGate gate, CancellationToken ct) =>
                gate.TakeAsync(id, () => write.ChangeAsync(store, id, "restock", request.Note,
                    (one, _) => one.Restock(request.Quantity), ct), ct))
            .WithName("RestockConsumable").WithSummary("Says that more of a consumable has come").Requires(AssetPermissions.Manage)
            .ChangesOne().Produces<Consumable>();
        consumables.MapPost("{id}/count",
            (string id, CountRequest request, Write write, AggregateStore<Consumable> store, CancellationToken ct) =>
                write.ChangeAsync(store, id, "count", request.Reason, (one, _) => one.Count(request.Stock), ct))
            .WithName("CountConsumable").WithSummary("Says how many of a consumable there are, and why that differs")
            .Requires(AssetPermissions.Manage).ChangesOne().Produces<Consumable>();
    }

    private static Task<IResult> IssueAsync(string id, IssueRequest request, Write write, AggregateStore<Consumable> store,
        AssetLookup lookup, StockGate gate, CancellationToken ct) => gate.TakeAsync(id, () =>
        write.ChangeAsync(store, id, "issue", request.Note, async (one, audit) =>
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

            one.Issue(await lookup.PersonAsync(request.Person, "/person", ct), await lookup.SiteAsync(request.Site, "/site", ct),
                request.Quantity, request.Note, audit);
        }, ct), ct);
}
