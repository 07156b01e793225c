using System.Collections.Concurrent;
using Itsm.Platform.Supervision;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Messaging;

/// <summary>A connection to RabbitMQ that is replaced by a new one where it stays in trouble although the broker answers: one of
/// MassTransit waits up to a minute before it tries again, and an end of it that was cancelled at the wrong moment never does. The process
/// ends where new ones don't help. The grace is how long it may be in trouble at first; each time it gets longer, for on a busy machine a
/// connection takes its time to begin.</summary>
internal sealed class BrokerLink(
    Func<BrokerSockets, IBusControl> create, TimeSpan grace, Supervisor supervisor, TimeProvider clock, ILogger log)
    : IDisposable
{
    private const int MostRenewals = 3;
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Trial = TimeSpan.FromMinutes(2);
    private readonly TaskCompletionSource _firstReady = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile BrokerConnection _now = new(create);
    private volatile string? _trouble;
    private long _since;
    private long _renewed;
    private int _renewals;

    /// <summary>The connection that stands, or shall.</summary>
    public BrokerConnection Now => _now;

    /// <summary>Completes when the queues of this process are there: what is published before does not come into them.</summary>
    public Task FirstReady => _firstReady.Task;

    public bool IsUp => _now.IsUp;

    /// <summary>Why it does not do its work although the broker answers; null where it does.</summary>
    public string? Trouble => _trouble;

    public async Task ReadyAsync(CancellationToken ct)
    {
        for (var connection = _now; ; connection = _now)
        {
            try
            {
                await connection.Ready.WaitAsync(ct);
                return;
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested && connection != _now)
            {
                // It was renewed meanwhile.
            }
        }
    }

    /// <summary>Begins to connect, which goes on until the broker is there.</summary>
    public void Start()
    {
        _now.Start();
        _ = _now.Ready.ContinueWith(_ => _firstReady.TrySetResult(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion,
            TaskScheduler.Default);
    }

    public Task StopAsync(CancellationToken ct) => _now.StopAsync(ct);

    public string? Complaint(string does) => _now.IsUp ? _now.Complaint() : $"The connection that {does} RabbitMQ does not stand.";

    /// <summary>What failed, failed because the broker was away.</summary>
    public void Forgive() => _now.Forgive();

    /// <summary>Replaces it where it has been in trouble for too long: what is wrong now while the broker answers, null where nothing
    /// is.</summary>
    public async Task JudgeAsync(string? complaint, CancellationToken ct)
    {
        if (complaint is null)
        {
            _trouble = null;
            _renewals = clock.GetElapsedTime(_renewed) > Trial ? 0 : _renewals;
        }
        else if (_trouble is null)
        {
            (_trouble, _since) = (complaint, clock.GetTimestamp());
        }
        else if (clock.GetElapsedTime(_since) > grace * (_renewals + 1))
        {
            await RenewAsync(complaint, ct);
        }
    }

    public void Dispose() => _now.Dispose();

    private async Task RenewAsync(string reason, CancellationToken ct)
    {
        if (_renewals++ == MostRenewals)
        {
            supervisor.EndProcess($"{reason} {MostRenewals} new connections did not help.");
            return;
        }

        log.LogWarning("{Reason} RabbitMQ answers, so the connection is renewed.", reason);
        var old = _now;
        _now = new BrokerConnection(create);
        Start();
        (_renewed, _trouble) = (clock.GetTimestamp(), null);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(LongestStop);
        await old.StopAsync(limit.Token);
        old.Dispose();
    }
}

/// <summary>A bus of MassTransit with what is under way on it.</summary>
internal sealed class BrokerConnection : IDisposable
{
    private const int FailuresBeforeComplaint = 2;
    private readonly UnderWay _underWay = new();
    private readonly CancellationTokenSource _stopped = new();
    private readonly ConcurrentDictionary<Type, (int Count, string Reason)> _failed = new();
    private readonly BrokerSockets _sockets = new();
    private readonly IBusControl _bus;
    private Task _started = Task.CompletedTask;

    public BrokerConnection(Func<BrokerSockets, IBusControl> create)
    {
        _bus = create(_sockets);
        Ready = _bus.WaitForHealthStatus(BusHealthStatus.Healthy, _stopped.Token);
    }

    /// <summary>Completes when it stands, and its queues are there.</summary>
    public Task Ready { get; }

    public bool IsUp => _bus.CheckHealth().Status == BusHealthStatus.Healthy;

    public void Start() => _started = _bus.StartAsync(_stopped.Token);

    public Task DeliverAsync(Guid messageId, Func<IBus, Task> deliver, TimeSpan patience, CancellationToken ct) =>
        _underWay.DeliverAsync(messageId, async () =>
        {
            await Ready;
            await deliver(_bus);
        }, patience, ct);

    public void Succeeded(object message) => _failed.TryRemove(message.GetType(), out _);

    public void Failed(object message, Exception e) =>
        _failed.AddOrUpdate(message.GetType(), (1, e.Message), (_, known) => (known.Count + 1, e.Message));

    public void Forgive() => _failed.Clear();

    public string? Complaint() =>
        _failed.FirstOrDefault(failed => failed.Value.Count >= FailuresBeforeComplaint) is { Key: { } type, Value: var value }
            ? $"{type.Name} could not be published {value.Count} times: {value.Reason}" : null;

    public void Dispose() => _stopped.Dispose();

    /// <summary>Closes it: what the broker keeps for it goes to another.</summary>
    /// <param name="ct">Ends the wait for what is under way.</param>
    public async Task StopAsync(CancellationToken ct)
    {
        await _stopped.CancelAsync();
        await _started.WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // No token goes along: a stop that is cancelled closes nothing.
        await _bus.StopAsync(CancellationToken.None).WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _sockets.Cut();
    }
}
