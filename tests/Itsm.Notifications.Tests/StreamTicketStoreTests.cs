using Itsm.Notifications.Live;
using Itsm.Platform.Caching;
using Itsm.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Itsm.Notifications.Tests;

/// <summary>What stream tickets do in memory and in Redis.</summary>
public abstract class StreamTicketContract
{
    private protected static readonly Guid Person = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
    private readonly string _prefix = "tests-" + Path.GetRandomFileName().Replace('.', '-');

    private protected abstract ValueTask<RedisLink?> RedisAsync();

    [Fact]
    public async Task A_ticket_is_known_by_what_it_was_issued_for_until_its_token_ends()
    {
        var (tickets, now) = (await OpenAsync(), TimeProvider.System.GetUtcNow());
        var ends = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds() + 20);
        var (one, until) = await tickets.IssueAsync(Person, 17, ends);
        var (other, later) = await tickets.IssueAsync(Person, 18, now.AddHours(1));
        Assert.Equal((ends, new StreamTickets.Holder(Person, 17, ends)), (until, await tickets.FindAsync(one)));
        Assert.Equal(18, (await tickets.FindAsync(other))!.Expiry);
        Assert.InRange(later, now + StreamTickets.Lasts, now + StreamTickets.Lasts + Patience.Most);
        Assert.Null(await tickets.FindAsync(one[1..]));
        Assert.Null(await tickets.FindAsync(""));
        Assert.NotEqual(one, other);
    }

    private protected async Task<StreamTickets> OpenAsync() => new(
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Storage:Prefix"] = _prefix }).Build(),
        Options.Create(new LiveSettings()), TimeProvider.System, await RedisAsync());

    private protected string Keys => _prefix + ":stream-tickets:*";
}

public sealed class MemoryStreamTicketTests : StreamTicketContract
{
    [Fact]
    public async Task The_ones_that_end_first_give_way()
    {
        var (tickets, now) = (await OpenAsync(), TimeProvider.System.GetUtcNow());
        var (first, _) = await tickets.IssueAsync(Person, 1, now.AddSeconds(30));
        var (second, _) = await tickets.IssueAsync(Person, 2, now.AddHours(1));
        for (var number = 0; number < 9_999; number++)
        {
            await tickets.IssueAsync(Person, 3, now.AddHours(1));
        }

        Assert.Null(await tickets.FindAsync(first));
        Assert.NotNull(await tickets.FindAsync(second));
    }

    private protected override ValueTask<RedisLink?> RedisAsync() => new((RedisLink?)null);
}

[OuterTier]
public sealed class RedisStreamTicketTests : StreamTicketContract, IDisposable
{
    private RedisLink? _redis;

    [Fact]
    public async Task All_nodes_know_it_and_Redis_keeps_its_digest_alone_for_a_minute_or_as_long_as_a_stream_holds_it()
    {
        var (one, other) = (await OpenAsync(), await OpenAsync());
        var (ticket, _) = await one.IssueAsync(Person, 17, TimeProvider.System.GetUtcNow().AddHours(1));
        var holder = await other.FindAsync(ticket);
        Assert.Equal(Person, holder!.Person);
        var database = _redis!.Database;
        var key = Assert.Single(_redis.Connection.GetServers()[0].Keys(pattern: Keys));
        Assert.DoesNotContain(ticket, key.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(ticket, (await database.StringGetAsync(key)).ToString(), StringComparison.Ordinal);
        Assert.InRange((await database.KeyTimeToLiveAsync(key))!.Value, TimeSpan.Zero, StreamTickets.Lasts);
        await other.HoldAsync(ticket, holder);
        Assert.InRange((await database.KeyTimeToLiveAsync(key))!.Value, StreamTickets.Lasts, StreamTickets.Lasts * 2);
        await database.KeyDeleteAsync(key);
        Assert.Null(await one.FindAsync(ticket));
        await other.HoldAsync(ticket, holder);
        Assert.Equal(holder, await one.FindAsync(ticket));
    }

    public void Dispose() => _redis?.Dispose();

    private protected override async ValueTask<RedisLink?> RedisAsync() =>
        _redis ??= RedisLink.Connect(await Engines.RedisAsync(), "tests", NullLogger<RedisLink>.Instance);
}
