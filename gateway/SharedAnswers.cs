using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Itsm.Platform.Errors;
using Itsm.Platform.Hosting;
using Itsm.Platform.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Itsm.Gateway;

/// <summary>Answers what no service knows alone: asks all at once, and makes one answer of theirs. A part that is not there just now is
/// left out, and its services are named in <c>incomplete</c>. Labels in two languages, just
/// after a preference changed, have no ETag.</summary>
internal sealed class SharedAnswers(
    ServiceAddresses addresses, IHttpClientFactory clients, TimeProvider clock, ILogger<SharedAnswers> log)
{
    public static readonly string[] Patterns = [$"/api/v1/{SharedRoutes.Path}/{{**rest}}", $"/api/v1/{SharedRoutes.Labels}"];
    private const string Client = "parts";
    private const string Language = "language";
    private const string OwnerOfPeople = "directory";
    private const long LargestPart = 10_000_000;
    private const int RetryAfterSeconds = 2;
    private static readonly string[] Forwarded = ["Authorization", "Accept-Language"];

    /// <summary>Headers of a service's answer that is passed on.</summary>
    private static readonly string[] Passed = [HeaderNames.ContentLanguage, HeaderNames.Vary, HeaderNames.RetryAfter];
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

            var merged = MergeOf(answers, (int)SharedRoutes.Limit.Of(context.Request));
            if (parts.Where(part => part is { Json: null, IsRefusal: false }).SelectMany(part => addresses.At(part.Address)).Order()
                .Select(name => (JsonNode)name).ToArray() is { Length: > 0 } missing)
            {
                merged["incomplete"] = new JsonArray(missing);
            }

            var body = Encoding.UTF8.GetBytes(merged.ToJsonString(Json));
            await (path.EndsWith($"/{SharedRoutes.Labels}", StringComparison.Ordinal) && merged["incomplete"] is null
                && answers.DistinctBy(part => $"{part.Json![Language]}").Count() == 1
                ? LabelRoutes.WriteAsync(context, body, merged[Language]!.GetValue<string>())
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

    /// <summary>The language is what the owner of people says, where that answered: the others hear of a change a little later.</summary>
    private JsonObject MergeOf(IReadOnlyList<Part> answers, int most)
    {
        var merged = AnswerMerge.Merge([.. answers.Select(part => part.Json!)], most).AsObject();
        if (answers.FirstOrDefault(part => addresses.At(part.Address).Contains(OwnerOfPeople)) is { } owner)
        {
            if (owner.Json![Language] is { } language)
            {
                merged[Language] = language.DeepClone();
            }
            else
            {
                merged.Remove(Language);
            }
        }

        return merged;
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
                response.StatusCode == HttpStatusCode.OK ? JsonNode.Parse(body) as JsonObject : null)
            {
                Headers = [.. response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
                    .Where(header => Passed.Contains(header.Key, StringComparer.OrdinalIgnoreCase))
                    .Select(header => (header.Key, new StringValues([.. header.Value])))],
            };
        }
        catch (Exception e) when (e is HttpRequestException or JsonException
            || (e is OperationCanceledException && !context.RequestAborted.IsCancellationRequested))
        {
            log.LogWarning("{Address} gave no part of {Path}: {Reason}", address, context.Request.Path, e.Message);
            return new Part(address, HttpStatusCode.ServiceUnavailable, null, [], null);
        }
    }

    private static Task PassAsync(HttpContext context, Part part)
    {
        foreach (var (name, values) in part.Headers)
        {
            context.Response.Headers.Append(name, values);
        }

        return SendAsync(context, (int)part.Status, part.ContentType, part.Body);
    }

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
        public IReadOnlyList<(string Name, StringValues Values)> Headers { get; init; } = [];

        public bool IsRefusal => (int)Status is >= 400 and < 500;
    }
}
