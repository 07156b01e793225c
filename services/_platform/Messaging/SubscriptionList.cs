using System.Text.RegularExpressions;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Platform.Messaging;

/// <summary>What the hosted services listen to.</summary>
internal sealed class SubscriptionList
{
    private readonly List<Subscription> _all = [];

    public void Add<TMessage, THandler>(string service)
        where TMessage : class
        where THandler : class, IHandle<TMessage> =>
        _all.Add(new Subscription(typeof(TMessage), typeof(HandlerConsumer<TMessage, THandler>), $"{service}-{Kebab(typeof(THandler))}"));

    public int Count(Type message) => _all.Count(subscription => subscription.Message.IsAssignableFrom(message));

    public void Register(IBusRegistrationConfigurator bus)
    {
        foreach (var subscription in _all)
        {
            bus.AddConsumer(subscription.Consumer);
        }
    }

    public void Connect(IInMemoryBusFactoryConfigurator factory, IBusRegistrationContext context)
    {
        foreach (var subscription in _all)
        {
            factory.ReceiveEndpoint(subscription.Queue, endpoint =>
            {
                endpoint.ConcurrentMessageLimit = 16;
                endpoint.ConfigureConsumer(context, subscription.Consumer);
            });
        }
    }

    private static string Kebab(Type handler)
    {
        var name = handler.IsGenericType ? handler.Name.Split('`')[0] + handler.GetGenericArguments()[0].Name : handler.Name;
        return Regex.Replace(name, "(?<=[a-z0-9])(?=[A-Z])", "-").ToLowerInvariant();
    }

    private sealed record Subscription(Type Message, Type Consumer, string Queue);
}

/// <summary>Hands a delivery to the handler and tells the embedded bus how it went.</summary>
internal sealed class HandlerConsumer<TMessage, THandler>(THandler handler, IServiceProvider services) : IConsumer<TMessage>
    where TMessage : class
    where THandler : IHandle<TMessage>
{
    public async Task Consume(ConsumeContext<TMessage> context)
    {
        var embedded = services.GetService<EmbeddedBus>();
        try
        {
            await handler.HandleAsync(context.Message, context.CancellationToken);
            embedded?.Handled(context.MessageId ?? Guid.Empty);
        }
        catch (Exception e) when (embedded is not null)
        {
            embedded.Failed(context.MessageId ?? Guid.Empty, typeof(THandler).Name, e);
        }
    }
}
