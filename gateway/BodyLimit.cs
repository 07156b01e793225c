using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Itsm.Gateway;

/// <summary>Refuses bodies that are too large, so that the caller gets to read why. The server's own limit would break off the connection
/// in the middle of the body, and the answer with it; what is refused here it takes off the line unread, for 5 s at most.</summary>
internal static class BodyLimit
{
    /// <summary>413.</summary>
    public static ProblemDetails TooLarge =>
        Problems.Create(StatusCodes.Status413PayloadTooLarge, "body-too-large", $"Body too large",
            $"The body is larger than the gateway takes.");

    public static IApplicationBuilder UseBodyLimit(this WebApplication app, LimitSettings limits) => app.Use((context, next) =>
    {
        var most = IsUpload(context.Request.Path) ? limits.UploadBytes : limits.BodyBytes;
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        if (context.Request.ContentLength > most)
        {
            return Problems.WriteAsync(context, TooLarge);
        }

        if (context.Request.ContentLength is null)
        {
            // A body whose length nobody said.
            context.Request.Body = new BoundedStream(context.Request.Body, most,
                () => new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge));
        }

        return next(context);
    });

    /// <summary>True for <c>…/attachments</c>, and for the content of one.</summary>
    private static bool IsUpload(PathString path) => path.Value!.Split('/') is ["", "api", _, _, _, "attachments", .. var rest]
        && rest is [] or [_, "content"];
}
