using System.Globalization;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;

namespace Itsm.Platform.Tests.Aggregates;

public sealed class SaveLimitTests : IAsyncDisposable
{
    private readonly Shop _shop = new();

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task A_list_does_not_grow_beyond_its_limit_and_one_that_has_may_shrink()
    {
        var lamp = Lamp.Create("desk");
        lamp.Tag("a", "b", "c");
        await _shop.AddAsync(lamp);
        lamp.Tag("a", "b", "c", "d");
        var refused = await RefusedAsync(lamp);
        Assert.Equal(("too-many", "The lamp would have 4 tags; at most 3 are kept."), (refused.Code, refused.Message));
        Assert.Equal(1, lamp.Version);

        // As an earlier version stored it.
        var stored = (await _shop.Lamps.Documents.FindAsync(lamp.Id, default))!.Value;
        var fields = BsonMapping.FromBytes<MongoDB.Bson.BsonDocument>(stored.Body);
        (fields["tags"], fields["version"]) = (new MongoDB.Bson.BsonArray { "a", "b", "c", "d", "e" }, 2L);
        await _shop.Lamps.Documents.ReplaceAsync(new StoredDocument(lamp.Id, 2, BsonMapping.ToBytes(fields)), 1, default);
        await _shop.Lamps.UpdateAsync(lamp.Id, _shop.AuditOf(), found => found.Brighten(), default);
        await _shop.Lamps.UpdateAsync(lamp.Id, _shop.AuditOf(), found => found.Tag("a", "b", "c", "d"), default);
        Assert.Equal((4, 1), ((await _shop.FindAsync(lamp.Id)).Tags.Count, (await _shop.FindAsync(lamp.Id)).Watts));
        var found = await _shop.FindAsync(lamp.Id);
        found.Tag("a", "b", "c", "d", "e");
        Assert.Equal("too-many", (await RefusedAsync(found)).Code);
    }

    [Fact]
    public async Task What_takes_more_than_8_MB_is_not_stored()
    {
        var lamp = await _shop.AddAsync(Lamp.Create("desk"));
        lamp.Paint(new string('x', 8 * 1024 * 1024));
        var refused = await RefusedAsync(lamp);
        Assert.Equal("too-large", refused.Code);
        Assert.Contains("at most 8192 KB", refused.Message, StringComparison.Ordinal);
        Assert.Equal("white", (await _shop.FindAsync(lamp.Id)).Colour);
    }

    [Fact]
    public async Task A_thing_remembers_so_many_keys_of_one_person_and_so_many_in_all_and_says_when_there_is_room_again()
    {
        var lamp = await _shop.AddAsync(Lamp.Create("desk"));
        foreach (var person in new[] { "ada", "bob" })
        {
            for (var number = 0; number < SaveLimits.MostKeys / 2; number++)
            {
                lamp.Brighten();
                Assert.True(await _shop.Lamps.TrySaveAsync(lamp, WithKey(person, number), default));
            }

            lamp.Brighten();
            var refused = await Assert.ThrowsAsync<HttpProblemException>(() =>
                _shop.Lamps.TrySaveAsync(lamp, WithKey(person, 1000), default));
            Assert.Equal(429, refused.Problem.Status);
            Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromHours(23.5), TimeSpan.FromHours(24));
        }

        await Assert.ThrowsAsync<HttpProblemException>(() => _shop.Lamps.TrySaveAsync(lamp, WithKey("eve", 1), default));
        Assert.True(await _shop.Lamps.TrySaveAsync(lamp, _shop.AuditOf(), default));
        _shop.Clock.Advance(TimeSpan.FromHours(24.1));
        lamp.Brighten();
        Assert.True(await _shop.Lamps.TrySaveAsync(lamp, WithKey("eve", 1), default));
    }

    [Fact]
    public async Task A_thing_whose_messages_can_not_be_published_takes_no_more_changes_until_they_are()
    {
        await using var shop = new Shop(together: false);
        shop.Broker.IsDown = true;
        var lamp = await shop.AddAsync(Lamp.Create("desk"));
        for (var number = 1; number < SaveLimits.MostWaiting; number++)
        {
            lamp.Brighten();
            Assert.True(await shop.Lamps.TrySaveAsync(lamp, shop.AuditOf(), default));
        }

        lamp.Brighten();
        await Assert.ThrowsAsync<OutboxFullException>(() => shop.Lamps.TrySaveAsync(lamp, shop.AuditOf(), default));

        shop.Broker.IsDown = false;
        await shop.StartRelayAsync();
        await shop.Lamps.DeliveredAsync(lamp.Id, default);
        Assert.NotNull(await shop.Lamps.UpdateAsync(lamp.Id, shop.AuditOf(), found => found.Brighten(), default));
    }

    [Fact]
    public void Of_very_many_sources_the_first_is_forgotten()
    {
        var envelope = new Envelope();
        for (var number = 0; number < 1_200; number++)
        {
            envelope.Hear(new Cause(number.ToString(CultureInfo.InvariantCulture), 1));
        }

        Assert.Equal(1_000, envelope.Heard.Count);
        Assert.False(envelope.HasHeard(new Cause("199", 1)));
        Assert.True(envelope.HasHeard(new Cause("200", 1)));
        envelope.Hear(new Cause("200", 2));
        Assert.True(envelope.HasHeard(new Cause("200", 2)));
        Assert.Equal(1_000, envelope.Heard.Count);
    }

    private Task<RuleViolationException> RefusedAsync(Lamp lamp) =>
        Assert.ThrowsAsync<RuleViolationException>(() => _shop.Lamps.TrySaveAsync(lamp, _shop.AuditOf(), default));

    private AuditContext WithKey(string person, int key) => _shop.AuditOf() with
    {
        Outcome = (_, version) => new KeptOutcome($"{person}|{key}", [9], 200, null, $"\"{version}\"", [1], _shop.Clock.GetUtcNow()),
    };
}
