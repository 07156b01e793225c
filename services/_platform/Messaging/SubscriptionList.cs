using System.Text.RegularExpressions;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Platform.Messaging;

/// <summary>What the hosted services listen to.</summary>
internal sealed class SubscriptionList
{
    private const int AtOnce = 16;
    private const int AtOnceInBatches = 200;
    private const int Attempts = 5;
    private const int OutageAttempts = 1_000;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan OutagePause = TimeSpan.FromSeconds(2);
    private readonly List<Subscription> _all = [];

    public void Add<TMessage, THandler>(string service)
        where TMessage : class
        where THandler : class, IHandle<TMessage> =>
        _all.Add(new Subscription(service, $"{service}-{Kebab(typeof(THandler))}", typeof(TMessage), typeof(HandlerConsumer<TMessage, THandler>), AtOnce,
            bus => bus.AddConsumer<HandlerConsumer<TMessage, THandler>>(), (services, message, ct) => services.GetRequiredService<THandler>().HandleAsync((TMessage)message, ct)));

    /// <summary>As <see cref="Add{TMessage,THandler}"/>, for a handler that takes together what has come together.</summary>
    public void AddBatch<TMessage, THandler>(string service)
        where TMessage : class
        where THandler : class, IHandleBatch<TMessage> =>
        _all.Add(new Subscription(service, $"{service}-{Kebab(typeof(THandler))}", typeof(TMessage), typeof(BatchConsumer<TMessage, THandler>), AtOnceInBatches,
            bus => bus.AddConsumer<BatchConsumer<TMessage, THandler>>(), (services, message, ct) => services.GetRequiredService<THandler>().HandleAsync([(TMessage)message], ct)));

    public int Count(Type message) => _all.Count(subscription => subscription.Message.IsAssignableFrom(message));

    /// <summary>The subscription of this name to this message, or null.</summary>
    public Subscription? Find(string name, string message) => _all.Find(subscription => subscription.Name == name && subscription.Message.Name == message);

    public void Register(IBusRegistrationConfigurator bus)
    {
        foreach (var subscription in _all)
        {
            subscription.Register(bus);
        }
    }

    /// <summary>A queue for each subscription. A handler that fails is tried again with growing pauses; while the store is away, for as long
    /// as that takes. What fails for good goes to whoever keeps failed messages.</summary>
    public void Connect(IReceiveConfigurator factory, IBusRegistrationContext context, Action<IReceiveEndpointConfigurator>? queue = null, string prefix = "")
    {
        foreach (var subscription in _all)
        {
            factory.ReceiveEndpoint(prefix + subscription.Name, endpoint =>
            {
                (endpoint.ConcurrentMessageLimit, endpoint.PrefetchCount) = (subscription.AtOnce, subscription.AtOnce * 2);
                queue?.Invoke(endpoint);
                endpoint.UseMessageRetry(retry =>
                {
                    retry.Handle<Documents.StoreUnavailableException>();
                    retry.Interval(OutageAttempts, OutagePause);
                });
                endpoint.UseMessageRetry(retry =>
                {
                    retry.Ignore<Documents.StoreUnavailableException>();
                    retry.Exponential(Attempts, FirstPause, LongestPause, FirstPause);
                });
                if (subscription.Message != typeof(Contracts.Platform.MessageFailed))
                {
                    endpoint.ConfigureError(error => error.UseFilter(new KeepFailed(subscription, context)));
                }

                endpoint.ConfigureConsumer(context, subscription.Consumer);
            });
        }
    }

    private static string Kebab(Type handler)
    {
        // Without the number of type arguments, which a queue's address can't carry.
        var name = handler.Name.Split('`')[0] + (handler.IsGenericType ? handler.GetGenericArguments()[0].Name.Split('`')[0] : "");
        return Regex.Replace(name, "(?<=[a-z0-9])(?=[A-Z])", "-").ToLowerInvariant();
    }
}

/// <summary>A handler's queue.</summary>
/// <param name="Service">Whose.</param>
/// <param name="Name">Name of the queue: service and handler.</param>
/// <param name="Message">Type of the messages.</param>
/// <param name="Consumer">Type that takes them from MassTransit.</param>
/// <param name="AtOnce">How many messages are under way at the same time.</param>
/// <param name="Register">Makes the consumer known to MassTransit.</param>
/// <param name="HandleAsync">Hands a message to the handler.</param>
internal sealed record Subscription(
    string Service, string Name, Type Message, Type Consumer, int AtOnce, Action<IBusRegistrationConfigurator> Register, Func<IServiceProvider, object, CancellationToken, Task> HandleAsync);

/// <summary>Hands a delivery to the handler and tells the embedded bus when it is done.</summary>
internal sealed class HandlerConsumer<TMessage, THandler>(THandler handler, IServiceProvider services) : IConsumer<TMessage>
    where TMessage : class
    where THandler : IHandle<TMessage>
{
    public async Task Consume(ConsumeContext<TMessage> context)
    {
        await handler.HandleAsync(context.Message, context.CancellationToken);
        services.GetService<EmbeddedBus>()?.Handled(context.MessageId ?? Guid.Empty);
    }
}
