using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Itsm.Testing;

namespace Itsm.Suite.Tests.Examples;

/// <summary>An address, and the item of a list that its last parameter comes from.</summary>
internal sealed record Place(string Address, JsonObject? Item);

/// <summary>What the parameters of paths can stand for, by what lists show.</summary>
internal sealed partial class Places(RunningSuite suite, IReadOnlyList<Operation> operations)
{
    private const string Most = "?limit=100";
    private readonly Dictionary<(string Person, string Address), List<JsonObject>> _lists = [];
    private readonly Dictionary<string, List<JsonObject>> _made = [];
    private readonly HashSet<string> _readable = [.. operations.Where(one => one.Method == HttpMethod.Get).Select(one => one.Path)];

    /// <summary>The addresses that a path stands for.</summary>
    public async IAsyncEnumerable<Place> FindAsync(string person, string path, bool newestFirst = false)
    {
        if (LastParameters().Match(path) is not { Success: true } match)
        {
            yield return new Place(path, null);
            yield break;
        }

        var (before, names, after) = (match.Groups[1].Value, match.Groups[2].Value.Trim('/').Split('/'), match.Groups[3].Value);
        await foreach (var above in FindAsync(person, before, newestFirst))
        {
            var items = await ItemsAsync(person, before, above.Address);
            foreach (var item in newestFirst ? items.OrderByDescending(Age, StringComparer.Ordinal) : items)
            {
                var values = names.Select(name => ValueOf(item, name.Trim('{', '}'))).OfType<string>().ToList();
                if (values.Count == names.Length)
                {
                    yield return new Place($"{above.Address}/{string.Join('/', values.Select(Uri.EscapeDataString))}{after}", item);
                }
            }
        }
    }

    /// <summary>What was written may show in lists, and what came of it may be none yet.</summary>
    public void Note(HttpMethod method, string address, string answer)
    {
        _lists.Clear();
        if (method == HttpMethod.Post && JsonNode.Parse(answer) is JsonObject made && made["id"]?.ToString() is { } id
            && !address.Contains(id, StringComparison.Ordinal))
        {
            foreach (var collection in new[] { address, address[..address.LastIndexOf('/')] })
            {
                (_made.TryGetValue(collection, out var known) ? known : _made[collection] = []).Add(made);
            }
        }
    }

    private async Task<IEnumerable<JsonObject>> ItemsAsync(string person, string path, string address)
    {
        if (path == "/api/v1/operations/audit-anchor")
        {
            return [new JsonObject { ["service"] = "incidents" }];
        }

        var list = path.EndsWith("/editions", StringComparison.Ordinal) ? address[..address.LastIndexOf('/')]
            : path.EndsWith("}/approvals", StringComparison.Ordinal) ? $"/api/v1/approvals{Most}&ticket={address.Split('/')[^2]}"
            : _readable.Contains(path) ? address + Most
            : null;
        if (list is not null && !_lists.ContainsKey((person, list)))
        {
            var answer = await suite.GetAsync(person, list);
            if (answer.Status == HttpStatusCode.BadRequest && list.EndsWith(Most, StringComparison.Ordinal))
            {
                answer = await suite.GetAsync(person, address);
            }

            _lists[(person, list)] = answer.Status == HttpStatusCode.OK && answer.Text.Length > 0
                ? ItemsOf(JsonNode.Parse(answer.Text)) : [];
        }

        return (list is null ? [] : _lists[(person, list)]).Concat(_made.GetValueOrDefault(address) ?? []);
    }

    /// <summary>A list, the first list of an answer, or the answer itself.</summary>
    private static List<JsonObject> ItemsOf(JsonNode? answer) =>
        (answer as JsonArray ?? answer?["items"] as JsonArray
            ?? (answer as JsonObject)?.Select(one => one.Value as JsonArray).FirstOrDefault(one => one?.Count > 0 && one[0] is JsonObject)
            ?? new JsonArray(answer?.DeepClone())).OfType<JsonObject>().ToList();

    /// <summary>By when it was opened, else by its id, which tells when it was made.</summary>
    private static string Age(JsonObject item) => $"{item["openedAt"]} {item["id"]}";

    private static string? ValueOf(JsonObject item, string name) => (item[name] ?? item[name + "Id"]) switch
    {
        JsonValue value => value.ToString(),
        JsonObject thing => thing["id"]?.ToString(),
        _ when name == "number" => "1",
        _ => (item["id"] ?? item["key"])?.ToString(),
    };

    [GeneratedRegex(@"^(.*?[^}])((?:/\{\w+\})+)([^{}]*)$")]
    private static partial Regex LastParameters();
}
