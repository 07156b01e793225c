using HttpMethod = Elastic.Transport.HttpMethod;

namespace Itsm.Search.Engines.Elasticsearch;

// What things mean.
internal sealed partial class ElasticsearchEngine
{
    private static readonly TimeSpan FindsKept = TimeSpan.FromMinutes(1);
    private (bool Finds, DateTimeOffset At)? _finds;

    /// <summary>By how the index that serves was made: perhaps when the engine was older.</summary>
    public async Task<bool> FindsMeaningsAsync(CancellationToken ct)
    {
        if (!await connection.FindsMeaningsAsync(ct))
        {
            return false;
        }

        var now = clock.GetUtcNow();
        if (_finds is not { } known || now - known.At > FindsKept)
        {
            var (status, body) =
                await connection.SendAsync(HttpMethod.GET, $"{Alias}/_mapping/field/{ElasticsearchSchema.MeaningVector}", default, ct);
            using (body)
            {
                _finds = known =
                    (status == NotFound || body!.RootElement.GetRawText().Contains("dense_vector", StringComparison.Ordinal), now);
            }
        }

        return known.Finds;
    }

    public async Task<(IReadOnlyList<Guid> Some, long Count)> WithoutMeaningAsync(
        int generation, string model, int limit, CancellationToken ct)
    {
        var (status, body) = await connection.SendAsync(
            HttpMethod.POST, $"{Writes(generation)}/_search", ElasticsearchQueries.WithoutMeaning(model, limit), ct);
        using (body)
        {
            if (status == NotFound)
            {
                throw new GenerationMissingException(generation);
            }

            var hits = body!.RootElement.GetProperty("hits");
            return ([.. hits.GetProperty("hits").EnumerateArray().Select(hit => Guid.Parse(hit.GetProperty("_id").GetString()!))],
                hits.GetProperty("total").GetProperty("value").GetInt64());
        }
    }
}
