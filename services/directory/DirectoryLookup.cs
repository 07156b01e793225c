using Itsm.Directory.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Directory;

/// <summary>Things that requests name, in the directory's own store: it is its own source, not its copy.</summary>
internal sealed class DirectoryLookup(
    AggregateStore<Person> people, AggregateStore<Site> sites, AggregateStore<Role> roles, AggregateStore<Calendar> calendars,
    Languages languages)
{
    public async ValueTask<Guid?> PersonAsync(string? idOrUserName, string pointer, CancellationToken ct) =>
        idOrUserName is null ? null
        : (await people.FindDocumentAsync(idOrUserName, ct))?.Id
        ?? throw new InvalidValueException(pointer, FieldCode.NotFound, $"No person {idOrUserName.Quoted} is known.");

    public async ValueTask<IReadOnlyList<Guid>> PeopleAsync(IReadOnlyList<string> names, string pointer, CancellationToken ct)
    {
        var ids = new List<Guid>();
        foreach (var name in names)
        {
            ids.Add((await PersonAsync(name, $"{pointer}/{ids.Count}", ct))!.Value);
        }

        return ids;
    }

    public async ValueTask<Site?> SiteAsync(string? idOrKey, string pointer, CancellationToken ct) =>
        idOrKey is null ? null
        : await sites.FindDocumentAsync(idOrKey, ct) is { } found
        ? AggregateStore<Site>.Load(found)
        : throw new InvalidValueException(pointer, FieldCode.NotFound, $"No site {idOrKey.Quoted} is known.");

    /// <summary>The key of the calendar that a request names; null for null.</summary>
    public async ValueTask<string?> CalendarAsync(string? idOrKey, CancellationToken ct) =>
        idOrKey is null ? null
        : await calendars.FindDocumentAsync(idOrKey, ct) is { } found
        ? AggregateStore<Calendar>.Load(found).Key
        : throw new InvalidValueException("/calendar", FieldCode.NotFound, $"No calendar {idOrKey.Quoted} is known.");

    /// <summary>The tag of the language that a request names, as it is kept; null for null.</summary>
    public string? Language(string? tag)
    {
        var known = languages.Tags;
        return tag is null ? null : languages.Find(tag)?.Tag
            ?? throw new InvalidValueException("/language", FieldCode.NotOneOf,
                $"language can't be {tag.Quoted}: possible: {known.Listed}.");
    }

    public async ValueTask<IReadOnlyList<string>> RolesAsync(IReadOnlyList<string> keys, string pointer, CancellationToken ct)
    {
        var known = new List<string>();
        foreach (var key in keys)
        {
            known.Add(await roles.FindDocumentAsync(key, ct) is { } found
                ? AggregateStore<Role>.Load(found).Key
                : throw new InvalidValueException($"{pointer}/{known.Count}", FieldCode.NotFound, $"No role {key.Quoted} is known."));
        }

        return known;
    }
}
