using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Itsm.Testing;

/// <summary>What an OpenAPI document declares of answers; its schemas are built once.</summary>
public sealed class Contract
{
    private const string Schemas = "#/components/schemas/";
    private static readonly string[] Headers =
        ["ETag", "Location", "Link", "Retry-After", "Idempotent-Replayed", "RateLimit", "RateLimit-Policy"];
    private static readonly string[] Methods = ["get", "post", "put", "patch", "delete"];
    private static readonly EvaluationOptions Quick = new() { OutputFormat = OutputFormat.Flag, RequireFormatValidation = true };
    private static readonly EvaluationOptions Full = new() { OutputFormat = OutputFormat.Hierarchical, RequireFormatValidation = true };
    private readonly Dictionary<string, List<Operation>> _operations = [];
    private readonly BuildOptions _options = new() { SchemaRegistry = new SchemaRegistry(), Dialect = Dialect.Draft202012 };

    /// <summary>What was found to be as declared: those who wait for a change get the same answer many times.</summary>
    private readonly ConcurrentDictionary<(JsonSchema, string), bool> _passed = new();
    private readonly Uri _address = new($"https://contract/{Path.GetRandomFileName()}");

    private Contract(JsonObject document)
    {
        // Under an address of its own, the schemas of operations can refer to those of the document.
        var all = new JsonObject { ["$defs"] = Referring(document["components"]!["schemas"]!) };
        JsonSchema.FromText(all.ToJsonString(), _options, _address);
        foreach (var (path, members) in document["paths"]!.AsObject())
        {
            foreach (var method in Methods.Where(members!.AsObject().ContainsKey))
            {
                var responses = members![method]!["responses"]!.AsObject();
                var events = members[method]!["x-events"] as JsonObject ?? [];
                var operation = new Operation(path.Split('/'), responses.ToDictionary(one => one.Key, one => Read(one.Value!)),
                    events.ToDictionary(one => one.Key, one => Build(one.Value!)));
                (_operations.TryGetValue(method, out var known) ? known : _operations[method] = []).Add(operation);
            }
        }
    }

    /// <summary>The contract that is written in this document.</summary>
    public static Contract Of(JsonObject document) => new(document);

    /// <summary>What is wrong with an answer; null where it is as declared.</summary>
    /// <param name="answer">With what was asked.</param>
    /// <param name="body">Of the answer; null where it is not to be read.</param>
    public string? FaultOf(HttpResponseMessage answer, ReadOnlyMemory<byte>? body)
    {
        var (request, status, mediaType) =
            (answer.RequestMessage!, (int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType);
        if (Find(request) is not { } operation)
        {
            return status is 401 or 404 or 405 ? null : "is no operation";
        }

        if (!operation.Responses.TryGetValue(status.ToString(System.Globalization.CultureInfo.InvariantCulture), out var declared))
        {
            return $"declares no {status}, only {string.Join(", ", operation.Responses.Keys)}";
        }

        if (Headers.FirstOrDefault(name => answer.Headers.Contains(name) && !declared.Headers.Contains(name)) is { } header)
        {
            return $"declares no {header}";
        }

        if (declared.Contents is not { } contents)
        {
            return mediaType is null || status >= 400 ? null : $"declares no content, but {mediaType} came";
        }

        if (mediaType is null || !(contents.TryGetValue(mediaType, out var schema) || contents.TryGetValue("*/*", out schema)))
        {
            return $"declares {string.Join(", ", contents.Keys)}, but {mediaType ?? "nothing"} came";
        }

        if (body is not { } bytes || !IsJson(mediaType))
        {
            return null;
        }

        return FaultOf(schema.Value, bytes, request.RequestUri!.Query.Contains("fields=", StringComparison.Ordinal));
    }

    /// <summary>What is wrong with an event of a stream; null where it is as declared.</summary>
    public string? FaultOfEvent(HttpRequestMessage request, string name, string data) =>
        Find(request)?.Events.GetValueOrDefault(name) is not { } schema ? $"The contract declares no event {name}."
        : FaultOf(schema.Value, System.Text.Encoding.UTF8.GetBytes(data), isPart: false) is { } fault ? $"The contract of {name}: {fault}"
        : null;

    private string? FaultOf(JsonSchema schema, ReadOnlyMemory<byte> text, bool isPart)
    {
        var digest = (schema, Convert.ToHexString(SHA256.HashData(text.Span)));
        if (_passed.ContainsKey(digest))
        {
            return null;
        }

        using var json = JsonDocument.Parse(text);
        if (!schema.Evaluate(json.RootElement, Quick).IsValid
            && Faults(schema.Evaluate(json.RootElement, Full), isPart).Distinct().ToList() is { Count: > 0 } faults)
        {
            return string.Join("; ", faults);
        }

        if (!isPart)
        {
            _passed.TryAdd(digest, true);
        }

        return null;
    }

    /// <summary>True for one JSON value; false for lines of JSON, too.</summary>
    internal static bool IsJson(string? mediaType) =>
        mediaType is "application/json" || mediaType?.EndsWith("+json", StringComparison.Ordinal) == true;

    private Operation? Find(HttpRequestMessage request)
    {
        var parts = request.RequestUri!.AbsolutePath.Split('/');
        return _operations.GetValueOrDefault(request.Method.Method.ToLowerInvariant())?
            .Where(one => one.Path.Length == parts.Length && one.Path.Zip(parts).All(pair =>
                pair.First is ['{', ..] || pair.First.Equals(pair.Second, StringComparison.OrdinalIgnoreCase)))
            .MinBy(one => one.Path.Count(part => part is ['{', ..]));
    }

    /// <summary>The faults within what does not fit. Where <c>fields</c> chose members, no other is required of the thing itself.</summary>
    private static IEnumerable<string> Faults(EvaluationResults results, bool isPart)
    {
        if (results.IsValid)
        {
            yield break;
        }

        var at = results.InstanceLocation.ToString();
        var isThing = at.Length == 0 || (at.StartsWith("/items/", StringComparison.Ordinal) && at.Count(one => one == '/') == 2);
        foreach (var (keyword, what) in results.Errors ?? new Dictionary<string, string>())
        {
            if (!isPart || !isThing || keyword != "required")
            {
                yield return $"{(at.Length == 0 ? "(the whole)" : at)}: {what}";
            }
        }

        foreach (var fault in (results.Details ?? []).SelectMany(one => Faults(one, isPart)))
        {
            yield return fault;
        }
    }

    private Response Read(JsonNode response) => new(
        (response["headers"] as JsonObject ?? []).Select(header => header.Key).ToHashSet(),
        response["content"]?.AsObject().ToDictionary(content => content.Key, content => Build(content.Value!["schema"]!),
            StringComparer.OrdinalIgnoreCase));

    /// <summary>One at a time: they share a registry.</summary>
    private Lazy<JsonSchema> Build(JsonNode schema) => new(() =>
    {
        lock (_options)
        {
            return JsonSchema.FromText(Referring(schema).ToJsonString(), _options);
        }
    });

    private JsonNode Referring(JsonNode schema)
    {
        var copy = schema.DeepClone();
        Refer(copy);
        return copy;

        void Refer(JsonNode? node)
        {
            switch (node)
            {
                case JsonObject members:
                    if (members["$ref"] is JsonValue reference && reference.GetValue<string>() is var text
                        && text.StartsWith(Schemas, StringComparison.Ordinal))
                    {
                        members["$ref"] = $"{_address}#/$defs/{text[Schemas.Length..]}";
                    }

                    foreach (var (_, member) in members)
                    {
                        Refer(member);
                    }

                    break;
                case JsonArray items:
                    foreach (var item in items)
                    {
                        Refer(item);
                    }

                    break;
            }
        }
    }

    private sealed record Operation(
        string[] Path, IReadOnlyDictionary<string, Response> Responses, IReadOnlyDictionary<string, Lazy<JsonSchema>> Events);

    private sealed record Response(HashSet<string> Headers, IReadOnlyDictionary<string, Lazy<JsonSchema>>? Contents);
}
