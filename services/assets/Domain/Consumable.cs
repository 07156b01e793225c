using Itsm.Contracts;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Assets.Domain;

/// <summary>What is used up and counted, not tracked piece by piece: toner, cables, batteries.</summary>
public sealed class Consumable : Aggregate
{
    private const int MostIssues = 200;

    /// <summary>Number shown to people; works as an id.</summary>
    public required string Number { get; init; }

    /// <summary>Name shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Of which model.</summary>
    public string? Model { get; private set; }

    /// <summary>Who made it.</summary>
    public string? Manufacturer { get; private set; }

    /// <summary>Key of the site where it is kept.</summary>
    public string? Site { get; private set; }

    /// <summary>Who sells it.</summary>
    public string? Supplier { get; private set; }

    /// <summary>How many there are; never below 0.</summary>
    public long Stock { get; private set; }

    /// <summary>How many there are when more should be bought.</summary>
    public long? ReorderLevel { get; private set; }

    /// <summary>True where more should be bought.</summary>
    [Unaudited]
    public bool ReorderDue { get; private set; }

    /// <summary>Who got some, oldest first: the last 200 times; earlier ones are in the history.</summary>
    [AtMost(MostIssues), UnusedByActions]
    public IReadOnlyList<ConsumableIssue> Issues { get; private set; } = [];

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<Consumable> Definition { get; } = new("consumables", "number",
        new("readers", "number"), new("site", "number"), new("model", "number"), new("reorderDue", "number"));

    internal static Consumable Create(string number, ConsumableDetails details, long stock, AuditContext audit)
    {
        var one = new Consumable { Id = Guid.CreateVersion7(audit.At), Number = number, Stock = stock, Readers = Asset.Staff };
        one.Describe(details);
        return one;
    }

    internal ConsumableDetails Details => new(Name, Model, Manufacturer, Site, Supplier, ReorderLevel);

    internal void Describe(ConsumableDetails details) => (Name, Model, Manufacturer, Site, Supplier, ReorderLevel) =
        (details.Name, details.Model, details.Manufacturer, details.Site, details.Supplier, details.ReorderLevel);

    /// <summary>Somebody gets some.</summary>
    /// <exception cref="RuleViolationException"><c>consumable.out-of-stock</c>.</exception>
    internal void Issue(Guid? person, string? site, long quantity, string? note, AuditContext audit)
    {
        if (quantity > Stock)
        {
            throw new RuleViolationException("consumable.out-of-stock", $"{quantity} of {Number} can't be issued: {Stock} are in stock.");
        }

        Stock -= quantity;
        Issues = [.. Issues.TakeLast(MostIssues - 1), new ConsumableIssue(person, site, quantity, note, audit.By, audit.At)];
    }

    /// <summary>More has come.</summary>
    internal void Restock(long quantity) => Stock += quantity;

    /// <summary>Somebody has counted.</summary>
    internal void Count(long stock) => Stock = stock;

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed) => ReorderDue = Stock <= ReorderLevel;

    /// <inheritdoc/>
    protected override IEnumerable<ActionState> Actions(Caller caller) =>
    [
        new("update", AssetPermissions.Manage.Name, null), new("restock", AssetPermissions.Manage.Name, null),
        new("count", AssetPermissions.Manage.Name, null),
        new("issue", AssetPermissions.Manage.Name, Stock > 0 ? null : (Sentence)$"None of {Number} is in stock."),
    ];
}

/// <summary>What people write of a consumable.</summary>
internal sealed record ConsumableDetails(
    string Name, string? Model, string? Manufacturer, string? Site, string? Supplier, long? ReorderLevel);

/// <summary>Somebody got some of a consumable.</summary>
/// <param name="Person">Id of the person who got it.</param>
/// <param name="Site">Key of the site that got it.</param>
/// <param name="Quantity">How many.</param>
/// <param name="Note">What was written of it.</param>
/// <param name="By">Who gave it to them.</param>
/// <param name="At">When.</param>
public sealed record ConsumableIssue(Guid? Person, string? Site, long Quantity, string? Note, Actor By, DateTimeOffset At);
