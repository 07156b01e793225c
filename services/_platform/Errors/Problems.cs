using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Http;

namespace Itsm.Platform.Errors;

/// <summary>Errors as RFC 9457 problem details.</summary>
public static partial class Problems
{
    private const string TypePrefix = "https://itsm-services.dev/problems/";
    private static readonly ProblemJson Json = new(new JsonSerializerOptions(ProblemJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>What each status that an operation may answer with means, with the codes that are usual.</summary>
    public static IReadOnlyDictionary<int, string> Meanings { get; } = new SortedDictionary<int, string>
    {
        [400] = "Something in the request is wrong; errors[] names it. Code: `invalid-request`.",
        [401] = "No valid token. Code: `unauthenticated`.",
        [403] = "Not permitted. Codes: `permission-missing`, `no-access` (the account is no active person), `not-approver`, "
            + "`substitute-only`.",
        [404] = "Not there, or not visible to you. Code: `not-found`.",
        [409] = "Refused by a rule. Codes: the rule's own, such as `incident.transition`; `duplicate`, `concurrent-change`, "
            + "`audit-no-key`.",
        [412] = "It changed meanwhile; currentETag and changedFields say how. Code: `precondition-failed`.",
        [413] = "The body is too large. Code: `body-too-large`.",
        [414] = "Path and query are too long. Code: `uri-too-long`.",
        [415] = "The body is not of a type that the operation takes. Code: `unsupported-media-type`.",
        [416] = "The content has no such range; Content-Range says how long it is. Code: `range-not-satisfiable`.",
        [422] = "The Idempotency-Key came before with another request. Code: `idempotency-key-reused`.",
        [428] = "If-Match is missing. Code: `precondition-required`.",
        [429] = "Too much at once; Retry-After says when to come back. Codes: `too-many-requests`, `too-many-keys` (with an "
            + "Idempotency-Key to one thing), `too-many-streams`.",
        [431] = "The headers are too large. Code: `headers-too-large`.",
        [500] = "Something went wrong on our side; traceId finds it in the logs. Code: `internal`.",
        [502] = "The service broke off its answer; the request may have had its effect. Code: `bad-gateway`.",
        [503] = "The service or its store does not answer just now; Retry-After says when to come back. Codes: `service-unavailable`, "
            + "`store-unavailable`, `busy`, `newer-version`, `not-indexed-yet`, `live-updates-unavailable`, "
            + "`scanner-unavailable`, `identity-provider-unavailable`.",
        [504] = "The service did not answer in time; the request may have had its effect. Code: `service-timeout`.",
    };

    /// <summary>A problem of a stable type.</summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="slug">Last part of the type: <c>not-found</c>.</param>
    /// <param name="title">The type in a few words.</param>
    /// <param name="detail">One sentence on this occurrence.</param>
    /// <param name="code">What programs tell it by; the slug where left out.</param>
    public static ProblemDetails Create(int status, string slug, Sentence title, Sentence detail, string? code = null) =>
        new() { Status = status, Type = TypePrefix + slug, Title = title, Detail = detail, Code = code ?? slug };

    /// <summary>Answers with the problem, adding where and under which trace it happened.</summary>
    public static Task WriteAsync(HttpContext context, ProblemDetails problem)
    {
        context.Response.StatusCode = problem.Status;
        context.TellLanguage();
        return context.Response.WriteAsJsonAsync(problem.In(context.Language) with
        {
            Instance = context.Request.Path, TraceId = Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier,
        }, Json.ProblemDetails, ProblemDetails.MediaType, context.RequestAborted);
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(ProblemDetails))]
    private sealed partial class ProblemJson : JsonSerializerContext;
}
