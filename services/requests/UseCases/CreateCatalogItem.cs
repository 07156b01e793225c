using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Requests.Domain;
using Itsm.Requests.Ordering;

namespace Itsm.Requests.UseCases;

/// <summary>Adds an item to the catalog, still a draft.</summary>
internal static class CreateCatalogItem
{
    /// <summary>The new item.</summary>
    /// <example>{ "key": "monitor", "content": { "name": "Monitor", "description": "A second screen.", "category": "workplace",
    /// "owner": "manager1", "expectedDelivery": "PT24H",   "form": { "properties": { "size": { "type": "string", "title": "Which size?",
    /// "enum": ["small", "large"] } }, "required": ["size"] },   "approval": { "rules": [{ "when": [{ "field": "size", "in": ["small"] }],
    /// "then": "approve" }, { "then": "stages", "stages": ["manager"] }],     "stages": [{ "key": "manager", "name": "Manager",
    /// "approvers": [{ "kind": "manager" }], "fallback": [{ "kind": "group", "of": "service-desk" }], "remindAfter": "PT8H" }] },
    ///   "plan": [{ "key": "deliver", "title": "Bring the monitor", "group": "service-desk", "due": { "within": "PT16H" } }] } }</example>
    public sealed record Request
    {
        /// <summary>Short name in addresses, unique.</summary>
        [Required,
            RegularExpression("^[a-z0-9]+(-[a-z0-9]+)*$", ErrorMessage = "lower-case letters, digits and single hyphens"),
            StringLength(60)]
        public required string Key { get; init; }

        /// <summary>What administrators write of it.</summary>
        [Required]
        public required ItemContent Content { get; init; }
    }

    public static void Map(IEndpointRouteBuilder items) => items.MapPost("", Handle)
        .WithName(nameof(CreateCatalogItem)).WithSummary("Adds an item, still a draft").Requires(Permissions.OfTickets.Configure)
        .Produces<CatalogItem>(StatusCodes.Status201Created);

    private static Task<IResult> Handle(
        Request request, Write write, AggregateStore<CatalogItem> items, ItemCheck check, CancellationToken ct) =>
        write.CreateAsync(
        items,
        async audit =>
            Guid.TryParse(request.Key, out _)
                ? throw new InvalidValueException("/key", FieldCode.WrongFormat,
                    $"key can't be {request.Key.Quoted}: it must not look like an id.")
                : CatalogItem.Create(Guid.CreateVersion7(audit.At), request.Key, request.Content,
                    await check.RequireAsync(request.Content, request.Key, "/content", ct)), ct);
}
