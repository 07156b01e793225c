using System.Text.Json.Nodes;

namespace Itsm.Gateway;

/// <summary>One OpenAPI document made of those of all services.</summary>
internal sealed class MergedOpenApi(ServiceAddresses addresses, IHttpClientFactory clients, TimeProvider clock, ILogger<MergedOpenApi> log)
    : IDisposable
{
    public const string Client = "services";
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(30);

    /// <summary>A service on a busy machine takes its time to write its document for the first time; given up, it would begin
    /// anew.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What a newcomer needs, in the order in which they need it.</summary>
    private static readonly string Guide = ReadGuide();
    private readonly SemaphoreSlim _gate = new(1);
    private string? _document;
    private DateTimeOffset _until;

    public async Task WriteAsync(HttpContext context)
    {
        var origin = $"{context.Request.Scheme}://{context.Request.Host}";
        await _gate.WaitAsync(context.RequestAborted);
        try
        {
            if (_document is null || clock.GetUtcNow() >= _until)
            {
                var (document, whole) = await MergeAsync(context.RequestAborted);
                (_document, _until) = whole || _document is null
                    ? (document, clock.GetUtcNow() + (whole ? Kept : TimeSpan.Zero))
                    : (_document, clock.GetUtcNow());
            }
        }
        finally
        {
            _gate.Release();
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.WriteAsync(_document!.Replace("\"{origin}\"", System.Text.Json.JsonSerializer.Serialize(origin),
            StringComparison.Ordinal), context.RequestAborted);
    }

    public void Dispose() => _gate.Dispose();

    private async Task<(string Document, bool Whole)> MergeAsync(CancellationToken ct)
    {
        var (paths, schemas, tags, missing) = (new JsonObject(), new JsonObject(), new List<string>(), new JsonArray());
        foreach (var address in addresses.Distinct)
        {
            try
            {
                using var client = clients.CreateClient(Client);
                client.Timeout = Patience;
                var document = JsonNode.Parse(await client.GetStringAsync(new Uri(address, "/openapi/v1.json"), ct)) as JsonObject
                    ?? throw new System.Text.Json.JsonException("The document is no object.");
                var (itsPaths, itsSchemas) = (document["paths"]?.AsObject(), document["components"]?["schemas"]?.AsObject());
                string[] itsTags = [.. document["tags"]?.AsArray()
                    .Select(tag => tag?["name"]?.GetValue<string>() ?? throw new System.Text.Json.JsonException("A tag has no name."))
                    ?? []];
                Take(itsPaths, paths, address);
                Take(itsSchemas, schemas, address);
                tags.AddRange(itsTags);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or System.Text.Json.JsonException
                or InvalidOperationException)
            {
                log.LogWarning(e, "{Address} has no OpenAPI document just now.", address);
                missing.Add(address.Authority);
            }
        }

        OwnAnswers.AddTo(paths);
        var merged = new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "itsm-services", ["version"] = "v1",
                ["description"] = Guide,
                ["license"] = new JsonObject { ["name"] = "Apache-2.0", ["identifier"] = "Apache-2.0" },
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "{origin}" }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas,
                ["headers"] = OwnAnswers.Headers.DeepClone(),
                ["securitySchemes"] =
                    new JsonObject { ["bearer"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["bearerFormat"] = "JWT" } },
            },
            ["security"] = new JsonArray(new JsonObject { ["bearer"] = new JsonArray() }),
            ["tags"] = new JsonArray([.. tags.Distinct().Order(StringComparer.Ordinal).Select(tag => new JsonObject { ["name"] = tag })]),
        };
        if (missing.Count > 0)
        {
            merged["x-unavailable"] = missing;
        }

        return (merged.ToJsonString(), missing.Count == 0);
    }

    private static string ReadGuide()
    {
        using var reader = new StreamReader(typeof(MergedOpenApi).Assembly.GetManifestResourceStream("guide.md")!);
        return reader.ReadToEnd();
    }

    private void Take(JsonObject? from, JsonObject into, Uri address)
    {
        foreach (var (name, node) in from?.ToArray() ?? [])
        {
            if (into[name] is not { } known)
            {
                into[name] = node?.DeepClone();
            }
            else if (!JsonNode.DeepEquals(known, node))
            {
                log.LogError("{Name} of {Address} differs from that of another service; the first is kept.", name, address);
            }
        }
    }
}
