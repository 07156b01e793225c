using System.Net.Http.Headers;

namespace Itsm.Search.Engines.Elasticsearch;

/// <summary>Sends <c>application/json</c> instead of the client's own media types, which name a version that Elasticsearch 8 and OpenSearch
/// refuse, and answers the client's check of the product, which OpenSearch does not pass.</summary>
internal sealed class PlainMediaTypes(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string Product = "X-Elastic-Product";
    private const string Json = "application/json";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Accept.Clear();
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(Json));
        if (request.Content is { } content)
        {
            content.Headers.ContentType = new MediaTypeHeaderValue(Json);
        }

        var answer = await base.SendAsync(request, cancellationToken);
        if (!answer.Headers.Contains(Product))
        {
            answer.Headers.Add(Product, "Elasticsearch");
        }

        return answer;
    }
}
