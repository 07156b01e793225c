using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Itsm.Platform.Documents.Mongo;
using MongoDB.Driver;

namespace Itsm.AppHost;

/// <summary>What a run under a prefix of its own made in engines that other runs share: databases, queues, exchanges, indices. Hundreds of quorum
/// queues that only wait for their expiry keep a broker busy for minutes.</summary>
/// <param name="mongo">Connection string.</param>
/// <param name="rabbit"><c>amqp://user:password@host:port/</c>; its management API listens 10,000 ports above.</param>
/// <param name="prefix">First part of the names, without the dash.</param>
/// <param name="search">Address of Elasticsearch; null where it was not used.</param>
public sealed class Leftovers(string mongo, Uri rabbit, string prefix, string? search = null) : IDisposable
{
    private const int BrokerPort = 5672;
    private const int ToManagement = 10_000;
    private const int AtOnce = 8;

    private readonly HttpClient _management = new()
    {
        Timeout = TimeSpan.FromSeconds(30),
        BaseAddress = new Uri($"http://{rabbit.Host}:{(rabbit.IsDefaultPort ? BrokerPort : rabbit.Port) + ToManagement}/api/"),
        DefaultRequestHeaders =
        {
            Authorization = new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(rabbit.UserInfo)))),
        },
    };

    /// <summary>How many messages wait in each queue that has any, by the queue's name without the prefix; up to 10 s old.</summary>
    /// <exception cref="HttpRequestException">The management API does not answer.</exception>
    public async Task<IReadOnlyDictionary<string, long>> MessagesAsync(CancellationToken ct) =>
        (await ListAsync("queues", ct)).Select(queue => (Name: NameOf(queue), Messages: queue["messages"]?.GetValue<long>() ?? 0))
            .Where(queue => queue.Messages > 0).ToDictionary(queue => queue.Name[(prefix.Length + 1)..], queue => queue.Messages);

    /// <summary>Deletes all of it. Where the broker has no management API its queues stay until they expire.</summary>
    public async Task DeleteAsync(CancellationToken ct = default)
    {
        using var client = MongoDatabase.Connect(mongo, "leftovers");
        foreach (var name in (await (await client.ListDatabaseNamesAsync(ct)).ToListAsync(ct)).Where(IsOurs))
        {
            await client.DropDatabaseAsync(name, ct);
        }

        if (search is not null)
        {
            await DeleteIndicesAsync(search, prefix, ct);
        }

        foreach (var kind in new[] { "queues", "exchanges" })
        {
            try
            {
                await Parallel.ForEachAsync(await ListAsync(kind, ct),
                    new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct },
                    async (one, ct) =>
                        (await _management.DeleteAsync(new Uri($"{kind}/%2F/{Uri.EscapeDataString(NameOf(one))}", UriKind.Relative), ct))
                            .Dispose());
            }
            catch (HttpRequestException)
            {
                return;
            }
        }
    }

    /// <summary>Deletes the indices of a prefix, and their templates, from Elasticsearch or OpenSearch.</summary>
    public static async Task DeleteIndicesAsync(string address, string prefix, CancellationToken ct)
    {
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        foreach (var index in (await http.GetFromJsonAsync<JsonObject>($"{prefix}-*/_alias", ct))!.Select(index => index.Key))
        {
            (await http.DeleteAsync(new Uri(index, UriKind.Relative), ct)).EnsureSuccessStatusCode().Dispose();
        }

        var templates = (await http.GetFromJsonAsync<JsonObject>($"_index_template/{prefix}-*", ct))!["index_templates"]!.AsArray();
        foreach (var template in templates.Select(template => NameOf(template!)))
        {
            (await http.DeleteAsync(new Uri($"_index_template/{template}", UriKind.Relative), ct)).EnsureSuccessStatusCode().Dispose();
        }
    }

    /// <summary>Closes the connection to the management API.</summary>
    public void Dispose() => _management.Dispose();

    private static string NameOf(JsonNode one) => one["name"]!.GetValue<string>();

    private bool IsOurs(string name) => name.StartsWith(prefix + "-", StringComparison.Ordinal);

    private async Task<List<JsonNode>> ListAsync(string kind, CancellationToken ct) =>
        [.. (await _management.GetFromJsonAsync<JsonArray>(new Uri(kind + "/%2F", UriKind.Relative), ct))!.OfType<JsonNode>()
            .Where(one => IsOurs(NameOf(one)))];
}
