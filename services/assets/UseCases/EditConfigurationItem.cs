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

/// <summary>Changes by hand what a configuration item is.</summary>
internal static class EditConfigurationItem
{
    /// <summary>Changes of an item; what is absent stays.</summary>
    /// <example>{ "criticality": 1, "attributes": { "cores": 16, "hostname": null } }</example>
    public sealed record Request
    {
        /// <summary>Name shown to people.</summary>
        [StringLength(200, MinimumLength = 2)]
        public Optional<string> Name { get; init; }

        /// <summary>What it is for, in Markdown.</summary>
        [StringLength(32_000)]
        public Optional<string> Description { get; init; }

        /// <summary>Id or user name of who answers for it.</summary>
        public Optional<string> Owner { get; init; }

        /// <summary>Id or key of the group that looks after it.</summary>
        public Optional<string> SupportGroup { get; init; }

        /// <summary>How much stands and falls with it: 1 (most) to 4.</summary>
        [Range(1, 4)]
        public Optional<int?> Criticality { get; init; }

        /// <summary>Key of the site where it is.</summary>
        public Optional<string> Site { get; init; }

        /// <summary>Who may see it.</summary>
        public Optional<ItemVisibility?> Visibility { get; init; }

        /// <summary>Ids or keys of the groups that may see it where it is restricted.</summary>
        [MaxLength(100)]
        public Optional<IReadOnlyList<string>> VisibleTo { get; init; }

        /// <summary>What people say of its attributes; null takes back what they said. Where another source counts for more, its word
        /// stays the one that counts, and this stands among the sources.</summary>
        public IReadOnlyDictionary<string, JsonElement>? Attributes { get; init; }
    }

    public static void Map(IEndpointRouteBuilder items) => items.MapPatch("{id}", Handle)
        .WithName(nameof(EditConfigurationItem)).WithSummary("Changes a configuration item").Requires(Permissions.EditItems).ChangesOne()
        .Produces<ConfigurationItem>();

    private static Task<IResult> Handle(
        string id, Request request, Write write, AggregateStore<ConfigurationItem> items, ItemLookup lookup,
        AssetLookup places, ServiceReferences references, People people, CancellationToken ct) =>
        write.ChangeAsync(items, id, "update", null, async (item, audit) =>
        {
            var (now, named) = (item.Content, ServiceReferences.Of(item));
            item.Describe(now with
            {
                Name = request.Name.Or(now.Name, "/name"), Description = request.Description.Or(now.Description),
                Owner = request.Owner.IsPresent ? await people.RequirePersonIdAsync(request.Owner.Value, "/owner", ct) : now.Owner,
                SupportGroup = request.SupportGroup.IsPresent
                    ? await people.RequireGroupIdAsync(request.SupportGroup.Value, "/supportGroup", ct)
                    : now.SupportGroup,
                Criticality = request.Criticality.Or(now.Criticality),
                Site = request.Site.IsPresent ? await places.SiteAsync(request.Site.Value, "/site", ct) : now.Site,
                Visibility = request.Visibility.Or(now.Visibility, "/visibility")!.Value,
                VisibleTo = request.VisibleTo.IsPresent
                    ? await lookup.RequireGroupsAsync(request.VisibleTo.Value, "/visibleTo", ct)
                    : request.Visibility is { IsPresent: true, Value: not ItemVisibility.Restricted } ? [] : now.VisibleTo,
            });
            IReadOnlyList<FieldError> wrong =
            [
                .. item.Hear(Reporter.Person, request.Attributes ?? new Dictionary<string, JsonElement>(),
                    await lookup.RequireClassAsync(item.Class, "", ct), audit, whole: request.Attributes is not null),
                .. await references.ErrorsAsync(item, named, write.Caller, ct),
            ];
            if (wrong.Count > 0)
            {
                throw HttpProblemException.Invalid(wrong);
            }
        }, ct);
}
