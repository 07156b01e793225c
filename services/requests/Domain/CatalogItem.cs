using Itsm.Contracts.Requests;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;
using Itsm.Ticketing;
using Itsm.Ticketing.Forms;

namespace Itsm.Requests.Domain;

/// <summary>Something that people can order. What administrators write is a draft until it is published as the next edition; orders keep
/// the edition that they were made of.</summary>
public sealed class CatalogItem : Aggregate
{
    /// <summary>Short name in addresses, lower case, unique; works as an id.</summary>
    public required string Key { get; init; }

    /// <summary>Where it stands.</summary>
    public ItemState State { get; private set; }

    /// <summary>Number of the published edition; 0 where none was published yet.</summary>
    public int Edition { get; private set; }

    /// <summary>Name shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>What one gets.</summary>
    [UnusedByActions]
    public string? Description { get; private set; }

    /// <summary>Its node in the catalog's tree.</summary>
    public Guid? Category { get; private set; }

    /// <summary>What kind of item it is.</summary>
    public ItemKind Kind { get; private set; }

    /// <summary>The questions to whoever orders it.</summary>
    [UnusedByActions]
    public Form Form { get; private set; } = Form.Empty;

    /// <summary>Working time until it should be there.</summary>
    public TimeSpan? ExpectedDelivery { get; private set; }

    /// <summary>What it costs.</summary>
    [UnusedByActions]
    public Cost? Cost { get; private set; }

    /// <summary>Who owns the service.</summary>
    public Guid? Owner { get; private set; }

    /// <summary>The group that looks after requests of it; that of its category where null.</summary>
    public Guid? AssignmentGroup { get; private set; }

    /// <summary>What administrators work on; the published edition where nothing was changed since.</summary>
    [Hidden, UnusedByActions]
    public required ItemContent Draft { get; set; }

    /// <summary>The content of the newest edition; null where none was published yet.</summary>
    [Hidden, Unaudited, UnusedByActions]
    public ItemContent? Current { get; private set; }

    /// <summary>Ids of all editions, oldest first.</summary>
    [Hidden, UnusedByActions]
    [AtMost(5_000)]
    public IReadOnlyList<Guid> Editions { get; private set; } = [];

    /// <summary>The content that orders are made of; null where none may be made.</summary>
    internal ItemContent? Published => State == ItemState.Published ? Current : null;

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<CatalogItem> Definition { get; } = new("catalog-items", "key",
        new IndexDefinition("readers", "key"), new("readers", "name"), new("category", "key"), new("state", "key"))
    {
        Noun = "catalog item", Normalize = key => key.ToLowerInvariant(),
    };

    /// <summary>The questions, with their formats, that an item of a kind must have.</summary>
    public static IReadOnlyList<(string Key, string Format)> QuestionsOf(ItemKind kind) => kind switch
    {
        ItemKind.Onboarding => [("person", "person"), ("startDate", "date")],
        ItemKind.Offboarding => [("person", "person"), ("lastDay", "date")],
        _ => [],
    };

    /// <summary>A new item, still a draft.</summary>
    public static CatalogItem Create(Guid id, string key, ItemContent content, ItemLinks links)
    {
        var item = new CatalogItem { Id = id, Key = key, Draft = content };
        item.Show(content, links);
        return item;
    }

    /// <summary>Writes another draft; what is published stays until that is published.</summary>
    public void Rewrite(ItemContent content, ItemLinks links)
    {
        RequireNotRetired();
        Draft = content;
        if (State == ItemState.Draft)
        {
            Show(content, links);
        }
    }

    /// <summary>Publishes the draft as the next edition: new orders are made of it. The edition is to be stored before the item.</summary>
    public CatalogEdition Publish(ItemLinks links, AuditContext audit)
    {
        RequireNotRetired();
        if (Current is not null && BsonMapping.ToBytes(Current).AsSpan().SequenceEqual(BsonMapping.ToBytes(Draft)))
        {
            throw new RuleViolationException("item.unchanged", $"Nothing was changed since edition {Edition} of {Key} was published.");
        }

        var edition = CatalogEdition.Of(this, audit);
        (State, Edition, Current, Editions) = (ItemState.Published, edition.Number, Draft, [.. Editions, edition.Id]);
        Show(Draft, links);
        return edition;
    }

    /// <summary>Takes it out of the catalog; requests under way go on.</summary>
    public void Retire()
    {
        RequireNotRetired();
        State = ItemState.Retired;
        Readers = Keepers();
    }

    /// <summary>The message of this version.</summary>
    public CatalogItemChanged Snapshot() => new()
    {
        Id = Id, Version = Version, Key = Key, Name = Name, Description = Description, Category = Category,
        State = State.ToString().ToLowerInvariant(), Edition = Edition, Owner = Owner, Readers = Readers,
    };

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed) => Raise(Snapshot());

    /// <inheritdoc/>
    protected override IEnumerable<ActionState> Actions(Caller caller)
    {
        var closed = State == ItemState.Retired ? (Sentence)$"{Key} is retired." : null;
        return [new("publish", Permissions.OfTickets.Configure.Name, closed), new("retire", Permissions.OfTickets.Configure.Name, closed)];
    }

    private void Show(ItemContent content, ItemLinks links)
    {
        (Name, Description, Category, Kind, Form) = (content.Name, content.Description, links.Category, content.Kind, content.Form);
        (ExpectedDelivery, Cost, Owner) = (content.ExpectedDelivery, content.Cost, links.Owner);
        AssignmentGroup = links.AssignmentGroup;
        Readers = State == ItemState.Published ? [.. links.Audience.Concat(Keepers()).Distinct()] : Keepers();
    }

    private List<string> Keepers() =>
        [ReaderToken.Role(KnownRoles.Administrator), .. Owner is { } owner ? new[] { ReaderToken.Person(owner) } : []];

    private void RequireNotRetired()
    {
        if (State == ItemState.Retired)
        {
            throw new RuleViolationException("item.retired", $"{Key} is retired.");
        }
    }
}

/// <summary>Where a catalog item stands.</summary>
public enum ItemState
{
    /// <summary>Not to be ordered yet; seen by those who keep the catalog.</summary>
    Draft,

    /// <summary>To be ordered by its audience.</summary>
    Published,

    /// <summary>Not to be ordered any more.</summary>
    Retired,
}

/// <summary>What the names in a content stand for.</summary>
/// <param name="Category">Its node in the tree.</param>
/// <param name="Owner">Who owns it.</param>
/// <param name="AssignmentGroup">Which group looks after its requests.</param>
/// <param name="Audience">Reader tokens of those who may see and order it.</param>
public sealed record ItemLinks(Guid? Category, Guid? Owner, Guid? AssignmentGroup, IReadOnlyList<string> Audience);
