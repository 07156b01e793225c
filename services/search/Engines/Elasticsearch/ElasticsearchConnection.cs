using System.Text.Json;
using Elastic.Clients.Elasticsearch;
using Elastic.Transport;
using Itsm.Platform.Documents;
using HttpMethod = Elastic.Transport.HttpMethod;

namespace Itsm.Search.Engines.Elasticsearch;

/// <summary>Which of the two engines it is.</summary>
public enum SearchFlavor
{
    /// <summary>Elasticsearch.</summary>
    Elasticsearch,

    /// <summary>OpenSearch.</summary>
    OpenSearch,
}

/// <summary>Calls through the official client, tried again where the engine is busy or away for a moment, and what their answers mean.
/// </summary>
internal sealed class ElasticsearchConnection(ElasticsearchClient client, SearchFlavor? flavor)
{
    private const int NotFound = 404;
    private const int LongestReason = 300;
    private const int MostAttempts = 4;
    private static readonly Version TakesVectors = new(8, 14);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private SearchFlavor? _flavor = flavor;
    private Version? _version;

    /// <summary>Whether it is Elasticsearch from 8.14 on, the first that takes vectors as they are sent; where it is not asked, it is.
    /// </summary>
    public async ValueTask<bool> FindsMeaningsAsync(CancellationToken ct) =>
        await FlavorAsync(ct) == SearchFlavor.Elasticsearch && (_version is null || _version >= TakesVectors);

    /// <summary>Which engine it is: as the settings say, else as the engine itself says when it is first asked.</summary>
    public async ValueTask<SearchFlavor> FlavorAsync(CancellationToken ct)
    {
        if (_flavor is { } known)
        {
            return known;
        }

        using var root = (await SendAsync(HttpMethod.GET, "", default, ct)).Body;
        if (root?.RootElement.TryGetProperty("version", out var version) != true)
        {
            throw new StoreUnavailableException("What answers in the place of Elasticsearch does not say its version.");
        }

        var isOpenSearch = version.TryGetProperty("distribution", out var distribution) && distribution.ValueEquals("opensearch");
        _version = version.TryGetProperty("number", out var number)
            && Version.TryParse(number.GetString()?.Split('-')[0], out var parsed) ? parsed : null;
        _flavor = isOpenSearch ? SearchFlavor.OpenSearch : SearchFlavor.Elasticsearch;
        return _flavor.Value;
    }

    /// <summary>Sends JSON and reads JSON.</summary>
    /// <param name="method">What to do.</param>
    /// <param name="path">Without a slash before it: below the path of the address.</param>
    /// <param name="body">JSON; empty for none.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <param name="allowed">Statuses that are answers, too.</param>
    /// <returns>The answer; with its status where that is 404 or among those allowed.</returns>
    /// <exception cref="StoreUnavailableException">No answer, or one that says: not now.</exception>
    /// <exception cref="InvalidOperationException">The engine refuses the request as wrong: a mistake of ours.</exception>
    public async Task<(int Status, JsonDocument? Body)> SendAsync(
        HttpMethod method, string path, ReadOnlyMemory<byte> body, CancellationToken ct, params int[] allowed)
    {
        var answer = await CallAsync((transport, token) =>
            transport.Transport.RequestAsync<BytesResponse>(method, path, body.IsEmpty ? null! : PostData.ReadOnlyMemory(body), token),
            ct, allowed);
        try
        {
            return (answer.ApiCallDetails.HttpStatusCode!.Value, answer.Body is { Length: > 0 } json ? JsonDocument.Parse(json) : null);
        }
        catch (JsonException e)
        {
            throw new StoreUnavailableException($"Elasticsearch does not answer {method} {path} in JSON: {e.Message}", e);
        }
    }

    /// <summary>Makes a call of the client.</summary>
    /// <returns>The answer; with its status where that is 404 or among those allowed.</returns>
    /// <exception cref="StoreUnavailableException">No answer, or one that says: not now.</exception>
    /// <exception cref="InvalidOperationException">The engine refuses the request as wrong: a mistake of ours.</exception>
    public async Task<T> CallAsync<T>(
        Func<ElasticsearchClient, CancellationToken, Task<T>> call, CancellationToken ct, params int[] allowed)
        where T : TransportResponse
    {
        var backoff = new Backoff(Patience, MostAttempts);
        while (true)
        {
            var answer = await OnceAsync(call, ct);
            var details = answer.ApiCallDetails;
            if (details is { HasSuccessfulStatusCode: true, OriginalException: null }
                || (details.HttpStatusCode is { } status && (status == NotFound || allowed.Contains(status))))
            {
                return answer;
            }

            if (!IsPassing(details) || !await backoff.PauseAsync(ct))
            {
                throw Refused(details);
            }
        }
    }

    private async Task<T> OnceAsync<T>(Func<ElasticsearchClient, CancellationToken, Task<T>> call, CancellationToken ct)
        where T : TransportResponse
    {
        try
        {
            var answer = await call(client, ct);
            ct.ThrowIfCancellationRequested();
            return answer;
        }
        catch (Exception e) when (e is TransportException or UnsupportedProductException)
        {
            throw new StoreUnavailableException($"Elasticsearch does not answer: {e.Message}", e);
        }
    }

    /// <summary>True where the same call may succeed a little later. OpenSearch calls a query wrong that meets an index just being
    /// deleted; asked again, the alias names the one that serves instead.</summary>
    private static bool IsPassing(ApiCallDetails details) => details.HttpStatusCode is null or 429 or 502 or 503 or 504
        || Said(details).Contains("already_closed_exception", StringComparison.Ordinal);

    private static string Said(ApiCallDetails details) => details.ProductError?.ToString() ?? details.OriginalException?.Message ?? "";

    private static Exception Refused(ApiCallDetails details)
    {
        if (details.HttpStatusCode is not { } status || details.HasSuccessfulStatusCode)
        {
            return new StoreUnavailableException(
                $"Elasticsearch does not answer: {details.OriginalException?.Message}", details.OriginalException);
        }

        var said = Said(details);
        var reason = $"{details.HttpMethod} {details.Uri?.PathAndQuery} answered {status}: {said[..Math.Min(said.Length, LongestReason)]}";
        return status == 400 && !IsPassing(details)
            ? new InvalidOperationException(reason)
            : new StoreUnavailableException($"Elasticsearch can't do this now: {reason}");
    }
}
