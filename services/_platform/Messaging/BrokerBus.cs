using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.Serialization;
using Itsm.Contracts.Platform;
using Itsm.Platform.Supervision;
using Itsm.Platform.Telemetry;
using MassTransit;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Messaging;

/// <summary>Publishes to RabbitMQ, where a message counts as published when the broker has confirmed it, and consumes the queues of the
/// subscriptions over another connection. A connection over which nothing can be published although the broker answers is replaced by a new
/// one; where that does not help, or nothing is consumed, the process ends.</summary>
internal sealed class BrokerBus(
    BrokerTopology topology, BrokerProbe probe, Supervisor supervisor, TimeProvider clock, ILogger<BrokerBus> log)
    : BackgroundService, IMessageBus, IHealthCheck
{
    private const int FailuresBeforeRenewal = 2;
    private const int MostRenewals = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Trial = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestReconnect = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(10);
    private readonly Meter _meter = new(Instruments.Name);
    private readonly ConcurrentDictionary<string, long> _lags = new();
    private readonly Dictionary<string, long> _waiting = [];
    private readonly Connection _consumer = new(topology.CreateConsumer());
    private volatile Connection _publisher = new(topology.CreatePublisher());
    private volatile Trouble? _trouble;
    private volatile Trouble? _silence;
    private string? _stuck;
    private long _counted;
    private long _renewed;
    private int _renewals;

    public async Task ReadyAsync(CancellationToken ct)
    {
        await _consumer.Ready.WaitAsync(ct);
        for (var publisher = _publisher; ; publisher = _publisher)
        {
            try
            {
                await publisher.Ready.WaitAsync(ct);
                return;
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested && publisher != _publisher)
            {
                // It was renewed meanwhile.
            }
        }
    }

    public Task PublishAsync(Guid messageId, object message, CancellationToken ct)
    {
        var trace = Activity.Current?.Id;
        return DeliverAsync(messageId, message, bus => bus.Publish(message, message.GetType(), context =>
        {
            Address(context, messageId, trace);

            // What failed must not go to an exchange that has no queue yet.
            context.Mandatory = message is MessageFailed;
        }), ct);
    }

    // A send to queue: would declare it again, as another kind of queue than it is.
    public Task SendAsync(string queue, Guid messageId, object message, CancellationToken ct)
    {
        var trace = Activity.Current?.Id;
        return DeliverAsync(messageId, message, async bus =>
        {
            var endpoint = await bus.GetSendEndpoint(new Uri($"exchange:{topology.Prefix}{queue}"));
            await endpoint.Send(message, message.GetType(), context => Address(context, messageId, trace));
        }, ct);
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
        !_consumer.IsUp ? HealthCheckResult.Unhealthy("RabbitMQ does not answer: what is published waits in the outbox.")
        : (_trouble ?? _silence) is { } trouble ? HealthCheckResult.Degraded(trouble.Reason)
        : HealthCheckResult.Healthy());

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        ConsumerLag.Observe(_meter, () => _lags.Select(one => ConsumerLag.Of(one.Key, one.Value)));
        _consumer.Start();
        _publisher.Start();
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Task.WhenAll(_consumer.StopAsync(cancellationToken), _publisher.StopAsync(cancellationToken));
    }

    public override void Dispose()
    {
        base.Dispose();
        _meter.Dispose();
        _consumer.Dispose();
        _publisher.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        supervisor.Watch("connection to RabbitMQ").RunAsync(async work =>
        {
            using var timer = new PeriodicTimer(LookEvery, clock);
            while (await timer.WaitForNextTickAsync(work.Token))
            {
                await LookAsync(work.Token);
                work.Completed();
            }
        }, stoppingToken);

    private async Task LookAsync(CancellationToken ct)
    {
        if (clock.GetElapsedTime(_counted) > CountEvery)
        {
            (_counted, _stuck) = (clock.GetTimestamp(), await CountAsync(ct));
        }

        var (unpublished, unconsumed) = (_publisher.Complaint(),
            _consumer.IsUp ? _stuck : "The connection that consumes from RabbitMQ does not stand.");
        if ((unpublished ?? unconsumed) is not null && !await probe.AnswersAsync(ct))
        {
            (unpublished, unconsumed) = (null, null);
            _publisher.Forgive();
        }

        _trouble = unpublished is null ? null : _trouble ?? new Trouble(clock.GetTimestamp(), unpublished);
        _silence = unconsumed is null ? null : _silence ?? new Trouble(clock.GetTimestamp(), unconsumed);
        if (_silence is { } silence && clock.GetElapsedTime(silence.Since) > LongestReconnect)
        {
            supervisor.EndProcess(silence.Reason);
        }

        if (_trouble is null)
        {
            _renewals = clock.GetElapsedTime(_renewed) > Trial ? 0 : _renewals;
        }
        else if (clock.GetElapsedTime(_trouble.Since) > Grace * (_renewals + 1))
        {
            // Each time it gets longer: on a busy machine a connection takes its time to begin.
            await RenewAsync(_trouble.Reason, ct);
        }
    }

    private async Task RenewAsync(string reason, CancellationToken ct)
    {
        if (_renewals++ == MostRenewals)
        {
            supervisor.EndProcess($"{reason} {MostRenewals} new connections did not help.");
            return;
        }

        log.LogWarning("{Reason} RabbitMQ answers, so the connection is renewed.", reason);
        var old = _publisher;
        _publisher = new Connection(topology.CreatePublisher());
        _publisher.Start();
        _renewed = clock.GetTimestamp();
        _trouble = null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(LongestStop);
        await old.StopAsync(limit.Token);
        old.Dispose();
    }

    /// <summary>Measures what waits in the queues.</summary>
    /// <returns>A complaint where messages wait and their consumer takes none.</returns>
    private async Task<string?> CountAsync(CancellationToken ct)
    {
        string? stuck = null;
        foreach (var delivery in topology.Deliveries)
        {
            var name = delivery.Subscription.Name;
            if (await probe.CountAsync(topology.Prefix + name, ct) is not { } count)
            {
                break;
            }

            _lags[name] = count;
            if (count == 0 || !delivery.Worker.IsIdle || delivery.Worker.StillFor < CountEvery)
            {
                _waiting.Remove(name);
            }
            else if (!_waiting.TryAdd(name, clock.GetTimestamp()) && clock.GetElapsedTime(_waiting[name]) > supervisor.StallAfter)
            {
                stuck = $"Messages wait in {name}, and none came here for {supervisor.StallAfter.TotalSeconds:0} s.";
            }
        }

        return stuck;
    }

    private static void Address(SendContext context, Guid messageId, string? trace)
    {
        context.MessageId = messageId;
        if (trace is not null)
        {
            context.Headers.Set(Instruments.TraceHeader, trace);
        }
    }

    private async Task DeliverAsync(Guid messageId, object message, Func<IBus, Task> deliver, CancellationToken ct)
    {
        var connection = _publisher;
        if (!_consumer.Ready.IsCompleted && await Task.WhenAny(_consumer.Ready, Task.Delay(Patience, ct)) != _consumer.Ready)
        {
            ct.ThrowIfCancellationRequested();
            throw new DeliveryException($"{message.GetType().Name} {messageId} waits until the queues of this process are there.");
        }

        try
        {
            // No token goes along: MassTransit keeps a declaration that was cancelled as failed for as long as the connection stands. So
            // what is given up here goes on there, and whoever publishes it again waits for the same.
            await connection.DeliverAsync(messageId, deliver, Patience, ct);
            connection.Succeeded(message);
            Work.Progress();
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            if (e is not (SerializationException or MessageReturnedException))
            {
                connection.Failed(message, e);
            }

            throw new DeliveryException($"The broker did not confirm {message.GetType().Name} {messageId}: {e.Message}", e);
        }
    }

    private sealed record Trouble(long Since, string Reason);

    /// <summary>A bus of MassTransit with what is under way on it.</summary>
    private sealed class Connection : IDisposable
    {
        private readonly UnderWay _underWay = new();
        private readonly CancellationTokenSource _stopped = new();
        private readonly ConcurrentDictionary<Type, (int Count, string Reason)> _failed = new();
        private readonly IBusControl _bus;
        private Task _started = Task.CompletedTask;

        public Connection(IBusControl bus)
        {
            _bus = bus;
            Ready = bus.WaitForHealthStatus(BusHealthStatus.Healthy, _stopped.Token);
        }

        /// <summary>Completes when its queues are there: what is published before does not come into them.</summary>
        public Task Ready { get; }

        public bool IsUp => _bus.CheckHealth().Status == BusHealthStatus.Healthy;

        /// <summary>Begins to connect, which goes on until the broker is there.</summary>
        public void Start() => _started = _bus.StartAsync(_stopped.Token);

        public Task DeliverAsync(Guid messageId, Func<IBus, Task> deliver, TimeSpan patience,
            CancellationToken ct) => _underWay.DeliverAsync(messageId, async () =>
        {
            await Ready;
            await deliver(_bus);
        }, patience, ct);

        public void Succeeded(object message) => _failed.TryRemove(message.GetType(), out _);

        public void Failed(object message, Exception e) =>
            _failed.AddOrUpdate(message.GetType(), (1, e.Message), (_, known) => (known.Count + 1, e.Message));

        /// <summary>What failed, failed because the broker was away.</summary>
        public void Forgive() => _failed.Clear();

        public string? Complaint() => !IsUp ? "The connection that publishes to RabbitMQ does not stand."
            : _failed.FirstOrDefault(failed => failed.Value.Count >= FailuresBeforeRenewal) is { Key: { } type, Value: var value }
            ? $"{type.Name} could not be published {value.Count} times: {value.Reason}" : null;

        public void Dispose() => _stopped.Dispose();

        public async Task StopAsync(CancellationToken ct)
        {
            await _stopped.CancelAsync();
            await _started.WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // Where it does not stop in time, what it has under way comes again on the next connection.
            await _bus.StopAsync(ct).WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
