using CsCheck;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Platform;
using Itsm.Platform.Documents;
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
    public async Task An_empty_replica_asks_for_a_replay_and_a_filled_one_does_not()
    {
        var replica = Replica();
        await ((IReplica)replica).AskForReplayIfEmptyAsync(default);
        var asked = Assert.Single(_shop.Broker.Of<ReplayRequested>());
        Assert.Equal(("RoleChanged", "tests"), (asked.Message, asked.By));

        await replica.HandleAsync(Role(DerivedId.From("role"), 1), default);
        await ((IReplica)replica).AskForReplayIfEmptyAsync(default);
        Assert.Single(_shop.Broker.Published);
    }

    private Replica<RoleChanged> Replica() =>
        new(_shop.Database, "tests", _shop.Broker, Caches.OfOneNode(), _shop.Clock, NullLogger<Replica<RoleChanged>>.Instance,
            new IndexDefinition("key"));

    private static RoleChanged Role(Guid id, long version) =>
        new() { Id = id, Version = version, Key = id.ToString(), Name = $"v{version}", Granted = [], Revoked = [] };
}
