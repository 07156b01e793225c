using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Yarp.ReverseProxy.Forwarder;

namespace Itsm.Gateway;

/// <summary>The gateway's own failures as problem details.</summary>
internal static class GatewayProblems
{
    public static IApplicationBuilder UseGatewayProblems(this WebApplication app) => app.Use(async (context, next) =>
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, ContentLength: null, ContentType: null, StatusCode: 404 or 405 or 403 })
            {
                await Problems.WriteAsync(context, context.Response.StatusCode switch
                {
                    404 => Problems.Create(404, "not-found", $"Not found", $"There is no route {context.Request.Path}."),
                    405 => Problems.Create(
                        405, "method-not-allowed", $"Method not allowed", $"{context.Request.Method} is not possible here."),
                    _ => Problems.Create(403, "permission-missing", $"Permission missing", $"You may not do this."),
                });
            }
        }
        catch (HttpProblemException e) when (!context.Response.HasStarted)
        {
            await Problems.WriteAsync(context, e.Problem);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await Problems.WriteAsync(context, OfBadRequest(e));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = 499;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            app.Logger.LogError(e, "{Method} {Path} failed.", context.Request.Method, context.Request.Path);
            await Problems.WriteAsync(context, Problems.Create(
                500, "internal", $"Internal error", $"Something went wrong on our side; the traceId finds it in the logs."));
        }
    });

    public static ProblemDetails OfForwarding(IForwarderErrorFeature failed, HttpContext context)
    {
        if (failed.Exception is BadHttpRequestException bad
            || (failed.Exception as AggregateException)?.InnerExceptions.OfType<BadHttpRequestException>().FirstOrDefault() is { } inner
                && (bad = inner) is not null)
        {
            return OfBadRequest(bad);
        }

        switch (failed.Error)
        {
            case ForwarderError.RequestBodyClient:
                return Problems.Create(
                    400, "invalid-request", $"Invalid request", $"The body broke off, or its chunks are not well-formed.");
            case ForwarderError.RequestTimedOut:
                return Problems.Create(504, "service-timeout", $"Service timed out",
                    $"The service did not answer in time; the request may or may not have had its effect. Repeat it with the same "
                    + $"Idempotency-Key.");
            case ForwarderError.NoAvailableDestinations:
            case ForwarderError.Request when failed.Exception is not HttpRequestException
            {
                HttpRequestError: not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError),
            }:
                context.Response.Headers.RetryAfter = "2";
                return Problems.Create(503, "service-unavailable", $"Service unavailable", $"The service can't be reached just now.");
            default:
                return Problems.Create(502, "bad-gateway", $"Bad gateway",
                    $"The service broke off its answer; the request may or may not have had its effect. Repeat it with the same "
                    + $"Idempotency-Key.");
        }
    }

    private static ProblemDetails OfBadRequest(BadHttpRequestException e) => e.StatusCode == 413
        ? BodyLimit.TooLarge
        : Problems.Create(e.StatusCode, "invalid-request", $"Invalid request", Sentence.Verbatim(e.Message));
}
