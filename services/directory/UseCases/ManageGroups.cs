using System.ComponentModel.DataAnnotations;
using Itsm.Directory.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;

namespace Itsm.Directory.UseCases;

/// <summary>Groups and their members.</summary>
internal static class ManageGroups
{
    private static readonly ListDefinition Lists = new()
    {
        Filters = [Filter.Flag("active"), Filter.Person("member", "members")], Sorts = ["key", "name"], DefaultSort = "key",
        Expandable = ["manager", "members"],
    };

    /// <summary>A new group.</summary>
    /// <example>{ "key": "databases", "name": "Databases", "manager": "manager1", "members": ["agent1", "agent2"],
    /// "calendar": "berlin-office" }</example>
    public sealed record CreateRequest
    {
        /// <summary>Short name in addresses, unique.</summary>
        [Required, StringLength(60),
            RegularExpression("^[a-z0-9]+(-[a-z0-9]+)*$", ErrorMessage = "lower-case letters, digits and single hyphens")]
        public required string Key { get; init; }

        /// <summary>Name shown to people.</summary>
        [Required, StringLength(120, MinimumLength = 2)]
        public required string Name { get; init; }

        /// <summary>Id or user name of the person who manages it.</summary>
        public string? Manager { get; init; }

        /// <summary>Ids or user names of its members.</summary>
        [MaxLength(1000)]
        public IReadOnlyList<string>? Members { get; init; }

        /// <summary>Id or key of the calendar by which it works.</summary>
        public string? Calendar { get; init; }
    }

    /// <summary>Changes of a group; what is absent stays.</summary>
    /// <example>{ "name": "Databases and storage", "manager": "manager1" }</example>
    public sealed record EditRequest
    {
        /// <summary>Name shown to people.</summary>
        [StringLength(120, MinimumLength = 2)]
        public Optional<string> Name { get; init; }

        /// <summary>Id or user name of the person who manages it.</summary>
        public Optional<string> Manager { get; init; }

        /// <summary>Id or key of the calendar by which it works.</summary>
        public Optional<string> Calendar { get; init; }

        /// <summary>False retires it.</summary>
        public Optional<bool?> Active { get; init; }
    }

    /// <summary>People to take in or let go.</summary>
    /// <example>{ "people": ["agent1"] }</example>
    public sealed record MembersRequest
    {
        /// <summary>Ids or user names.</summary>
        [Required, MinLength(1), MaxLength(1000)]
        public required IReadOnlyList<string> People { get; init; }
    }

    public static void Map(IEndpointRouteBuilder groups)
    {
        groups.MapGet("", (ListQuery list, AggregateStore<Group> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListGroups").WithSummary("Lists groups").Requires(Permissions.Read).Lists<Group>(Lists);
        groups.MapGet("{id}", (string id, Read read, AggregateStore<Group> store, CancellationToken ct) => read.OneAsync(store, id, ct))
            .WithName("GetGroup").WithSummary("Reads a group by id or key").Requires(Permissions.Read).Reads<Group>(Lists);
        groups.MapPost("", Create).WithName("CreateGroup").WithSummary("Adds a group").Requires(Permissions.Manage)
            .Produces<Group>(StatusCodes.Status201Created);
        groups.MapPatch("{id}", Edit).WithName("EditGroup").WithSummary("Renames or retires a group, or gives it another manager or "
            + "calendar").Requires(Permissions.Manage).ChangesOne().Produces<Group>();
        groups.MapPost("{id}/add-members",
            (string id, MembersRequest request, Write write, AggregateStore<Group> store, DirectoryLookup lookup, CancellationToken ct) =>
                write.ChangeAsync(store, id, "add-members", null,
                    async (group, _) => group.Add(await lookup.PeopleAsync(request.People, "/people", ct)), ct, waitForDelivery: true))
            .WithName("AddGroupMembers").WithSummary("Takes people into a group").Requires(Permissions.Manage).ChangesOne()
            .Produces<Group>();
        groups.MapPost("{id}/remove-members",
            (string id, MembersRequest request, Write write, AggregateStore<Group> store, DirectoryLookup lookup, CancellationToken ct) =>
                write.ChangeAsync(store, id, "remove-members", null,
                    async (group, _) => group.Remove(await lookup.PeopleAsync(request.People, "/people", ct)), ct, waitForDelivery: true))
            .WithName("RemoveGroupMembers").WithSummary("Lets people of a group go").Requires(Permissions.Manage).ChangesOne()
            .Produces<Group>();
    }

    private static Task<IResult> Create(
        CreateRequest request, Write write, AggregateStore<Group> store, DirectoryLookup lookup, CancellationToken ct) =>
        write.CreateAsync(store, async audit => Group.Create(
            Guid.CreateVersion7(audit.At), request.Key, request.Name, await lookup.PersonAsync(request.Manager, "/manager", ct),
            await lookup.PeopleAsync(request.Members ?? [], "/members", ct), await lookup.CalendarAsync(request.Calendar, ct)), ct);

    private static Task<IResult> Edit(
        string id, EditRequest request, Write write, AggregateStore<Group> store, DirectoryLookup lookup, CancellationToken ct) =>
        write.ChangeAsync(store, id, "update", null, async (group, _) => group.Describe(
            request.Name.Or(group.Name, "/name"),
            request.Manager.IsPresent ? await lookup.PersonAsync(request.Manager.Value, "/manager", ct) : group.Manager,
            request.Calendar.IsPresent ? await lookup.CalendarAsync(request.Calendar.Value, ct) : group.Calendar,
            request.Active.Or(group.Active, "/active")!.Value), ct, waitForDelivery: true);
}
