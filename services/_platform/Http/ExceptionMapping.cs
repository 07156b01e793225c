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
            if (e is StoreUnavailableException)
            {
                context.Response.Headers.RetryAfter = "2";
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

    private static ProblemDetails OfStatus(HttpContext context) => context.Response.StatusCode switch
    {
        405 =>
            Problems.Create(405, "method-not-allowed", "Method not allowed",
                $"{context.Request.Method} is not possible here; possible: {context.Response.Headers.Allow}."),
        415 =>
            Problems.Create(415, "unsupported-media-type", "Unsupported media type",
                $"The body is {context.Request.ContentType ?? "of no stated type"}; this route takes application/json."),
        _ => Problems.Create(404, "not-found", "Not found", $"There is no route {context.Request.Path}."),
    };

    private static ProblemDetails Of(Exception exception) => exception switch
    {
        HttpProblemException e => e.Problem,
        RuleViolationException e => With(Problems.Create(409, "rule", "Refused by a rule", e.Message), "code", e.Code),
        InvalidValueException e => HttpProblemException.Invalid(e.Pointer, e.Message).Problem,
        DuplicateKeyException e =>
            With(Problems.Create(409, "duplicate", "Exists already", $"Another one has the same {e.What}."), "code", "duplicate"),
        ConcurrentChangeException e =>
            With(Problems.Create(409, "concurrent-change", "Changed by others", e.Message), "code", "concurrent-change"),
        StoreUnavailableException =>
            Problems.Create(503, "store-unavailable", "Store unavailable",
                "The service's store does not answer just now; the request may or may not have had its effect. Repeat it with the same "
                + "Idempotency-Key."),
        BadHttpRequestException { StatusCode: 413 } =>
            Problems.Create(413, "body-too-large", "Body too large", "The body is larger than this route takes."),
        BadHttpRequestException { StatusCode: 415 } =>
            Problems.Create(415, "unsupported-media-type", "Unsupported media type", "This route takes application/json."),
        BadHttpRequestException { InnerException: JsonException json } => OfJson(json),
        BadHttpRequestException e when e.Message.StartsWith("Implicit body inferred", StringComparison.Ordinal) =>
            HttpProblemException.Invalid("", "A JSON body is required.").Problem,
        JsonException json => OfJson(json),
        BadHttpRequestException e => HttpProblemException.Invalid("", e.Message).Problem,
        _ => Problems.Create(500, "internal", "Internal error", "Something went wrong on our side; the traceId finds it in the logs."),
    };

    private static ProblemDetails OfJson(JsonException json)
    {
        var pointer = Pointer(json.Path);
        var name = pointer.Length == 0 ? "The body" : pointer[(pointer.LastIndexOf('/') + 1)..];
        if (MissingMembers().Match(json.Message) is { Success: true } missing)
        {
            return HttpProblemException.Invalid([.. Quoted().Matches(missing.Value).Select(member =>
                new FieldError($"{pointer}/{member.Groups[1].Value}", $"{member.Groups[1].Value} is required."))]).Problem;
        }

        if (UnknownMember().Match(json.Message) is { Success: true } unknown)
        {
            var member = unknown.Groups[1].Value;
            return HttpProblemException.Invalid(pointer.EndsWith('/' + member, StringComparison.Ordinal) ? pointer : $"{pointer}/{member}",
                $"There is no field {member} here.").Problem;
        }

        var detail = json.Message switch
        {
            var message when message.Contains("setting null values", StringComparison.Ordinal)
                || message.Contains("doesn't allow null values", StringComparison.Ordinal) =>
                $"{name} can't be null.",
            var message when message.StartsWith("Duplicate property", StringComparison.Ordinal) => $"{name} is given twice.",
            var message when message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal)
                || message.StartsWith("The JSON property", StringComparison.Ordinal) =>
                $"{name} has the wrong type, or is not one of the possible values{PossibleValues(message)}.",
            var message => $"The body is not well-formed JSON: {message.Split(" Path:")[0]}",
        };
        return HttpProblemException.Invalid(pointer, detail).Problem;
    }

    /// <summary>The members of the enum that a conversion failed for; empty for other types.</summary>
    private static string PossibleValues(string message) =>
        EnumName().Match(message) is { Success: true } found
        && AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetType(found.Value))
        .FirstOrDefault(type => type is { IsEnum: true }) is { } type
            ? ": " + string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName))
            : "";

    private static ProblemDetails With(ProblemDetails problem, string name, string value)
    {
        problem.Extensions[name] = value;
        return problem;
    }

    /// <summary>From <c>$.a[0].b</c> to <c>/a/0/b</c>.</summary>
    private static string Pointer(string? path) =>
        path is null or "$"
            ? ""
            : path.TrimStart('$').Replace("['", ".").Replace("']", "").Replace("[", ".").Replace("]", "").Replace('.', '/');

    [GeneratedRegex("(?<=missing required properties[^:]*: ).*")]
    private static partial Regex MissingMembers();

    [GeneratedRegex(@"Itsm\.[\w.+]+(?=\]|\. Path)")]
    private static partial Regex EnumName();

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex Quoted();

    [GeneratedRegex("^The JSON property '([^']+)' could not be mapped")]
    private static partial Regex UnknownMember();
}
