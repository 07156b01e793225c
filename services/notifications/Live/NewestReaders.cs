using System.Collections.Concurrent;
using System.Text.Json;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Caching;
using Itsm.Platform.Documents;
using StackExchange.Redis;

namespace Itsm.Notifications.Live;

/// <summary>Who may see a ticket now, of those whose readers have changed within the time that a stream can go back: what happened before
/// is told again to them only. In Redis, else in memory, as the log itself.</summary>
internal sealed class NewestReaders(IConfiguration configuration, TimeProvider clock, RedisLink? redis = null)
{
    /// <summary>How far back a stream can go on from.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    // KEYS the ticket's readers; ARGV version, readers, seconds kept. Older ones change nothing.
    private const string Note = """
        if tonumber(redis.call('HGET', KEYS[1], 'v') or 0) < tonumber(ARGV[1]) then
          redis.call('HSET', KEYS[1], 'v', ARGV[1], 'r', ARGV[2])
        end
        redis.call('EXPIRE', KEYS[1], ARGV[3])
        """;

    private const int SweepEvery = 1_000;

    /// <summary>What happened just now has the readers of now.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);
    private readonly string _prefix = (configuration["Storage:Prefix"] ?? "itsm") + ":live:readers:";
    private readonly ConcurrentDictionary<Guid, Entry> _memory = new();
    private int _noted;

    /// <summary>Notes the readers of tickets whose readers have changed; before the change itself is put into the log.</summary>
    /// <exception cref="StoreUnavailableException">Redis is away.</exception>
    public async Task NoteAsync(IEnumerable<TicketChanged> changes, CancellationToken ct)
    {
        foreach (var change in changes.Where(change => change.Changed.Contains("readers") || change.Changed.Contains("noteReaders")))
        {
            await NoteAsync(change.Id, change.Version, change.Readers, change.NoteReaders, ct);
        }
    }

    /// <summary>Notes the readers of a thing; before the change itself is put into the log.</summary>
    /// <exception cref="StoreUnavailableException">Redis is away.</exception>
    public async Task NoteAsync(
        Guid id, long version, IReadOnlyList<string> readers, IReadOnlyList<string> noteReaders, CancellationToken ct)
    {
        var entry = new Entry(version, readers, noteReaders, clock.GetUtcNow());
        if (redis is null)
        {
            _memory.AddOrUpdate(id, entry, (_, known) => known.Version < entry.Version ? entry : known);
            Sweep();
            return;
        }

        try
        {
            await redis.Database.ScriptEvaluateAsync(Note, [_prefix + id],
                [entry.Version, JsonSerializer.Serialize(entry), (long)Kept.TotalSeconds]).WaitAsync(ct);
        }
        catch (Exception e) when (RedisLink.IsOutage(e))
        {
            throw new StoreUnavailableException("The readers of the live log: " + e.Message, e);
        }
    }

    /// <summary>Leaves out what the caller may not see any more.</summary>
    /// <param name="caller">Who receives the stream.</param>
    /// <param name="page">What happened.</param>
    /// <param name="begun">Where the log ended when the stream began: what is older is told again.</param>
    /// <exception cref="RedisException">Redis is away.</exception>
    public async Task<IReadOnlyList<LiveEntry>> OnlyForAsync(Caller caller, IReadOnlyList<LiveEntry> page, LivePosition begun)
    {
        var newest = new Dictionary<Guid, Entry?>();
        foreach (var ticket in page.Where(entry => !(entry.Position > begun) || entry.Event.At < clock.GetUtcNow() - Fresh)
            .Select(entry => entry.Event.Ticket).Distinct())
        {
            newest[ticket] = await FindAsync(ticket);
        }

        return [.. page.Where(entry =>
            newest.GetValueOrDefault(entry.Event.Ticket) is not { } now
                || caller.Sees(entry.Event.IsNote ? now.NoteReaders : now.Readers))];
    }

    /// <summary>Who may read the notes of a ticket now; null where its readers have not changed of late, or Redis is away.</summary>
    public async Task<IReadOnlyList<string>?> OfNotesAsync(Guid ticket)
    {
        try
        {
            return (await FindAsync(ticket))?.NoteReaders;
        }
        catch (Exception e) when (RedisLink.IsOutage(e))
        {
            return null;
        }
    }

    private async Task<Entry?> FindAsync(Guid ticket) => redis is null ? _memory.GetValueOrDefault(ticket)
        : (string?)await redis.Database.HashGetAsync(_prefix + ticket, "r") is { } text ? JsonSerializer.Deserialize<Entry>(text) : null;

    private void Sweep()
    {
        if (Interlocked.Increment(ref _noted) % SweepEvery == 0)
        {
            foreach (var old in _memory.Where(one => one.Value.At < clock.GetUtcNow() - Kept))
            {
                _memory.TryRemove(old);
            }
        }
    }

    private sealed record Entry(long Version, IReadOnlyList<string> Readers, IReadOnlyList<string> NoteReaders, DateTimeOffset At);
}
