using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Platform;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.Messaging;
using Itsm.Platform.Replicas;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Itsm.Platform.Tests.Replicas;

/// <summary>How a service gets what its copies lack. One subclass per transport.</summary>
public abstract class CopyContract : IAsyncLifetime
{
    private const string SaidAgain = "said again";
    private readonly System.IO.DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("itsm-copies");
    private readonly List<WebApplication> _running = [];

    /// <summary>Keys of what was said again to everybody.</summary>
    private readonly ConcurrentQueue<string> _published = new();

    /// <summary>Keys of what came to the handler whose store is empty.</summary>
    private readonly ConcurrentQueue<string> _noted = new();

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var app in _running.ToList())
        {
            await EndAsync(app);
        }

        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_copy_that_lost_a_thing_or_has_an_old_one_gets_it_back_and_nobody_else_gets_anything()
    {
        var app = await StartAsync("all", Asker, LampOwner, CandleOwner);
        await LightAsync(app, 20);
        Assert.True(await app.Services.GetRequiredService<AggregateStore<Candle>>().TrySaveAsync(
            new Candle { Id = DerivedId.From("candle"), Key = "candle" }, Lamp.AuditOf(TimeProvider.System.GetUtcNow()), default));
        await HasAsync(app, 21);
        var replica = Replica(app);
        var (lost, old, foreign) = (Lamp.Create("lamp3").Id, Lamp.Create("lamp7").Id, DerivedId.From("candle"));
        await ForgetAsync(app, lost, foreign);
        var copies = Copies(app);
        var known = (await copies.FindAsync(old, default))!.Value;
        var older = new RoleChanged { Id = old, Version = 0, Key = "lamp7", Name = "old", Granted = [], Revoked = [] };
        Assert.True(await copies.ReplaceAsync(new StoredDocument(old, 0, BsonMapping.ToBytes(older)), known.Version, default));

        await ((ICopy)replica).AskAsync(default);
        await HasAsync(app, 21);
        await Wait.UntilAsync(async () => (await replica.ReadAsync(old, default))!.Version == known.Version, "The newer version");
        Assert.Empty(_published);
    }

    [Fact]
    public async Task Many_things_come_in_pages_to_who_asked()
    {
        const int Many = 2_500;
        var app = await StartAsync("all", Asker, LampOwner);
        await LightAsync(app, Many);
        await HasAsync(app, Many);
        await ForgetAsync(app, [.. Enumerable.Range(0, Many).Select(number => Lamp.Create($"lamp{number}").Id)]);
        await ((ICopy)Replica(app)).AskAsync(default);
        await HasAsync(app, Many);

        // The store that is empty asks for everything.
        _noted.Clear();
        var empty = app.Services.GetServices<ICopy>().OfType<EmptyStore<RoleChanged>>().Single();
        await empty.AskAsync(default);
        await Wait.UntilAsync(() => _noted.Distinct().Count() == Many, "All that was said again");
        Assert.Empty(_published);
    }

    [Fact]
    public async Task Who_names_no_queue_is_answered_by_publishing_all_pages()
    {
        const int Many = 450;
        var app = await StartAsync("all", Asker, LampOwner);
        await LightAsync(app, Many);
        await HasAsync(app, Many);
        var bus = app.Services.GetRequiredService<IMessageBus>();
        await bus.PublishAsync(DerivedId.From("older"), new ReplayRequested { Message = "RoleChanged", By = "older" }, default);
        await Wait.UntilAsync(() => _published.Count == Many, "All that was said again");
        Assert.Equal(Many, _published.Distinct().Count());
    }

    [Fact]
    public async Task What_is_replayed_by_a_newer_version_is_taken_in()
    {
        var app = await StartAsync("all", Asker);
        var calendar = JsonSerializer.SerializeToElement(NewerCalendar());
        await app.Services.GetRequiredService<IMessageBus>().SendAsync("asker-fill-copies", DerivedId.From("page"),
            new EntitiesReplayed { Message = "CalendarChanged", Entities = [calendar] }, default);
        await TakenInAsync(app);
    }

    protected abstract void Configure(WebApplicationBuilder builder);

    /// <summary>A process with these services; the name tells its data apart.</summary>
    private protected async Task<WebApplication> StartAsync(string name, params Action<Host>[] parts)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Environment.EnvironmentName = "Development";
        builder.Logging.ClearProviders();
        builder.Configuration["Urls"] = "http://127.0.0.1:0";
        builder.Configuration["Storage:Path"] = Path.Combine(_folder.FullName, name);
        Configure(builder);
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(_noted);
        builder.AddDocuments("tests", ["asker", "lamps", "candles"]);
        builder.AddSharedCache("tests");
        builder.AddAuditSeals();
        var subscriptions = new SubscriptionList();
        foreach (var part in parts)
        {
            part(new Host(builder.Services, subscriptions, _published));
        }

        builder.AddBus("tests", subscriptions);
        var app = builder.Build();
        _running.Add(app);
        foreach (var start in app.Services.GetServices<IStartUp>())
        {
            start.Run();
        }

        await app.StartAsync();
        await app.Services.GetRequiredService<IMessageBus>().ReadyAsync(default).WaitAsync(Patience.Most);
        return app;
    }

    private protected async Task EndAsync(WebApplication app)
    {
        _running.Remove(app);
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private protected static void Asker(Host host)
    {
        host.Service("asker").Replicates<RoleChanged>(new IndexDefinition("key")).Stores(Diary.Definition)
            .Replicates<CalendarChanged>(new IndexDefinition("key"))
            .Backfills<Diary, RoleChanged>("key").SubscribesInBatches<RoleChanged, Note>();
        host.Services.AddTransient(_ => new Watch(host.Published));
        host.Subscriptions.Add<RoleChanged, Watch>("watcher");
    }

    private protected static void Comparing(Host host) => host.Services.AddHostedService<ReplicaStart>();

    private protected static void LampOwner(Host host) => host.Service("lamps").Stores(Lamp.Definition).Publishes<Lamp, RoleChanged>(lamp =>
        new RoleChanged { Id = lamp.Id, Version = lamp.Version, Key = lamp.Key, Name = SaidAgain, Granted = [], Revoked = [] });

    private protected static void CandleOwner(Host host) =>
        host.Service("candles").Stores(Candle.Definition).Publishes<Candle, RoleChanged>(candle => candle.Snapshot());

    /// <summary>With a member and a value that are not known here.</summary>
    private protected static JsonObject NewerCalendar()
    {
        var edition = new CalendarEdition
        {
            Number = 1, PublishedAt = DateTimeOffset.UnixEpoch, Applies = EditionApplies.Retroactively, TimeZone = "UTC", Week = [],
            Holidays = [],
        };
        var calendar = JsonSerializer.SerializeToNode(
            new CalendarChanged { Id = DerivedId.From("calendar"), Version = 1, Key = "office", Name = "Office", Editions = [edition] },
            MessageJson.Options)!.AsObject();
        calendar["addedLater"] = new JsonObject { ["x"] = 1 };
        calendar["editions"]![0]!["applies"] = "addedLater";
        return calendar;
    }

    private protected static async Task TakenInAsync(WebApplication app)
    {
        var calendars = app.Services.GetRequiredService<Replica<CalendarChanged>>();
        await Wait.UntilAsync(async () => await calendars.ReadAsync(DerivedId.From("calendar"), default) is not null, "The calendar");
        Assert.Equal(EditionApplies.FromPublication,
            Assert.Single((await calendars.ReadAsync(DerivedId.From("calendar"), default))!.Editions).Applies);
    }

    private protected static Replica<RoleChanged> Replica(WebApplication app) => app.Services.GetRequiredService<Replica<RoleChanged>>();

    private protected static Task LightAsync(WebApplication app, int lamps) => Task.WhenAll(Enumerable.Range(0, lamps).Select(async number =>
        Assert.True(await app.Services.GetRequiredService<AggregateStore<Lamp>>().TrySaveAsync(
            Lamp.Create($"lamp{number}"), Lamp.AuditOf(TimeProvider.System.GetUtcNow()), default))));

    private protected static Task HasAsync(WebApplication app, int many) => Wait.UntilAsync(async () =>
        await Copies(app).CountAsync([Condition.Within("key", "", true, null, false)], default) == many, $"A copy of {many} things");

    private static IDocumentCollection Copies(WebApplication app) => app.Services.GetRequiredKeyedService<IDocumentDatabase>("asker")
        .Collection(new CollectionDefinition("replica-rolechanged", new IndexDefinition("key")));

    private static Task ForgetAsync(WebApplication app, params Guid[] ids) => Task.WhenAll(ids.Select(async id =>
        Assert.True(await Copies(app).DeleteAsync(id, (await Copies(app).FindAsync(id, default))!.Value.Version, default))));

    /// <summary>A process that is being put together.</summary>
    internal sealed record Host(IServiceCollection Services, SubscriptionList Subscriptions, ConcurrentQueue<string> Published)
    {
        public ServiceBuilder Service(string name) => new(name, Services, Subscriptions, new PermissionList());
    }

    internal sealed class Watch(ConcurrentQueue<string> published) : IHandle<RoleChanged>
    {
        public Task HandleAsync(RoleChanged message, CancellationToken ct)
        {
            if (message.Name == SaidAgain)
            {
                published.Enqueue(message.Key);
            }

            return Task.CompletedTask;
        }
    }

    internal sealed class Note(ConcurrentQueue<string> noted) : IHandleBatch<RoleChanged>
    {
        public Task HandleAsync(IReadOnlyList<RoleChanged> messages, CancellationToken ct)
        {
            messages.ToList().ForEach(message => noted.Enqueue(message.Key));
            return Task.CompletedTask;
        }
    }

    internal sealed class Candle : Aggregate
    {
        public required string Key { get; init; }

        public static AggregateDefinition<Candle> Definition { get; } = new("candles", "key", new IndexDefinition("readers", "key"));

        public RoleChanged Snapshot() =>
            new() { Id = Id, Version = Version, Key = Key, Name = "white", Granted = [], Revoked = [] };

        protected internal override void OnSaving(AuditContext audit, IReadOnlyList<string> changed) => Raise(Snapshot());
    }

    /// <summary>Follows from messages; nobody writes one.</summary>
    internal sealed class Diary : Aggregate
    {
        public required string Key { get; init; }

        public static AggregateDefinition<Diary> Definition { get; } = new("diaries", null, new IndexDefinition("key"));
    }
}

public sealed class EmbeddedCopyTests : CopyContract
{
    protected override void Configure(WebApplicationBuilder builder)
    {
    }
}

[OuterTier]
public sealed class RabbitMqCopyTests : CopyContract
{
    private readonly string _prefix = "tests-" + Path.GetRandomFileName().Replace('.', '-');
    private string _address = "";

    public override async ValueTask InitializeAsync() => _address = await Engines.RabbitMqAsync();

    [Fact]
    public async Task A_copy_is_filled_by_an_owner_that_starts_later()
    {
        var owner = await StartAsync("owner", LampOwner);
        await LightAsync(owner, 5);
        await EndAsync(owner);
        var asker = await StartAsync("asker", Asker, Comparing);
        Assert.Null(await Replica(asker).ReadAsync(Lamp.Create("lamp0").Id, default));
        await StartAsync("owner", LampOwner);
        await HasAsync(asker, 5);
    }

    [Fact]
    public async Task What_is_published_by_a_newer_version_is_taken_in()
    {
        var app = await StartAsync("asker", Asker);
        await using var connection = await new ConnectionFactory { Uri = new Uri(_address) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var envelope = new JsonObject
        {
            ["messageId"] = DerivedId.From("newer").ToString(), ["message"] = NewerCalendar(),
            ["messageType"] = new JsonArray("urn:message:Itsm.Contracts.Directory:CalendarChanged"),
        };
        await channel.BasicPublishAsync("", $"{_prefix}-asker-replica-calendar-changed", true,
            new BasicProperties { ContentType = "application/vnd.masstransit+json", Persistent = true },
            Encoding.UTF8.GetBytes(envelope.ToJsonString()));
        await TakenInAsync(app);
    }

    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration["ConnectionStrings:rabbitmq"] = _address;
        builder.Configuration["Messaging:Prefix"] = _prefix;
        builder.Configuration["Messaging:QueueExpiry"] = "00:01:00";
    }
}
