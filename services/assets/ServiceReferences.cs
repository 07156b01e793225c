using Itsm.Assets.Domain;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Requests;
using Itsm.Platform.Access;
using Itsm.Platform.Documents;
using Itsm.Platform.Replicas;
using Itsm.Platform.Values;
using MongoDB.Bson;

namespace Itsm.Assets;

/// <summary>What attributes of services name at other services: calendars of the directory, and items of the catalog by which they are
/// asked for.</summary>
internal sealed class ServiceReferences(Replica<CalendarChanged> calendars, Replica<CatalogItemChanged> catalog)
{
    /// <summary>The attribute with the key of a calendar.</summary>
    public const string Hours = "serviceHours";

    private const string HowToRequest = "howToRequest";
    private const string Published = "published";
    private const int MostItems = 1_000;

    /// <summary>An item of the catalog.</summary>
    /// <param name="Key">Its key.</param>
    /// <param name="Name">Shown to people.</param>
    /// <param name="Href">Where it is read.</param>
    public sealed record CatalogLink(string Key, string Name, string Href);

    /// <summary>The keys that people and other sources name for a service.</summary>
    public static IReadOnlyList<(string Attribute, string Key)> Of(ConfigurationItem item) =>
    [
        .. item.Sources.Where(one => item.Class == ConfigurationClass.ItService && one.Attribute is Hours or HowToRequest)
            .SelectMany(one => KeysOf(one.Value).Select(key => (one.Attribute, key))),
    ];

    /// <summary>What is wrong with the keys that are named for a service and were not before: any will do while nothing of that sort is
    /// known.</summary>
    public async ValueTask<IReadOnlyList<FieldError>> ErrorsAsync(
        ConfigurationItem item, IReadOnlyList<(string Attribute, string Key)> before, Caller caller, CancellationToken ct)
    {
        var errors = new List<FieldError>();
        foreach (var (attribute, key) in Of(item).Except(before))
        {
            if (attribute == Hours
                ? (await calendars.QueryAsync([Condition.In("key", key)], "key", 1, ct)).Count == 0 && await calendars.CountAsync(ct) > 0
                : (await SeenAsync([key], caller, ct)).Count == 0 && await catalog.CountAsync(ct) > 0)
            {
                errors.Add(new($"/attributes/{attribute}", FieldCode.NotFound, attribute == Hours ? NoCalendar(key) : NoItem(key)));
            }
        }

        return errors;
    }

    /// <summary>The items of the catalog by which services are asked for, by the id of the service: those that the caller sees.</summary>
    public async ValueTask<ILookup<Guid, CatalogLink>> LinksAsync(
        IReadOnlyList<ConfigurationItem> services, Caller caller, CancellationToken ct)
    {
        var named = services.SelectMany(service => KeysOf(service.Attributes.GetValueOrDefault(HowToRequest))
            .Select(key => (Service: service.Id, Key: key))).ToList();
        var seen = (await SeenAsync([.. named.Select(one => one.Key).Distinct()], caller, ct)).Where(item => item.State == Published)
            .DistinctBy(item => item.Key)
            .ToDictionary(item => item.Key, item => new CatalogLink(item.Key, item.Name, $"/api/v1/catalog/items/{item.Key}"));
        return named.Where(one => seen.ContainsKey(one.Key)).ToLookup(one => one.Service, one => seen[one.Key]);
    }

    private static IEnumerable<string> KeysOf(BsonValue? value) => value switch
    {
        BsonString one => [one.Value],
        BsonArray several => several.OfType<BsonString>().Select(one => one.Value),
        _ => [],
    };

    private static Sentence NoCalendar(string calendar) => $"No calendar {calendar.Quoted} is known.";

    private static Sentence NoItem(string key) => $"No item {key.Quoted} of the catalog is known.";

    /// <summary>The items of the catalog of these keys that the caller sees.</summary>
    private async ValueTask<IReadOnlyList<CatalogItemChanged>> SeenAsync(
        IReadOnlyList<string> keys, Caller caller, CancellationToken ct) => keys.Count == 0 ? [] : await catalog.QueryAsync(
            [Condition.In("readers", caller.TokenValues), Condition.In("key", [.. keys.Select(key => BsonMapping.Value(key))])], "key",
            MostItems, ct);
}
