using System.ComponentModel.DataAnnotations;
using Itsm.Directory.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;

namespace Itsm.Directory.UseCases;

/// <summary>Sites and their time zones.</summary>
internal static class ManageSites
{
    private static readonly ListDefinition Lists = new() { Filters = [], Sorts = ["key"], DefaultSort = "key" };

    /// <summary>A new site.</summary>
    public sealed record CreateRequest
    {
        /// <summary>Short name, unique.</summary>
        [Required, StringLength(60), RegularExpression("^[a-z0-9]+(-[a-z0-9]+)*$", ErrorMessage = "key is made of lower-case letters, digits and single hyphens.")]
        public required string Key { get; init; }

        /// <summary>Name shown to people.</summary>
        [Required, StringLength(120, MinimumLength = 2)]
        public required string Name { get; init; }

        /// <summary>IANA name: Europe/Berlin.</summary>
        [Required]
        public required string TimeZone { get; init; }
    }

    public static void Map(IEndpointRouteBuilder sites)
    {
        sites.MapGet("", (ListQuery list, AggregateStore<Site> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListSites").WithSummary("Lists sites").Requires(Permissions.Read).Lists(Lists).Produces<Page<Site>>();
        sites.MapGet("{id}", (string id, Read read, AggregateStore<Site> store, CancellationToken ct) => read.OneAsync(store, id, ct))
            .WithName("GetSite").WithSummary("Reads a site by id or key").Requires(Permissions.Read).Takes("fields").Produces<Site>();
        sites.MapPost("", (CreateRequest request, Write write, AggregateStore<Site> store, CancellationToken ct) =>
                write.CreateAsync(store, act => ValueTask.FromResult(Site.Create(Guid.CreateVersion7(act.At), request.Key, request.Name, request.TimeZone)), ct))
            .WithName("CreateSite").WithSummary("Adds a site").Requires(Permissions.Manage).Produces<Site>(StatusCodes.Status201Created);
    }
}
