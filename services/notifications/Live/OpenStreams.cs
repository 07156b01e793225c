using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Itsm.Platform.Caching;
using Itsm.Platform.Telemetry;
using Itsm.Platform.Values;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Itsm.Notifications.Live;

/// <summary>Counts the streams of each person, over all nodes where there is Redis, and of this process. A stream that a dead node left
/// behind counts for three heartbeats more.</summary>
internal sealed class OpenStreams(IOptions<LiveSettings> settings, IConfiguration configuration, RedisLink? redis = null)
{
    // KEYS the person's streams by when they were last seen; ARGV this stream, most, milliseconds that one is believed. The clock is that
    // of Redis.
    private const string Take = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[3])
        if not redis.call('ZSCORE', KEYS[1], ARGV[1]) and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
        redis.call('ZADD', KEYS[1], now, ARGV[1])
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        return 1
        """;

    private const int HeartbeatsBelieved = 3;
    private static readonly UpDownCounter<long> Open = Instruments.Meter.CreateUpDownCounter<long>("itsm.streams.open", "{stream}",
        "Streams of live updates that this process holds open.");
    private readonly string _prefix = (configuration["Storage:Prefix"] ?? "itsm") + ":streams:";
    private readonly ConcurrentDictionary<Guid, int> _ofPerson = new();
    private int _all;

    /// <summary>Takes a place for a stream; disposing it gives it back.</summary>
    /// <returns>Null, and why, where there is none left.</returns>
    public async Task<(Place? Place, Sentence? Why)> TakeAsync(Guid person)
    {
        if (Interlocked.Increment(ref _all) > settings.Value.MostStreams)
        {
            Interlocked.Decrement(ref _all);
            return (null, $"This node has {settings.Value.MostStreams} streams open, and takes no more.");
        }

        var place = new Place(this, person);
        Open.Add(1);
        if (_ofPerson.AddOrUpdate(person, 1, (_, count) => count + 1) <= settings.Value.MostStreamsOfAPerson && await place.HoldAsync())
        {
            return (place, null);
        }

        await place.DisposeAsync();
        return (null, $"You have {settings.Value.MostStreamsOfAPerson} streams open; close one first.");
    }

    /// <summary>A place that is taken.</summary>
    internal sealed class Place(OpenStreams streams, Guid person) : IAsyncDisposable
    {
        private readonly string _key = streams._prefix + person;
        private readonly string _id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N");

        /// <summary>Says that the stream is still open; with every heartbeat.</summary>
        /// <returns>False where the person has as many on all nodes as they may.</returns>
        public async Task<bool> HoldAsync() => await AskAsync(async database => (long)await database.ScriptEvaluateAsync(Take,
            [_key],
            [_id, streams.Settings.MostStreamsOfAPerson, (long)(streams.Settings.Heartbeat * HeartbeatsBelieved).TotalMilliseconds]) == 1);

        public async ValueTask DisposeAsync()
        {
            Interlocked.Decrement(ref streams._all);
            Open.Add(-1);
            if (streams._ofPerson.AddOrUpdate(person, 0, (_, count) => count - 1) == 0)
            {
                streams._ofPerson.TryRemove(KeyValuePair.Create(person, 0));
            }

            await AskAsync(database => database.SortedSetRemoveAsync(_key, _id));
        }

        /// <summary>Without Redis this node's own count is all that there is.</summary>
        private async Task<bool> AskAsync(Func<IDatabase, Task<bool>> ask)
        {
            try
            {
                return streams.Redis is not { IsUp: true } redis || await ask(redis.Database);
            }
            catch (Exception e) when (RedisLink.IsOutage(e))
            {
                return true;
            }
        }
    }

    private LiveSettings Settings => settings.Value;

    private RedisLink? Redis => redis;
}
