using Itsm.Contracts.Directory;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;

namespace Itsm.Directory.Domain;

/// <summary>A role: what each service grants it by default, with what the organisation added and took away.</summary>
public sealed class Role : Aggregate
{
    /// <summary>The roles that the suite's services know by name.</summary>
    public static readonly IReadOnlyList<(string Key, string Name)> Known =
    [
        (KnownRoles.Requester, "Requester"), (KnownRoles.Agent, "Agent"), (KnownRoles.MajorIncidentManager, "Major incident manager"),
        (KnownRoles.SecurityAnalyst, "Security analyst"), (KnownRoles.Administrator, "Administrator"),
    ];

    /// <summary>Short name, lower case, unique; works as an id.</summary>
    public required string Key { get; init; }

    /// <summary>Name shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Permissions given in addition to the defaults.</summary>
    [AtMost(1_000)]
    public IReadOnlyList<string> Granted { get; private set; } = [];

    /// <summary>Default permissions taken away.</summary>
    [AtMost(1_000)]
    public IReadOnlyList<string> Revoked { get; private set; } = [];

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<Role> Definition { get; } =
        new("roles", "key", new IndexDefinition("readers", "key")) { Normalize = key => key.ToLowerInvariant() };

    /// <summary>A role of the organisation's own, or one of the known.</summary>
    public static Role Create(string key, string name, IReadOnlyList<string> granted) => new()
    {
        Id = DerivedId.From("role", key), Key = key, Name = name, Granted = [.. granted.Distinct()], Readers = [ReaderToken.Everyone],
    };

    /// <summary>Changes its name and what it may do beyond, or short of, the defaults.</summary>
    public void Describe(string name, IReadOnlyList<string> granted, IReadOnlyList<string> revoked)
    {
        if (granted.Intersect(revoked).FirstOrDefault() is { } both)
        {
            throw new InvalidValueException("/revoked", FieldCode.Conflicting, $"{both.Quoted} can't be granted and revoked.");
        }

        if (Key == KnownRoles.Administrator && revoked.Contains(Permissions.Manage.Name))
        {
            throw new RuleViolationException("role.administrator",
                $"The administrator can't lose the directory: nobody could give it back.");
        }

        (Name, Granted, Revoked) = (name, [.. granted.Distinct()], [.. revoked.Distinct()]);
    }

    /// <summary>The message of this version.</summary>
    public RoleChanged Snapshot() => new() { Id = Id, Version = Version, Key = Key, Name = Name, Granted = Granted, Revoked = Revoked };

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed) => Raise(Snapshot());
}
