using System.Collections.Concurrent;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Documents.Sqlite;
using Itsm.Platform.Messaging;
using Itsm.Platform.Supervision;
using Itsm.Platform.Timers;
using Itsm.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Itsm.Platform.Tests;

/// <summary>Store, relay and timers over one SQLite file, with a broker that tests can break.</summary>
internal sealed class Shop : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private bool _together;
    private SqliteDatabase _database = null!;
    private bool _relays;

    /// <param name="relays">Whether the relay runs at once.</param>
    /// <param name="stallAfter">When work that makes no progress is given up.</param>
    /// <param name="together">False to store as an engine does that makes no several writes as one.</param>
    public Shop(bool relays = false, TimeSpan? stallAfter = null, bool together = true)
    {
        _together = together;
        var settings = new SupervisionSettings { StallAfter = stallAfter ?? new SupervisionSettings().StallAfter };
        Supervisor = new Supervisor(Options.Create(settings), Clock, NullLogger<Supervisor>.Instance);
        _folder = System.IO.Directory.CreateTempSubdirectory("itsm-shop");
        Open(relays);
    }

    public MovableClock Clock { get; } = new();

    public Broker Broker { get; } = new();

    public Supervisor Supervisor { get; }

    public IDocumentDatabase Database => _together ? _database : new OneWrite(_database);

    public Histories<Lamp> Histories { get; private set; } = null!;

    public AggregateStore<Lamp> Lamps { get; private set; } = null!;

    public TimerStore Timers { get; private set; } = null!;

    public Relay Relay { get; private set; } = null!;

    public AuditContext AuditOf(string action = "update") => Lamp.AuditOf(Clock.GetUtcNow(), action);

    public async Task<Lamp> AddAsync(Lamp lamp)
    {
        Assert.True(await Lamps.TrySaveAsync(lamp, AuditOf("create"), default));
        return lamp;
    }

    public async Task<Lamp> FindAsync(Guid id) => (await Lamps.FindAsync(id, default))!;

    /// <summary>The messages of a lamp that wait for the relay; before they go beside the document, timers wait with them.</summary>
    public async Task<IReadOnlyList<OutboxMessage>> WaitingAsync(Guid id)
    {
        var rows = Relay.Rows is null ? []
            : await Relay.Rows.ScanAsync(null, 1000, default);
        return
        [
            .. (await FindAsync(id)).Envelope.Outbox,
            .. rows.Select(row => BsonMapping.FromBytes<OutboxRow>(row.Body)).Where(row => row.Aggregate == id)
                .SelectMany(row => row.Messages),
        ];
    }

    public async Task StartRelayAsync()
    {
        _relays = true;
        await Relay.StartAsync(default);
    }

    /// <summary>Ends as a stopped process would, and begins again on the same file.</summary>
    public async Task RestartAsync(bool relays = true, bool? together = null)
    {
        await StopAsync();
        _together = together ?? _together;
        Open(relays);
    }

    /// <summary>A second process' timers over the same store.</summary>
    public TimerStore OtherTimers() => new(_database, Supervisor.Watch("timers of shop"), Clock, NullLogger<TimerStore>.Instance);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Supervisor.StopAsync(default);
        Supervisor.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task StopAsync()
    {
        if (_relays)
        {
            await Relay.StopAsync(default);
        }

        await Timers.StopAsync(default);
        Relay.Dispose();
        Timers.Dispose();
        await _database.DisposeAsync();
    }

    private void Open(bool relays)
    {
        _database = new SqliteDatabase(Path.Combine(_folder.FullName, "shop.db"));
        Timers = OtherTimers();
        Relay = new Relay(Database, Broker, Timers, Supervisor, "shop", Clock, NullLogger<Relay>.Instance);
        var seals = new AuditSeals(new AuditSettings { Current = "tests", Keys = { ["tests"] = Convert.ToBase64String(new byte[32]) } });
        Lamps = new AggregateStore<Lamp>(Database, Lamp.Definition, Relay, seals, Clock);
        Histories = new Histories<Lamp>(Lamps, seals);
        _relays = relays;
        if (relays)
        {
            _ = Relay.StartAsync(default);
        }
    }
}

/// <summary>A store that makes one write at a time.</summary>
internal sealed class OneWrite(IDocumentDatabase database) : IDocumentDatabase
{
    public IDocumentCollection Collection(CollectionDefinition definition) => database.Collection(definition);

    public IReadOnlyList<string> MissingIndexes => database.MissingIndexes;

    public IBlobStore Blobs => database.Blobs;

    public ValueTask<bool> AnswersAsync(CancellationToken ct) => database.AnswersAsync(ct);
}

/// <summary>A message broker that remembers, and fails or waits when told to.</summary>
internal sealed class Broker : IMessageBus
{
    private int _attempts;

    public ConcurrentQueue<(Guid Id, object Message)> Published { get; } = new();

    public ConcurrentQueue<Guid> Tried { get; } = new();

    public bool IsDown { get; set; }

    public bool OutlivesProcess { get; set; }

    /// <summary>What a delivery waits for.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public int Attempts => _attempts;

    /// <summary>True where the next publication never ends, not even when it is cancelled.</summary>
    public bool HangsOnce { get; set; }

    /// <summary>The messages of a type; the same one published again is told by its id.</summary>
    public IReadOnlyList<T> Of<T>() => [.. Published.DistinctBy(one => one.Id).Select(one => one.Message).OfType<T>()];

    public Task ReadyAsync(CancellationToken ct) => Task.CompletedTask;

    public async Task PublishAsync(Guid messageId, object message, CancellationToken ct)
    {
        Interlocked.Increment(ref _attempts);
        Tried.Enqueue(messageId);
        await Gate.WaitAsync(ct);
        if (HangsOnce)
        {
            HangsOnce = false;
            await new TaskCompletionSource().Task;
        }

        if (IsDown)
        {
            throw new DeliveryException("The broker is down.");
        }

        Published.Enqueue((messageId, message));
    }

    public Task SendAsync(string queue, Guid messageId, object message, CancellationToken ct) => PublishAsync(messageId, message, ct);
}

internal static class Wait
{
    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience.Most, $"{what} did not come to pass.");
            await timer.WaitForNextTickAsync();
        }
    }
}
