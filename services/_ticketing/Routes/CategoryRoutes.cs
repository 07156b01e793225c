using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Itsm.Ticketing.Routes;

/// <summary>The category tree and the priority matrix of a service.</summary>
public static class CategoryRoutes
{
    private static readonly ListDefinition Lists = new()
    {
        Filters = [Filter.Id("parent"), Filter.Flag("active")], Sorts = ["key"], DefaultSort = "key", Expandable = ["assignmentGroup"],
    };

    /// <summary>A new category.</summary>
    public sealed record CreateRequest
    {
        /// <summary>Short name in addresses, unique.</summary>
        [Required, RegularExpression("^[a-z0-9]+(-[a-z0-9]+)*$", ErrorMessage = "key is made of lower-case letters, digits and single hyphens."), StringLength(60)]
        public required string Key { get; init; }

        /// <summary>Name shown to people.</summary>
        [Required, StringLength(120, MinimumLength = 2)]
        public required string Name { get; init; }

        /// <summary>Id or key of the node above.</summary>
        public string? Parent { get; init; }

        /// <summary>Id or key of the group that new tickets go to.</summary>
        public string? AssignmentGroup { get; init; }
    }

    /// <summary>Changes of a category; what is absent stays.</summary>
    public sealed record EditRequest
    {
        /// <summary>Name shown to people.</summary>
        [StringLength(120, MinimumLength = 2)]
        public Optional<string> Name { get; init; }

        /// <summary>Id or key of the group that new tickets go to.</summary>
        public Optional<string> AssignmentGroup { get; init; }

        /// <summary>False retires it.</summary>
        public Optional<bool?> Active { get; init; }
    }

    /// <summary>A whole matrix.</summary>
    public sealed record MatrixRequest
    {
        /// <summary>Three rows (impact high, medium, low) of three priorities (urgency high, medium, low).</summary>
        [Required]
        public required IReadOnlyList<IReadOnlyList<int>> Rows { get; init; }

        /// <summary>Why.</summary>
        [StringLength(1000)]
        public string? Reason { get; init; }
    }

    extension(IEndpointRouteBuilder api)
    {
        /// <summary>Maps <c>categories</c>.</summary>
        public void MapCategories(Permission read, Permission configure)
        {
            var categories = api.MapGroup("categories").WithTags("Categories");
            categories.MapGet("", (ListQuery list, AggregateStore<Category> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
                .WithName("ListCategories").WithSummary("Lists the nodes of the category tree").Requires(read).Lists(Lists).Produces<Page<Category>>();
            categories.MapGet("{id}", (string id, Read reading, AggregateStore<Category> store, CancellationToken ct) => reading.OneAsync(store, id, ct))
                .WithName("GetCategory").WithSummary("Reads a category").Requires(read).Takes("fields").Produces<Category>();
            categories.MapPost("", (CreateRequest request, Write writing, Read reading, AggregateStore<Category> store, People people, CancellationToken ct) =>
                    writing.CreateAsync(store, async act => Category.Create(
                        Guid.CreateVersion7(act.At), request.Key, request.Name,
                        request.Parent is null ? null : AggregateStore<Category>.Load(await reading.FindAsync(store, request.Parent, ct)),
                        await people.RequireGroupIdAsync(request.AssignmentGroup, "/assignmentGroup", ct)), ct))
                .WithName("CreateCategory").WithSummary("Adds a node to the category tree").Requires(configure).Produces<Category>(StatusCodes.Status201Created);
            categories.MapPatch("{id}", (string id, EditRequest request, Write writing, AggregateStore<Category> store, People people, CancellationToken ct) =>
                    writing.ChangeAsync(store, id, "update", null, async (category, _) =>
                    {
                        if (request.Name.IsPresent)
                        {
                            category.Rename(request.Name.Value ?? throw new InvalidValueException("/name", "name can't be removed."));
                        }

                        if (request.AssignmentGroup.IsPresent)
                        {
                            category.Route(await people.RequireGroupIdAsync(request.AssignmentGroup.Value, "/assignmentGroup", ct));
                        }

                        if (request.Active.IsPresent)
                        {
                            category.SetActive(request.Active.Value ?? throw new InvalidValueException("/active", "active is true or false."));
                        }
                    }, ct))
                .WithName("EditCategory").WithSummary("Renames, routes or retires a category").Requires(configure).ChangesOne().Produces<Category>();
            categories.MapHistory<Category>(configure, "category");
        }

        /// <summary>Maps <c>priority-matrix</c>.</summary>
        public void MapPriorityMatrix(Permission read, Permission configure)
        {
            var id = PriorityMatrix.TheId.ToString();
            api.MapGet("priority-matrix", async (Read reading, AggregateStore<PriorityMatrix> store, CancellationToken ct) => await reading.OneAsync(store, id, ct))
                .WithTags("Priority matrix").WithName("GetPriorityMatrix").WithSummary("Reads which priority follows from impact and urgency").Requires(read).Takes("fields").Produces<PriorityMatrix>();
            api.MapPut("priority-matrix", (MatrixRequest request, Write writing, AggregateStore<PriorityMatrix> store, CancellationToken ct) =>
                    writing.ChangeAsync(store, id, "replace", request.Reason, (matrix, _) => matrix.Replace(request.Rows), ct))
                .WithTags("Priority matrix").WithName("ReplacePriorityMatrix").WithSummary("Replaces which priority follows from impact and urgency")
                .Requires(configure).ChangesOne().Produces<PriorityMatrix>();
        }
    }
}
