using System.Net.Mime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace Itsm.Platform.Http;

/// <summary>What may be read may be asked for its headers alone.</summary>
public static class HeadRequests
{
    private static readonly HttpMethodMetadata Both = new([HttpMethods.Get, HttpMethods.Head]);

    /// <summary>Each of these routes that answers <c>GET</c> answers <c>HEAD</c> the same, without the body, which the server leaves out;
    /// streams of events do not, for they have no end.</summary>
    public static TBuilder AnswersHead<TBuilder>(this TBuilder routes)
        where TBuilder : IEndpointConventionBuilder
    {
        routes.Finally(endpoint =>
        {
            if (endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault()?.HttpMethods is ["GET"]
                && !endpoint.Metadata.OfType<IProducesResponseTypeMetadata>()
                    .Any(one => one.ContentTypes.Contains(MediaTypeNames.Text.EventStream)))
            {
                endpoint.Metadata.Add(Both);
            }
        });
        return routes;
    }
}
