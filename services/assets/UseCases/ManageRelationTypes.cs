using System.ComponentModel.DataAnnotations;
using Itsm.Assets.Domain;
using Itsm.Contracts.Assets;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;

namespace Itsm.Assets.UseCases;

/// <summary>Types of relations between configuration items.</summary>
internal static class ManageRelationTypes
{
    private static readonly ListDefinition Lists = new() { Filters = [], Sorts = ["key"], DefaultSort = "key" };

    /// <summary>A new type.</summary>
    /// <example>{ "key": "licensed-by", "name": "is licensed by", "inverseName": "licenses", "impact": "onSource",
    /// "sourceClasses": ["application"], "mostTargets": 1 }</example>
    public sealed record CreateRequest
    {
        /// <summary>Short name, unique.</summary>
        [Required, StringLength(60),
            RegularExpression("^[a-z0-9]+(-[a-z0-9]+)*$", ErrorMessage = "lower-case letters, digits and single hyphens")]
        public required string Key { get; init; }

        /// <summary>As read from the source.</summary>
        [Required, StringLength(60, MinimumLength = 2)]
        public required string Name { get; init; }

        /// <summary>As read from the target.</summary>
        [Required, StringLength(60, MinimumLength = 2)]
        public required string InverseName { get; init; }

        /// <summary>Which end suffers when the other fails.</summary>
        public required RelationImpact Impact { get; init; }

        /// <summary>True where no item may be related to itself, be it through others.</summary>
        public bool Acyclic { get; init; }

        /// <summary>Keys of the classes that a source may have; all where left out.</summary>
        [MaxLength(100)]
        public IReadOnlyList<string>? SourceClasses { get; init; }

        /// <summary>Keys of the classes that a target may have; all where left out.</summary>
        [MaxLength(100)]
        public IReadOnlyList<string>? TargetClasses { get; init; }

        /// <summary>How many targets of this type an item has at most.</summary>
        [Range(1, 1_000)]
        public int? MostTargets { get; init; }

        /// <summary>How many sources of this type an item has at most.</summary>
        [Range(1, 1_000)]
        public int? MostSources { get; init; }
    }

    /// <summary>Changes of a type; what is absent stays, and so do relations that are there.</summary>
    /// <example>{ "name": "stands on", "targetClasses": ["server", "virtual-machine"] }</example>
    public sealed record EditRequest
    {
        /// <summary>As read from the source.</summary>
        [StringLength(60, MinimumLength = 2)]
        public Optional<string> Name { get; init; }

        /// <summary>As read from the target.</summary>
        [StringLength(60, MinimumLength = 2)]
        public Optional<string> InverseName { get; init; }

        /// <summary>Keys of the classes that a source may have; null for all.</summary>
        [MaxLength(100)]
        public Optional<IReadOnlyList<string>> SourceClasses { get; init; }

        /// <summary>Keys of the classes that a target may have; null for all.</summary>
        [MaxLength(100)]
        public Optional<IReadOnlyList<string>> TargetClasses { get; init; }

        /// <summary>How many targets of this type an item has at most; null for any number.</summary>
        [Range(1, 1_000)]
        public Optional<int?> MostTargets { get; init; }

        /// <summary>How many sources of this type an item has at most; null for any number.</summary>
        [Range(1, 1_000)]
        public Optional<int?> MostSources { get; init; }
    }

    public static void Map(IEndpointRouteBuilder types)
    {
        types.MapGet("", (ListQuery list, AggregateStore<RelationType> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListRelationTypes").WithSummary("Lists types of relations").Requires(Permissions.ReadItems)
            .Lists<RelationType>(Lists);
        types.MapGet("{id}", (string id, Read read, AggregateStore<RelationType> store, CancellationToken ct) =>
                read.OneAsync(store, id, ct))
            .WithName("GetRelationType").WithSummary("Reads a type of relations by id or key").Requires(Permissions.ReadItems)
            .Reads<RelationType>();
        types.MapPost("",
            (CreateRequest request, Write write, AggregateStore<RelationType> store, ItemLookup lookup, CancellationToken ct) =>
                write.CreateAsync(store, async audit => RelationType.Create(
                    Guid.CreateVersion7(audit.At), request.Key, request.Impact, request.Acyclic,
                    new(request.Name, request.InverseName, await ClassesAsync(lookup, request.SourceClasses, "/sourceClasses", ct),
                        await ClassesAsync(lookup, request.TargetClasses, "/targetClasses", ct), request.MostTargets,
                        request.MostSources)), ct))
            .WithName("CreateRelationType").WithSummary("Adds a type of relations").Requires(Permissions.DefineClasses)
            .Produces<RelationType>(StatusCodes.Status201Created);
        types.MapPatch("{id}",
            (string id, EditRequest request, Write write, AggregateStore<RelationType> store, ItemLookup lookup, CancellationToken ct) =>
                write.ChangeAsync(store, id, "update", null, async (type, _) => type.Describe(new(
                    request.Name.Or(type.Name, "/name"), request.InverseName.Or(type.InverseName, "/inverseName"),
                    await ClassesAsync(lookup, request.SourceClasses.Or(type.SourceClasses), "/sourceClasses", ct),
                    await ClassesAsync(lookup, request.TargetClasses.Or(type.TargetClasses), "/targetClasses", ct),
                    request.MostTargets.Or(type.MostTargets), request.MostSources.Or(type.MostSources))), ct))
            .WithName("EditRelationType").WithSummary("Changes a type of relations; relations that are there stay")
            .Requires(Permissions.DefineClasses).ChangesOne().Produces<RelationType>();
    }

    private static async ValueTask<IReadOnlyList<string>> ClassesAsync(
        ItemLookup lookup, IReadOnlyList<string>? keys, string pointer, CancellationToken ct)
    {
        var known = new List<string>();
        foreach (var (index, key) in (keys ?? []).Index())
        {
            known.Add((await lookup.RequireClassAsync(key, $"{pointer}/{index}", ct)).Key);
        }

        return [.. known.Distinct()];
    }
}
