using System.Text.Json;
using Itsm.Platform.Caching;
using Itsm.Platform.Messaging;
using StackExchange.Redis;

namespace Itsm.Notifications.Live;

/// <summary>The live log as a Redis stream, whose entry ids are the places that clients resume from. All nodes add to it and follow
/// it.</summary>
internal sealed class RedisLiveStore
{
    // An event that was added before is not added again: KEYS stream, mark; ARGV event, entries kept, seconds the mark is kept, channel.
    private const string Append = """
        if not redis.call('SET', KEYS[2], 1, 'NX', 'EX', ARGV[3]) then return 0 end
        redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'e', ARGV[1])
        redis.call('PUBLISH', ARGV[4], '')
        return 1
        """;

    private const int MarkSeconds = 900;
    private readonly RedisLink _redis;
    private readonly ILogger _log;
    private readonly string _stream;
    private readonly RedisChannel _channel;
    private bool _subscribed;
    private TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RedisLiveStore(RedisLink redis, IConfiguration configuration, ILogger<RedisLiveStore> log)
    {
        _log = log;
        var prefix = configuration["Storage:Prefix"] ?? "itsm";
        (_redis, _stream, _channel) = (redis, $"{{{prefix}:live}}", RedisChannel.Literal($"{prefix}:live"));
    }

    /// <summary>Completes at the next addition that this node receives.</summary>
    public Task Woken => Volatile.Read(ref _woken).Task;

    public Task AppendAsync(LiveEvent happened, int kept) => _redis.Database.ScriptEvaluateAsync(Append,
        [_stream, $"{_stream}:{happened.Key}"],
        [JsonSerializer.Serialize(happened, MessageJson.Options), kept, MarkSeconds, _channel.ToString()]);

    /// <summary>The place of the newest entry that there ever was.</summary>
    public async Task<LivePosition> EndAsync()
    {
        if (!_subscribed)
        {
            await _redis.Connection.GetSubscriber().SubscribeAsync(_channel, (_, _) =>
                Interlocked.Exchange(ref _woken, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult());
            _subscribed = true;
        }

        return (await InfoAsync()).End;
    }

    /// <summary>The entries after a place, oldest first.</summary>
    public async Task<IReadOnlyList<LiveEntry>> RangeAsync(LivePosition after, int limit) =>
        [.. (await _redis.Database.StreamRangeAsync(_stream, $"({after}", "+", limit))
            .Select(Read).OfType<LiveEntry>()];

    /// <summary>As <see cref="RangeAsync"/>, but null where the stream does not reach back to the place, or never was there.</summary>
    public async Task<IReadOnlyList<LiveEntry>?> ReadAsync(LivePosition after, int limit)
    {
        // Looked at after the read: what was cut off during it is missed.
        var entries = await RangeAsync(after, limit);
        var (end, first, trimmed) = await InfoAsync();
        return after > end || (trimmed && after < first) ? null : entries;
    }

    private LiveEntry? Read(StreamEntry entry)
    {
        try
        {
            return new LiveEntry(LivePosition.Parse(entry.Id.ToString())!.Value,
                JsonSerializer.Deserialize<LiveEvent>((string?)entry["e"] ?? "", MessageJson.Options)!);
        }
        catch (JsonException e)
        {
            // Of a newer version, perhaps: the stream goes on without it.
            _log.LogWarning("The live event {Id} can't be read and is left out: {Reason}", entry.Id, e.Message);
            return null;
        }
    }

    private async Task<(LivePosition End, LivePosition First, bool Trimmed)> InfoAsync()
    {
        try
        {
            var info = ((RedisResult[])(await _redis.Database.ExecuteAsync("XINFO", "STREAM", _stream))!).Chunk(2)
                .ToDictionary(pair => pair[0].ToString(), pair => pair[1]);
            var first = info["first-entry"] is { IsNull: false } entry ? LivePosition.Parse(((RedisResult[])entry!)[0].ToString()) : null;
            return (LivePosition.Parse(info["last-generated-id"].ToString())!.Value, first ?? default,
                (long)info["entries-added"] > (long)info["length"]);
        }
        catch (RedisServerException e) when (e.Message.Contains("no such key", StringComparison.Ordinal))
        {
            return default;
        }
    }
}
