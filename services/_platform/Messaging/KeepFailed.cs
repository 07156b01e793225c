using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Itsm.Contracts.Platform;
using Itsm.Platform.Documents;
using Itsm.Platform.Telemetry;
using Itsm.Platform.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Messaging;

/// <summary>Runs when all attempts at a delivery failed: publishes the message with its last exception to whoever keeps failed messages,
/// and only then lets go of it.</summary>
internal static class KeepFailed
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly Counter<long> Failures = Instruments.Meter.CreateCounter<long>("itsm.messages.failed", "{message}",
        "Messages that failed for good.");

    /// <summary>Completes when the message is with whoever keeps it.</summary>
    public static async Task KeepAsync(
        IServiceProvider services, Subscription subscription, Guid messageId, string body, Exception e, ActivityContext trace,
        CancellationToken ct)
    {
        using var span = Instruments.Begin(nameof(MessageFailed) + " publish", ActivityKind.Producer, subscription.Service, trace);
        var failed = new MessageFailed
        {
            Id = DerivedId.From(subscription.Name, messageId.ToString()), MessageId = messageId, Service = subscription.Service,
            Subscription = subscription.Name, Message = subscription.Message.Name, Body = body, Attempt = 1,
            At = Instants.ToMilliseconds(services.GetRequiredService<TimeProvider>().GetUtcNow()),
            Reason = e.GetBaseException() is var cause ? $"{cause.GetType().Name}: {cause.Message}" : "",
        };
        services.GetRequiredService<ILogger<RetryMessage>>()
            .LogError(e, "{Subscription} could not handle {Message} {MessageId}; it is kept as failed message {Id}.",
            subscription.Name, failed.Message, failed.MessageId, failed.Id);
        Failures.Add(1, new KeyValuePair<string, object?>("subscription", subscription.Name));
        await PublishAsync(services, failed, ct);
    }

    /// <summary>Publishes until the broker has it: the message that failed must not be let go of before.</summary>
    public static async Task PublishAsync(IServiceProvider services, MessageFailed failed, CancellationToken ct)
    {
        var clock = services.GetRequiredService<TimeProvider>();
        while (true)
        {
            try
            {
                await services.GetRequiredService<IMessageBus>().PublishAsync(Guid.CreateVersion7(clock.GetUtcNow()), failed, ct);
                return;
            }
            catch (DeliveryException)
            {
                await Task.Delay(Pause, clock, ct);
            }
        }
    }
}

/// <summary>Hands a kept message to its handler once more; where that fails, it is kept again with the new reason.</summary>
internal sealed class RetryMessage(SubscriptionList subscriptions, IServiceProvider services, TimeProvider clock, ILogger<RetryMessage> log)
    : IHandle<MessageRetryRequested>
{
    public async Task HandleAsync(MessageRetryRequested message, CancellationToken ct)
    {
        if (subscriptions.Find(message.Subscription, message.Message) is not { } subscription)
        {
            return;
        }

        try
        {
            await using var scope = services.CreateAsyncScope();
            var body = JsonSerializer.Deserialize(message.Body, subscription.Message, MessageJson.Options)
                ?? throw new JsonException("The message is null.");
            await subscription.HandleAsync(scope.ServiceProvider, body, ct);
        }
        catch (Exception e) when (e is not (StoreUnavailableException or OperationCanceledException))
        {
            log.LogError(e, "{Subscription} could not handle {Message} {MessageId} again.", message.Subscription, message.Message,
                message.MessageId);
            await KeepFailed.PublishAsync(services, new MessageFailed
            {
                Id = message.Id, MessageId = message.MessageId, Service = subscription.Service, Subscription = message.Subscription,
                Message = message.Message, Body = message.Body, Attempt = message.Attempt, At = Instants.ToMilliseconds(clock.GetUtcNow()),
                Reason = $"{e.GetType().Name}: {e.Message}",
            }, ct);
        }
    }
}
