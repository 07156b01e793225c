using System.ComponentModel.DataAnnotations;
using Itsm.Directory.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;

namespace Itsm.Directory.UseCases;

/// <summary>Roles, and what they may do beyond or short of the services' defaults.</summary>
internal static class ManageRoles
{
    private static readonly ListDefinition Lists = new() { Filters = [], Sorts = ["key"], DefaultSort = "key" };

    /// <summary>A role of the organisation's own.</summary>
    /// <example>{ "key": "auditor", "name": "Auditor", "granted": ["incidents.read", "incidents.read-history"] }</example>
    public sealed record CreateRequest
    {
        /// <summary>Short name, unique.</summary>
        [Required, StringLength(60),
            RegularExpression("^[a-z0-9]+(-[a-z0-9]+)*$", ErrorMessage = "lower-case letters, digits and single hyphens")]
        public required string Key { get; init; }

        /// <summary>Name shown to people.</summary>
        [Required, StringLength(120, MinimumLength = 2)]
        public required string Name { get; init; }

        /// <summary>Permissions: incidents.read.</summary>
        [Required, MaxLength(200)]
        public required IReadOnlyList<string> Granted { get; init; }
    }

    /// <summary>Changes of a role; what is absent stays.</summary>
    /// <example>{ "granted": ["incidents.read"], "revoked": [] }</example>
    public sealed record EditRequest
    {
        /// <summary>Name shown to people.</summary>
        [StringLength(120, MinimumLength = 2)]
        public Optional<string> Name { get; init; }

        /// <summary>Permissions given in addition to the defaults.</summary>
        [MaxLength(200)]
        public Optional<IReadOnlyList<string>> Granted { get; init; }

        /// <summary>Default permissions taken away.</summary>
        [MaxLength(200)]
        public Optional<IReadOnlyList<string>> Revoked { get; init; }
    }

    public static void Map(IEndpointRouteBuilder roles)
    {
        roles.MapGet("", (ListQuery list, AggregateStore<Role> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListRoles").WithSummary("Lists roles").Requires(Permissions.Read).Lists<Role>(Lists);
        roles.MapGet("{id}", (string id, Read read, AggregateStore<Role> store, CancellationToken ct) => read.OneAsync(store, id, ct))
            .WithName("GetRole").WithSummary("Reads a role by id or key").Requires(Permissions.Read).Reads<Role>();
        roles.MapPost("", (CreateRequest request, Write write, AggregateStore<Role> store, CancellationToken ct) =>
                write.CreateAsync(store, _ => ValueTask.FromResult(Role.Create(request.Key, request.Name, request.Granted)), ct))
            .WithName("CreateRole").WithSummary("Adds a role").Requires(Permissions.Manage).Produces<Role>(StatusCodes.Status201Created);
        roles.MapPatch("{id}", (string id, EditRequest request, Write write, AggregateStore<Role> store, CancellationToken ct) =>
                write.ChangeAsync(store, id, "update", null, (role, _) =>
                {
                    role.Describe(
                        request.Name.Or(role.Name, "/name"),
                        request.Granted.Or(role.Granted) ?? [],
                        request.Revoked.Or(role.Revoked) ?? []);
                    return ValueTask.CompletedTask;
                }, ct, waitForDelivery: true))
            .WithName("EditRole").WithSummary("Changes what a role may do").Requires(Permissions.Manage).ChangesOne().Produces<Role>();
    }
}
