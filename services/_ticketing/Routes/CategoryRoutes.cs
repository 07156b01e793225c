using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Itsm.Ticketing.Routes;

/// <summary>The category tree and the priority matrix of a service.</summary>
public static class CategoryRoutes
{
    /// <summary>A new category.</summary>
    /// <example>{ "key": "monitors", "name": "Monitors", "assignmentGroup": "service-desk" }</example>
    public sealed record CreateRequest
    {
        /// <summary>Short name in addresses, unique.</summary>
        [Required,
            RegularExpression("^[a-z0-9]+(-[a-z0-9]+)*$", ErrorMessage = "lower-case letters, digits and single hyphens"),
            StringLength(60)]
        public required string Key { get; init; }

        /// <summary>Name shown to people.</summary>
        [Required, StringLength(120, MinimumLength = 2)]
        public required string Name { get; init; }

        /// <summary>Id or key of the node above.</summary>
        public string? Parent { get; init; }

        /// <summary>Id or key of the group that new tickets go to.</summary>
        public string? AssignmentGroup { get; init; }

        /// <summary>True to make what comes into it, and into the nodes below it, confidential.</summary>
        public bool Confidential { get; init; }
    }

    /// <summary>Changes of a category; what is absent stays.</summary>
    /// <example>{ "name": "Screens", "active": true }</example>
    public sealed record EditRequest
    {
        /// <summary>Name shown to people.</summary>
        [StringLength(120, MinimumLength = 2)]
        public Optional<string> Name { get; init; }

        /// <summary>Id or key of the group that new tickets go to.</summary>
        public Optional<string> AssignmentGroup { get; init; }

        /// <summary>True to make what comes into it, and into the nodes below it, confidential; what is there already stays as it
        /// is.</summary>
        public Optional<bool?> Confidential { get; init; }

        /// <summary>False retires it.</summary>
        public Optional<bool?> Active { get; init; }
    }

    /// <summary>A whole matrix.</summary>
    /// <example>{ "rows": [[1, 2, 3], [2, 3, 4], [3, 4, 5]], "reason": "The usual one again." }</example>
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
        /// <summary>Maps <c>categories</c> of this type.</summary>
        public void MapCategories<T>(Permission read, Permission configure)
            where T : Aggregate
        {
            var name = typeof(T).Name;
            var lists = new ListDefinition
            {
                Filters = [Filter.Thing<Category<T>>("parent"), Filter.Flag("active")], Sorts = ["key"], DefaultSort = "key",
                Expandable = ["assignmentGroup"],
            };
            var categories = api.MapGroup("categories").WithTags("Categories");
            categories.MapGet("", (ListQuery list, AggregateStore<Category<T>> store, CancellationToken ct) =>
                list.PageAsync(store, lists, ct))
                .WithName($"List{name}Categories").WithSummary("Lists the nodes of the category tree").Requires(read)
                .Lists<Category<T>>(lists);
            categories.MapGet("{id}", (string id, Read reading, AggregateStore<Category<T>> store, CancellationToken ct) =>
                reading.OneAsync(store, id, ct))
                .WithName($"Get{name}Category").WithSummary("Reads a category").Requires(read).Reads<Category<T>>(lists);
            categories.MapPost("",
                (CreateRequest request, Write writing, AggregateStore<Category<T>> store, People people, CancellationToken ct) =>
                    writing.CreateAsync(store, async audit =>
                    {
                        var category = Category<T>.Create(Guid.CreateVersion7(audit.At), request.Key, request.Name,
                            request.Parent is null
                                ? null
                                : AggregateStore<Category<T>>.Load(await store.FindDocumentAsync(request.Parent, ct)
                                    ?? throw new InvalidValueException("/parent", FieldCode.NotFound,
                                        $"No category {request.Parent.Quoted} is known.")),
                            await people.RequireGroupIdAsync(request.AssignmentGroup, "/assignmentGroup", ct));
                        category.Seclude(request.Confidential);
                        return category;
                    }, ct))
                .WithName($"Create{name}Category").WithSummary("Adds a node to the category tree").Requires(configure)
                .Produces<Category<T>>(StatusCodes.Status201Created);
            categories.MapPatch("{id}",
                (string id, EditRequest request, Write writing, AggregateStore<Category<T>> store, People people,
                    CancellationToken ct) =>
                    writing.ChangeAsync(store, id, "update", null, async (category, _) =>
                    {
                        category.Rename(request.Name.Or(category.Name, "/name"));
                        if (request.AssignmentGroup.IsPresent)
                        {
                            category.Route(await people.RequireGroupIdAsync(request.AssignmentGroup.Value, "/assignmentGroup", ct));
                        }

                        category.Seclude(request.Confidential.Or(category.Confidential, "/confidential")!.Value);
                        category.SetActive(request.Active.Or(category.Active, "/active")!.Value);
                    }, ct))
                .WithName($"Edit{name}Category").WithSummary("Renames, routes or retires a category").Requires(configure).ChangesOne()
                .Produces<Category<T>>();
            categories.MapHistory<Category<T>>(configure, "category", $"{name}Category");
        }

        /// <summary>Maps <c>priority-matrix</c>.</summary>
        public void MapPriorityMatrix<TTicket>(Permission read, Permission configure)
            where TTicket : Ticket
        {
            var id = PriorityMatrix.TheId.ToString();
            api.MapGet("priority-matrix", async (Read reading, AggregateStore<PriorityMatrix<TTicket>> store, CancellationToken ct) =>
                await reading.OneAsync(store, id, ct))
                .WithTags("Priority matrix").WithName($"Get{typeof(TTicket).Name}PriorityMatrix").WithSummary("Reads which priority "
                    + "follows from impact and urgency").Requires(read).Reads<PriorityMatrix<TTicket>>();
            api.MapPut("priority-matrix",
                (MatrixRequest request, Write writing, AggregateStore<PriorityMatrix<TTicket>> store, CancellationToken ct) =>
                    writing.ChangeAsync(store, id, "replace", request.Reason, (matrix, _) => matrix.Replace(request.Rows), ct))
                .WithTags("Priority matrix").WithName($"Replace{typeof(TTicket).Name}PriorityMatrix")
                .WithSummary("Replaces which priority follows from impact and urgency")
                .Requires(configure).ChangesOne().Produces<PriorityMatrix<TTicket>>();
        }
    }
}
