using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;

namespace Itsm.Search.Queries;

/// <summary>A search with a name: one's own, or a queue that groups share. Whoever runs it finds what they themselves may see.</summary>
public sealed class SavedSearch : Aggregate
{
    /// <summary>Name shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>What it finds.</summary>
    public SearchCriteria Criteria { get; private set; } = new(null, new Dictionary<string, string>(), null);

    /// <summary>Whose it is: they alone change it.</summary>
    public Guid Owner { get; private init; }

    /// <summary>Ids of the groups that see it too.</summary>
    [AtMost(20)]
    public IReadOnlyList<Guid> SharedWith { get; private set; } = [];

    /// <summary>When it was saved first.</summary>
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>When it was deleted: nobody sees it from then on.</summary>
    [Hidden]
    public DateTimeOffset? DeletedAt { get; private set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<SavedSearch> Definition { get; } = new("saved-searches", null,
        new Platform.Documents.IndexDefinition("readers", "name"), new("owner", "name")) { Noun = "saved search" };

    /// <summary>A new one.</summary>
    public static SavedSearch Save(string name, SearchCriteria criteria, IReadOnlyList<Guid> sharedWith, Caller owner, DateTimeOffset now)
    {
        var saved = new SavedSearch { Id = Guid.CreateVersion7(now), Owner = owner.Person, CreatedAt = now };
        saved.Change(name, criteria, sharedWith, owner);
        return saved;
    }

    /// <summary>Other words, another search, other groups.</summary>
    /// <exception cref="RuleViolationException"><c>search.not-owner</c> for anybody but the owner.</exception>
    public void Change(string name, SearchCriteria criteria, IReadOnlyList<Guid> sharedWith, Caller by)
    {
        RequireOwner(by);
        (Name, Criteria, SharedWith) = (name, criteria, [.. sharedWith.Distinct()]);
        Readers = [ReaderToken.Person(Owner), .. SharedWith.Select(ReaderToken.Group)];
    }

    /// <summary>Takes it away from everybody.</summary>
    /// <exception cref="RuleViolationException"><c>search.not-owner</c> for anybody but the owner.</exception>
    public void Delete(Caller by, DateTimeOffset now)
    {
        RequireOwner(by);
        (DeletedAt, Readers) = (now, []);
    }

    private void RequireOwner(Caller by)
    {
        if (by.Person != Owner)
        {
            throw new RuleViolationException("search.not-owner", $"Only its owner changes a saved search; save one of your own.");
        }
    }
}
