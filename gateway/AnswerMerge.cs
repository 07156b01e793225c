using System.Text.Json;
using System.Text.Json.Nodes;
using Itsm.Platform.Http;

namespace Itsm.Gateway;

/// <summary>One answer made of the parts that several services know. Objects are merged member by member; numbers are added; arrays are
/// united, each text once in alphabetical order, each object once by its <c>id</c>; of all else the first counts. What arrays called
/// <c>items</c> hold goes by <c>dueAt</c> (without one last), <c>priority</c> and <c>openedAt</c>, and is cut; so are the numbers beside
/// them, and <c>more</c> says so of <c>count</c>.</summary>
internal static class AnswerMerge
{
    private const string Items = "items";

    /// <param name="parts">At least one.</param>
    /// <param name="most">How many items an array called <c>items</c> has at most.</param>
    public static JsonNode Merge(IReadOnlyList<JsonNode> parts, int most) => parts[0] switch
    {
        JsonObject => Counted(new JsonObject(parts.OfType<JsonObject>().SelectMany(part => part.Select(member => member.Key)).Distinct()
            .Select(name => KeyValuePair.Create(name, Member(name, parts, most))))),
        JsonArray => new JsonArray([.. United(parts)]),
        JsonValue first when first.GetValueKind() == JsonValueKind.Number =>
            JsonValue.Create(parts.Where(part => part.GetValueKind() == JsonValueKind.Number).Sum(part => part.GetValue<decimal>())),
        var first => first.DeepClone(),
    };

    private static JsonObject Counted(JsonObject merged)
    {
        if (merged[Items] is not JsonArray)
        {
            return merged;
        }

        if (merged["count"]?.GetValue<decimal>() > SharedRoutes.MostCounted || merged["more"] is not null)
        {
            (merged["count"], merged["more"]) = (SharedRoutes.MostCounted, true);
        }

        if (merged["unread"]?.GetValue<decimal>() > SharedRoutes.MostCounted)
        {
            merged["unread"] = SharedRoutes.MostCounted;
        }

        return merged;
    }

    private static JsonNode? Member(string name, IReadOnlyList<JsonNode> parts, int most)
    {
        var values = parts.OfType<JsonObject>().Select(part => part[name]).OfType<JsonNode>().ToList();
        return values.Count == 0 ? null
            : name == Items && values[0] is JsonArray ? new JsonArray([.. InOrder(All(values)).Take(most)])
            : Merge(values, most);
    }

    private static IEnumerable<JsonNode?> United(IEnumerable<JsonNode> arrays)
    {
        var all = arrays.OfType<JsonArray>().SelectMany(array => array)
            .DistinctBy(one => one is JsonObject thing && thing["id"] is { } id ? id.ToJsonString() : one?.ToJsonString())
            .Select(one => one?.DeepClone()).ToList();
        return all.TrueForAll(one => one?.GetValueKind() == JsonValueKind.String)
            ? all.OrderBy(one => one!.GetValue<string>(), StringComparer.Ordinal)
            : all;
    }

    /// <summary>No two services have the same item; several of one thing may have its id.</summary>
    private static IEnumerable<JsonNode?> All(IEnumerable<JsonNode> arrays) =>
        arrays.OfType<JsonArray>().SelectMany(array => array).Select(one => one?.DeepClone());

    private static IEnumerable<JsonNode?> InOrder(IEnumerable<JsonNode?> items) => items
        .OrderBy(item => InstantOf(item, "dueAt")).ThenBy(item => item?["priority"]?.GetValue<int>() ?? int.MaxValue)
        .ThenBy(item => InstantOf(item, "openedAt"));

    private static DateTimeOffset InstantOf(JsonNode? item, string name) =>
        item?[name]?.GetValue<DateTimeOffset>() ?? DateTimeOffset.MaxValue;
}
