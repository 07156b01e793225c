using Itsm.AppHost;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Itsm.Load.Chaos;

/// <summary>Looks into the stores of the suite for what they still promise: documents whose outbox is not published, and messages in
/// queues.</summary>
internal sealed class Promises(IMongoClient mongo, Leftovers leftovers, string prefix)
{
    /// <summary>How old the broker's counts of messages can be: it collects them every 5 s, in two steps.</summary>
    public static readonly TimeSpan Lag = TimeSpan.FromSeconds(12);

    /// <summary>Of an aggregate's document: set while something in it waits for the relay.</summary>
    private const string Since = "_envelope.since";

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

        return new Left(outboxes, await leftovers.MessagesAsync(ct));
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
