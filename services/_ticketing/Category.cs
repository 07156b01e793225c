using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;

namespace Itsm.Ticketing;

/// <summary>A node of the category tree of a kind of thing; may route new ones to a group.</summary>
public sealed class Category<T> : Aggregate
    where T : Aggregate
{
    /// <summary>How deep the tree may be.</summary>
    public const int Deepest = 5;

    /// <summary>Short name in addresses, lower case, unique: <c>network-vpn</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Name shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The node above; null for a root.</summary>
    public Guid? Parent { get; private init; }

    /// <summary>1 for a root.</summary>
    public int Depth { get; private init; }

    /// <summary>The group that new ones of this category go to; null: that of the node above.</summary>
    public Guid? AssignmentGroup { get; private set; }

    /// <summary>True: tickets of it, and of the nodes below it, are confidential from the first write.</summary>
    public bool Confidential { get; private set; }

    /// <summary>False when retired: nothing new goes there.</summary>
    public bool Active { get; private set; } = true;

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<Category<T>> Definition { get; } = new("categories", "key",
        new IndexDefinition("readers", "key"), new("parent", "key"), new("active", "key"))
    {
        Noun = "category", IsRecalled = true,
        Normalize = key => key.ToLowerInvariant(),
    };

    /// <summary>A new node.</summary>
    /// <exception cref="RuleViolationException"><c>category.depth</c> below the deepest level.</exception>
    public static Category<T> Create(Guid id, string key, string name, Category<T>? parent, Guid? assignmentGroup)
    {
        if (parent?.Depth >= Deepest)
        {
            throw new RuleViolationException("category.depth", $"The tree has at most {Deepest} levels.");
        }

        return new Category<T>
        {
            Id = id, Key = key, Name = name, Parent = parent?.Id, Depth = (parent?.Depth ?? 0) + 1, AssignmentGroup = assignmentGroup,
            Readers = [ReaderToken.Everyone],
        };
    }

    /// <summary>Gives it another name.</summary>
    public void Rename(string name) => Name = name;

    /// <summary>Sends new ones to another group; null for that of the node above.</summary>
    public void Route(Guid? group) => AssignmentGroup = group;

    /// <summary>Says whether what comes into it is confidential from now on; what is there already stays as it is.</summary>
    public void Seclude(bool confidential) => Confidential = confidential;

    /// <summary>Retires it, or takes it back into use.</summary>
    public void SetActive(bool active) => Active = active;

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed) => Raise(Snapshot());

    /// <summary>The message of this version.</summary>
    public CategoryChanged Snapshot() => new() { Id = Id, Version = Version, Key = Key, Name = Name, Parent = Parent, Active = Active };

    /// <summary>True where it, or a node above it, makes tickets confidential.</summary>
    public static async ValueTask<bool> IsConfidentialAsync(
        AggregateStore<Category<T>> categories, Category<T>? category, CancellationToken ct)
    {
        while (category is { Confidential: false })
        {
            category = category.Parent is { } parent ? await categories.RecallAsync(parent.ToString(), ct) : null;
        }

        return category is not null;
    }

    /// <summary>The group that new ones of a category go to: its own or that of the nearest node above that has an active one.</summary>
    public static async ValueTask<Guid?> RouteOfAsync(
        AggregateStore<Category<T>> categories, Category<T>? category, People people, CancellationToken ct)
    {
        for (; category is not null; category = category.Parent is { } parent ? await categories.RecallAsync(parent.ToString(), ct) : null)
        {
            if (category.AssignmentGroup is { } group && await people.FindGroupAsync(group, ct) is { Active: true })
            {
                return group;
            }
        }

        return null;
    }
}

/// <summary>Looks categories up.</summary>
public static class CategoryLookup
{
    extension<T>(AggregateStore<Category<T>> categories)
        where T : Aggregate
    {
        /// <summary>The active category that a request names; null for null.</summary>
        /// <param name="idOrKey">Its id or key.</param>
        /// <param name="pointer">Where the request names it: <c>/category</c>.</param>
        /// <param name="ct">Ends the look.</param>
        /// <exception cref="InvalidValueException">There is none, or it is retired.</exception>
        public async ValueTask<Category<T>?> RequireCategoryAsync(string? idOrKey, string pointer, CancellationToken ct)
        {
            if (idOrKey is null)
            {
                return null;
            }

            var category = await categories.RecallAsync(idOrKey, ct)
                ?? throw new InvalidValueException(pointer, FieldCode.NotFound, $"No category {idOrKey.Quoted} is known.");
            return category.Active ? category : throw new InvalidValueException(pointer, FieldCode.NotFound,
                $"Category {idOrKey.Quoted} is retired.");
        }
    }
}
