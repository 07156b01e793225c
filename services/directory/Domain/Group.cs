using Itsm.Contracts.Directory;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;

namespace Itsm.Directory.Domain;

/// <summary>People who work on things together.</summary>
public sealed class Group : Aggregate
{
    /// <summary>Short name in addresses, lower case, unique; works as an id.</summary>
    public required string Key { get; init; }

    /// <summary>Name shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The person who manages it.</summary>
    public Guid? Manager { get; private set; }

    /// <summary>Its members.</summary>
    [AtMost(50_000)]
    public IReadOnlyList<Guid> Members { get; private set; } = [];

    /// <summary>Key of the calendar by which it works; null where none is named.</summary>
    public string? Calendar { get; private set; }

    /// <summary>False when retired.</summary>
    public bool Active { get; private set; }

    /// <summary>The system that an import found it in; null for those entered here.</summary>
    public string? Source { get; private init; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<Group> Definition { get; } = new("groups", "key", new("readers", "key"), new("readers", "name"),
        new("active", "key"), new("members", "key"))
    {
        Normalize = key => key.ToLowerInvariant(),
    };

    /// <summary>A new group.</summary>
    public static Group Create(Guid id, string key, string name, Guid? manager, IReadOnlyList<Guid> members, string? calendar) => new()
    {
        Id = id, Key = key, Name = name, Manager = manager, Members = [.. members.Distinct()], Calendar = calendar, Active = true,
        Readers = [ReaderToken.Everyone],
    };

    /// <summary>A group that an import met: known by name, retired.</summary>
    public static Group Found(FoundEntry entry, string key, string source) => new()
    {
        Id = entry.Id, Key = key, Name = entry.Name, Active = false, Source = source, Readers = [ReaderToken.Everyone],
    };

    /// <summary>Changes name, manager, calendar and whether it is in use.</summary>
    public void Describe(string name, Guid? manager, string? calendar, bool active) =>
        (Name, Manager, Calendar, Active) = (name, manager, calendar, active);

    /// <summary>Takes people in.</summary>
    public void Add(IEnumerable<Guid> people) => Members = [.. Members.Union(people)];

    /// <summary>Lets people go.</summary>
    public void Remove(IEnumerable<Guid> people) => Members = [.. Members.Except(people)];

    /// <summary>The message of this version.</summary>
    public GroupChanged Snapshot() =>
        new()
        {
            Id = Id, Version = Version, Key = Key, Name = Name, Manager = Manager, Members = Members, Calendar = Calendar, Active = Active,
            Source = Source,
        };

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed) => Raise(Snapshot());
}
