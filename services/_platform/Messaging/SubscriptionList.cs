using System.Text.RegularExpressions;
using Itsm.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Platform.Messaging;

/// <summary>What the hosted services listen to.</summary>
internal sealed class SubscriptionList
{
    private const int AtOnce = 16;
    private const int AtOnceInBatches = 200;
    private const int PagesAtOnce = 4;
    private readonly List<Subscription> _all = [];

    public IReadOnlyList<Subscription> All => _all;

    /// <param name="service">Whose handler it is.</param>
    /// <param name="wanted">False for messages that the handler would do nothing with; null where it wants all.</param>
    /// <param name="key">Routing key of the messages that it wants; null where it wants all.</param>
    public void Add<TMessage, THandler>(string service, Func<TMessage, bool>? wanted = null, string? key = null)
        where TMessage : class
        where THandler : class, IHandle<TMessage> =>
        Add(new Subscription<TMessage>(service, NameOf<THandler>(service), AtOnce, wanted,
            (services, message, ct) => services.GetRequiredService<THandler>().HandleAsync(message, ct)) { Key = key });

    /// <summary>As <see cref="Add{TMessage,THandler}"/>, for a handler that takes together what has come together.</summary>
    public void AddBatch<TMessage, THandler>(string service, Func<TMessage, bool>? wanted = null, string? key = null)
        where TMessage : class
        where THandler : class, IHandleBatch<TMessage> =>
        Add(new Subscription<TMessage>(service, NameOf<THandler>(service), AtOnceInBatches, wanted,
            (services, message, ct) => services.GetRequiredService<Batches<TMessage, THandler>>().HandleAsync(message, ct)) { Key = key });

    /// <summary>A queue that takes only what is sent to it, pages of many things, not what is published. The same queue again changes
    /// nothing.</summary>
    public void AddSentOnly<TMessage>(string service, string name, Func<IServiceProvider, TMessage, CancellationToken, Task> handle)
        where TMessage : class
    {
        if (Find(name, typeof(TMessage).Name) is null)
        {
            Add(new Subscription<TMessage>(service, name, PagesAtOnce, null, handle) { SentOnly = true });
        }
    }

    /// <summary>The subscription of this name to this message, or null.</summary>
    public Subscription? Find(string name, string message) =>
        _all.Find(subscription => subscription.Name == name && subscription.Message.Name == message);

    private void Add(Subscription added)
    {
        if (_all.Exists(subscription => subscription.Name == added.Name))
        {
            throw new InvalidOperationException($"There are two subscriptions {added.Name}: a handler hears one message, since its queue "
                + "bears its name.");
        }

        if (added is { Key: not null, IsRouted: false })
        {
            throw new InvalidOperationException($"{added.Name} wants messages of the key {added.Key}, but {added.Message.Name} has none.");
        }

        _all.Add(added);
    }

    /// <summary>The queue of a handler.</summary>
    public static string NameOf<THandler>(string service)
    {
        // Without the number of type arguments, which a queue's address can't carry.
        var handler = typeof(THandler);
        var name = handler.Name.Split('`')[0] + (handler.IsGenericType ? handler.GetGenericArguments()[0].Name.Split('`')[0] : "");
        return $"{service}-{Regex.Replace(name, "(?<=[a-z0-9])(?=[A-Z])", "-").ToLowerInvariant()}";
    }
}

/// <summary>A handler's queue.</summary>
/// <param name="Service">Whose.</param>
/// <param name="Name">Name of the queue: service and handler.</param>
/// <param name="Message">Type of the messages.</param>
/// <param name="AtOnce">How many messages are under way at the same time.</param>
internal abstract record Subscription(string Service, string Name, Type Message, int AtOnce)
{
    /// <summary>True where nothing that is published comes to it.</summary>
    public bool SentOnly { get; init; }

    /// <summary>Routing key of the messages that it wants; null where it wants those of all.</summary>
    public string? Key { get; init; }

    /// <summary>True where the messages have a routing key.</summary>
    public bool IsRouted => typeof(IRouted).IsAssignableFrom(Message);

    /// <summary>False where the handler would do nothing with the message: embedded, it is not delivered. RabbitMQ delivers all of the
    /// <see cref="Key"/>, and those without one; others are let go of at once.</summary>
    public abstract bool Wants(object message);

    /// <summary>Hands a message to the handler, once.</summary>
    public abstract Task HandleAsync(IServiceProvider services, object message, CancellationToken ct);

    /// <summary>Hands the type of the messages to whoever needs it.</summary>
    public abstract void Visit(ISubscriptionVisitor visitor);
}

/// <inheritdoc/>
internal sealed record Subscription<TMessage>(
    string Service, string Name, int AtOnce, Func<TMessage, bool>? Wanted,
    Func<IServiceProvider, TMessage, CancellationToken, Task> Handle)
    : Subscription(Service, Name, typeof(TMessage), AtOnce)
    where TMessage : class
{
    public override bool Wants(object message) =>
        (Key is null || ((IRouted)message).RoutingKey == Key) && Wanted?.Invoke((TMessage)message) != false;

    public override Task HandleAsync(IServiceProvider services, object message, CancellationToken ct) =>
        Handle(services, (TMessage)message, ct);

    public override void Visit(ISubscriptionVisitor visitor) => visitor.Visit(this);
}

internal interface ISubscriptionVisitor
{
    void Visit<TMessage>(Subscription<TMessage> subscription)
        where TMessage : class;
}
