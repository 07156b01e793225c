using System.Text.Json;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;
using Itsm.Ticketing.Forms;
using MongoDB.Bson;

namespace Itsm.Assets.Import;

/// <summary>Recognises the items that sources report: by what the source calls them, by key, and by the rules of their class.</summary>
internal sealed class ItemMatching(AggregateStore<ConfigurationItem> items)
{
    private const int MostAlike = 20;

    /// <summary>By what the item may be known, the surest first: what the source calls it, then the rules of its class.</summary>
    public static List<Guid> MarksOf(string source, ReportedItem reported, ConfigurationClass of)
    {
        var values = (reported.Attributes ?? new Dictionary<string, JsonElement>())
            .Where(one => one.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Object or JsonValueKind.Array)
                && !Form.IsBlank(one.Value))
            .ToDictionary(one => one.Key, one => (BsonValue)one.Value.ToString());
        return
        [
            .. reported.ExternalId is { } id ? new[] { ConfigurationItem.IdentityOf(source, id) } : [],
            .. of.MarksOf(reported.Name ?? "", values).Select(mark => ConfigurationItem.IdentityOf(of.Key, mark)),
        ];
    }

    /// <summary>The item that is reported; null for a new one.</summary>
    /// <exception cref="RuleViolationException">It could be several, is retired, or hidden from the caller.</exception>
    public async ValueTask<ConfigurationItem?> FindAsync(
        ReportedItem reported, ConfigurationClass of, List<Guid> marks, Caller caller, CancellationToken ct)
    {
        var alike = marks.Count == 0 ? [] : (await items.Documents.QueryAsync(new DocumentQuery(
            [Condition.In("identities", [.. marks.Select(mark => BsonMapping.Value(mark))])], "number", false, null, MostAlike), ct))
            .Select(AggregateStore<ConfigurationItem>.Load).ToList();
        var keyed = reported.Key is { } key ? await items.RecallAsync(key, ct) : null;
        List<ConfigurationItem> best = keyed is not null ? [keyed] : [];
        foreach (var mark in marks.TakeWhile(_ => best.Count == 0))
        {
            best = [.. alike.Where(one => one.Identities.Contains(mark))];
            best = best.Exists(one => one.State != ConfigurationState.Retired)
                ? [.. best.Where(one => one.State != ConfigurationState.Retired)]
                : best;
        }

        return best switch
        {
            [] => null,
            _ when best.Exists(one => !caller.Sees(one.Readers)) => throw new RuleViolationException("configuration-item.hidden",
                $"There is such an item, and you can't see it."),
            [var one, _, ..] => throw new RuleViolationException("configuration-item.ambiguous",
                $"It could be any of: {best.Select(item => item.Number).Listed}; merge what is the same."),
            [{ State: ConfigurationState.Retired } gone] => throw new RuleViolationException("configuration-item.retired",
                $"{gone.Number} is retired."),
            [var one] when one.Class != of.Key => throw new InvalidValueException("/class", FieldCode.Conflicting,
                $"{one.Number} is of the class {one.Class}, not {of.Key}."),
            [var one] => one,
        };
    }

    /// <summary>The id of the item that a source calls so; null where there is none.</summary>
    public async ValueTask<string?> FindIdAsync(string source, string externalId, CancellationToken ct) =>
        (await items.Documents.QueryAsync(new DocumentQuery([Condition.In("identities",
            BsonMapping.Value(ConfigurationItem.IdentityOf(source, externalId)))], "number", false, null, 1), ct)) is [var found]
            ? found.Id.ToString()
            : null;
}
