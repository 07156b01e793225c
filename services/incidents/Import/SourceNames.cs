using Itsm.Incidents.Domain;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Itsm.Contracts;
using Itsm.Contracts.Directory;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Ticketing;

namespace Itsm.Incidents.Import;

/// <summary>People and groups of a source as ids of this suite: those known here by id, user name or key, else ids that follow from source
/// and name, the same in every import. Each is looked up once.</summary>
internal sealed class SourceNames(People people, string source)
{
    private readonly Dictionary<string, Guid> _people = [];
    private readonly Dictionary<string, Guid> _groups = [];

    /// <summary>Those that the directory may not know.</summary>
    public List<FoundEntry> FoundPeople { get; } = [];

    /// <summary>Those that the directory may not know.</summary>
    public List<FoundEntry> FoundGroups { get; } = [];

    public async ValueTask<Guid> PersonAsync(string name, CancellationToken ct)
    {
        if (!_people.TryGetValue(name, out var id))
        {
            id = (await people.FindPersonAsync(name, ct))?.Id ?? Add(FoundPeople, "person", name);
            _people.Add(name, id);
        }

        return id;
    }

    public async ValueTask<Guid> GroupAsync(string name, CancellationToken ct)
    {
        if (!_groups.TryGetValue(name, out var id))
        {
            id = (await people.FindGroupAsync(name, ct))?.Id ?? Add(FoundGroups, "group", name);
            _groups.Add(name, id);
        }

        return id;
    }

    public async ValueTask<Guid?> PersonOrNullAsync(string? name, CancellationToken ct) =>
        name is null ? null : await PersonAsync(name, ct);

    public async ValueTask<Guid?> GroupOrNullAsync(string? name, CancellationToken ct) => name is null ? null : await GroupAsync(name, ct);

    /// <summary>The person as an actor; the source itself where it does not know who.</summary>
    public async ValueTask<Actor> ActorAsync(string? name, CancellationToken ct) =>
        name is null ? new Actor(null, source) : new Actor(await PersonAsync(name, ct), name);

    private Guid Add(List<FoundEntry> found, string kind, string name)
    {
        var id = DerivedId.From(source, kind, name);
        found.Add(new FoundEntry(id, name));
        return id;
    }
}

/// <summary>Categories of a source as nodes of this service's tree; those missing are added. Each is looked up once.</summary>
internal sealed class SourceCategories(AggregateStore<Category<Incident>> categories, AuditContext audit)
{
    private const int LongestKey = 60;
    private const int LongestName = 120;
    private readonly Dictionary<string, Category<Incident>> _known = [];

    /// <summary>The deepest node that the source names; null where it names none.</summary>
    public async ValueTask<Guid?> FindAsync(string? category, string? subcategory, CancellationToken ct)
    {
        if (category is null)
        {
            return null;
        }

        var parent = await RequireAsync(category, null, ct);
        return subcategory is null ? parent.Id : (await RequireAsync(subcategory, parent, ct)).Id;
    }

    /// <summary>A short name for addresses: lower-case letters, digits and single hyphens.</summary>
    internal static string KeyOf(string name, string? parent)
    {
        var words = new StringBuilder(name.Length);
        foreach (var character in name.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(character))
            {
                words.Append(character);
            }
            else if (words.Length > 0 && words[^1] != '-')
            {
                words.Append('-');
            }
        }

        var slug = words.ToString().TrimEnd('-');
        var key = slug.Length == 0 ? "" : parent is null ? slug : $"{parent}-{slug}";
        if (key.Length is > 0 and <= LongestKey && name.All(character => char.IsAscii(character)))
        {
            return key;
        }

        // What the key can't spell, or has no room for, must not make two names one.
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{parent}/{name}")))[..8];
        var start = (key.Length == 0 ? parent ?? "category" : key)[..Math.Min(LongestKey - digest.Length - 1,
            (key.Length == 0 ? parent ?? "category" : key).Length)].TrimEnd('-');
        return string.Create(CultureInfo.InvariantCulture, $"{start}-{digest}");
    }

    private async ValueTask<Category<Incident>> RequireAsync(string name, Category<Incident>? parent, CancellationToken ct)
    {
        var key = KeyOf(name, parent?.Key);
        if (!_known.TryGetValue(key, out var category))
        {
            category =
                await LookUpAsync(parent is null ? name : key, ct) ?? await LookUpAsync(key, ct) ?? await AddAsync(key, name, parent, ct);
            _known.Add(key, category);
        }

        return category;
    }

    private async ValueTask<Category<Incident>?> LookUpAsync(string idOrKey, CancellationToken ct) =>
        await categories.FindDocumentAsync(idOrKey, ct) is { } found ? AggregateStore<Category<Incident>>.Load(found) : null;

    private async Task<Category<Incident>> AddAsync(string key, string name, Category<Incident>? parent, CancellationToken ct)
    {
        var shown = name.Length > LongestName ? name[..(LongestName - 1)] + "…" : name.Length == 1 ? $"Category {name}" : name;
        var category = Category<Incident>.Create(DerivedId.From("category", key), key, shown, parent, null);
        try
        {
            await categories.TrySaveAsync(category, audit, ct);
            return category;
        }
        catch (DuplicateKeyException)
        {
            // Another import, or an administrator, made it since the look.
            return await LookUpAsync(key, ct)
                ?? throw new ConcurrentChangeException($"Category {key} came and went while it was looked for.");
        }
    }
}
