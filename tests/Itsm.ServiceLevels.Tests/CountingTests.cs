using System.Collections.Concurrent;
using Itsm.Contracts;
using Itsm.Contracts.ServiceLevels;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.Platform.Values;
using Itsm.ServiceLevels.Domain;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;
using static Itsm.ServiceLevels.Tests.Shortcuts;

namespace Itsm.ServiceLevels.Tests;

/// <summary>Clocks are published, recorded and saved one after the other: wherever that breaks off, or runs twice at once, the next run
/// brings all three to the same.</summary>
public sealed class CountingTests(ServiceLevelsSuite suite)
{
    private readonly Projection<TicketClocks> _clocks = suite.Modules.GetRequiredService<Projection<TicketClocks>>();
    private readonly Projection<ClockRecord> _records = suite.Modules.GetRequiredService<Projection<ClockRecord>>();

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task What_died_before_or_after_it_was_published_is_done_when_the_message_comes_again(bool after)
    {
        var ticket = await TicketAsync();
        var bus = new DyingBus(suite.Modules.GetRequiredService<IMessageBus>(), after) { IsDying = true };
        await Assert.ThrowsAsync<DeliveryException>(() => CountAsync(bus, ticket));
        Assert.Null(await _clocks.FindAsync(ticket.Id, default));
        bus.IsDying = false;
        await CountAsync(bus, ticket);
        await AgreeAsync(ticket, bus);
        await CountAsync(bus, ticket);
        await AgreeAsync(ticket, bus);
        await CountAsync(bus, ticket with { Action = "replay" }, replayed: true);
        Assert.Equal(2, (await _clocks.FindAsync(ticket.Id, default))!.Version);
    }

    [Theory]
    [InlineData(2, 3, false), InlineData(3, 2, false), InlineData(2, 3, true), InlineData(3, 2, true)]
    public async Task Of_two_at_once_that_publish_the_same_version_the_newer_is_what_stays(int first, int second, bool dies)
    {
        var ticket = await TicketAsync();
        var bus = new DyingBus(suite.Modules.GetRequiredService<IMessageBus>(), after: true);
        await CountAsync(bus, ticket);
        bus.Meanwhile = async () =>
        {
            await CountAsync(bus, Version(second));
            bus.IsDying = dies;
        };
        if (dies)
        {
            await Assert.ThrowsAsync<DeliveryException>(() => CountAsync(bus, Version(first)));
            bus.IsDying = false;
        }

        await CountAsync(bus, Version(first));
        Assert.Contains("group:3", (await AgreeAsync(ticket, bus)).Readers);

        TicketChanged Version(int version) =>
            ticket with { Version = version, Readers = [ReaderToken.Role(KnownRoles.Agent), $"group:{version}"] };
    }

    [Fact]
    public async Task Of_many_versions_at_once_the_newest_is_counted_published_and_recorded()
    {
        var ticket = await TicketAsync();
        var bus = new DyingBus(suite.Modules.GetRequiredService<IMessageBus>(), after: false);
        await Task.WhenAll(Enumerable.Range(1, 12).Select(version => CountAsync(bus, ticket with
        {
            Version = version, Readers = [ReaderToken.Role(KnownRoles.Agent), $"group:{version}"],
        })));
        var saved = await AgreeAsync(ticket, bus);
        Assert.Equal(12, saved.TicketVersion);
        Assert.Contains("group:12", saved.Readers);
    }

    /// <summary>The saved clocks, the newest published ones and the records are the same.</summary>
    private async Task<TicketClocks> AgreeAsync(TicketChanged ticket, DyingBus bus)
    {
        var saved = (await _clocks.FindAsync(ticket.Id, default))!;

        // Of two of one version that which came first stays.
        var published = bus.Published.OfType<TicketClocksChanged>().MaxBy(changed => changed.Version)!;
        Assert.Equal(string.Join(' ', saved.Readers), string.Join(' ', published.Readers));
        Assert.Equal(TicketClocks.Bytes(saved.Clocks), TicketClocks.Bytes(published.Clocks));
        var records = (await _records.Documents.QueryAsync(new DocumentQuery([Platform.Documents.Condition.In("ticket",
            BsonMapping.Value(ticket.Id))], "startedAt", false, null, 100), default)).Select(Projection<ClockRecord>.Load).ToList();
        Assert.Equal(saved.Clocks.Select(clock => clock.ClockId).Order(), records.Select(record => record.Id).Order());
        Assert.All(records, record => Assert.Equal((published.Version, string.Join(' ', published.Readers)),
            (record.Version, string.Join(' ', record.Readers))));
        return saved;
    }

    private Task CountAsync(IMessageBus bus, TicketChanged ticket, bool replayed = false) =>
        ActivatorUtilities.CreateInstance<CountClocks>(suite.Modules, bus)
            .RunAsync(ticket.Id, clocks => clocks.Apply(ticket), default, replayed);

    /// <summary>A ticket with one clock.</summary>
    private async Task<TicketChanged> TicketAsync()
    {
        var service = await suite.AgreementAsync(await suite.AlwaysAsync(), [Target("resolution", "PT4H")]);
        var opened = suite.Clock.GetUtcNow().ToMilliseconds();
        var by = new Actor(null, "tests");
        return new TicketChanged
        {
            Id = Guid.CreateVersion7(opened), Version = 1, Kind = "incident", Number = "INC0", Title = "Noise", State = "new",
            Category = StateCategory.Open, Priority = 3, Impact = 2, Urgency = 2, Requester = Guid.CreateVersion7(opened), OpenedBy = Guid.CreateVersion7(opened),
            AffectedService = service, ConfigurationItems = [], Watchers = [], Readers = [ReaderToken.Role(KnownRoles.Agent)],
            NoteReaders = [], OpenedAt = opened, RecordedAt = opened,
            Timeline = [new(opened, "new", StateCategory.Open, 3, null, null, service, false) { By = by, Action = "create" }],
            Changed = [], By = by, Action = "create", At = opened,
        };
    }

    /// <summary>Hands messages on; while it is dying it fails before or after that.</summary>
    private sealed class DyingBus(IMessageBus bus, bool after) : IMessageBus
    {
        public ConcurrentQueue<object> Published { get; } = [];

        public bool IsDying { get; set; }

        /// <summary>Runs once, when the next message is handed on.</summary>
        public Func<Task>? Meanwhile { get; set; }

        public Task ReadyAsync(CancellationToken ct) => bus.ReadyAsync(ct);

        public async Task PublishAsync(Guid messageId, object message, CancellationToken ct)
        {
            if (!IsDying || after)
            {
                Published.Enqueue(message);
                (var meanwhile, Meanwhile) = (Meanwhile, null);
                await (meanwhile?.Invoke() ?? Task.CompletedTask);
                await bus.PublishAsync(messageId, message, ct);
            }

            if (IsDying)
            {
                throw new DeliveryException("The process died.");
            }
        }

        public Task SendAsync(string queue, Guid messageId, object message, CancellationToken ct) =>
            bus.SendAsync(queue, messageId, message, ct);
    }
}
