using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Itsm.Platform.Documents;
using Polly;

namespace Itsm.Search.Engines.Elasticsearch;

/// <summary>Requests to Elasticsearch or OpenSearch, and what their answers mean.</summary>
internal sealed class ElasticsearchClient(HttpClient http)
{
    private const int LongestReason = 300;

    /// <summary>Sends JSON and reads JSON.</summary>
    /// <returns>The answer; with its status where that is 404 or among those allowed.</returns>
    /// <exception cref="StoreUnavailableException">No answer, or one that says: not now.</exception>
    /// <exception cref="InvalidOperationException">The engine refuses the request as wrong: a mistake of ours.</exception>
    public async Task<(HttpStatusCode Status, JsonNode? Body)> SendAsync(
        HttpMethod method, string path, string? body, CancellationToken ct, params HttpStatusCode[] allowed)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            request.Content = body is null
                ? null
                : new StringContent(body, Encoding.UTF8,
                    path.StartsWith("_bulk", StringComparison.Ordinal) ? "application/x-ndjson" : "application/json");
            using var response = await http.SendAsync(request, ct);
            var text = await response.Content.ReadAsStringAsync(ct);
            if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotFound || allowed.Contains(response.StatusCode))
            {
                return (response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
            }

            var reason = $"{method} {path} answered {(int)response.StatusCode}: {text[..Math.Min(text.Length, LongestReason)]}";
            throw response.StatusCode == HttpStatusCode.BadRequest
                ? new InvalidOperationException(reason)
                : new StoreUnavailableException($"Elasticsearch can't do this now: {reason}");
        }
        catch (Exception e) when (e is HttpRequestException or ExecutionRejectedException or JsonException or IOException
            || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new StoreUnavailableException($"Elasticsearch does not answer: {e.Message}", e);
        }
    }
}
