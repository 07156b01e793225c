using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Itsm.Contracts;
using Itsm.Contracts.Platform;
using Itsm.Platform.Documents;
using Itsm.Platform.Supervision;
using Itsm.Platform.Telemetry;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Messaging;

/// <summary>Where RabbitMQ is, and how queues and exchanges are called there.</summary>
/// <param name="Address"><c>amqp://user:password@host:port/vhost</c></param>
/// <param name="Host">Name of the process in the broker's list of connections.</param>
/// <param name="Prefix">First part of the names of queues and exchanges, with its dash; empty for none.</param>
/// <param name="QueueExpiry">Queues that nobody used for so long are deleted; null to keep them.</param>
internal sealed record BrokerAddress(Uri Address, string Host, string Prefix, TimeSpan? QueueExpiry);

/// <summary>A binding to the exchange of a type of message that others replace.</summary>
/// <param name="Exchange">The exchange.</param>
/// <param name="ByKey">The exchange that replaces it.</param>
/// <param name="Queue">The queue, which is fed by an exchange of its name.</param>
/// <param name="Keys">By which the queue is bound to that.</param>
internal sealed record OutdatedBinding(string Exchange, string ByKey, string Queue, IReadOnlyList<string> Keys);

/// <summary>A quorum queue for each subscription, an exchange for each type of message; for those with a routing key a second one, which
/// the first feeds, and to which queues are bound by the keys that they want.</summary>
/// <remarks>The first one stays as it was before there were keys: versions from then publish to it, without a key, and what has none goes
/// to all queues. They bind their queues to it; a queue that is bound to both gets each message once.</remarks>
internal sealed class BrokerTopology
{
    private const string NoKey = "";

    /// <summary>Every key, and none, in the words of a topic exchange.</summary>
    private const string AnyKey = "#";

    private const string SuffixOfKeys = ":by-key";
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);
    private readonly BrokerAddress _address;
    private readonly IServiceProvider _services;
    private readonly ConcurrentDictionary<Type, string> _exchanges = new();

    public BrokerTopology(BrokerAddress address, SubscriptionList subscriptions, IServiceProvider services)
    {
        var (supervisor, clock) = (services.GetRequiredService<Supervisor>(), services.GetRequiredService<TimeProvider>());
        (_address, _services) = (address, services);
        Deliveries = [.. subscriptions.All.Select(subscription => new Delivery(subscription, services, supervisor, clock))];
    }

    public string Prefix => _address.Prefix;

    public IReadOnlyList<Delivery> Deliveries { get; }

    /// <summary>Bindings of versions that knew no keys, over which a queue gets what it does not want.</summary>
    public IEnumerable<OutdatedBinding> Outdated => Deliveries.Select(delivery => delivery.Subscription)
        .Where(subscription => subscription is { SentOnly: false, Key: not null })
        .Select(subscription => new OutdatedBinding(_exchanges[subscription.Message], _exchanges[subscription.Message] + SuffixOfKeys,
            Prefix + subscription.Name, KeysOf(subscription)));

    /// <summary>A new connection to publish on, not yet started.</summary>
    public IBusControl CreatePublisher(BrokerSockets sockets) => Create([], sockets);

    /// <summary>A new connection that consumes all queues, not yet started.</summary>
    public IBusControl CreateConsumer(BrokerSockets sockets) => Create(Deliveries, sockets);

    private static string[] KeysOf(Subscription subscription) => subscription.Key is { } wanted ? [wanted, NoKey] : [AnyKey];

    private IBusControl Create(IReadOnlyList<Delivery> deliveries, BrokerSockets sockets)
    {
        LogContext.ConfigureCurrentLogContext(_services.GetRequiredService<ILoggerFactory>());
        return Bus.Factory.CreateUsingRabbitMq(factory =>
        {
            factory.Host(_address.Address, _address.Host, connection =>
            {
                connection.Heartbeat(Heartbeat);
                connection.RequestedConnectionTimeout(ConnectLimit);
                connection.OnRefreshConnectionFactory = client =>
                {
                    client.SocketFactory = sockets.Open;
                    return Task.CompletedTask;
                };
            });
            var names = new PrefixEntityNameFormatter(factory.MessageTopology.EntityNameFormatter, Prefix);
            factory.MessageTopology.SetEntityNameFormatter(names);
            factory.Publish<IRouted>(routed => routed.Exclude = true);
            factory.ConfigureJsonSerializerOptions(MessageJson.AddTo);
            foreach (var delivery in deliveries)
            {
                factory.ReceiveEndpoint(Prefix + delivery.Subscription.Name, queue => Configure(queue, delivery, names));
            }
        });
    }

    private void Configure(IRabbitMqReceiveEndpointConfigurator queue, Delivery delivery, IEntityNameFormatter names)
    {
        var subscription = delivery.Subscription;
        (queue.ConcurrentMessageLimit, queue.PrefetchCount) = (subscription.AtOnce, subscription.AtOnce * 2);
        queue.ConfigureConsumeTopology = subscription is { SentOnly: false, IsRouted: false };
        queue.SetQuorumQueue();

        // RabbitMQ drops a message after twenty returns by default, and every crash of a consumer is one.
        queue.SetQueueArgument("x-delivery-limit", -1);
        if (_address.QueueExpiry is { } unused)
        {
            queue.SetQueueArgument("x-expires", (int)unused.TotalMilliseconds);
        }

        if (subscription.Message != typeof(MessageFailed))
        {
            queue.ConfigureError(error => error.UseFilter(new KeepFailedFilter(delivery, _services)));
        }

        subscription.Visit(new Consumers(queue, delivery, names, _exchanges));
    }

    private sealed class Consumers(
        IRabbitMqReceiveEndpointConfigurator queue, Delivery delivery, IEntityNameFormatter names,
        ConcurrentDictionary<Type, string> exchanges) : ISubscriptionVisitor
    {
        public void Visit<TMessage>(Subscription<TMessage> subscription)
            where TMessage : class
        {
            var exchange = exchanges[typeof(TMessage)] = names.FormatEntityName<TMessage>();
            if (subscription is { SentOnly: false, IsRouted: true })
            {
                foreach (var key in KeysOf(subscription))
                {
                    queue.Bind(exchange + SuffixOfKeys, keys =>
                    {
                        (keys.ExchangeType, keys.RoutingKey) = (RabbitMQ.Client.ExchangeType.Topic, key);
                        keys.Bind(exchange, messages => messages.ExchangeType = RabbitMQ.Client.ExchangeType.Fanout);
                    });
                }
            }

            queue.Handler<TMessage>(context => subscription.Wants(context.Message)
                ? delivery.DeliverAsync(context.MessageId ?? Guid.Empty, context.Message,
                    Instruments.Parse(context.Headers.Get<string>(Instruments.TraceHeader)), context.CancellationToken)
                : Task.CompletedTask);
        }
    }

    /// <summary>Keeps what could not be handled, or not be read.</summary>
    private sealed class KeepFailedFilter(Delivery delivery, IServiceProvider services) : IFilter<ExceptionReceiveContext>
    {
        public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
        {
            // The connection broke or is being left: the message is not settled, so it comes again.
            context.CancellationToken.ThrowIfCancellationRequested();
            var text = context.Body.GetString();
            var envelope = Parse(text);
            var messageId = Guid.TryParse(envelope?["messageId"]?.ToString(), out var id) ? id : DerivedId.From(text);
            var body = envelope?["message"]?.ToJsonString() ?? text;
            delivery.Worker.Fails(messageId, $"{context.Exception.Message} It waits to be kept as failed.");
            await KeepFailed.KeepAsync(services, delivery.Subscription, messageId, body, context.Exception,
                Instruments.Parse(envelope?["headers"]?[Instruments.TraceHeader]?.ToString()), context.CancellationToken);
            delivery.Worker.Succeeds(messageId);
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("keep-failed");

        private static JsonObject? Parse(string text)
        {
            try
            {
                return JsonNode.Parse(text) as JsonObject;
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}
