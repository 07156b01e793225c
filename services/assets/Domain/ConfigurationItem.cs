using Itsm.Contracts.Assets;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;
using MongoDB.Bson;

namespace Itsm.Assets.Domain;

/// <summary>Something that services stand on, or a service itself: what it is, who answers for it, and what it needs.</summary>
public sealed partial class ConfigurationItem : Aggregate
{
    private static readonly string[] Staff =
    [
        ReaderToken.Role(KnownRoles.Agent), ReaderToken.Role(KnownRoles.MajorIncidentManager),
        ReaderToken.Role(KnownRoles.SecurityAnalyst), ReaderToken.Role(KnownRoles.Administrator),
    ];

    /// <summary>Has it found how services are.</summary>
    internal const string StatusTimer = "status";

    /// <summary>Has what was found wrong with it hidden from those who may not see it any more.</summary>
    internal const string HideTimer = "hide";

    /// <summary>Number shown to people; works as an id.</summary>
    public required string Number { get; init; }

    /// <summary>Short name in addresses, lower case, unique; works as an id, and is how tickets name it. Null where it has none.</summary>
    public string? Key { get; init; }

    /// <summary>Key of its class.</summary>
    public required string Class { get; init; }

    /// <summary>Name shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>What it is for, as people put it.</summary>
    [Markdown]
    public string? Description { get; private set; }

    /// <summary>Where it stands.</summary>
    public ConfigurationState State { get; private set; }

    /// <summary>Who answers for it.</summary>
    public Guid? Owner { get; private set; }

    /// <summary>The group that looks after it.</summary>
    public Guid? SupportGroup { get; private set; }

    /// <summary>How much stands and falls with it: 1 (most) to 4; null where nobody has said.</summary>
    public int? Criticality { get; private set; }

    /// <summary>Key of the site where it is; null where it is at none.</summary>
    public string? Site { get; private set; }

    /// <summary>Who may see it.</summary>
    public ItemVisibility Visibility { get; private set; }

    /// <summary>Groups that may see it where it is restricted.</summary>
    [AtMost(100)]
    public IReadOnlyList<Guid> VisibleTo { get; private set; } = [];

    /// <summary>When it was added.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was changed last.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>When it was there and not retired, oldest first.</summary>
    [Hidden]
    [AtMost(200), UnusedByActions]
    public IReadOnlyList<ItemPeriod> Present { get; private set; } = [];

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<ConfigurationItem> Definition { get; } = new("configuration-items", "number",
        new IndexDefinition("readers", "name"), new("updatedAt"), new("class", "name"), new("state", "name"),
        new("owner", "name") { Sparse = true }, new("supportGroup", "name") { Sparse = true }, new("site", "name") { Sparse = true },
        new("criticality", "name") { Sparse = true },
        new("key") { Unique = true, Serves = "human names" },
        new("identities", "number") { Sparse = true, Serves = "recognising what sources report" }, new("seenAt") { Sparse = true },
        new("relations.target", "number") { Sparse = true, Serves = "what is related to an item" })
    {
        Noun = "configuration item", IsRecalled = true, OtherNameField = "key",
    };

    /// <summary>A new item.</summary>
    public static ConfigurationItem Create(
        Guid id, string number, string? key, ConfigurationClass of, ItemDescription content, AuditContext audit)
    {
        var item = new ConfigurationItem
        {
            Id = id, Number = number, Key = key, Class = of.Key, CreatedAt = audit.At,
            State = content.Planned ? ConfigurationState.Planned : ConfigurationState.InUse, Present = [new(audit.At, null)],
        };
        item.Describe(content);
        return item;
    }

    /// <summary>Changes what it is besides its attributes.</summary>
    public void Describe(ItemDescription content)
    {
        (Name, Description, Owner, SupportGroup) = (content.Name, content.Description, content.Owner, content.SupportGroup);
        (Criticality, Site) = (content.Criticality, content.Site);
        (Visibility, VisibleTo) = (content.Visibility, [.. content.VisibleTo.Distinct()]);
        if (Visibility != ItemVisibility.Restricted && VisibleTo.Count > 0)
        {
            throw new InvalidValueException("/visibleTo", FieldCode.Conflicting,
                $"Groups are named where visibility is restricted alone.");
        }

        List<string> keepers =
            [.. Owner is { } owner ? new[] { ReaderToken.Person(owner) } : [],
                .. SupportGroup is { } group ? new[] { ReaderToken.Group(group) } : []];
        Readers = Visibility switch
        {
            ItemVisibility.Everyone => [ReaderToken.Everyone],
            ItemVisibility.Staff => [.. Staff, .. keepers],
            _ => [.. VisibleTo.Select(ReaderToken.Group).Union(keepers), ReaderToken.Role(KnownRoles.Administrator)],
        };
    }

    /// <summary>What it is besides its attributes, as it is now.</summary>
    internal ItemDescription Content => new()
    {
        Name = Name, Description = Description, Owner = Owner, SupportGroup = SupportGroup,
        Criticality = Criticality, Site = Site,
        Visibility = Visibility, VisibleTo = VisibleTo,
    };

    /// <summary>What tickets may call it by.</summary>
    internal BsonValue[] Names => [.. NamesOf(Number, Id, Key), .. MergedFrom.SelectMany(one => NamesOf(one.Number, one.Id, one.Key))];

    /// <summary>Makes a move of the life cycle.</summary>
    /// <exception cref="RuleViolationException">It is closed now.</exception>
    public void Move(string action, AuditContext audit)
    {
        if (WhyNotMove is { } why)
        {
            throw new RuleViolationException("configuration-item.merged", why);
        }

        var next = ConfigurationLifeCycle.Table.Next(State, action);
        if (next == ConfigurationState.Retired)
        {
            Present = [.. Present.SkipLast(1), Present[^1] with { To = audit.At }];
        }
        else if (State == ConfigurationState.Retired)
        {
            Present = [.. Present, new(audit.At, null)];
        }

        State = next;
    }

    private static BsonValue[] NamesOf(string number, Guid id, string? key) =>
        [number, id.ToString(), .. key is null ? Array.Empty<BsonValue>() : [key]];

    /// <summary>The message of this version.</summary>
    public ConfigurationItemChanged Snapshot() => new()
    {
        Id = Id, Version = Version, Number = Number, Key = Key, Name = Name, Class = Class, MergedInto = MergedInto,
        FormerNames = [.. MergedFrom.SelectMany(one => NamesOf(one.Number, one.Id, one.Key)).Select(name => name.AsString)],
        Description = Description, Attributes = TextAttributes, State = BsonMapping.Value(State).AsString, Owner = Owner,
        SupportGroup = SupportGroup, Criticality = Criticality, Site = Site, Present = Present, At = UpdatedAt, Readers = Readers,
        Relations = [.. FormerRelations, .. Relations.Select(relation => relation.ToMessage())],
    };

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed)
    {
        UpdatedAt = audit.At;
        Raise(Snapshot() with { Changed = changed, By = audit.By });
        if (Version > 1 && changed.Any(field => field is "state" or "visibility" or "visibleTo" or "owner" or "supportGroup"))
        {
            SetTimer(HideTimer, audit.At);
        }

        if (changed.Any(field => field is "state" or "relatedAt")
            || (Version == 1 && Relations.Any(one => one.Impact == RelationImpact.OnTarget))
            || (Class == ConfigurationClass.ItService && (Version == 1 || changed.Any(
                field => field is "name" or "visibility" or "visibleTo" or "owner" or "supportGroup"))))
        {
            SetTimer(StatusTimer, audit.At);
        }
    }

    /// <inheritdoc/>
    protected override IEnumerable<ActionState> Actions(Caller caller) =>
    [
        .. ConfigurationLifeCycle.Table.Table.Select(move =>
            new ActionState(move.Action, move.Permission.Name, WhyNotMove ?? ConfigurationLifeCycle.Table.WhyNot(State, move.Action))),
        new("update", Permissions.EditItems.Name, null), new("relate", Permissions.EditItems.Name, WhyNotRelate),
        new("merge", Permissions.EditItems.Name, WhyNotRelate),
    ];
}

/// <summary>What a configuration item is besides its attributes.</summary>
public sealed record ItemDescription
{
    /// <summary>Name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>True for what is to be; of a new one.</summary>
    public bool Planned { get; init; }

    /// <summary>Who answers for it.</summary>
    public Guid? Owner { get; init; }

    /// <summary>The group that looks after it.</summary>
    public Guid? SupportGroup { get; init; }

    /// <summary>1 (most critical) to 4.</summary>
    public int? Criticality { get; init; }

    /// <summary>Key of its site.</summary>
    public string? Site { get; init; }

    /// <summary>Who may see it.</summary>
    public required ItemVisibility Visibility { get; init; }

    /// <summary>Groups that may see it where it is restricted.</summary>
    public IReadOnlyList<Guid> VisibleTo { get; init; } = [];
}
