using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Itsm.Platform.Errors;
using Itsm.Platform.Hosting;
using Itsm.Platform.Http;

namespace Itsm.Gateway;

/// <summary>Answers what no service knows alone: asks all at once, and makes one answer of theirs. A part that is not there just now is
/// left out, and its services are named in <c>incomplete</c>.</summary>
internal sealed class SharedAnswers(
    ServiceAddresses addresses, IHttpClientFactory clients, TimeProvider clock, ILogger<SharedAnswers> log)
{
    public static readonly string[] Patterns = [$"/api/v1/{SharedRoutes.Path}/{{**rest}}", $"/api/v1/{SharedRoutes.Labels}"];
    private const string Client = "parts";
    private const long LargestPart = 10_000_000;
    private const int RetryAfterSeconds = 2;
    private static readonly string[] Forwarded = ["Authorization", "Accept-Language"];
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>How long a process that has no such route is not asked again.</summary>
    private static readonly TimeSpan Spared = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<(string Path, Uri Address), DateTimeOffset> _spared = new();

    public static void Add(IServiceCollection services, LimitSettings limits) => services.AddSingleton<SharedAnswers>()
        .AddHttpClient(Client, client => (client.Timeout, client.MaxResponseContentBufferSize) = (limits.Part, LargestPart))
        .RemoveAllLoggers()
        .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            ConnectTimeout = limits.Connect, PooledConnectionLifetime = limits.Connection, AllowAutoRedirect = false, UseCookies = false,
        });

    public async Task WriteAsync(HttpContext context)
    {
        var (path, now) = (context.Request.Path.ToString(), clock.GetUtcNow());
        var asked = addresses.Distinct.Where(address => !_spared.TryGetValue((path, address), out var until) || until <= now).ToList();
        var parts = await Task.WhenAll(asked.Select(address => AskAsync(address, context)));
        var answers = parts.Where(part => part.Json is not null).ToList();
        if (parts.FirstOrDefault(part => part is { IsRefusal: true, Status: not HttpStatusCode.NotFound }) is { } refused)
        {
            await PassAsync(context, refused);
        }
        else if (answers.Count > 0)
        {
            foreach (var part in parts.Where(part => part.IsRefusal))
            {
                _spared[(path, part.Address)] = now + Spared;
            }

            var merged = AnswerMerge.Merge([.. answers.Select(part => part.Json!)], (int)SharedRoutes.Limit.Of(context.Request));
            if (parts.Where(part => part is { Json: null, IsRefusal: false }).SelectMany(part => addresses.At(part.Address)).Order()
                .Select(name => (JsonNode)name).ToArray() is { Length: > 0 } missing)
            {
                merged["incomplete"] = new JsonArray(missing);
            }

            var body = Encoding.UTF8.GetBytes(merged.ToJsonString(Json));
            await (path.EndsWith($"/{SharedRoutes.Labels}", StringComparison.Ordinal) && merged["incomplete"] is null
                ? LabelRoutes.WriteAsync(context, body, merged["language"]!.GetValue<string>())
                : SendAsync(context, StatusCodes.Status200OK, "application/json; charset=utf-8", body));
        }
        else if (parts.Length > 0 && Array.TrueForAll(parts, part => part.IsRefusal))
        {
            await PassAsync(context, parts[0]);
        }
        else
        {
            context.Response.Headers.RetryAfter = $"{RetryAfterSeconds}";
            await Problems.WriteAsync(context, Problems.Create(503, "service-unavailable", $"Service unavailable",
                $"None of the services can be reached just now."));
        }
    }

    private async Task<Part> AskAsync(Uri address, HttpContext context)
    {
        try
        {
            using var client = clients.CreateClient(Client);
            using var request = new HttpRequestMessage(HttpMethod.Get,
                new Uri(address, context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent()));
            foreach (var header in Forwarded.Where(context.Request.Headers.ContainsKey))
            {
                request.Headers.TryAddWithoutValidation(header, (IEnumerable<string?>)context.Request.Headers[header]);
            }

            using var response = await client.SendAsync(request, context.RequestAborted);
            var body = await response.Content.ReadAsByteArrayAsync(context.RequestAborted);
            return new Part(address, response.StatusCode, response.Content.Headers.ContentType?.ToString(), body,
                response.StatusCode == HttpStatusCode.OK ? JsonNode.Parse(body) as JsonObject : null);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException
            || (e is OperationCanceledException && !context.RequestAborted.IsCancellationRequested))
        {
            log.LogWarning("{Address} gave no part of {Path}: {Reason}", address, context.Request.Path, e.Message);
            return new Part(address, HttpStatusCode.ServiceUnavailable, null, [], null);
        }
    }

    private static Task PassAsync(HttpContext context, Part part) => SendAsync(context, (int)part.Status, part.ContentType, part.Body);

    private static Task SendAsync(HttpContext context, int status, string? type, byte[] body)
    {
        var response = context.Response;
        (response.StatusCode, response.ContentType, response.ContentLength) = (status, type, body.Length);
        response.Headers.CacheControl = "no-store";
        return response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    /// <summary>What one process answered; 503 where it did not.</summary>
    private sealed record Part(Uri Address, HttpStatusCode Status, string? ContentType, byte[] Body, JsonObject? Json)
    {
        public bool IsRefusal => (int)Status is >= 400 and < 500;
    }
}
