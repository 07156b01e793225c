using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Assets.UseCases;

/// <summary>Adds a configuration item by hand.</summary>
internal static class AddConfigurationItem
{
    /// <summary>A new item.</summary>
    /// <example>{ "class": "server", "key": "web-01", "name": "First web server", "owner": "agent1", "supportGroup": "network", "criticality": 2,
    /// "attributes": { "hostname": "web-01.example.org", "cores": 8 } }</example>
    public sealed record Request
    {
        /// <summary>Id or key of its class.</summary>
        [Required, StringLength(60, MinimumLength = 1)]
        public required string Class { get; init; }

        /// <summary>Short name in addresses, unique; it stays.</summary>
        [StringLength(60, MinimumLength = 2),
            RegularExpression("^(?!ci[0-9])[a-z][a-z0-9]*(-[a-z0-9]+)*$",
                ErrorMessage = "lower-case letters, digits and single hyphens, no number of an item")]
        public string? Key { get; init; }

        /// <summary>Name shown to people.</summary>
        [Required, StringLength(200, MinimumLength = 2)]
        public required string Name { get; init; }

        /// <summary>What it is for, in Markdown.</summary>
        [StringLength(32_000)]
        public string? Description { get; init; }

        /// <summary>True for what is to be; it is in use where left out.</summary>
        public bool Planned { get; init; }

        /// <summary>Id or user name of who answers for it.</summary>
        public string? Owner { get; init; }

        /// <summary>Id or key of the group that looks after it.</summary>
        public string? SupportGroup { get; init; }

        /// <summary>How much stands and falls with it: 1 (most) to 4.</summary>
        [Range(1, 4)]
        public int? Criticality { get; init; }

        /// <summary>Key of the site where it is.</summary>
        public string? Site { get; init; }

        /// <summary>Who may see it; as its class says where left out.</summary>
        public ItemVisibility? Visibility { get; init; }

        /// <summary>Ids or keys of the groups that may see it where it is restricted.</summary>
        [MaxLength(100)]
        public IReadOnlyList<string>? VisibleTo { get; init; }

        /// <summary>Its attributes, as its class describes them.</summary>
        public IReadOnlyDictionary<string, JsonElement>? Attributes { get; init; }
    }

    public static void Map(IEndpointRouteBuilder items) => items.MapPost("", Handle)
        .WithName(nameof(AddConfigurationItem)).WithSummary("Adds a configuration item").Requires(Permissions.EditItems)
        .Produces<ConfigurationItem>(StatusCodes.Status201Created);

    private static Task<IResult> Handle(
        Request request, Write write, AggregateStore<ConfigurationItem> items, NumberSeries<ConfigurationItem> numbers, ItemLookup lookup,
        AssetLookup places, ServiceReferences references, People people, CancellationToken ct) =>
        write.CreateAsync(items, async audit =>
        {
            var of = await lookup.RequireClassAsync(request.Class, "/class", ct);
            var description = new ItemDescription
            {
                Name = request.Name, Description = request.Description, Planned = request.Planned,
                Owner = await people.RequirePersonIdAsync(request.Owner, "/owner", ct),
                SupportGroup = await people.RequireGroupIdAsync(request.SupportGroup, "/supportGroup", ct),
                Criticality = request.Criticality, Site = await places.SiteAsync(request.Site, "/site", ct),
                Visibility = request.Visibility ?? of.Visibility,
                VisibleTo = await lookup.RequireGroupsAsync(request.VisibleTo, "/visibleTo", ct),
            };
            var item = ConfigurationItem.Create(Guid.CreateVersion7(audit.At), await numbers.NextAsync(ct), request.Key, of,
                description, audit);
            IReadOnlyList<FieldError> wrong =
            [
                .. item.Hear(Reporter.Person, request.Attributes ?? new Dictionary<string, JsonElement>(), of, audit),
                .. await references.ErrorsAsync(item, [], write.Caller, ct),
            ];
            return wrong.Count == 0 ? item : throw HttpProblemException.Invalid(wrong);
        }, ct);
}
