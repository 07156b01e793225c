using System.ComponentModel.DataAnnotations;
using Itsm.Directory.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;

namespace Itsm.Directory.UseCases;

/// <summary>Sites and their time zones.</summary>
internal static class ManageSites
{
    private static readonly ListDefinition Lists = new() { Filters = [], Sorts = ["key"], DefaultSort = "key" };

    /// <summary>A new site.</summary>
    /// <example>{ "key": "porto", "name": "Porto", "timeZone": "Europe/Lisbon", "calendar": "berlin-office" }</example>
    public sealed record CreateRequest
    {
        /// <summary>Short name, unique.</summary>
        [Required, StringLength(60),
            RegularExpression("^[a-z0-9]+(-[a-z0-9]+)*$", ErrorMessage = "lower-case letters, digits and single hyphens")]
        public required string Key { get; init; }

        /// <summary>Name shown to people.</summary>
        [Required, StringLength(120, MinimumLength = 2)]
        public required string Name { get; init; }

        /// <summary>IANA name: Europe/Berlin.</summary>
        [Required]
        public required string TimeZone { get; init; }

        /// <summary>Id or key of the calendar by which is worked there.</summary>
        public string? Calendar { get; init; }
    }

    /// <summary>Changes of a site; what is absent stays.</summary>
    /// <example>{ "name": "Porto, by the river" }</example>
    public sealed record EditRequest
    {
        /// <summary>Name shown to people.</summary>
        [StringLength(120, MinimumLength = 2)]
        public Optional<string> Name { get; init; }

        /// <summary>IANA name: Europe/Berlin.</summary>
        public Optional<string> TimeZone { get; init; }

        /// <summary>Id or key of the calendar by which is worked there.</summary>
        public Optional<string> Calendar { get; init; }
    }

    public static void Map(IEndpointRouteBuilder sites)
    {
        sites.MapGet("", (ListQuery list, AggregateStore<Site> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListSites").WithSummary("Lists sites").Requires(Permissions.Read).Lists<Site>(Lists);
        sites.MapGet("{id}", (string id, Read read, AggregateStore<Site> store, CancellationToken ct) => read.OneAsync(store, id, ct))
            .WithName("GetSite").WithSummary("Reads a site by id or key").Requires(Permissions.Read).Reads<Site>();
        sites.MapPost("", (CreateRequest request, Write write, AggregateStore<Site> store, DirectoryLookup lookup, CancellationToken ct) =>
                write.CreateAsync(store, async audit => Site.Create(
                    Guid.CreateVersion7(audit.At), request.Key, request.Name, request.TimeZone,
                    await lookup.CalendarAsync(request.Calendar, ct), audit), ct))
            .WithName("CreateSite").WithSummary("Adds a site").Requires(Permissions.Manage).Produces<Site>(StatusCodes.Status201Created);
        sites.MapPatch("{id}",
            (string id, EditRequest request, Write write, AggregateStore<Site> store, DirectoryLookup lookup, CancellationToken ct) =>
                write.ChangeAsync(store, id, "update", null, async (site, audit) => site.Describe(
                    request.Name.Or(site.Name, "/name"),
                    request.TimeZone.Or(site.TimeZone, "/timeZone"),
                    request.Calendar.IsPresent ? await lookup.CalendarAsync(request.Calendar.Value, ct) : site.Calendar, audit), ct))
            .WithName("EditSite").WithSummary("Renames a site, or gives it another time zone or calendar; its people follow")
            .Requires(Permissions.Manage).ChangesOne().Produces<Site>();
    }
}
