using Itsm.Contracts.Directory;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Testing;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace Itsm.Platform.Tests.Messaging;

/// <summary>The outbox beside the documents.</summary>
public sealed class RelayOfRowsTests() : RelayTests(together: true)
{
    [Fact]
    public async Task What_an_earlier_version_left_inside_the_documents_is_published_too()
    {
        await using var shop = new Shop(together: false);
        var lamp = await shop.AddAsync(Lamp.Create("desk"));
        lamp.Remind(shop.Clock.GetUtcNow().AddHours(1));
        Assert.True(await shop.Lamps.TrySaveAsync(lamp, shop.AuditOf(), default));
        await shop.RestartAsync(relays: false, together: true);
        var due = shop.Clock.GetUtcNow().AddHours(3);
        lamp = (await shop.Lamps.UpdateAsync(lamp.Id, shop.AuditOf(), found => found.Remind(due), default))!;
        await shop.RestartAsync();

        await shop.Lamps.DeliveredAsync(lamp.Id, default);
        Assert.Equal([1L, 2L, 3L], shop.Broker.Of<RoleChanged>().Select(message => message.Version).Order());
        var document = (await shop.Lamps.Documents.FindAsync(lamp.Id, default))!.Value;
        Assert.Equal((3L, (long?)null, (HistoryFault?)null), await shop.Histories.VerifyAsync(document, default));
        var timers = await shop.Database.Collection(new CollectionDefinition("timers", new IndexDefinition("due"))).QueryAsync(
            new DocumentQuery([Condition.Within("due", BsonValue.Create(DateTime.UnixEpoch), true, null, false)], "due", false, null, 9),
            default);
        Assert.Equal(due.ToUnixTimeMilliseconds(), RawBson.Values(Assert.Single(timers).Body.Span, "due")[0].AsBsonDateTime.MillisecondsSinceEpoch);
    }

    [Fact]
    public async Task Timers_and_audit_entries_are_there_with_the_save_and_the_document_holds_neither()
    {
        await using var shop = new Shop();
        var lamp = Lamp.Create("desk");
        var last = shop.Clock.GetUtcNow().AddHours(2);
        lamp.Remind(last.AddHours(-1));
        lamp.Remind(last);
        await shop.AddAsync(lamp);

        var envelope = (await shop.FindAsync(lamp.Id)).Envelope;
        Assert.Equal((null, 0, 0, 1L), (envelope.Since, envelope.Outbox.Count, envelope.Audit.Count, envelope.Entries));
        Assert.Equal(1, await shop.Lamps.History.CountAsync([Condition.In("aggregate", BsonMapping.Value(lamp.Id))], default));
        var ran = new TaskCompletionSource<DateTimeOffset>();
        shop.Timers.Register("lamps", Lamp.Reminder, (_, due, _) =>
        {
            ran.SetResult(due);
            return Task.CompletedTask;
        });
        shop.Clock.Advance(TimeSpan.FromHours(3));
        await shop.Timers.StartAsync(default);
        Assert.Equal(last, await ran.Task.WaitAsync(Patience.Most), TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task A_save_that_is_refused_leaves_nothing_beside_the_document()
    {
        await using var shop = new Shop();
        var lamp = await shop.AddAsync(Lamp.Create("desk"));
        var stale = await shop.FindAsync(lamp.Id);
        await shop.Lamps.UpdateAsync(lamp.Id, shop.AuditOf(), found => found.Brighten(), default);
        stale.Paint("red");
        stale.Remind(shop.Clock.GetUtcNow().AddHours(1));
        Assert.False(await shop.Lamps.TrySaveAsync(stale, shop.AuditOf(), default));
        await Assert.ThrowsAsync<DuplicateKeyException>(() =>
            shop.Lamps.TrySaveAsync(new Lamp { Id = DerivedId.From("twin"), Key = "desk" }, shop.AuditOf("create"), default));

        Assert.Equal([1L, 2L], (await shop.WaitingAsync(lamp.Id)).Select(message =>
            System.Text.Json.JsonDocument.Parse(message.Body).RootElement.GetProperty("version").GetInt64()));
        Assert.Equal(2, await shop.Lamps.History.CountAsync([Condition.In("aggregate", BsonMapping.Value(lamp.Id))], default));
        Assert.Equal(0, await shop.Lamps.History.CountAsync(
            [Condition.In("aggregate", BsonMapping.Value(DerivedId.From("twin")))], default));
    }
}

/// <summary>The outbox inside the documents.</summary>
public sealed class RelayOfDocumentsTests() : RelayTests(together: false);

public abstract class RelayTests(bool together) : IAsyncLifetime
{
    private readonly Shop _shop = new(relays: true, together: together);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task A_saved_message_is_published_and_the_document_cleared()
    {
        var lamp = await _shop.AddAsync(Lamp.Create("desk"));
        await _shop.Lamps.DeliveredAsync(lamp.Id, default);

        var message = Assert.Single(_shop.Broker.Of<RoleChanged>());
        Assert.Equal((lamp.Id, 1L, "white"), (message.Id, message.Version, message.Name));
        Assert.Empty(await _shop.WaitingAsync(lamp.Id));
        var stored = await _shop.FindAsync(lamp.Id);
        Assert.Equal(1, stored.Version);
        Assert.Null(stored.Envelope.Since);
        Assert.Empty(stored.Envelope.Outbox);
        Assert.Empty(stored.Envelope.Audit);
        Assert.Equal(1, await _shop.Lamps.History.CountAsync([Condition.In("aggregate", BsonMapping.Value(lamp.Id))], default));
    }

    [Fact]
    public async Task A_record_is_written_and_deleted_with_the_saves_that_say_so()
    {
        var labels = new Projection<LampLabel>(_shop.Database, LampLabel.Definition);
        _shop.Relay.Register(labels.Documents);
        var lamp = Lamp.Create("desk");
        lamp.Label("first");
        await _shop.AddAsync(lamp);
        await _shop.Lamps.DeliveredAsync(lamp.Id, default);
        Assert.Equal((1L, "first"), await LabelAsync());

        await _shop.Lamps.UpdateAsync(lamp.Id, _shop.AuditOf(), found => found.Label("second"), default);
        await _shop.Lamps.DeliveredAsync(lamp.Id, default);
        Assert.Equal((2L, "second"), await LabelAsync());

        await _shop.Lamps.UpdateAsync(lamp.Id, _shop.AuditOf(), found => found.Unlabel(), default);
        await _shop.Lamps.DeliveredAsync(lamp.Id, default);
        Assert.Null(await LabelAsync());

        async Task<(long, string)?> LabelAsync() => await labels.Documents.FindAsync(lamp.Id, default) is { } found
            ? (found.Version, Projection<LampLabel>.Load(found).Text) : null;
    }

    [Fact]
    public async Task A_message_that_the_broker_refused_is_sent_again_by_the_sweep_with_the_same_id()
    {
        _shop.Broker.IsDown = true;
        var lamp = await _shop.AddAsync(Lamp.Create("desk"));
        await Wait.UntilAsync(() => _shop.Broker.Attempts > 0, "An attempt");
        Assert.Single(await _shop.WaitingAsync(lamp.Id));
        Assert.False(_shop.Lamps.DeliveredAsync(lamp.Id, default).IsCompleted);

        _shop.Broker.IsDown = false;
        await Wait.UntilAsync(() =>
        {
            _shop.Clock.Advance(TimeSpan.FromSeconds(6));
            return !_shop.Broker.Published.IsEmpty;
        }, "The next try");
        await Wait.UntilAsync(async () => (await _shop.WaitingAsync(lamp.Id)).Count == 0, "The cleared outbox");
        Assert.Single(_shop.Broker.Of<RoleChanged>());
        Assert.Single(_shop.Broker.Tried.Distinct());
    }

    [Fact]
    public async Task One_that_can_not_be_read_keeps_no_other_waiting()
    {
        await using var shop = new Shop(together: together);
        var (broken, sound) = (await shop.AddAsync(Lamp.Create("first")), await shop.AddAsync(Lamp.Create("second")));
        var holders = shop.Relay.Rows ?? shop.Lamps.Documents;
        var document = (await holders.ScanAsync(null, 9, default)).Single(found =>
            found.Id == broken.Id || OutboxRow.AreOfOne(found.Id, OutboxRow.IdOf("lamps", broken.Id, 1)));
        var body = BsonSerializer.Deserialize<BsonDocument>(document.Body.ToArray());
        (together ? body : body[Envelope.Element].AsBsonDocument)[together ? "messages" : "outbox"] = "no list";
        Assert.True(await holders.ReplaceAsync(new StoredDocument(document.Id, document.Version, body.ToBson()), document.Version, default));

        await shop.RestartAsync();
        await Wait.UntilAsync(() => shop.Broker.Of<RoleChanged>().Count > 0, "The publication");
        Assert.Equal(sound.Id, Assert.Single(shop.Broker.Of<RoleChanged>()).Id);
    }

    [Fact]
    public async Task What_was_saved_last_is_published_before_the_relay_ends()
    {
        await using var shop = new Shop(relays: true, together: together);
        var gate = new TaskCompletionSource();
        (shop.Broker.OutlivesProcess, shop.Broker.Gate) = (true, gate.Task);
        var lamp = await shop.AddAsync(Lamp.Create("desk"));
        await Wait.UntilAsync(() => shop.Broker.Attempts > 0, "The delivery");
        var ends = shop.Relay.StopAsync(default);
        Assert.False(ends.IsCompleted);
        gate.SetResult();
        await ends;
        Assert.Equal(lamp.Id, Assert.Single(shop.Broker.Of<RoleChanged>()).Id);
        Assert.Empty(await shop.WaitingAsync(lamp.Id));
    }

    [Fact]
    public async Task What_was_saved_before_the_clock_was_set_back_is_published_all_the_same()
    {
        await _shop.RestartAsync(relays: false);
        var lamp = await _shop.AddAsync(Lamp.Create("desk"));
        _shop.Clock.Jump(TimeSpan.FromHours(-3));
        await _shop.RestartAsync();
        await _shop.Lamps.DeliveredAsync(lamp.Id, default);
        Assert.Single(_shop.Broker.Of<RoleChanged>());
    }

    [Fact]
    public async Task What_a_stopped_process_left_is_published_after_the_restart()
    {
        await _shop.RestartAsync(relays: false);
        var lamp = await _shop.AddAsync(Lamp.Create("desk"));
        await _shop.Lamps.UpdateAsync(lamp.Id, _shop.AuditOf(), found => found.Remind(_shop.Clock.GetUtcNow().AddHours(1)), default);
        var waiting = await _shop.WaitingAsync(lamp.Id);
        Assert.Equal(together ? 2 : 3, waiting.Count);
        Assert.Empty(_shop.Broker.Published);

        await _shop.RestartAsync();

        await _shop.Lamps.DeliveredAsync(lamp.Id, default);
        Assert.Equal([1L, 2L], _shop.Broker.Of<RoleChanged>().Select(message => message.Version));
        Assert.Equal(waiting.Where(one => one.Type.EndsWith("RoleChanged", StringComparison.Ordinal)).Select(one => one.MessageId),
            _shop.Broker.Published.Select(one => one.Id));
        var ran = new TaskCompletionSource();
        _shop.Timers.Register("lamps", Lamp.Reminder, (id, _, _) =>
        {
            Assert.Equal(lamp.Id, id);
            ran.SetResult();
            return Task.CompletedTask;
        });
        _shop.Clock.Advance(TimeSpan.FromHours(2));
        await _shop.Timers.StartAsync(default);
        await ran.Task.WaitAsync(Patience.Most);
    }

    [Fact]
    public async Task Every_version_is_published_whatever_breaks_and_the_history_is_whole()
    {
        const int Lamps = 5, Changes = 20;
        var ids = new List<Guid>();
        for (var number = 0; number < Lamps; number++)
        {
            ids.Add((await _shop.AddAsync(Lamp.Create($"lamp{number}"))).Id);
        }

        await Task.WhenAll(ids.Select((id, index) => Task.Run(async () =>
        {
            for (var change = 0; change < Changes; change++)
            {
                _shop.Broker.IsDown = (change + index) % 3 == 0;
                await _shop.Lamps.UpdateAsync(id, _shop.AuditOf(), lamp => lamp.Brighten(), default);
            }
        })));
        _shop.Broker.IsDown = false;
        await Wait.UntilAsync(async () =>
        {
            _shop.Clock.Advance(TimeSpan.FromSeconds(6));
            return (await Task.WhenAll(ids.Select(_shop.WaitingAsync))).All(messages => messages.Count == 0);
        }, "An empty outbox");

        foreach (var id in ids)
        {
            var versions = _shop.Broker.Of<RoleChanged>().Where(message => message.Id == id).Select(message => message.Version).ToList();
            Assert.Equal(Enumerable.Range(1, Changes + 1).Select(version => (long)version), versions.Distinct().Order());
            var document = (await _shop.Lamps.Documents.FindAsync(id, default))!.Value;
            Assert.Equal((Changes + 1L, (long?)null, (HistoryFault?)null), await _shop.Histories.VerifyAsync(document, default));
            Assert.Equal(Changes + 1, (await _shop.Lamps.HistoryAsync(document, null, 100, default)).Count);
        }
    }

    [Fact]
    public async Task Of_saves_that_wait_together_the_newest_carries_all_in_order()
    {
        var gate = new TaskCompletionSource();
        _shop.Broker.Gate = gate.Task;
        await _shop.AddAsync(Lamp.Create("blocks"));
        await Wait.UntilAsync(() => _shop.Broker.Attempts == 1, "The first delivery");
        var lamp = await _shop.AddAsync(Lamp.Create("desk"));
        for (var change = 0; change < 5; change++)
        {
            lamp.Brighten();
            Assert.True(await _shop.Lamps.TrySaveAsync(lamp, _shop.AuditOf(), default));
        }

        gate.SetResult();
        await _shop.Lamps.DeliveredAsync(lamp.Id, default);
        Assert.Equal([1, 2, 3, 4, 5, 6],
            _shop.Broker.Of<RoleChanged>().Where(message => message.Id == lamp.Id).Select(message => message.Version));
    }

    [Fact]
    public async Task Delivered_comes_only_after_the_delivery()
    {
        var gate = new TaskCompletionSource();
        _shop.Broker.Gate = gate.Task;
        var lamp = await _shop.AddAsync(Lamp.Create("desk"));
        var delivered = _shop.Lamps.DeliveredAsync(lamp.Id, default);
        await Wait.UntilAsync(() => _shop.Broker.Attempts == 1, "The delivery");
        Assert.False(delivered.IsCompleted);
        gate.SetResult();
        await delivered.WaitAsync(Patience.Most);
        Assert.Single(_shop.Broker.Published);
        await _shop.Lamps.DeliveredAsync(DerivedId.From("nothing"), default);
    }

    [Fact]
    public async Task All_who_wait_for_deliveries_of_one_thing_get_theirs()
    {
        var id = (await _shop.AddAsync(Lamp.Create("desk"))).Id;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var round = 0; round < 40; round++)
            {
                var saved = await _shop.Lamps.UpdateAsync(id, _shop.AuditOf(), lamp => lamp.Brighten(), default);
                await _shop.Lamps.DeliveredAsync(id, default).WaitAsync(Patience.Most);
                Assert.Contains(_shop.Broker.Of<RoleChanged>(), message => message.Version == saved!.Version);
            }
        })));
    }
}
