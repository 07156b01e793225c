using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Threading.Channels;
using Itsm.Contracts.Platform;
using Itsm.Platform.Supervision;
using Itsm.Platform.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Itsm.Platform.Messaging;

/// <summary>Hands messages over in this process: a bounded queue for each subscription. What it holds is gone when the process dies. So a
/// message counts as published only when all its subscribers have handled it, or it was kept as failed; until then the outbox keeps
/// it.</summary>
internal sealed class EmbeddedBus : BackgroundService, IMessageBus
{
    private const int MostWaiting = 1_000;
    private const int MostPages = 16;
    private const int Turns = 6;

    /// <summary>The embedded store writes all that wait at once with one flush to the disk: with more at work its turns are better
    /// filled.</summary>
    private const int TimesAtOnce = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly Meter _meter = new(Instruments.Name);
    private readonly UnderWay _underWay = new();
    private readonly IReadOnlyList<Queue> _queues;
    private readonly IServiceProvider _services;

    public EmbeddedBus(SubscriptionList subscriptions, IServiceProvider services, TimeProvider clock)
    {
        var supervisor = services.GetRequiredService<Supervisor>();
        _services = services;
        _queues = [.. subscriptions.All.Select(subscription => new Queue(new Delivery(subscription, services, supervisor, clock)))];
        ConsumerLag.Observe(_meter, () => _queues.Select(queue =>
            ConsumerLag.Of(queue.Delivery.Subscription.Name, queue.Waiting.Reader.Count)));
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    public Task ReadyAsync(CancellationToken ct) => Task.CompletedTask;

    public Task PublishAsync(Guid messageId, object message, CancellationToken ct) =>
        DeliverAsync(_queues.Where(queue => queue.Delivery.Subscription is var one && one.Message.IsInstanceOfType(message)
            && !one.SentOnly && one.Wants(message)), async queue => await (await queue.AddAsync(messageId, message)).Task, messageId,
            message, ct);

    public Task SendAsync(string queue, Guid messageId, object message, CancellationToken ct) =>
        DeliverAsync(_queues.Where(one => one.Delivery.Subscription.Name == queue), queue => queue.AddAsync(messageId, message), messageId,
            message, ct);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_queues.Select(queue => queue.Delivery.Worker.RunAsync(work =>
        {
            // Each delivery is work of its own.
            work.Rest();
            var limits = new ParallelOptions
            {
                MaxDegreeOfParallelism = queue.Delivery.Subscription.AtOnce * TimesAtOnce, CancellationToken = work.Token,
            };
            return Parallel.ForEachAsync(queue.Waiting.Reader.ReadAllAsync(work.Token), limits, (item, _) =>
                DeliverAsync(queue.Delivery, item, stoppingToken));
        }, stoppingToken)));

    private async Task DeliverAsync(
        IEnumerable<Queue> queues, Func<Queue, Task> deliver, Guid messageId, object message, CancellationToken ct)
    {
        for (var turn = 1; ; turn++)
        {
            try
            {
                await _underWay.DeliverAsync(messageId, () => Task.WhenAll(queues.Select(deliver)), Patience, ct);
                Work.Progress();
                return;
            }
            catch (TimeoutException) when (turn < Turns)
            {
                // The handlers are watched themselves.
                Work.Progress();
            }
            catch (TimeoutException e)
            {
                throw new DeliveryException(
                    $"{message.GetType().Name} {messageId} was not handled within {Turns * Patience.TotalSeconds} s.", e);
            }
        }
    }

    private async ValueTask DeliverAsync(Delivery delivery, Item item, CancellationToken ct)
    {
        try
        {
            await delivery.DeliverAsync(item.MessageId, item.Message, item.Trace, ct);
            item.Handled.TrySetResult();
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            item.Handled.TrySetCanceled(ct);
        }
        catch (Exception e) when (item.Message is MessageFailed)
        {
            item.Handled.TrySetException(new DeliveryException(e.Message, e));
        }
        catch (Exception e)
        {
            await KeepAsync(delivery.Subscription, item, e, ct);
        }
    }

    private async Task KeepAsync(Subscription subscription, Item item, Exception e, CancellationToken ct)
    {
        try
        {
            var body = JsonSerializer.Serialize(item.Message, subscription.Message, MessageJson.Options);
            await KeepFailed.KeepAsync(_services, subscription, item.MessageId, body, e, item.Trace, ct);
            item.Handled.TrySetResult();
        }
        catch (Exception other)
        {
            item.Handled.TrySetException(new DeliveryException(other.Message, other));
        }
    }

    private sealed record Queue(Delivery Delivery)
    {
        /// <summary>Of what is sent to it alone, such as pages of a replay, few wait: the sender waits instead.</summary>
        public Channel<Item> Waiting { get; } =
            Channel.CreateBounded<Item>(Delivery.Subscription.SentOnly ? MostPages : MostWaiting);

        /// <returns>What completes when the message is handled.</returns>
        public async Task<TaskCompletionSource> AddAsync(Guid messageId, object message)
        {
            var item = new Item(messageId, message, Activity.Current?.Context ?? default);
            await Waiting.Writer.WriteAsync(item);
            return item.Handled;
        }
    }

    private sealed record Item(Guid MessageId, object Message, ActivityContext Trace)
    {
        public TaskCompletionSource Handled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
