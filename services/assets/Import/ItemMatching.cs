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

    /// <summary>Each is a range of the index with a statement of its own, of which 256 are kept.</summary>
    private const int AtOnce = 250;

    /// <summary>By what the item may be known, the surest first: what the source calls it, then the rules of its class.</summary>
    public static List<Guid> MarksOf(string source, ReportedItem reported, ConfigurationClass of)
    {
        var values = new Dictionary<string, BsonValue>();
        foreach (var (key, value) in reported.Attributes ?? new Dictionary<string, JsonElement>())
        {
            if (value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Object) && !Form.IsBlank(value))
            {
                values[key] = ValueOf(key, value);
            }
        }

        return
        [
            .. reported.ExternalId is { } id ? new[] { ConfigurationItem.IdentityOf(source, id) } : [],
            .. of.MarksOf(reported.Name ?? "", values).Select(mark => ConfigurationItem.IdentityOf(of.Key, mark)),
        ];
    }

    /// <exception cref="InvalidValueException">It is a number that is too great, or no Unicode.</exception>
    private static BsonValue ValueOf(string key, JsonElement value)
    {
        try
        {
            return AnyJson.ToBson(value);
        }
        catch (JsonException)
        {
            throw new InvalidValueException($"/attributes/{FieldError.Escape(key)}", FieldCode.WrongFormat,
                $"{key} has a number that is too great, or a text that is no Unicode.");
        }
    }

    /// <summary>What is known by any of these marks, by mark, to be looked at, not to be changed; of each those with the lowest numbers
    /// first, some of very many.</summary>
    public async ValueTask<ILookup<Guid, ConfigurationItem>> KnownAsync(IEnumerable<Guid> marks, CancellationToken ct)
    {
        var found = new List<(Guid Mark, ConfigurationItem Item)>();
        var chunks = new Stack<Guid[]>(marks.Distinct().Chunk(AtOnce));
        while (chunks.TryPop(out var some))
        {
            var most = some.Length * MostAlike;
            var page = await items.Documents.QueryAsync(new DocumentQuery(
                [Condition.In("identities", [.. some.Select(mark => BsonMapping.Value(mark))])], "number", false, null, most), ct);
            if (page.Count == most && some.Length > 1)
            {
                // A mark of very many things must not hide what has another.
                chunks.Push(some[..(some.Length / 2)]);
                chunks.Push(some[(some.Length / 2)..]);
                continue;
            }

            var asked = some.ToHashSet();
            found.AddRange(page.Select(AggregateStore<ConfigurationItem>.LoadLean)
                .SelectMany(item => item.Identities.Where(asked.Contains).Select(mark => (mark, item))));
        }

        return found.ToLookup(one => one.Mark, one => one.Item);
    }

    /// <summary>The item that is reported; null for a new one.</summary>
    /// <param name="reported">As it is reported.</param>
    /// <param name="of">Its class.</param>
    /// <param name="marks">Its marks.</param>
    /// <param name="known">What is known by them.</param>
    /// <param name="caller">Who reports it.</param>
    /// <param name="ct">Ends the look.</param>
    /// <exception cref="RuleViolationException">It could be several, is retired, or hidden from the caller.</exception>
    public async ValueTask<ConfigurationItem?> FindAsync(ReportedItem reported, ConfigurationClass of, List<Guid> marks,
        ILookup<Guid, ConfigurationItem> known, Caller caller, CancellationToken ct)
    {
        var keyed = reported.Key is { } key ? await items.RecallAsync(key, ct) : null;
        List<ConfigurationItem> best = keyed is not null ? [keyed] : [];
        foreach (var mark in marks.TakeWhile(_ => best.Count == 0))
        {
            best = [.. known[mark]];
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
}
