using Itsm.Contracts;
using Itsm.Contracts.Platform;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Messaging;
using Itsm.Platform.Replicas;
using Itsm.Platform.Supervision;
using Itsm.Platform.Timers;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
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
            provider.GetRequiredKeyedService<IDocumentDatabase>(name), provider.GetRequiredService<Supervisor>().Watch($"timers of {name}"),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<TimerStore>>()) { Service = name });
        services.AddKeyedSingleton(name, (provider, _) => new Relay(
            provider.GetRequiredKeyedService<IDocumentDatabase>(name), provider.GetRequiredService<IMessageBus>(),
            provider.GetRequiredKeyedService<TimerStore>(name), provider.GetRequiredService<Supervisor>(), name,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Relay>>()));
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
            provider.GetRequiredKeyedService<IDocumentDatabase>(Name), definition, provider.GetRequiredKeyedService<Relay>(Name),
            provider.GetRequiredService<AuditSeals>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<Caching.SharedCache>(), Name));
        if (definition.HasHistory)
        {
            Services.AddSingleton<Histories<T>>()
                .AddKeyedSingleton<IHistories>(Name, (provider, _) => provider.GetRequiredService<Histories<T>>());
        }

        Services.AddSingleton<IStartUp>(provider => new StartUp(() => provider.GetRequiredService<AggregateStore<T>>()));
        return this;
    }

    /// <summary>Stores records of this type, which only mirror what others published, in the service's database.</summary>
    public ServiceBuilder Projects<T>(ProjectionDefinition<T> definition)
        where T : Record
    {
        Services.AddSingleton(provider =>
        {
            var projection = new Projection<T>(provider.GetRequiredKeyedService<IDocumentDatabase>(Name), definition);
            provider.GetRequiredKeyedService<Relay>(Name).Register(projection.Documents);
            return projection;
        });
        Services.AddSingleton<IStartUp>(provider => new StartUp(() => provider.GetRequiredService<Projection<T>>()));
        return this;
    }

    /// <summary>Subscribes to messages of this type; the queue is called after service and handler.</summary>
    /// <param name="wanted">False for messages that the handler would do nothing with: they don't come to it.</param>
    /// <param name="key">Routing key of the messages that it wants, which alone are delivered; null for all. They must have one.</param>
    public ServiceBuilder Subscribes<TMessage, THandler>(Func<TMessage, bool>? wanted = null, string? key = null)
        where TMessage : class
        where THandler : class, IHandle<TMessage>
    {
        Services.AddTransient<THandler>();
        _subscriptions.Add<TMessage, THandler>(Name, wanted, key);
        return this;
    }

    /// <summary>Subscribes to messages of this type, together what has come together, at most 100: for whoever writes in bulk.</summary>
    /// <param name="wanted">As in the other one.</param>
    /// <param name="key">As in the other one.</param>
    public ServiceBuilder SubscribesInBatches<TMessage, THandler>(Func<TMessage, bool>? wanted = null, string? key = null)
        where TMessage : class
        where THandler : class, IHandleBatch<TMessage>
    {
        Services.AddTransient<THandler>().AddSingleton<Batches<TMessage, THandler>>();
        _subscriptions.AddBatch<TMessage, THandler>(Name, wanted, key);
        return this;
    }

    /// <summary>Owns what <typeparamref name="TMessage"/> is about, and publishes it again when a replica asks.</summary>
    /// <param name="message">The message of a thing as it is now.</param>
    /// <param name="of">The field with the id of what a thing belongs to, with an index of its own, in whose order things are published;
    /// in that of their human names where left out.</param>
    public ServiceBuilder Publishes<T, TMessage>(Func<T, TMessage> message, string? of = null)
        where T : Aggregate
        where TMessage : class, IEntityChanged
    {
        Services.AddSingleton(new Saying<T, TMessage>(message, of, Name));
        return Subscribes<ReplayRequested, Replay<T, TMessage>>(key: typeof(TMessage).Name)
            .Subscribes<InventoryRequested, Inventory<T, TMessage>>(
                request => request.Source == Name || request.Source == InventoryRequested.AnySource, typeof(TMessage).Name);
    }

    /// <summary>Keeps a copy of what <typeparamref name="TMessage"/> speaks of, which asks the owners for what it lacks. Services that share
    /// a process share the copy.</summary>
    /// <param name="indexes">The last field of the first one is a text that all have.</param>
    public ServiceBuilder Replicates<TMessage>(params IReadOnlyList<IndexDefinition> indexes)
        where TMessage : class, IEntityChanged
    {
        if (!Services.Any(known => known.ServiceType == typeof(Replica<TMessage>)))
        {
            ServiceHost.AddReplica<TMessage>(Services, Name, _subscriptions, indexes);
        }

        return this;
    }

    /// <summary>Where no aggregate of this type is stored, has these messages said again to the service's own handlers of them.</summary>
    /// <param name="by">A text that all have, with an index of its own.</param>
    public ServiceBuilder Backfills<T, TMessage>(string by)
        where T : Aggregate
        where TMessage : class, IEntityChanged =>
        Backfills<TMessage>(provider => provider.GetRequiredService<AggregateStore<T>>().Documents, by);

    /// <summary>The same for records that only mirror what others published.</summary>
    /// <param name="to">Where they are kept.</param>
    /// <param name="by">A text that all have, with an index of its own.</param>
    public ServiceBuilder Backfills<T, TMessage>(ProjectionDefinition<T> to, string by)
        where T : Record
        where TMessage : class, IEntityChanged =>
        Projects(to).Backfills<TMessage>(provider => provider.GetRequiredService<Projection<T>>().Documents, by);

    private ServiceBuilder Backfills<TMessage>(Func<IServiceProvider, IDocumentCollection> documents, string by)
        where TMessage : class, IEntityChanged
    {
        CopyQueues.Add(_subscriptions, Name);
        Services.AddSingleton<ICopy>(provider => new EmptyStore<TMessage>(documents(provider), by, Name, _subscriptions,
            provider.GetRequiredService<IMessageBus>(), provider.GetRequiredService<TimeProvider>()));
        return this;
    }

    /// <summary>When a timer of this name comes due, loads the aggregate, lets it decide, and saves; the service itself is the
    /// actor.</summary>
    public ServiceBuilder Timer<T>(string name, string action, Action<T, AuditContext> change)
        where T : Aggregate
    {
        Services.AddSingleton<IStartUp>(provider => new StartUp(() =>
        {
            var store = provider.GetRequiredService<AggregateStore<T>>();
            provider.GetRequiredKeyedService<TimerStore>(Name).Register(store.Definition.Collection.Name, name, async (id, due, ct) =>
            {
                var audit = AuditContext.OfService(Name, action, store.Clock) with
                {
                    Reason = $"Timer {name}, due {due:yyyy-MM-ddTHH:mm:ssZ}.", Timer = new DueTimer(name, due),
                };
                await store.UpdateAsync(id, audit, aggregate => change(aggregate, audit), ct);
            });
        }));
        return this;
    }

    /// <summary>When a timer of this name comes due, runs the handler from the container.</summary>
    public ServiceBuilder Timer<T, THandler>(string name)
        where T : Aggregate
        where THandler : class, ITimerHandler
    {
        Services.TryAddSingleton<THandler>();
        Services.AddSingleton<IStartUp>(provider => new StartUp(() => provider.GetRequiredKeyedService<TimerStore>(Name).Register(
            provider.GetRequiredService<AggregateStore<T>>().Definition.Collection.Name, name,
            (id, _, ct) => provider.GetRequiredService<THandler>().RunAsync(id, ct))));
        return this;
    }

    /// <summary>When the instant in this field of an aggregate has come, runs the handler, which moves it on: a timer that costs no document.
    /// Two replicas may run at once for the same aggregate; the version decides between their saves.</summary>
    /// <param name="field">A field with a sparse index of its own.</param>
    /// <param name="due">Its value.</param>
    public ServiceBuilder RunsWhenDue<T, THandler>(string field, Func<T, DateTimeOffset?> due)
        where T : Aggregate
        where THandler : class, ITimerHandler
    {
        Services.TryAddSingleton<THandler>();
        Services.AddHostedService(provider => new DueAggregates<T>(
            provider.GetRequiredService<AggregateStore<T>>(), field, due, provider.GetRequiredService<THandler>(),
            provider.GetRequiredService<Supervisor>(), provider.GetRequiredService<ILogger<DueAggregates<T>>>()));
        return this;
    }

    /// <summary>Routes below <c>/api/v1/me</c> for the part of its answers that this service, and others that map the same ones, know: once
    /// in a process.</summary>
    public ServiceBuilder Shares(Action<IEndpointRouteBuilder> map)
    {
        var routes = new SharedRoutes(map);
        if (!Services.Any(known => routes.Equals(known.ImplementationInstance)))
        {
            Services.AddSingleton(routes);
        }

        return this;
    }

    /// <summary>Permissions that its routes ask for, with the roles that have them by default.</summary>
    public ServiceBuilder Grants(params IEnumerable<Permission> permissions)
    {
        _permissions.Add(permissions);
        return this;
    }
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
