using System.Diagnostics;
using System.Text.Json.Serialization;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Itsm.Platform.Errors;

/// <summary>Errors as RFC 9457 problem details.</summary>
public static partial class Problems
{
    private static readonly ProblemJson Json = new(new System.Text.Json.JsonSerializerOptions(ProblemJson.Default.Options)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
    private const string TypePrefix = "https://itsm-services.dev/problems/";

    /// <summary>A problem of a stable type.</summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="slug">Last part of the type: <c>not-found</c>.</param>
    /// <param name="title">The type in a few words.</param>
    /// <param name="detail">One sentence on this occurrence.</param>
    public static ProblemDetails Create(int status, string slug, string title, string detail) =>
        new() { Status = status, Type = TypePrefix + slug, Title = title, Detail = detail };

    /// <summary>Answers with the problem, adding where and under which trace it happened.</summary>
    public static Task WriteAsync(HttpContext context, ProblemDetails problem)
    {
        problem.Instance = context.Request.Path;
        problem.Extensions["traceId"] = Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
        context.Response.StatusCode = problem.Status ?? StatusCodes.Status500InternalServerError;
        return context.Response.WriteAsJsonAsync(problem, Json.ProblemDetails, "application/problem+json", context.RequestAborted);
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(ProblemDetails))]
    [JsonSerializable(typeof(IReadOnlyList<FieldError>))]
    [JsonSerializable(typeof(FieldError[]))]
    [JsonSerializable(typeof(int))]
    [JsonSerializable(typeof(List<FieldError>))]
    [JsonSerializable(typeof(string[]))]
    private sealed partial class ProblemJson : JsonSerializerContext;
}
