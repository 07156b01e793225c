using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Suite.Tests;

/// <summary>An operation of the merged contract.</summary>
/// <param name="Id">Unique in it.</param>
/// <param name="Method">GET, POST, PUT, PATCH or DELETE.</param>
/// <param name="Path">With its parameters in braces.</param>
/// <param name="Described">What the contract says of it.</param>
internal sealed record Operation(string Id, HttpMethod Method, string Path, JsonObject Described)
{
    private const string Json = "application/json";

    /// <summary>What it takes, by media type; empty where it takes nothing.</summary>
    public JsonObject Bodies => Described["requestBody"]?["content"] as JsonObject ?? [];

    /// <summary>Schema and example of its JSON body; null where it takes none.</summary>
    public JsonObject? Body => Bodies[Json] as JsonObject;

    /// <summary>Status, schema and example of its first success in JSON; null where it has none.</summary>
    public (int Status, JsonObject Content)? Answer => Described["responses"]!.AsObject().Where(one => one.Key[0] == '2')
        .OrderBy(one => one.Key, StringComparer.Ordinal).Where(one => one.Value!["content"]?[Json] is not null)
        .Select(one => ((int, JsonObject)?)(int.Parse(one.Key, CultureInfo.InvariantCulture), one.Value!["content"]![Json]!.AsObject()))
        .FirstOrDefault();

    /// <summary>The query parameters.</summary>
    public IEnumerable<JsonObject> Query => (Described["parameters"] as JsonArray ?? []).Select(one => one!.AsObject())
        .Where(one => one["in"]!.GetValue<string>() == "query");

    /// <summary>What is wrong with this as its answer; null where it is as declared.</summary>
    public string? FaultOf(Contract contract, JsonNode answer)
    {
        var text = Encoding.UTF8.GetBytes(answer.ToJsonString());
        using var response = new HttpResponseMessage((HttpStatusCode)Answer!.Value.Status)
        {
            RequestMessage = new HttpRequestMessage(Method, "http://contract" + Path), Content = new ByteArrayContent(text),
        };
        response.Content.Headers.ContentType = new(Json);
        return contract.FaultOf(response, text);
    }

    /// <summary>All of a contract, in its order.</summary>
    public static IReadOnlyList<Operation> AllOf(JsonObject document) => [.. document["paths"]!.AsObject().SelectMany(path =>
        path.Value!.AsObject().Where(member => member.Key is "get" or "post" or "put" or "patch" or "delete").Select(member =>
            new Operation(member.Value!.AsObject().TextOrNull("operationId") ?? "", new HttpMethod(member.Key.ToUpperInvariant()), path.Key,
                member.Value!.AsObject())))];
}
