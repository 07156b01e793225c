using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Itsm.Load.Chaos;

/// <summary>Looks into the stores of the suite for what they still promise: documents whose outbox is not published, and messages in
/// queues.</summary>
internal sealed class Promises(IMongoClient mongo, Uri broker, string prefix) : IDisposable
{
    /// <summary>How old the broker's counts of messages can be: it collects them every 5 s, in two steps.</summary>
    public static readonly TimeSpan Lag = TimeSpan.FromSeconds(12);

    /// <summary>Of an aggregate's document: set while something in it waits for the relay.</summary>
    private const string Since = "_envelope.since";

    /// <summary>From the broker's port to that of its management API: 5672 and 15672.</summary>
    private const int ToManagement = 10_000;

    private const int BrokerPort = 5672;

    private readonly HttpClient _management = new() { Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>What is left: in the documents now, in the queues a little earlier.</summary>
    public async Task<Left> LookAsync(CancellationToken ct)
    {
        var outboxes = new Dictionary<string, List<Guid>>();
        var names = await (await mongo.ListDatabaseNamesAsync(ct)).ToListAsync(ct);
        foreach (var name in names.Where(name => name.StartsWith(prefix + "-", StringComparison.Ordinal)))
        {
            var database = mongo.GetDatabase(name);
            foreach (var collection in await (await database.ListCollectionNamesAsync(cancellationToken: ct)).ToListAsync(ct))
            {
                var found = await database.GetCollection<BsonDocument>(collection)
                    .Find(new BsonDocument(Since, new BsonDocument("$gt", DateTime.UnixEpoch)))
                    .Project(new BsonDocument("_id", 1)).ToListAsync(ct);
                if (found.Count > 0)
                {
                    outboxes[$"{name[(prefix.Length + 1)..]}/{collection}"] = [.. found.Select(document => document["_id"].AsGuid)];
                }
            }
        }

        return new Left(outboxes, await QueuesAsync(ct));
    }

    public void Dispose() => _management.Dispose();

    private async Task<Dictionary<string, long>> QueuesAsync(CancellationToken ct)
    {
        var port = (broker.IsDefaultPort ? BrokerPort : broker.Port) + ToManagement;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{broker.Host}:{port}/api/queues/%2F");
        var user = Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(broker.UserInfo)));
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", user);
        using var answer = await _management.SendAsync(request, ct);
        return JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(ct))!.AsArray()
            .Select(queue => (Name: queue!["name"]!.GetValue<string>(), Messages: queue["messages"]?.GetValue<long>() ?? 0))
            .Where(queue => queue.Messages > 0 && queue.Name.StartsWith(prefix + "-", StringComparison.Ordinal))
            .ToDictionary(queue => queue.Name[(prefix.Length + 1)..], queue => queue.Messages);
    }

    /// <summary>What was left at one time.</summary>
    /// <param name="Outboxes">By service and collection: ids of the documents with an outbox.</param>
    /// <param name="Queues">By name, which begins with the service's: messages, with those that a consumer has at the time.</param>
    internal sealed record Left(IReadOnlyDictionary<string, List<Guid>> Outboxes, IReadOnlyDictionary<string, long> Queues)
    {
        public bool IsNothing => Outboxes.Count == 0 && Queues.Count == 0;

        /// <summary>True while one of these documents has an outbox, or any message waits for the service.</summary>
        public bool MayBring(IEnumerable<string> documents, string service)
        {
            var waiting = Outboxes.Values.SelectMany(ids => ids).ToHashSet();
            return documents.Any(id => waiting.Contains(Guid.Parse(id)))
                || Queues.Keys.Any(queue => queue.StartsWith(service + "-", StringComparison.Ordinal));
        }

        /// <summary>What these services have left, a line each; empty for those that have nothing.</summary>
        public IEnumerable<string> Lines(IEnumerable<string> services)
        {
            foreach (var service in services)
            {
                var outboxes = Outboxes.Where(one => one.Key.StartsWith(service + "/", StringComparison.Ordinal))
                    .Select(one => $"{one.Value.Count} documents of {one.Key} with an outbox");
                var queues = Queues.Where(one => one.Key.StartsWith(service + "-", StringComparison.Ordinal))
                    .Select(one => $"{one.Value} messages in {one.Key}");
                if (string.Join(", ", outboxes.Concat(queues)) is { Length: > 0 } parts)
                {
                    yield return $"{service}: {parts}";
                }
            }
        }
    }
}
