using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Ticketing;

namespace Itsm.Requests.UseCases;

/// <summary>Lists and reads the catalog: what can be ordered, and what administrators keep of it.</summary>
internal static class ReadCatalog
{
    private static readonly ListDefinition Lists = new()
    {
        Filters = [Filter.OneOf<ItemState>("state"), Filter.Thing<Category<ServiceRequest>>("category")], Sorts = ["key", "name"],
        DefaultSort = "key", Expandable = ["owner"],
        Expanders = [TicketExpanders.Category<ServiceRequest>()],
        Summary = new HashSet<string>
        {
            "key", "version", "state", "edition", "name", "description", "category", "kind", "expectedDelivery", "cost", "owner",
        },
    };

    public static void Map(IEndpointRouteBuilder items)
    {
        items.MapGet("", (ListQuery list, AggregateStore<CatalogItem> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListCatalogItems").WithSummary("Lists what the caller may order; administrators also see drafts and what is retired")
            .Requires(Permissions.OfTickets.Read).Lists<CatalogItem>(Lists);
        items.MapGet("{id}", (string id, Read read, AggregateStore<CatalogItem> store, CancellationToken ct) =>
            read.OneAsync(store, id, ct))
            .WithName("GetCatalogItem").WithSummary("Reads an item with its form").Requires(Permissions.OfTickets.Read)
            .Reads<CatalogItem>(Lists);
        items.MapGet("{id}/draft", async (string id, Read read, AggregateStore<CatalogItem> store, CancellationToken ct) =>
            AggregateStore<CatalogItem>.Load(await read.FindAsync(store, id, ct)).Draft)
            .WithName("GetCatalogItemDraft").WithSummary("Reads what administrators work on: form, policy, plan and all")
            .Requires(Permissions.OfTickets.Configure).Produces<ItemContent>();
        items.MapGet("{id}/editions/{number:int}",
            async (string id, int number, Read read, AggregateStore<CatalogItem> store, AggregateStore<CatalogEdition> editions,
                CancellationToken ct) =>
                AggregateStore<CatalogItem>.Load(await read.FindAsync(store, id, ct)).Editions.ElementAtOrDefault(number - 1) is var edition
                    && edition != Guid.Empty
                    ? await read.OneAsync(editions, edition.ToString(), ct)
                    : throw HttpProblemException.NotFound("edition", number.ToString(System.Globalization.CultureInfo.InvariantCulture)))
            .WithName("GetCatalogItemEdition").WithSummary("Reads an edition as it was published").Requires(Permissions.OfTickets.Configure)
            .Produces<CatalogEdition>().Tagged();
    }
}
