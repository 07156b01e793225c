using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;

namespace Itsm.Assets.UseCases;

/// <summary>Configuration items as lists, and one of them.</summary>
internal static class ReadConfigurationItems
{
    private static readonly ListDefinition Lists = new()
    {
        Filters =
        [
            Filter.Text("class"), Filter.OneOf<ConfigurationState>("state"), Filter.Person("owner"), Filter.Group("supportGroup"),
            Filter.Text("site"), Filter.Number("criticality", 1, 4), Filter.Text("name"), Filter.Instant("updatedAt"),
            Filter.Instant("seenAt"),
        ],
        Sorts = ["name", "updatedAt"], DefaultSort = "name", Expandable = ["owner", "supportGroup"],
        SortFields = new Dictionary<string, string> { ["seenAt"] = "seenAt" },
        Summary = ConfigurationItem.Definition.Fields.Except(["attributes", "sources", "seenBy", "mergedFrom", "description"]).ToHashSet(),
    };

    public static void Map(IEndpointRouteBuilder items)
    {
        items.MapGet("", (ListQuery list, AggregateStore<ConfigurationItem> store, CancellationToken ct) =>
                list.PageAsync(store, Lists, ct))
            .WithName("ListConfigurationItems").WithSummary("Lists configuration items").Requires(Permissions.ReadItems)
            .Lists<ConfigurationItem>(Lists);
        items.MapGet("{id}", (string id, Read read, AggregateStore<ConfigurationItem> store, CancellationToken ct) =>
                read.OneAsync(store, id, ct))
            .WithName("GetConfigurationItem").WithSummary("Reads a configuration item by id or number").Requires(Permissions.ReadItems)
            .Reads<ConfigurationItem>(Lists);
    }
}
