using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.Requests.Domain;

/// <summary>A catalog item as it was published; never changed. A document of its own, so that an order reads one edition and not all. It is
/// written before the item that names it: one that no item names was never published.</summary>
public sealed class CatalogEdition : Aggregate
{
    /// <summary>The item.</summary>
    public Guid Item { get; private init; }

    /// <summary>1 for the first.</summary>
    public int Number { get; private init; }

    /// <summary>When it was published.</summary>
    public DateTimeOffset PublishedAt { get; private init; }

    /// <summary>Who published it.</summary>
    public Contracts.Actor PublishedBy { get; private init; } = null!;

    /// <summary>As it was then.</summary>
    public required ItemContent Content { get; init; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<CatalogEdition> Definition { get; } = new("catalog-editions", null)
    {
        Noun = "edition",
    };

    /// <summary>The draft of an item as its next edition. Who may read it follows from the item. The item's version tells it from editions
    /// of other drafts that were about to be published.</summary>
    internal static CatalogEdition Of(CatalogItem item, AuditContext audit) => new()
    {
        Id = DerivedId.From("catalog-edition", item.Id.ToString(),
            item.Version.ToString(System.Globalization.CultureInfo.InvariantCulture)), Item = item.Id, Number = item.Edition + 1,
        PublishedAt = audit.At, PublishedBy = audit.By, Content = item.Draft, Readers = [ReaderToken.Everyone],
    };
}
