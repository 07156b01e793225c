using System.ComponentModel.DataAnnotations;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;

namespace Itsm.Assets.UseCases;

/// <summary>Relates a configuration item to others, and takes that back.</summary>
internal static class RelateConfigurationItems
{
    /// <summary>A relation of the item to another.</summary>
    /// <example>{ "type": "depends-on", "target": "CI0001001", "alternatives": "web servers", "needs": 1 }</example>
    public sealed record Request
    {
        /// <summary>Id or key of its type.</summary>
        [Required, StringLength(60, MinimumLength = 1)]
        public required string Type { get; init; }

        /// <summary>Id or number of the other item.</summary>
        [Required, StringLength(60, MinimumLength = 1)]
        public required string Target { get; init; }

        /// <summary>Name of those of the item's relations that stand in for each other; it stands alone where left out.</summary>
        [StringLength(60, MinimumLength = 1)]
        public string? Alternatives { get; init; }

        /// <summary>How many of the alternatives must work.</summary>
        [Range(1, 1_000)]
        public int? Needs { get; init; }
    }

    /// <summary>All relations of the item to others that the caller may see.</summary>
    /// <example>{ "relations": [{ "type": "depends-on", "target": "CI0001001" }] }</example>
    public sealed record ReplaceRequest
    {
        /// <summary>What is not among them ends.</summary>
        [Required, MaxLength(1_000)]
        public required IReadOnlyList<Request> Relations { get; init; }
    }

    public static void Map(IEndpointRouteBuilder items)
    {
        items.MapPost("{id}/relations", (string id, Request request, Write write, Relating relating, CancellationToken ct) =>
                relating.RelateAsync(write, id, [Name(request, "")], (item, visible, named) =>
                    visible.Any(one => one.Type == named[0].Type && one.Target == named[0].Target)
                        ? throw new RuleViolationException("configuration-item.related",
                            $"{item.Number} has a relation of type {named[0].Type} to that item already.")
                        : [.. visible, named[0]], ct))
            .WithName("RelateConfigurationItem").WithSummary("Relates a configuration item to another").Requires(Permissions.EditItems)
            .ChangesOne().Produces<ConfigurationItem>();
        items.MapPut("{id}/relations", (string id, ReplaceRequest request, Write write, Relating relating, CancellationToken ct) =>
                relating.RelateAsync(write, id, [.. request.Relations.Select((one, index) => Name(one, $"/relations/{index}"))],
                    (_, _, named) => named, ct))
            .WithName("ReplaceConfigurationItemRelations")
            .WithSummary("Replaces the relations of a configuration item to others that the caller may see")
            .Requires(Permissions.EditItems).ChangesOne().Produces<ConfigurationItem>();
        items.MapDelete("{id}/relations/{type}/{target}",
            async (string id, string type, string target, Write write, Relating relating, AggregateStore<ConfigurationItem> store,
                CancellationToken ct) =>
            {
                var other = (await store.RecallAsync(target, ct))?.Id;
                return await relating.RelateAsync(write, id, [], (_, visible, _) =>
                {
                    var left = visible.Where(one => one.Type != type || one.Target != other).ToList();
                    return left.Count < visible.Count
                        ? left
                        : throw HttpProblemException.NotFound("relation", $"{type}/{target}");
                }, ct);
            })
            .WithName("EndConfigurationItemRelation")
            .WithSummary("Ends a relation of a configuration item, by its type and the id, number or key of the other")
            .Requires(Permissions.EditItems).ChangesOne().Produces<ConfigurationItem>();
    }

    private static NamedRelation Name(Request request, string pointer) =>
        new(pointer, request.Type, request.Target, request.Alternatives, request.Needs);
}
