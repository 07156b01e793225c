using Itsm.Contracts;
using Itsm.Contracts.Platform;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.Platform.Replicas;
using Itsm.Platform.Timers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Hosting;

/// <summary>What a module registers: a line each for its aggregates, subscriptions, timers and permissions.</summary>
public sealed class ServiceBuilder
{
    private readonly SubscriptionList _subscriptions;
    private readonly PermissionList _permissions;

    internal ServiceBuilder(string name, IServiceCollection services, SubscriptionList subscriptions, PermissionList permissions)
    {
        (Name, Services, _subscriptions, _permissions) = (name, services, subscriptions, permissions);
        services.AddKeyedSingleton(name, (provider, _) => new TimerStore(
            provider.GetRequiredKeyedService<IDocumentDatabase>(name), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<TimerStore>>()));
        services.AddKeyedSingleton(name, (provider, _) => new Relay(
            provider.GetRequiredService<IMessageBus>(), provider.GetRequiredKeyedService<TimerStore>(name), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Relay>>()));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredKeyedService<Relay>(name));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredKeyedService<TimerStore>(name));
    }

    /// <summary>The service's name.</summary>
    public string Name { get; }

    /// <summary>For what a module registers beside the platform's own.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Stores aggregates of this type in the service's database.</summary>
    public ServiceBuilder Stores<T>(AggregateDefinition<T> definition)
        where T : Aggregate
    {
        Services.AddSingleton(provider => new AggregateStore<T>(
            provider.GetRequiredKeyedService<IDocumentDatabase>(Name), definition, provider.GetRequiredKeyedService<Relay>(Name), provider.GetRequiredService<TimeProvider>()));
        Services.AddSingleton<IStartUp>(provider => new StartUp(() => provider.GetRequiredService<AggregateStore<T>>()));
        return this;
    }

    /// <summary>Hears messages of this type; the queue is called after service and handler.</summary>
    public ServiceBuilder Hears<TMessage, THandler>()
        where TMessage : class
        where THandler : class, IHandle<TMessage>
    {
        Services.AddTransient<THandler>();
        _subscriptions.Add<TMessage, THandler>(Name);
        return this;
    }

    /// <summary>Hears messages of this type, together what has come together, at most 100: for whoever writes in bulk.</summary>
    public ServiceBuilder HearsBatches<TMessage, THandler>()
        where TMessage : class
        where THandler : class, IHandleBatch<TMessage>
    {
        Services.AddTransient<THandler>().AddSingleton<Batches<TMessage, THandler>>();
        _subscriptions.AddBatch<TMessage, THandler>(Name);
        return this;
    }

    /// <summary>Owns what <typeparamref name="TMessage"/> speaks of, and says it again when a replica asks.</summary>
    public ServiceBuilder Says<T, TMessage>(Func<T, TMessage> message)
        where T : Aggregate
        where TMessage : class, IEntityChanged
    {
        Services.AddSingleton(message);
        return Hears<ReplayRequested, Replay<T, TMessage>>();
    }

    /// <summary>When a timer of this name comes due, loads the aggregate, lets it decide, and saves; the service itself is the actor.</summary>
    public ServiceBuilder Timer<T>(string name, string action, Action<T, Act> change)
        where T : Aggregate
    {
        Services.AddSingleton<IStartUp>(provider => new StartUp(() =>
        {
            var store = provider.GetRequiredService<AggregateStore<T>>();
            provider.GetRequiredKeyedService<TimerStore>(Name).Register(store.Definition.Collection.Name, name, async (id, due, ct) =>
            {
                var act = OwnAct(action, store.Clock) with { Reason = $"Timer {name}, due {due:yyyy-MM-ddTHH:mm:ssZ}.", Timer = new DueTimer(name, due) };
                await store.UpdateAsync(id, act, aggregate => change(aggregate, act), ct);
            });
        }));
        return this;
    }

    /// <summary>When a timer of this name comes due, runs the handler from the container.</summary>
    public ServiceBuilder Timer<T, THandler>(string name)
        where T : Aggregate
        where THandler : class, ITimerHandler
    {
        Services.AddSingleton<THandler>();
        Services.AddSingleton<IStartUp>(provider => new StartUp(() => provider.GetRequiredKeyedService<TimerStore>(Name).Register(
            provider.GetRequiredService<AggregateStore<T>>().Definition.Collection.Name, name, (id, _, ct) => provider.GetRequiredService<THandler>().RunAsync(id, ct))));
        return this;
    }

    /// <summary>Permissions that its routes ask for, with the roles that have them by default.</summary>
    public ServiceBuilder Grants(params IEnumerable<Permission> permissions)
    {
        _permissions.Add(permissions);
        return this;
    }

    /// <summary>An act of the service itself.</summary>
    public Act OwnAct(string action, TimeProvider clock) => new() { By = new Actor(null, Name), Action = action, At = Http.Instants.ToMilliseconds(clock.GetUtcNow()) };
}

/// <summary>Runs when a timer comes due.</summary>
public interface ITimerHandler
{
    /// <summary>Does what is due for this aggregate; an exception means a later try.</summary>
    Task RunAsync(Guid id, CancellationToken ct);
}

/// <summary>Something that must be made before the first request or message.</summary>
internal interface IStartUp
{
    void Run();
}

internal sealed class StartUp(Action run) : IStartUp
{
    public void Run() => run();
}

/// <summary>Says everything again, page by page, when a replica asks for it.</summary>
internal sealed class Replay<T, TMessage>(AggregateStore<T> store, Func<T, TMessage> message, IMessageBus bus) : IHandle<ReplayRequested>
    where T : Aggregate
    where TMessage : class, IEntityChanged
{
    private const int PageSize = 200;

    /// <inheritdoc/>
    public async Task HandleAsync(ReplayRequested request, CancellationToken ct)
    {
        if (request.Message != typeof(TMessage).Name)
        {
            return;
        }

        var name = store.Definition.NameField!;
        var query = new DocumentQuery([Condition.Within(name, "", true, null, false)], name, false, null, PageSize);
        while (true)
        {
            var page = await store.Documents.QueryAsync(query, ct);
            foreach (var document in page)
            {
                await bus.PublishAsync(Guid.CreateVersion7(store.Clock.GetUtcNow()), message(AggregateStore<T>.Load(document)), ct);
            }

            if (page.Count < PageSize)
            {
                return;
            }

            query = query with { After = new DocumentPosition(RawBson.Values(page[^1].Body.Span, name)[0], page[^1].Id) };
        }
    }
}
