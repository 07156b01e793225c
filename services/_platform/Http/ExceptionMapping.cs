using System.Text.Json;
using System.Text.RegularExpressions;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Http;

/// <summary>Every failure as problem details, once for all use cases.</summary>
internal static partial class ExceptionMapping
{
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
            if (e is HttpProblemException { Tag: { } tag })
            {
                context.Response.Headers.ETag = tag;
            }

            var problem = Of(e);
            if (problem.Status >= 500)
            {
                context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Itsm.Http").LogError(e, "{Method} {Path} failed.", context.Request.Method, context.Request.Path);
            }

            await Problems.WriteAsync(context, problem);
        }
    });

    private static ProblemDetails OfStatus(HttpContext context) => context.Response.StatusCode switch
    {
        405 => Problems.Create(405, "method-not-allowed", "Method not allowed", $"{context.Request.Method} is not possible here; possible: {context.Response.Headers.Allow}."),
        415 => Problems.Create(415, "unsupported-media-type", "Unsupported media type", $"The body is {context.Request.ContentType ?? "of no stated type"}; this route takes application/json."),
        _ => Problems.Create(404, "not-found", "Not found", $"There is no route {context.Request.Path}."),
    };

    private static ProblemDetails Of(Exception exception) => exception switch
    {
        HttpProblemException e => e.Problem,
        RuleViolationException e => With(Problems.Create(409, "rule", "Refused by a rule", e.Message), "code", e.Code),
        InvalidValueException e => HttpProblemException.Invalid(e.Pointer, e.Message).Problem,
        DuplicateKeyException e => With(Problems.Create(409, "duplicate", "Exists already", $"Another one has the same {string.Join(", ", e.Fields)}."), "code", "duplicate"),
        ConcurrentChangeException e => With(Problems.Create(409, "concurrent-change", "Changed by others", e.Message), "code", "concurrent-change"),
        BadHttpRequestException { StatusCode: 413 } => Problems.Create(413, "body-too-large", "Body too large", "The body is larger than this route takes."),
        BadHttpRequestException { StatusCode: 415 } => Problems.Create(415, "unsupported-media-type", "Unsupported media type", "This route takes application/json."),
        BadHttpRequestException { InnerException: JsonException json } => OfJson(json),
        JsonException json => OfJson(json),
        BadHttpRequestException e => HttpProblemException.Invalid("", e.Message).Problem,
        _ => Problems.Create(500, "internal", "Internal error", "Something went wrong on our side; the traceId finds it in the logs."),
    };

    private static ProblemDetails OfJson(JsonException json)
    {
        var pointer = Pointer(json.Path);
        if (MissingMembers().Match(json.Message) is { Success: true } missing)
        {
            return HttpProblemException.Invalid([.. Quoted().Matches(missing.Value).Select(name => new FieldError($"{pointer}/{name.Groups[1].Value}", $"{name.Groups[1].Value} is required."))]).Problem;
        }

        if (UnknownMember().Match(json.Message) is { Success: true } unknown)
        {
            return HttpProblemException.Invalid($"{(pointer.EndsWith('/' + unknown.Groups[1].Value, StringComparison.Ordinal) ? pointer : pointer + '/' + unknown.Groups[1].Value)}", $"There is no field {unknown.Groups[1].Value} here.").Problem;
        }

        return json.Message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal) || json.Message.StartsWith("The JSON property", StringComparison.Ordinal)
            ? HttpProblemException.Invalid(pointer, $"The value at {(pointer.Length == 0 ? "the root" : pointer)} has the wrong type, or is not one of the possible values.").Problem
            : HttpProblemException.Invalid(pointer, $"The body is not well-formed JSON: {json.Message.Split(" Path:")[0]}").Problem;
    }

    private static ProblemDetails With(ProblemDetails problem, string name, string value)
    {
        problem.Extensions[name] = value;
        return problem;
    }

    /// <summary>From <c>$.a[0].b</c> to <c>/a/0/b</c>.</summary>
    private static string Pointer(string? path) =>
        path is null or "$" ? "" : path.TrimStart('$').Replace("['", ".").Replace("']", "").Replace("[", ".").Replace("]", "").Replace('.', '/');

    [GeneratedRegex("(?<=missing required properties[^:]*: ).*")]
    private static partial Regex MissingMembers();

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex Quoted();

    [GeneratedRegex("^The JSON property '([^']+)' could not be mapped")]
    private static partial Regex UnknownMember();
}
