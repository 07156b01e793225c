namespace Itsm.Platform.Access;

/// <summary>A permission and the roles that have it by default.</summary>
/// <param name="Name">Service and verb: <c>incidents.resolve</c>.</param>
/// <param name="Roles">Keys of roles; the directory can grant and revoke beyond them.</param>
public sealed record Permission(string Name, params IReadOnlyList<string> Roles);

/// <summary>The roles that the suite knows by name.</summary>
public static class KnownRoles
{
    /// <summary>Opens tickets and follows their own.</summary>
    public const string Requester = "requester";

    /// <summary>Works on tickets.</summary>
    public const string Agent = "agent";

    /// <summary>Decides on major incidents and coordinates them.</summary>
    public const string MajorIncidentManager = "major-incident-manager";

    /// <summary>Handles security incidents.</summary>
    public const string SecurityAnalyst = "security-analyst";

    /// <summary>Keeps directory, categories and settings.</summary>
    public const string Administrator = "administrator";
}

/// <summary>The permissions that more than one service asks for: each of them declares them.</summary>
public static class KnownPermissions
{
    /// <summary>To read how to reach others: their mail addresses.</summary>
    public static Permission ReadContacts { get; } = new("directory.read-contacts", KnownRoles.Requester, KnownRoles.Agent,
        KnownRoles.MajorIncidentManager, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
}

/// <summary>The permissions of the hosted services.</summary>
public sealed class PermissionList
{
    private readonly Dictionary<string, Permission> _all = [];

    /// <summary>Declares permissions.</summary>
    public void Add(IEnumerable<Permission> permissions)
    {
        foreach (var permission in permissions)
        {
            _all[permission.Name] = permission;
        }
    }

    /// <summary>True where a hosted service declares it.</summary>
    public bool Has(string permission) => _all.ContainsKey(permission);

    /// <summary>What a role may do by default, in the hosted services.</summary>
    public IEnumerable<string> DefaultsOf(string role) =>
        _all.Values.Where(permission => permission.Roles.Contains(role)).Select(permission => permission.Name);
}
