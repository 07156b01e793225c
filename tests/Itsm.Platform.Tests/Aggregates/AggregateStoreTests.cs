using Itsm.Contracts;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Platform.Tests.Aggregates;

public sealed class AggregateStoreTests : IAsyncLifetime
{
    private readonly Shop _shop = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task Of_two_who_loaded_the_same_version_only_the_first_saves()
    {
        var id = (await _shop.AddAsync(Lamp.Create("desk"))).Id;
        var (first, second) = (await _shop.FindAsync(id), await _shop.FindAsync(id));
        first.Paint("red");
        second.Paint("blue");

        Assert.True(await _shop.Lamps.TrySaveAsync(first, _shop.AuditOf(), default));
        Assert.False(await _shop.Lamps.TrySaveAsync(second, _shop.AuditOf(), default));

        Assert.Equal(1, second.Version);
        var stored = await _shop.FindAsync(id);
        Assert.Equal(("red", 2L), (stored.Colour, stored.Version));
        Assert.Equal(2, stored.Envelope.Entries);
    }

    [Fact]
    public async Task Saving_without_a_change_writes_nothing()
    {
        var id = (await _shop.AddAsync(Lamp.Create("desk"))).Id;
        var before = (await _shop.Lamps.Documents.FindAsync(id, default))!.Value;
        var lamp = await _shop.FindAsync(id);
        lamp.Paint("white");

        Assert.True(await _shop.Lamps.TrySaveAsync(lamp, _shop.AuditOf(), default));

        Assert.Equal(1, lamp.Version);
        Assert.Equal(before.Body.ToArray(), (await _shop.Lamps.Documents.FindAsync(id, default))!.Value.Body.ToArray());
    }

    [Fact]
    public async Task Each_change_of_each_field_is_in_the_history_with_who_and_why()
    {
        var lamp = await _shop.AddAsync(Lamp.Create("desk"));
        lamp.Paint("red");
        lamp.Brighten();
        var person = DerivedId.From("person");
        await _shop.Lamps.TrySaveAsync(
            lamp,
            _shop.AuditOf("repaint") with { By = new Actor(person, "Ada"), Reason = "Too pale.", OnBehalfOf = new Actor(null, "Bob") },
            default);
        lamp.Paint(null);
        await _shop.Lamps.TrySaveAsync(lamp, _shop.AuditOf(), default);

        var document = (await _shop.Lamps.Documents.FindAsync(lamp.Id, default))!.Value;
        var history = await _shop.Lamps.HistoryAsync(document, null, 10, default);

        Assert.Equal([3, 2, 1], history.Select(entry => entry["entry"].ToInt32()));
        Assert.Equal(["colour white→red", "watts 0→1"],
            history[1]["changes"].AsBsonArray.Select(change => $"{change["field"]} {change["from"]}→{change["to"]}"));
        Assert.Equal(BsonNull.Value, Assert.Single(history[0]["changes"].AsBsonArray)["to"]);
        Assert.Empty(history[2]["changes"].AsBsonArray);
        Assert.Equal(("repaint", "Too pale.", "Ada", "Bob"),
            (history[1]["action"].AsString, history[1]["reason"].AsString, history[1]["by"]["name"].AsString,
                history[1]["onBehalfOf"]["name"].AsString));
        Assert.Equal(person, history[1]["by"]["person"].AsGuid);
        Assert.Equal((3L, (long?)null, (HistoryFault?)null), await _shop.Histories.VerifyAsync(document, default));
        Assert.Equal([1L], (await _shop.Lamps.HistoryAsync(document, 2, 10, default)).Select(entry => entry["entry"].AsInt64));
    }

    [Fact]
    public async Task A_cause_is_applied_once_however_often_it_is_repeated_at_once()
    {
        var id = (await _shop.AddAsync(Lamp.Create("desk"))).Id;
        var audit = _shop.AuditOf() with { Cause = new Cause("switch.1", 7) };

        var results = await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(_ => Task.Run(() => _shop.Lamps.UpdateAsync(id, audit, lamp => lamp.Brighten(), default))));

        Assert.Single(results, result => result is not null);
        Assert.Equal(1, (await _shop.FindAsync(id)).Watts);
        Assert.Null(await _shop.Lamps.UpdateAsync(id, audit with { Cause = new Cause("switch.1", 6) }, lamp => lamp.Brighten(), default));
        Assert.NotNull(await _shop.Lamps.UpdateAsync(
            id, audit with { Cause = new Cause("switch.1", 8) }, lamp => lamp.Brighten(), default));
        Assert.NotNull(await _shop.Lamps.UpdateAsync(
            id, audit with { Cause = new Cause("switch.2", 1) }, lamp => lamp.Brighten(), default));
        Assert.Equal(3, (await _shop.FindAsync(id)).Watts);
    }

    [Fact]
    public async Task Updates_at_once_are_all_applied()
    {
        await _shop.StartRelayAsync();
        var id = (await _shop.AddAsync(Lamp.Create("desk"))).Id;
        await Task.WhenAll(Enumerable.Range(0, 12)
            .Select(_ => Task.Run(() => _shop.Lamps.UpdateAsync(id, _shop.AuditOf(), lamp => lamp.Brighten(), default))));
        var lamp = await _shop.FindAsync(id);
        Assert.Equal((12, 13L, 13L), (lamp.Watts, lamp.Version, lamp.Envelope.Entries));
        await _shop.Lamps.DeliveredAsync(id, default);
        Assert.Equal((13L, (long?)null, (HistoryFault?)null),
            await _shop.Histories.VerifyAsync((await _shop.Lamps.Documents.FindAsync(id, default))!.Value, default));
    }

    [Fact]
    public async Task An_update_of_what_is_not_there_does_nothing() =>
        Assert.Null(await _shop.Lamps.UpdateAsync(
            DerivedId.From("nothing"), _shop.AuditOf(), _ => Assert.Fail("There is nothing to change."), default));

    [Fact]
    public async Task The_outcome_of_a_request_is_kept_with_the_save_and_its_key_is_taken()
    {
        var lamp = Lamp.Create("desk");
        Assert.True(await _shop.Lamps.TrySaveAsync(lamp, WithKey("k1"), default));

        var kept = (await _shop.Lamps.FindOutcomeAsync("k1", default))!.Value.Kept;
        Assert.Equal((201, "/lamps/desk", "\"1\""), (kept.Status, kept.Location, kept.Tag));
        Assert.Equal([1, 2], kept.Body);
        var duplicate = await Assert.ThrowsAsync<DuplicateKeyException>(() =>
            _shop.Lamps.TrySaveAsync(Lamp.Create("floor"), WithKey("k1"), default));
        Assert.Equal(AggregateDefinition.KeyField, duplicate.Fields[0]);
        Assert.Null(await _shop.Lamps.FindAsync(DerivedId.From("lamp", "floor"), default));
        Assert.Null(await _shop.Lamps.FindOutcomeAsync("k2", default));
    }

    [Fact]
    public async Task Idempotency_keys_are_dropped_by_the_first_save_after_a_day()
    {
        var lamp = Lamp.Create("desk");
        await _shop.Lamps.TrySaveAsync(lamp, WithKey("k1"), default);

        _shop.Clock.Advance(TimeSpan.FromHours(23.9));
        await _shop.Lamps.UpdateAsync(lamp.Id, _shop.AuditOf(), found => found.Brighten(), default);
        Assert.NotNull(await _shop.Lamps.FindOutcomeAsync("k1", default));

        _shop.Clock.Advance(TimeSpan.FromHours(0.2));
        await _shop.Lamps.UpdateAsync(lamp.Id, _shop.AuditOf(), found => found.Brighten(), default);
        Assert.Null(await _shop.Lamps.FindOutcomeAsync("k1", default));
    }

    [Fact]
    public async Task A_refused_save_leaves_the_aggregate_as_it_was_loaded()
    {
        await _shop.AddAsync(Lamp.Create("desk"));
        var twin = new Lamp { Id = DerivedId.From("twin"), Key = "desk" };
        var e = await Assert.ThrowsAsync<DuplicateKeyException>(() => _shop.Lamps.TrySaveAsync(twin, _shop.AuditOf(), default));
        Assert.Equal(["key"], e.Fields);
        Assert.Equal((0L, false, 0L), (twin.Version, twin.IsStored, twin.Envelope.Entries));
        Assert.False(await _shop.Lamps.AddMissingAsync(new Lamp { Id = DerivedId.From("twin"), Key = "desk" }, _shop.AuditOf(), default));
    }

    [Fact]
    public async Task What_only_follows_from_others_has_no_history_and_is_published_all_the_same()
    {
        var definition = new AggregateDefinition<Lamp>("mirrors", "key") { HasHistory = false };
        var mirrors = new AggregateStore<Lamp>(_shop.Database, definition, _shop.Relay, new AuditSeals(new AuditSettings()), _shop.Clock);
        var lamp = Lamp.Create("desk");
        Assert.True(await mirrors.TrySaveAsync(lamp, _shop.AuditOf("create"), default));
        await mirrors.UpdateAsync(lamp.Id, _shop.AuditOf(), found => found.Brighten(), default);

        var document = (await mirrors.Documents.FindAsync(lamp.Id, default))!.Value;
        Assert.Equal(2, document.Version);
        Assert.Empty(await mirrors.HistoryAsync(document, null, 10, default));
        Assert.Equal(2, (await _shop.Relay.Rows!.ScanAsync(OutboxRow.IdOf("mirrors", lamp.Id, 0), 10, default)).Count);
    }

    [Fact]
    public async Task What_is_recalled_is_as_it_was_saved_last()
    {
        var definition = new AggregateDefinition<Lamp>("recalled", "key") { IsRecalled = true, Normalize = key => key };
        var store = new AggregateStore<Lamp>(_shop.Database, definition, _shop.Relay, new AuditSeals(new AuditSettings()), _shop.Clock,
            Caches.OfOneNode());
        Assert.Null(await store.RecallAsync("desk", default));
        var lamp = Lamp.Create("desk");
        Assert.Null(await store.RecallAsync(lamp.Id.ToString(), default));
        Assert.True(await store.TrySaveAsync(lamp, _shop.AuditOf("create"), default));
        Assert.Equal(1, (await store.RecallAsync("desk", default))!.Version);
        Assert.Equal(1, (await store.RecallAsync(lamp.Id.ToString(), default))!.Version);
        await store.UpdateAsync(lamp.Id, _shop.AuditOf(), found => found.Brighten(), default);
        Assert.Equal(2, (await store.RecallAsync("desk", default))!.Version);
        Assert.Equal(2, (await store.RecallAsync(lamp.Id.ToString(), default))!.Version);
        var found = (await store.Documents.FindAsync(lamp.Id, default))!.Value;
        Assert.True(await store.Documents.DeleteAsync(lamp.Id, found.Version, default));
        Assert.Equal(2, (await store.RecallAsync("desk", default))!.Version);
    }

    [Fact]
    public async Task A_staged_past_is_written_with_one_save()
    {
        var lamp = Lamp.Create("desk");
        AggregateStore<Lamp>.Stage(lamp, Lamp.AuditOf(DateTimeOffset.UnixEpoch, "create"));
        lamp.Paint("red");
        AggregateStore<Lamp>.Stage(lamp, Lamp.AuditOf(DateTimeOffset.UnixEpoch.AddYears(1)));
        lamp.Paint("green");
        Assert.True(await _shop.Lamps.TrySaveAsync(lamp, _shop.AuditOf("import"), default));

        var document = (await _shop.Lamps.Documents.FindAsync(lamp.Id, default))!.Value;
        Assert.Equal(3, document.Version);
        Assert.Equal(["import", "update", "create"],
            (await _shop.Lamps.HistoryAsync(document, null, 10, default)).Select(entry => entry["action"].AsString));
        Assert.Equal((3L, (long?)null, (HistoryFault?)null), await _shop.Histories.VerifyAsync(document, default));
        Assert.Single(await _shop.WaitingAsync(lamp.Id));
    }

    [Fact]
    public async Task A_document_is_found_by_id_and_by_name_in_any_case()
    {
        var lamp = await _shop.AddAsync(Lamp.Create("desk"));
        foreach (var name in new[] { lamp.Id.ToString(), lamp.Id.ToString().ToUpperInvariant(), "desk", "DESK" })
        {
            Assert.Equal(lamp.Id, (await _shop.Lamps.FindDocumentAsync(name, default))!.Value.Id);
        }

        Assert.Null(await _shop.Lamps.FindDocumentAsync("floor", default));
    }

    private AuditContext WithKey(string key) => _shop.AuditOf() with
    {
        Outcome = (_, version) => new KeptOutcome(key, [9], 201, "/lamps/desk", $"\"{version}\"", [1, 2], _shop.Clock.GetUtcNow()),
    };
}
