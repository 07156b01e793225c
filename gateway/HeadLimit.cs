using Itsm.Platform.Errors;
using Microsoft.AspNetCore.Http.Features;

namespace Itsm.Gateway;

/// <summary>Refuses request lines and headers that are too long, so that the caller gets to read why: the server itself takes more, since
/// it would break off without a word.</summary>
internal static class HeadLimit
{
    private const int LongestTarget = 8 * 1024;
    private const int LargestHeaders = 32 * 1024;
    private const int Taken = 4;

    public static void Configure(Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerLimits limits) =>
        (limits.MaxRequestLineSize, limits.MaxRequestHeadersTotalSize) = (LongestTarget * Taken, LargestHeaders * Taken);

    public static IApplicationBuilder UseHeadLimit(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Length > LongestTarget)
        {
            return Problems.WriteAsync(context,
                Problems.Create(StatusCodes.Status414UriTooLong, "uri-too-long", $"URI too long",
                    $"The path and query have at most {LongestTarget} characters."));
        }

        var headers = context.Request.Headers.Sum(header => header.Key.Length + header.Value.Sum(value => value?.Length ?? 0));
        return headers > LargestHeaders
            ? Problems.WriteAsync(context,
                Problems.Create(StatusCodes.Status431RequestHeaderFieldsTooLarge, "headers-too-large", $"Headers too large",
                    $"All headers together have at most {LargestHeaders} characters."))
            : next(context);
    });
}
