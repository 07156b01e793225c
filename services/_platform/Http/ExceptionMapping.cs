using System.Text.Json;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Itsm.Platform.Http;

/// <summary>Every failure as problem details, once for all use cases.</summary>
internal static class ExceptionMapping
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly string[] OfContent =
    [
        HeaderNames.ContentLength, HeaderNames.ContentDisposition, HeaderNames.ContentRange, HeaderNames.AcceptRanges, HeaderNames.ETag,
        HeaderNames.LastModified,
    ];

    public static IApplicationBuilder UseProblems(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: 404 or 405 or 415, ContentLength: null, ContentType: null })
            {
                await Problems.WriteAsync(context, OfStatus(context));
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = 499;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            TakeBackContent(context.Response);
            if (e is HttpProblemException { Tag: { } tag })
            {
                context.Response.Headers.ETag = tag;
            }

            var problem = Of(e, context);
            if ((e is StoreUnavailableException ? Pause : (e as HttpProblemException)?.RetryAfter) is { } wait)
            {
                context.Response.Headers.RetryAfter = $"{Math.Max(1, Math.Ceiling(wait.TotalSeconds)):0}";
            }

            if (problem.Status >= 500)
            {
                // While the store is away each request fails alike: the stack would say nothing more.
                var log = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Itsm.Http");
                var (method, path) = (context.Request.Method, context.Request.Path);
                log.LogError(e is StoreUnavailableException ? null : e, "{Method} {Path} failed: {Reason}", method, path, e.Message);
            }

            await Problems.WriteAsync(context, problem);
        }
    });

    /// <summary>What was said already of content that could not be read then.</summary>
    private static void TakeBackContent(HttpResponse response)
    {
        foreach (var header in response.ContentLength is null ? [] : OfContent)
        {
            response.Headers.Remove(header);
        }
    }

    private static ProblemDetails OfStatus(HttpContext context) => context.Response.StatusCode switch
    {
        405 =>
            Problems.Create(405, "method-not-allowed", $"Method not allowed",
                $"{context.Request.Method} is not possible here; possible: {context.Response.Headers.Allow}."),
        415 =>
            Problems.Create(415, "unsupported-media-type", $"Unsupported media type",
                context.Request.ContentType is { } type ? $"The body is {type}; this route takes {JsonBody.MediaType}."
                    : (Sentence)$"The body is of no stated type; this route takes {JsonBody.MediaType}."),
        _ => Problems.Create(404, "not-found", $"Not found", $"There is no route {context.Request.Path}."),
    };

    private static ProblemDetails Of(Exception exception, HttpContext context) => exception switch
    {
        HttpProblemException e => e.Problem,
        RuleViolationException e => Problems.Create(409, "rule", $"Refused by a rule", e.Why, e.Code),
        InvalidValueException e => HttpProblemException.Invalid(e.Pointer, e.Code, e.Why).Problem,
        DuplicateKeyException e => Problems.Create(409, "duplicate", $"Exists already", $"Another one has the same {e.What.AsWord}."),
        ConcurrentChangeException e => Problems.Create(409, "concurrent-change", $"Changed by others", e.Why),
        OutboxFullException e =>
            Problems.Create(503, "busy", $"Busy", $"{e.Why} The request had no effect; repeat it."),
        NewerVersionException =>
            Problems.Create(503, "newer-version", $"Stored by a newer version",
                $"A newer version of the service stored it. Another instance of the service can do it; repeat the request."),
        StoreUnavailableException =>
            Problems.Create(503, "store-unavailable", $"Store unavailable",
                $"The service's store does not answer just now; the request may or may not have had its effect. Repeat it with the same "
                + $"Idempotency-Key."),
        BadHttpRequestException { StatusCode: 413 } =>
            Problems.Create(413, "body-too-large", $"Body too large", $"The body is larger than this route takes."),
        BadHttpRequestException { StatusCode: 415 } =>
            Problems.Create(415, "unsupported-media-type", $"Unsupported media type", $"This route takes application/json."),
        BadHttpRequestException { InnerException: JsonException } => OfJson(context),
        BadHttpRequestException when LacksBody(context) => HttpProblemException.Invalid("", FieldCode.Required,
            $"A JSON body is required.").Problem,
        BadHttpRequestException e => HttpProblemException.Invalid("", FieldCode.WrongFormat, Sentence.Verbatim(e.Message)).Problem,
        _ => Problems.Create(500, "internal", $"Internal error", $"Something went wrong on our side; the traceId finds it in the logs."),
    };

    /// <summary>The serializer says what it met first, in its own words: the body is looked through again for all that is wrong.</summary>
    private static ProblemDetails OfJson(HttpContext context)
    {
        var type = context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType ?? typeof(object);
        var body = context.Request.Body is MemoryStream read ? read.ToArray() : [];
        var options = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        return HttpProblemException.Invalid(BodyFaults.Find(body, type, options)).Problem;
    }

    private static bool LacksBody(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is { IsOptional: false }
            && ((context.Request.Body is MemoryStream body && IsNothing(body.ToArray()))
                || context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false });

    private static bool IsNothing(ReadOnlySpan<byte> body) => body.Trim(" \t\r\n"u8) is [] or [(byte)'n', (byte)'u', (byte)'l', (byte)'l'];
}
