using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Platform.Hosting;

/// <summary>What the members of the contract's enums are called for people.</summary>
/// <param name="Language">In which language.</param>
/// <param name="Labels">By the name of the schema, and by the word in JSON.</param>
/// <param name="Incomplete">Services that did not answer just now, whose enums may be missing; absent where all did.</param>
public sealed record EnumLabels(
    string Language, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Labels, IReadOnlyList<string>? Incomplete = null);

/// <summary><c>GET /api/v1/labels</c>.</summary>
public static class LabelRoutes
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Answers with labels that are made: an ETag by their content, with which whoever keeps them asks whether they still
    /// hold; another preference makes them others.</summary>
    public static Task WriteAsync(HttpContext context, byte[] body, string language)
    {
        var (response, tag) = (context.Response, $"\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 8))}\"");
        response.Headers.CacheControl = "private, no-cache";
        response.Headers.ETag = tag;
        context.TellLanguage(language);
        if (ETag.IsAmong(context.Request.Headers.IfNoneMatch, tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        (response.ContentType, response.ContentLength) = ("application/json; charset=utf-8", body.Length);
        return response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        var known = new ConcurrentDictionary<string, byte[]>();
        api.MapGet(SharedRoutes.Labels, async (HttpContext context, CancellationToken ct) =>
        {
            var language = context.Language;
            if (!known.TryGetValue(language.Tag, out var body))
            {
                known[language.Tag] = body = JsonSerializer.SerializeToUtf8Bytes(await MakeAsync(context, language, ct), Json);
            }

            await WriteAsync(context, body, language.Tag);
        }).WithName("GetLabels").WithTags("Me").WithSummary("Reads what the members of enums are called for people")
            .WithDescription("In the language that the caller prefers, else that Accept-Language asks for, else in English; of all enums "
                + "in this contract, by the names of their schemas.")
            .WithMetadata(new TaggedRoute()).Produces<EnumLabels>().Produces(StatusCodes.Status304NotModified);
    }

    private static async Task<EnumLabels> MakeAsync(HttpContext context, Language language, CancellationToken ct)
    {
        var document = await context.RequestServices.GetRequiredKeyedService<IOpenApiDocumentProvider>("v1")
            .GetOpenApiDocumentAsync(ct);
        return new EnumLabels(language.Tag, document.Components!.Schemas!.Where(schema => schema.Value.Enum is { Count: > 0 })
            .OrderBy(schema => schema.Key, StringComparer.Ordinal).ToDictionary(schema => schema.Key, schema =>
                (IReadOnlyDictionary<string, string>)schema.Value.Enum!.Select(word => word.GetValue<string>())
                    .ToDictionary(word => word, word => language.LabelOf(schema.Key, word))));
    }
}
