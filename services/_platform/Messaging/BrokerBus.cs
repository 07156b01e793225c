using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.Serialization;
using Itsm.Contracts;
using Itsm.Contracts.Platform;
using Itsm.Platform.Supervision;
using Itsm.Platform.Telemetry;
using MassTransit;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Messaging;

/// <summary>Publishes to RabbitMQ, where a message counts as published when the broker has confirmed it, and consumes the queues of the
/// subscriptions over another connection. A connection that does not do its work although the broker answers is replaced by a new one;
/// where that does not help, the process ends.</summary>
internal sealed class BrokerBus(
    BrokerTopology topology, BrokerProbe probe, Supervisor supervisor, TimeProvider clock, ILogger<BrokerBus> log)
    : BackgroundService, IHostedLifecycleService, IMessageBus, IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(10);

    // As long as versions run beside this one that know no keys, each of their starts binds anew.
    private static readonly TimeSpan UnbindEvery = TimeSpan.FromMinutes(5);
    private readonly Meter _meter = new(Instruments.Name);
    private readonly ConcurrentDictionary<string, long> _lags = new();
    private readonly Dictionary<string, long> _waiting = [];
    private readonly BrokerLink _publisher = new(topology.CreatePublisher, TimeSpan.FromSeconds(10), supervisor, clock, log);

    // Longer, for it declares its queues: the old one would be taken away in the middle of it.
    private readonly BrokerLink _consumer = new(topology.CreateConsumer, TimeSpan.FromSeconds(20), supervisor, clock, log);
    private Task? _left;
    private BrokerConnection? _last;
    private string? _stuck;
    private long _counted;
    private long? _unbound;

    public bool OutlivesProcess => _publisher.IsUp;

    public async Task ReadyAsync(CancellationToken ct)
    {
        await _consumer.FirstReady.WaitAsync(ct);
        await _publisher.ReadyAsync(ct);
    }

    public Task PublishAsync(Guid messageId, object message, CancellationToken ct)
    {
        var trace = Activity.Current?.Id;
        return DeliverAsync(messageId, message, bus => bus.Publish(message, message.GetType(), context =>
        {
            Address(context, messageId, trace);
            if (message is IRouted routed)
            {
                context.TrySetRoutingKey(routed.RoutingKey);
            }

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
        : (_publisher.Trouble ?? _consumer.Trouble) is { } trouble ? HealthCheckResult.Degraded(trouble)
        : HealthCheckResult.Healthy());

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        ConsumerLag.Observe(_meter, () => _lags.Select(one => ConsumerLag.Of(one.Key, one.Value)));
        _consumer.Start();
        _publisher.Start();
        return base.StartAsync(cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Leaves what comes to others, while requests still are answered.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        (_last, _left) = (_consumer.Now, _consumer.StopAsync(cancellationToken));
        return Task.CompletedTask;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await (_left ?? Task.CompletedTask);
        if (_consumer.Now != _last)
        {
            // It was being renewed.
            await _consumer.StopAsync(cancellationToken);
        }
    }

    /// <summary>Publishes no more, now that all that was saved last is published.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken) => _publisher.StopAsync(cancellationToken);

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
            if (_consumer.IsUp && (_unbound is not { } last || clock.GetElapsedTime(last) > UnbindEvery))
            {
                _unbound = clock.GetTimestamp();
                if (await probe.RebindAsync(topology.Outdated, ct) is { } reason)
                {
                    log.LogWarning("Queues still get what they do not want, for they could not be bound by key: {Reason}", reason);
                }
            }
        }

        var (unpublished, unconsumed) = (_publisher.Complaint("publishes to"), _consumer.Complaint("consumes from") ?? _stuck);
        if ((unpublished ?? unconsumed) is not null && !await probe.AnswersAsync(ct))
        {
            (unpublished, unconsumed) = (null, null);
            _publisher.Forgive();
        }

        await _publisher.JudgeAsync(unpublished, ct);
        if (_left is null)
        {
            await _consumer.JudgeAsync(unconsumed, ct);
        }
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
                // What waited is unknown now.
                _lags.Clear();
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
        var connection = _publisher.Now;
        if (!_consumer.FirstReady.IsCompleted && await Task.WhenAny(_consumer.FirstReady, Task.Delay(Patience, ct)) != _consumer.FirstReady)
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
}
