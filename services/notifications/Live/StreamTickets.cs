using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Itsm.Platform.Caching;
using Microsoft.Extensions.Options;

namespace Itsm.Notifications.Live;

/// <summary>Tickets that open a stream in place of a token, for browsers, whose EventSource sends no header: in Redis, where all nodes see
/// them, else in this process. A ticket itself is not kept, only its SHA-256.</summary>
internal sealed class StreamTickets(
    IConfiguration configuration, IOptions<LiveSettings> settings, TimeProvider clock, RedisLink? redis = null)
{
    /// <summary>How long a ticket lasts that no open stream holds.</summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromSeconds(60);

    /// <summary>Without Redis; the ones that end first give way.</summary>
    private const int MostInMemory = 10_000;

    private const int RandomBytes = 32;
    private readonly string _prefix = (configuration["Storage:Prefix"] ?? "itsm") + ":stream-tickets:";
    private readonly ConcurrentDictionary<string, (string Value, DateTimeOffset Until)> _memory = new();

    /// <summary>A new ticket, and until when it can be used first.</summary>
    /// <param name="person">Who may open streams with it.</param>
    /// <param name="expiry">The claim <c>exp</c> of their token, in seconds.</param>
    /// <param name="tokenEnds">When the token is accepted no more; in the future.</param>
    /// <exception cref="StackExchange.Redis.RedisException">Redis is away.</exception>
    public async Task<(string Ticket, DateTimeOffset Until)> IssueAsync(Guid person, long expiry, DateTimeOffset tokenEnds)
    {
        var text = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
        return (text, await KeepAsync(KeyOf(text), new(person, expiry, tokenEnds), Lasts));
    }

    /// <summary>What stands behind a ticket; null where it is unknown or has ended.</summary>
    /// <exception cref="StackExchange.Redis.RedisException">Redis is away.</exception>
    public async Task<Holder?> FindAsync(string ticket)
    {
        var key = KeyOf(ticket);
        var value = redis is not null ? (string?)await redis.Database.StringGetAsync(key)
            : _memory.TryGetValue(key, out var kept) && kept.Until > clock.GetUtcNow() ? kept.Value
            : null;
        return value is not null && Holder.Read(value) is { } holder && holder.TokenEnds > clock.GetUtcNow() ? holder : null;
    }

    /// <summary>Keeps a ticket until its lifetime after the next heartbeat; with every heartbeat of a stream that it opened.</summary>
    public async Task HoldAsync(string ticket, Holder holder)
    {
        try
        {
            await KeepAsync(KeyOf(ticket), holder, Lasts + settings.Value.Heartbeat);
        }
        catch (Exception e) when (RedisLink.IsOutage(e))
        {
            // The next heartbeat keeps it.
        }
    }

    private async Task<DateTimeOffset> KeepAsync(string key, Holder holder, TimeSpan lasts)
    {
        var now = clock.GetUtcNow();
        var until = now + lasts < holder.TokenEnds ? now + lasts : holder.TokenEnds;
        if (until <= now)
        {
            return until;
        }

        if (redis is not null)
        {
            await redis.Database.StringSetAsync(key, holder.ToString(), until - now);
            return until;
        }

        while (_memory.Count >= MostInMemory)
        {
            _memory.TryRemove(_memory.MinBy(one => one.Value.Until));
        }

        _memory[key] = (holder.ToString(), until);
        return until;
    }

    private string KeyOf(string ticket) => _prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ticket)));

    /// <summary>Who may open streams with a ticket.</summary>
    /// <param name="Person">Their id.</param>
    /// <param name="Expiry">The claim <c>exp</c> of their token, in seconds.</param>
    /// <param name="TokenEnds">When the token is accepted no more.</param>
    internal sealed record Holder(Guid Person, long Expiry, DateTimeOffset TokenEnds)
    {
        public static Holder? Read(string text) => text.Split(' ') is [var person, var expiry, var ends]
            ? new(Guid.Parse(person), long.Parse(expiry, CultureInfo.InvariantCulture),
                DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(ends, CultureInfo.InvariantCulture)))
            : null;

        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"{Person:N} {Expiry} {TokenEnds.ToUnixTimeMilliseconds()}");
    }
}
