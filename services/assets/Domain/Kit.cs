using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Assets.Domain;

/// <summary>Things that are handed out together: so many of each of some models.</summary>
public sealed class Kit : Aggregate
{
    /// <summary>Short name in addresses, unique; works as an id.</summary>
    public required string Key { get; init; }

    /// <summary>Name shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>What is in it.</summary>
    [AtMost(20)]
    public IReadOnlyList<KitPart> Parts { get; private set; } = [];

    /// <summary>False: not handed out any more.</summary>
    public bool Active { get; private set; } = true;

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<Kit> Definition { get; } =
        new("kits", "key", new("readers", "key"), new("active", "key")) { Normalize = key => key.ToLowerInvariant() };

    internal static Kit Create(string key, string name, IReadOnlyList<KitPart> parts, AuditContext audit)
    {
        var kit = new Kit { Id = Guid.CreateVersion7(audit.At), Key = key, Readers = Asset.Staff };
        kit.Describe(name, parts, active: true);
        return kit;
    }

    internal void Describe(string name, IReadOnlyList<KitPart> parts, bool active) => (Name, Parts, Active) = (name, parts, active);

    /// <exception cref="RuleViolationException"><c>kit.retired</c>.</exception>
    internal void RequireActive()
    {
        if (WhyNotCheckOut is { } why)
        {
            throw new RuleViolationException("kit.retired", why);
        }
    }

    /// <inheritdoc/>
    protected override IEnumerable<ActionState> Actions(Platform.Access.Caller caller) =>
        [new("update", AssetPermissions.Manage.Name, null), new("check-out", AssetPermissions.Manage.Name, WhyNotCheckOut)];

    private Sentence? WhyNotCheckOut => Active ? null : (Sentence)$"{Name} is not handed out any more.";
}

/// <summary>Assets of a model in a kit.</summary>
public sealed record KitPart
{
    /// <summary>The model.</summary>
    [Required, StringLength(200, MinimumLength = 1)]
    public required string Model { get; init; }

    /// <summary>Who makes it; null for whoever does.</summary>
    [StringLength(200, MinimumLength = 1)]
    public string? Manufacturer { get; init; }

    /// <summary>How many.</summary>
    [Range(1, 20)]
    public int Count { get; init; } = 1;
}
