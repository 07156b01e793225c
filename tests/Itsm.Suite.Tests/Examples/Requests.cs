using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Suite.Tests.Examples;

/// <summary>What is sent so that an operation answers.</summary>
internal sealed class Requests(RunningSuite suite)
{
    private const string Csv = "text/csv";

    private const int Part = 1024 * 1024;

    // What examples name that is not there, or not for this: another ticket in its place.
    private static readonly string[] Tickets = ["into", "parent", "of", "target"];

    /// <summary>With how many tickets something is done at once.</summary>
    public int BulkItems { get; set; } = 3;

    /// <summary>Few items of a list, and what an operation requires.</summary>
    public string QueryOf(Operation operation)
    {
        if (operation.Id == "StartConfigurationItemImport")
        {
            return "?preview=true";
        }

        var values = operation.Query
            .Where(one => one["required"]?.GetValue<bool>() == true
                || (one["name"]!.GetValue<string>() == "limit" && operation.Method == HttpMethod.Get))
            .Select(one => $"{one["name"]}={Uri.EscapeDataString(ValueOf(one["name"]!.GetValue<string>(), one["schema"]!))}").ToList();
        return values.Count == 0 ? "" : "?" + string.Join('&', values);
    }

    /// <summary>The body for a thing; null where it can't be made.</summary>
    public async Task<object?> BodyAsync(Operation operation, string person, Place place)
    {
        if (operation.Body is { } json)
        {
            var body = json["example"]?.DeepClone() as JsonObject ?? [];
            if (place.Item?["digest"] is { } digest && operation.Path.Contains("/approvals/", StringComparison.Ordinal))
            {
                body["digest"] = digest.DeepClone();
            }

            if (operation.Path.EndsWith("/bulk", StringComparison.Ordinal))
            {
                var all = (await suite.GetAsync(person, $"{operation.Path[..^"/bulk".Length]}?limit={BulkItems}")).Ok();
                body["ids"] = new JsonArray([.. all.Items.Select(one => (JsonNode)one.Text("number"))]);
            }

            if (body.ContainsKey("endsAt"))
            {
                body["endsAt"] = suite.Clock.GetUtcNow().AddDays(180).ToString("yyyy-MM-ddT16:00:00Z");
            }

            if (operation.Path.StartsWith("/api/v1/incidents/{id}/", StringComparison.Ordinal)
                || operation.Path.StartsWith("/api/v1/requests/{id}/", StringComparison.Ordinal))
            {
                foreach (var name in Tickets.Where(name => body[name] is JsonValue))
                {
                    body[name] = await OtherAsync(person, place);
                }
            }

            return body;
        }

        if (operation.Bodies.ContainsKey(Csv))
        {
            var sample = operation.Path.EndsWith("/verification", StringComparison.Ordinal)
                ? place.Address[..place.Address.LastIndexOf('/')] : place.Address + "/sample";
            var rows = await suite.GetAsync(person, sample);
            return rows.Status == HttpStatusCode.OK ? new StringContent(rows.Text, Encoding.UTF8, Csv) : null;
        }

        if (operation.Bodies.Count == 0)
        {
            return new ByteArrayContent([]);
        }

        if (operation.Method == HttpMethod.Put)
        {
            var size = place.Item?["size"]?.GetValue<long>() ?? 0;
            var part = new ByteArrayContent(new byte[Math.Min(Part, size)]);
            part.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            part.Headers.ContentRange = size > 0 ? new ContentRangeHeaderValue(0, Math.Min(Part, size) - 1, size) : null;
            return part;
        }

        var file = new ByteArrayContent(Encoding.UTF8.GetBytes("The printer jams with thick paper.\n"));
        file.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        return new MultipartFormDataContent { { file, "file", "notes.txt" } };
    }

    /// <summary>Id of another ticket of the same kind.</summary>
    private async Task<string> OtherAsync(string person, Place place)
    {
        var parts = place.Address.Split('/');
        var others = (await suite.GetAsync(person, $"{string.Join('/', parts[..4])}?limit=20")).Ok().Items;
        return others.First(one => one.Id != parts[4]).Id;
    }

    private string ValueOf(string name, JsonNode schema) => name switch
    {
        "limit" => "2",
        "q" => "printer",
        "at" or "to" => suite.Clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ"),
        "from" => suite.Clock.GetUtcNow().AddDays(-30).ToString("yyyy-MM-ddTHH:mm:ssZ"),
        _ => ((schema["items"] ?? schema)["enum"] as JsonArray)?[0]?.ToString() ?? "1",
    };
}
