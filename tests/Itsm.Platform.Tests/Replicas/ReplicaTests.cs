using System.Text.Json;
using CsCheck;
using Itsm.Contracts;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Platform;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.Replicas;
using Microsoft.Extensions.Logging.Abstractions;

namespace Itsm.Platform.Tests.Replicas;

public sealed class ReplicaTests : IAsyncLifetime
{
    private readonly Shop _shop = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task Messages_out_of_order_and_repeated_leave_the_newest()
    {
        var replica = Replica();
        var round = 0;
        await Gen.Int[1, 6].Array[1, 12].SampleAsync(async versions =>
        {
            var id = DerivedId.From("role", (++round).ToString(System.Globalization.CultureInfo.InvariantCulture));
            var newest = 0L;
            foreach (var version in versions)
            {
                await replica.HandleAsync(Role(id, version), default);
                newest = Math.Max(newest, version);
                Assert.Equal(newest, (await replica.FindAsync(id, default))!.Version);
            }

            var found = await replica.FindAsync(id, default);
            Assert.Equal((versions.Max(), $"v{versions.Max()}"), ((int)found!.Version, found.Name));
        }, iter: 40, threads: 1);
    }

    [Fact]
    public async Task Messages_at_once_leave_the_newest()
    {
        var replica = Replica();
        var id = DerivedId.From("role");
        await Task.WhenAll(Enumerable.Range(1, 40).Reverse().Select(version => Task.Run(async () =>
        {
            await replica.FindAsync(id, default);
            await replica.HandleAsync(Role(id, version), default);
            await replica.FindAsync(id, default);
        })));
        Assert.Equal(40, (await replica.FindAsync(id, default))!.Version);
    }

    [Fact]
    public async Task An_empty_replica_asks_until_an_owner_has_answered_and_once_a_day_from_then_on()
    {
        var replica = Replica();
        using var start = new ReplicaStart([replica], _shop.Broker, _shop.Clock, NullLogger<ReplicaStart>.Instance);
        await start.StartAsync(default);
        await AskedAsync(times: 1, within: TimeSpan.Zero);
        await AskedAsync(times: 2, within: TimeSpan.FromSeconds(6));
        await AskedAsync(times: 3, within: TimeSpan.FromSeconds(11));
        var asked = _shop.Broker.Of<InventoryRequested>()[0];
        Assert.Equal(("RoleChanged", "*", "tests-compare-copies"), (asked.Message, asked.Source, asked.ReplyTo));

        await ((ICopy)replica).CompareAsync(new InventoryReported
        {
            Comparison = asked.Comparison, Message = "RoleChanged", Source = "directory", Entries = [],
        }, default);
        var answered = _shop.Clock.GetUtcNow();
        await Wait.UntilAsync(() =>
        {
            _shop.Clock.Advance(TimeSpan.FromMinutes(20));
            return _shop.Broker.Of<InventoryRequested>().Count == 4;
        }, "Question 4");
        Assert.InRange(_shop.Clock.GetUtcNow() - answered, TimeSpan.FromHours(21), TimeSpan.MaxValue);
        await start.StopAsync(default);
        Assert.Empty(_shop.Broker.Of<ReplayRequested>());
    }

    [Fact]
    public async Task A_comparison_asks_for_what_is_missing_or_older_and_for_the_next_page()
    {
        var replica = Replica();
        var (same, older, newer, missing) = (DerivedId.From("same"), DerivedId.From("older"), DerivedId.From("newer"), DerivedId.From("no"));
        await Task.WhenAll(new[] { same, older, newer }.Select(id => replica.HandleAsync(Role(id, 5), default)));
        var report = new InventoryReported
        {
            Comparison = DerivedId.From("comparison"), Message = "RoleChanged", Source = "directory", Next = "there",
            Entries = [new(same, 5, null), new(older, 6, null), new(newer, 4, null), new(missing, 1, null)],
        };
        await ((ICopy)replica).CompareAsync(report, default);
        var replay = Assert.Single(_shop.Broker.Of<ReplayRequested>());
        Assert.Equal([older, missing], replay.Only);
        Assert.Equal(("tests", "tests-fill-copies"), (replay.By, replay.ReplyTo));
        var next = Assert.Single(_shop.Broker.Of<InventoryRequested>());
        Assert.Equal((report.Comparison, "directory", "there"), (next.Comparison, next.Source, next.After));
    }

    [Fact]
    public async Task What_a_newer_version_said_is_taken_in_as_far_as_it_is_known_and_asked_for_again_after_the_upgrade()
    {
        var id = DerivedId.From("lamp");
        using var json = JsonDocument.Parse($$"""
            { "id": "{{id}}", "version": 3, "schema": 2, "key": "lamp", "room": "attic", "shelf": "top", "addedLater": { "x": [1] } }
            """);
        ICopy before = Replica<Older.LampMoved>();
        await before.TakeAsync([json.RootElement], default);
        Assert.Equal(Older.Room.Elsewhere, (await ((Replica<Older.LampMoved>)before).ReadAsync(id, default))!.Room);
        var report = new InventoryReported
        {
            Comparison = DerivedId.From("comparison"), Message = "LampMoved", Source = "lamps", Schema = 2, Entries = [new(id, 3, null)],
        };
        await before.CompareAsync(report, default);
        Assert.Empty(_shop.Broker.Published);

        var after = Replica<Newer.LampMoved>();
        await ((ICopy)after).CompareAsync(report with { Schema = null }, default);
        Assert.Empty(_shop.Broker.Published);
        await ((ICopy)after).CompareAsync(report, default);
        Assert.Equal([id], Assert.Single(_shop.Broker.Of<ReplayRequested>()).Only);
        await ((ICopy)after).TakeAsync([json.RootElement], default);
        var healed = (await after.ReadAsync(id, default))!;
        Assert.Equal((Newer.Room.Attic, "top"), (healed.Room, healed.Shelf));
        await ((ICopy)after).CompareAsync(report, default);
        Assert.Single(_shop.Broker.Published);
    }

    private Task AskedAsync(int times, TimeSpan within)
    {
        _shop.Clock.Advance(within);
        return Wait.UntilAsync(() => _shop.Broker.Of<InventoryRequested>().Count == times, $"Question {times}");
    }

    private Replica<RoleChanged> Replica() => Replica<RoleChanged>();

    private Replica<T> Replica<T>()
        where T : class, IEntityChanged =>
        new(_shop.Database, "tests", _shop.Broker, Caches.OfOneNode(), _shop.Clock, NullLogger<Replica<T>>.Instance,
            new IndexDefinition("key"));

    private static RoleChanged Role(Guid id, long version) =>
        new() { Id = id, Version = version, Key = id.ToString(), Name = $"v{version}", Granted = [], Revoked = [] };

    /// <summary>A message as an older version of its reader knows it.</summary>
    private static class Older
    {
        [UnknownCountsAs(nameof(Elsewhere))]
        public enum Room
        {
            Elsewhere,
            Kitchen,
        }

        public sealed record LampMoved : IEntityChanged
        {
            public required Guid Id { get; init; }

            public required long Version { get; init; }

            public required string Key { get; init; }

            public required Room Room { get; init; }

            public int Schema { get; init; } = 1;
        }
    }

    /// <summary>The same message later on.</summary>
    private static class Newer
    {
        [UnknownCountsAs(nameof(Elsewhere))]
        public enum Room
        {
            Elsewhere,
            Kitchen,
            Attic,
        }

        public sealed record LampMoved : IEntityChanged
        {
            public static int CurrentSchema => 2;

            public required Guid Id { get; init; }

            public required long Version { get; init; }

            public required string Key { get; init; }

            public required Room Room { get; init; }

            public string? Shelf { get; init; }

            public int Schema { get; init; } = 1;
        }
    }
}
