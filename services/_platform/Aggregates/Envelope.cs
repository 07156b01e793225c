using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using MongoDB.Bson;
using MongoDB.Bson.Serialization.Attributes;

namespace Itsm.Platform.Aggregates;

/// <summary>What a document holds beside the state: the head of the hash chain, idempotency keys with outcomes, the messages already acted
/// on and, where the engine makes one write at a time, unpublished messages and audit entries on their way to the history.</summary>
internal sealed class Envelope
{
    /// <summary>The element that holds it.</summary>
    public const string Element = "_envelope";

    private const int MostHeard = 1_000;

    /// <summary>Set while something waits for the relay: the instant of the oldest save.</summary>
    public DateTimeOffset? Since { get; set; }

    public List<OutboxMessage> Outbox { get; set; } = [];

    /// <summary>Audit entries, each complete with its hash.</summary>
    public List<BsonDocument> Audit { get; set; } = [];

    /// <summary>How many audit entries there are in all, and the hash of the last.</summary>
    public long Entries { get; set; }

    public byte[] ChainHead { get; set; } = [];

    /// <summary>The head, sealed with a key that the store does not have; null where there is none.</summary>
    public byte[]? Seal { get; set; }

    /// <summary>Name of that key.</summary>
    public string? SealedWith { get; set; }

    public List<KeptOutcome> Keys { get; set; } = [];

    /// <summary>By source: the highest version acted on.</summary>
    public Dictionary<string, long> Heard { get; set; } = [];

    /// <summary>Notes that a message was acted on. Of more than <see cref="MostHeard"/> sources the one first heard from is forgotten: its
    /// message would be acted on once more, were it delivered again so much later.</summary>
    public void Hear(Cause cause)
    {
        if (!Heard.ContainsKey(Escape(cause.Source)) && Heard.Count >= MostHeard)
        {
            // Without removals a dictionary keeps the order in which things were added, also in BSON.
            Heard = new(Heard.Skip(Heard.Count - MostHeard + 1));
        }

        Heard[Escape(cause.Source)] = cause.Version;
    }

    /// <summary>True where this message, or a later one of its source, was acted on.</summary>
    public bool HasHeard(Cause cause) => Heard.TryGetValue(Escape(cause.Source), out var heard) && heard >= cause.Version;

    /// <summary>The audit entries as they are stored in the history.</summary>
    public IEnumerable<StoredDocument> History() => Audit.Select(entry => new StoredDocument(entry["_id"].AsGuid, 1, entry.ToBson()));

    /// <summary>The same without what the relay has dealt with.</summary>
    public Envelope Relayed() =>
        new() { Entries = Entries, ChainHead = ChainHead, Seal = Seal, SealedWith = SealedWith, Keys = Keys, Heard = Heard };

    public Envelope Copy() => new()
    {
        Since = Since, Outbox = [.. Outbox], Audit = [.. Audit], Entries = Entries, ChainHead = ChainHead, Seal = Seal,
        SealedWith = SealedWith, Keys = [.. Keys], Heard = new(Heard),
    };

    private static string Escape(string source) => source.Replace('.', '_');
}

/// <summary>A message that waits to be published.</summary>
internal sealed record OutboxMessage(Guid MessageId, string Type, byte[] Body, string? Trace)
{
    [BsonIgnore]
    public object? Live { get; init; }

    public static OutboxMessage Of(object message, DateTimeOffset now) => new(
        Guid.CreateVersion7(now), message.GetType().FullName!,
        JsonSerializer.SerializeToUtf8Bytes(message, message.GetType(), MessageJson.Options), Activity.Current?.Id)
    {
        Live = message,
    };
}

/// <summary>The outcome of a request that brought an idempotency key.</summary>
/// <param name="Key">Caller and key.</param>
/// <param name="Request">SHA-256 of method, path and body.</param>
/// <param name="Status">HTTP status of the first answer.</param>
/// <param name="Location">Its Location header.</param>
/// <param name="Tag">Its ETag.</param>
/// <param name="Body">Its body, compressed.</param>
/// <param name="At">When; kept for at least 24 hours.</param>
internal sealed record KeptOutcome(string Key, byte[] Request, int Status, string? Location, string? Tag, byte[] Body, DateTimeOffset At)
{
    /// <summary>A body as it is kept.</summary>
    public static byte[] Compress(byte[] body)
    {
        using var compressed = new MemoryStream();
        using (var deflate = new DeflateStream(compressed, CompressionLevel.Fastest))
        {
            deflate.Write(body);
        }

        return compressed.ToArray();
    }

    /// <summary>The body as it was sent.</summary>
    public byte[] Decompress()
    {
        using var body = new MemoryStream();
        using (var inflate = new DeflateStream(new MemoryStream(Body), CompressionMode.Decompress))
        {
            inflate.CopyTo(body);
        }

        return body.ToArray();
    }
}
