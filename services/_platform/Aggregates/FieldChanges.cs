using System.Text;
using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Platform.Aggregates;

/// <summary>What differs between two states. Of a list only the elements that differ are told: what an entry takes grows with the change,
/// not with the list.</summary>
internal static class FieldChanges
{
    private static readonly string[] Keys = ["_id", "id", "key"];
    private static readonly HashSet<string> None = [];

    /// <summary>A change is <c>field</c>, <c>from</c> and <c>to</c> (null where there is none); of a list of objects with an id or a key
    /// one for each element, with its <c>key</c>; of other lists <c>field</c>, <c>removed</c> and <c>added</c>. A list whose elements
    /// changed places is told whole. An object in which a list changed is told field by field: <c>approval.approvals</c>.</summary>
    /// <param name="before">As stored.</param>
    /// <param name="after">As it will be.</param>
    /// <param name="unaudited">See <see cref="AuditTrail.UnauditedOf"/>.</param>
    public static List<BsonDocument> Between(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, HashSet<string> unaudited)
    {
        var changes = new List<BsonDocument>();
        Compare(changes, "", before, after, unaudited);
        return changes;
    }

    /// <summary>Takes these changes back. Of a list that had no keys what was removed comes last.</summary>
    public static void Undo(BsonDocument state, IEnumerable<BsonValue> changes)
    {
        foreach (var change in changes.Reverse().Select(one => one.AsBsonDocument))
        {
            var (holder, path) = (state, change["field"].AsString.Split('.'));
            foreach (var part in path[..^1])
            {
                holder = holder.TryGetValue(part, out var inner) && inner.IsBsonDocument
                    ? inner.AsBsonDocument
                    : holder.Set(part, new BsonDocument())[part].AsBsonDocument;
            }

            var before = change.Contains("from") && !change.Contains("key")
                ? change["from"]
                : UndoInList(holder.GetValue(path[^1], BsonNull.Value), change);
            if (before.IsBsonNull)
            {
                holder.Remove(path[^1]);
            }
            else
            {
                holder[path[^1]] = before;
            }
        }
    }

    private static BsonArray UndoInList(BsonValue now, BsonDocument change)
    {
        List<BsonValue> list = [.. now as BsonArray ?? []];
        if (change.TryGetValue("key", out var key))
        {
            var at = list.FindIndex(item => Keys.Any(name => item.AsBsonDocument.GetValue(name, BsonNull.Value) == key));
            if (at >= 0)
            {
                list.RemoveAt(at);
            }

            if (!change["from"].IsBsonNull)
            {
                list.Insert(at >= 0 ? at : list.Count, change["from"]);
            }
        }
        else
        {
            foreach (var added in change["added"].AsBsonArray)
            {
                list.RemoveAt(list.LastIndexOf(added));
            }

            list.AddRange(change["removed"].AsBsonArray);
        }

        return [.. list];
    }

    /// <summary>The top-level fields that these changes are of.</summary>
    public static IEnumerable<string> FieldsOf(IEnumerable<BsonValue> changes) =>
        changes.Select(change => change["field"].AsString.Split('.')[0]).Distinct();

    private static void Compare(
        List<BsonDocument> changes, string prefix, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, HashSet<string> unaudited)
    {
        foreach (var element in new RawBson(after))
        {
            var name = Encoding.UTF8.GetString(element.Name);
            if (unaudited.Contains(name))
            {
                continue;
            }

            if (!RawBson.TryFind(before, element.Name, out var old))
            {
                changes.Add(Whole(prefix + name, BsonNull.Value, element.ToBsonValue()));
            }
            else if (!old.IsSameAs(element))
            {
                Compare(changes, prefix + name, old, element);
            }
        }

        foreach (var element in new RawBson(before))
        {
            var name = Encoding.UTF8.GetString(element.Name);
            if (!unaudited.Contains(name) && !RawBson.TryFind(after, element.Name, out _))
            {
                changes.Add(Whole(prefix + name, element.ToBsonValue(), BsonNull.Value));
            }
        }
    }

    private static void Compare(List<BsonDocument> changes, string field, RawElement before, RawElement after)
    {
        if (before.Type == BsonType.Array && after.Type == BsonType.Array && TryCompareLists(field, before, after) is { } differing)
        {
            changes.AddRange(differing);
        }
        else if (before.Type == BsonType.Document && after.Type == BsonType.Document && HasChangedList(before, after))
        {
            Compare(changes, field + '.', before.Value, after.Value, None);
        }
        else
        {
            changes.Add(Whole(field, before.ToBsonValue(), after.ToBsonValue()));
        }
    }

    private static bool HasChangedList(RawElement before, RawElement after)
    {
        foreach (var element in new RawBson(after.Value))
        {
            if (element.Type == BsonType.Array
                && RawBson.TryFind(before.Value, element.Name, out var old)
                && !old.IsSameAs(element))
            {
                return true;
            }
        }

        return false;
    }

    /// <returns>Null where elements changed places.</returns>
    private static List<BsonDocument>? TryCompareLists(string field, RawElement before, RawElement after)
    {
        var (old, now) = (ItemsOf(before), ItemsOf(after));
        return IsKeyed(old) && IsKeyed(now) ? CompareByKey(field, old, now) : CompareByValue(field, old, now);
    }

    private static List<BsonDocument>? CompareByKey(string field, List<Item> old, List<Item> now)
    {
        var (known, kept) = (old.ToDictionary(item => item.Key!), now.ToDictionary(item => item.Key!));
        if (!old.Select(item => item.Key!).Where(kept.ContainsKey).SequenceEqual(now.Select(item => item.Key!).Where(known.ContainsKey)))
        {
            return null;
        }

        return
        [
            .. old.Where(item => !kept.ContainsKey(item.Key!)).Select(item => Element(item.Key!, item.Value, BsonNull.Value)),
            .. now.Where(item => !known.TryGetValue(item.Key!, out var same) || same.Bytes != item.Bytes)
                .Select(item => Element(item.Key!, known.TryGetValue(item.Key!, out var same) ? same.Value : BsonNull.Value, item.Value)),
        ];

        BsonDocument Element(BsonValue key, BsonValue from, BsonValue to) =>
            new() { { "field", field }, { "key", key }, { "from", from }, { "to", to } };
    }

    private static List<BsonDocument>? CompareByValue(string field, List<Item> old, List<Item> now)
    {
        var (removed, added) = (Without(old, now), Without(now, old));
        return Rest(old, removed).SequenceEqual(Rest(now, added))
            ? [new() { { "field", field }, { "removed", Values(removed) }, { "added", Values(added) } }]
            : null;

        static IEnumerable<string> Rest(List<Item> items, List<Item> others)
        {
            var without = new HashSet<Item>(others, ReferenceEqualityComparer.Instance);
            return items.Where(item => !without.Contains(item)).Select(item => item.Bytes);
        }

        static BsonArray Values(IEnumerable<Item> items) => [.. items.Select(item => item.Value)];
    }

    /// <summary>The items that others do not have, each as often as they lack it.</summary>
    private static List<Item> Without(List<Item> items, List<Item> others)
    {
        var left = others.CountBy(item => item.Bytes).ToDictionary();
        return items.FindAll(item =>
        {
            var count = left.GetValueOrDefault(item.Bytes);
            left[item.Bytes] = count - 1;
            return count <= 0;
        });
    }

    private static List<Item> ItemsOf(RawElement list)
    {
        var items = new List<Item>();
        foreach (var element in new RawBson(list.Value))
        {
            BsonValue? key = null;
            if (element.Type == BsonType.Document)
            {
                foreach (var name in Keys)
                {
                    if (RawBson.Values(element.Value, name) is [var found])
                    {
                        key = found;
                        break;
                    }
                }
            }

            items.Add(new Item((char)element.Type + Convert.ToBase64String(element.Value), element.ToBsonValue(), key));
        }

        return items;
    }

    private static bool IsKeyed(List<Item> items) =>
        items.TrueForAll(item => item.Key is not null) && items.DistinctBy(item => item.Key).Count() == items.Count;

    private static BsonDocument Whole(string field, BsonValue from, BsonValue to) =>
        new() { { "field", field }, { "from", from }, { "to", to } };

    /// <summary>An element of a list.</summary>
    /// <param name="Bytes">Type and value: the same for what is the same.</param>
    /// <param name="Value">As it is told.</param>
    /// <param name="Key">What tells it from the others; null where nothing does.</param>
    private sealed record Item(string Bytes, BsonValue Value, BsonValue? Key);
}
