using System.Collections.Concurrent;
using System.Text.Json;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Platform;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.Messaging;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Tests.Messaging;

/// <summary>What every broker behind the bus does. One subclass per transport.</summary>
public abstract class BusContract : IAsyncLifetime
{
    private WebApplication _app = null!;

    protected Desk Work { get; } = new();

    internal IMessageBus Bus => _app.Services.GetRequiredService<IMessageBus>();

    protected IServiceProvider Services => _app.Services;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Environment.EnvironmentName = "Development";
        builder.Configuration["Urls"] = "http://127.0.0.1:0";
        builder.Logging.ClearProviders();
        await ConfigureAsync(builder);
        var subscriptions = new SubscriptionList();
        subscriptions.Add<RoleChanged, First>("tests");
        subscriptions.Add<RoleChanged, Second>("tests");
        subscriptions.AddBatch<GroupChanged, Many>("tests");
        subscriptions.Add<InventoryRequested, OfRoles>("tests", key: nameof(RoleChanged));
        subscriptions.Add<InventoryRequested, OfAll>("tests");
        subscriptions.Add<MessageFailed, Keep>("tests");
        subscriptions.Add<MessageRetryRequested, RetryMessage>("tests");
        builder.Services.AddSingleton(Work).AddSingleton(TimeProvider.System).AddTransient<First>().AddTransient<Second>()
            .AddTransient<Keep>().AddTransient<OfRoles>().AddTransient<OfAll>()
            .AddTransient<Many>().AddSingleton<Batches<GroupChanged, Many>>().AddTransient<RetryMessage>();
        builder.AddBus("tests", subscriptions);
        builder.Configuration["Supervision:StallAfter"] = "00:00:02";
        _app = builder.Build();
        _app.MapHealthChecks("/health");
        await _app.StartAsync();
        await Bus.ReadyAsync(default).WaitAsync(Patience.Most);
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    protected abstract ValueTask ConfigureAsync(WebApplicationBuilder builder);

    [Fact]
    public async Task Every_subscriber_hears_a_message_once()
    {
        await PublishAsync("both");
        await Work.UntilAsync(() => Work.First.Contains("both") && Work.Second.Contains("both"));
        Assert.Equal((1, 1), (Work.First.Count, Work.Second.Count));
    }

    [Fact]
    public async Task A_subscriber_hears_the_messages_of_its_routing_key_alone_and_one_without_a_key_hears_all()
    {
        string[] keys = ["GroupChanged", "RoleChanged", "PersonChanged"];
        await Task.WhenAll(keys.Select(key => Bus.PublishAsync(DerivedId.From(key), Inventory(key), default)));
        await Work.UntilAsync(() => Work.OfAll.Count == 3
            && Work.OfRoles.Any(message => message.Comparison == DerivedId.From("RoleChanged")));
        Assert.All(Work.OfRoles, message => Assert.Equal("RoleChanged", message.Message));
    }

    [Fact]
    public void A_key_for_messages_that_have_none_is_refused() => Assert.Throws<InvalidOperationException>(() =>
        new SubscriptionList().Add<RoleChanged, First>("tests", key: "agent"));

    [Fact]
    public async Task A_message_that_nobody_hears_is_delivered() =>
        await Bus.PublishAsync(DerivedId.From("1"), new ReplayRequested { Message = "RoleChanged", By = "tests" }, default)
            .WaitAsync(Patience.Most);

    [Fact]
    public async Task A_handler_that_fails_for_a_while_is_tried_again_and_nothing_is_kept()
    {
        Work.Failures = 3;
        await PublishAsync("later");
        await Work.UntilAsync(() => Work.First.Contains("later"));
        Assert.Empty(Work.Kept);
    }

    [Fact]
    public async Task A_store_that_is_away_is_waited_for_however_often_it_fails()
    {
        (Work.Failures, Work.Failure) = (2, () => new StoreUnavailableException("The store is away."));
        await PublishAsync("waits");
        await Work.UntilAsync(() => Work.First.Contains("waits"));
        Assert.Empty(Work.Kept);
    }

    [Fact]
    public async Task A_message_that_fails_for_good_is_kept_with_its_reason_and_does_not_stop_the_next_or_the_others()
    {
        Work.Failures = 1000;
        await PublishAsync("poison");
        await Work.UntilAsync(() => !Work.Kept.IsEmpty);
        var kept = Assert.Single(Work.Kept);
        Assert.Equal(("tests", "tests-first", "RoleChanged", DerivedId.From("poison")),
            (kept.Service, kept.Subscription, kept.Message, kept.MessageId));
        Assert.Contains("Out of paper.", kept.Reason, StringComparison.Ordinal);
        Assert.Equal("poison", JsonSerializer.Deserialize<RoleChanged>(kept.Body, MessageJson.Options)!.Key);
        Assert.Contains("poison", Work.Second);

        Work.Failures = 0;
        await PublishAsync("next");
        await Work.UntilAsync(() => Work.First.Contains("next"));
    }

    [Fact]
    public async Task A_kept_message_is_handled_again_by_the_subscription_that_failed_alone()
    {
        Work.Failures = 1000;
        await PublishAsync("again");
        await Work.UntilAsync(() => !Work.Kept.IsEmpty);
        var kept = Assert.Single(Work.Kept);
        await RetryAsync(kept);
        await Work.UntilAsync(() => Work.Kept.Count == 2);
        Assert.All(Work.Kept, failure => Assert.Equal((kept.Id, kept.Body), (failure.Id, failure.Body)));
        Assert.Equal([1, 2], Work.Kept.Select(failure => failure.Attempt));

        Work.Failures = 0;
        await RetryAsync(kept);
        await Work.UntilAsync(() => Work.First.Contains("again"));
        Assert.Equal(["again"], Work.Second);
        Assert.Equal(2, Work.Kept.Count);

        Task RetryAsync(MessageFailed failed) => Bus.PublishAsync(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
            new MessageRetryRequested
            {
                Id = failed.Id, MessageId = failed.MessageId, Subscription = failed.Subscription, Message = failed.Message, Attempt = 2,
                Body = failed.Body,
            }, default);
    }

    [Fact]
    public async Task A_handler_of_batches_gets_many_at_once_and_each_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 250)
            .Select(number => Bus.PublishAsync(DerivedId.From($"group{number}"), Group($"group{number}"), default)));
        await Work.UntilAsync(() => Work.Batches.Sum(batch => batch.Length) == 250);
        Assert.InRange(Work.Batches.Max(batch => batch.Length), 2, 100);
        Assert.Equal(250, Work.Batches.SelectMany(batch => batch).Distinct().Count());
    }

    [Fact]
    public async Task A_poisoned_message_does_not_take_along_those_that_came_with_it()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(number =>
            Bus.PublishAsync(DerivedId.From($"group{number}"), Group(number == 7 ? "poison" : $"group{number}"), default)));
        await Work.UntilAsync(() => !Work.Kept.IsEmpty && Work.Batches.Sum(batch => batch.Length) >= 19);
        Assert.Equal(DerivedId.From("group7"), Assert.Single(Work.Kept).MessageId);
        Assert.Equal(19, Work.Batches.SelectMany(batch => batch).Distinct().Count());
    }

    [Fact]
    public async Task Messages_of_a_batch_wait_together_for_a_store_that_is_away()
    {
        Work.BatchOutages = 2;
        await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(number => Bus.PublishAsync(DerivedId.From($"group{number}"), Group($"group{number}"), default)));
        await Work.UntilAsync(() => Work.Batches.SelectMany(batch => batch).Distinct().Count() == 20);
        Assert.Equal(0, Work.BatchOutages);
        Assert.Empty(Work.Kept);
    }

    [Fact]
    public async Task A_handler_that_stands_still_is_seen_by_health_and_the_message_is_handled_by_the_next_attempt()
    {
        Work.HangsOnce = true;
        var published = PublishAsync("hangs");
        await UntilAsync("Degraded");
        await published;
        await Work.UntilAsync(() => Work.First.Contains("hangs") && Work.Second.Contains("hangs"));
        Assert.Empty(Work.Kept);
        await UntilAsync("Healthy");
    }

    [Fact]
    public async Task A_message_over_which_its_handler_always_stands_still_is_kept()
    {
        Work.AlwaysHangs = "hangs";
        _ = PublishAsync("hangs");
        await Work.UntilAsync(() => !Work.Kept.IsEmpty);
        Assert.Contains("tests-first stood still over the message.", Assert.Single(Work.Kept).Reason, StringComparison.Ordinal);
        await UntilAsync("Healthy");
        await PublishAsync("next");
        await Work.UntilAsync(() => Work.First.Contains("next"));
    }

    private async Task UntilAsync(string health)
    {
        using var client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        await RunningSuite.UntilAsync(() => client.GetStringAsync(new Uri("/health", UriKind.Relative)), found => found == health,
            $"The health {health}");
    }

    protected Task PublishAsync(string key) => Bus.PublishAsync(DerivedId.From(key), Message(key), default).WaitAsync(Patience.Most);

    protected static RoleChanged Message(string key) =>
        new() { Id = DerivedId.From(key), Version = 1, Key = key, Name = key, Granted = [], Revoked = [] };

    protected static InventoryRequested Inventory(string message, string? comparison = null) =>
        new() { Comparison = DerivedId.From(comparison ?? message), Message = message, Source = "tests" };

    private static GroupChanged Group(string key) =>
        new() { Id = DerivedId.From(key), Version = 1, Key = key, Name = key, Members = [], Active = true };

    public sealed class Desk
    {
        private int _failures;

        public ConcurrentQueue<string> First { get; } = new();

        public ConcurrentQueue<string> Second { get; } = new();

        public ConcurrentQueue<string[]> Batches { get; } = new();

        public ConcurrentQueue<InventoryRequested> OfRoles { get; } = new();

        public ConcurrentQueue<InventoryRequested> OfAll { get; } = new();

        public ConcurrentQueue<MessageFailed> Kept { get; } = new();

        public int Failures { set => _failures = value; }

        public Func<Exception> Failure { get; set; } = () => new InvalidOperationException("Out of paper.");

        /// <summary>How many batches more fail since the store is away.</summary>
        public int BatchOutages { get; set; }

        public bool HangsOnce { get; set; }

        public string? AlwaysHangs { get; set; }

        /// <summary>Never ends, not even when it is cancelled.</summary>
        public Task HangAsync(string key)
        {
            var hangs = HangsOnce || key == AlwaysHangs;
            HangsOnce = false;
            return hangs ? new TaskCompletionSource().Task : Task.CompletedTask;
        }

        public bool Fails() => Interlocked.Decrement(ref _failures) >= 0;

        public Task UntilAsync(Func<bool> condition) =>
            Wait.UntilAsync(condition, $"first: {string.Join(' ', First)}; second: {string.Join(' ', Second)}; kept: {Kept.Count}");
    }

    public sealed class First(Desk desk) : IHandle<RoleChanged>
    {
        public async Task HandleAsync(RoleChanged message, CancellationToken ct)
        {
            await desk.HangAsync(message.Key);
            if (desk.Fails())
            {
                throw desk.Failure();
            }

            desk.First.Enqueue(message.Key);
        }
    }

    public sealed class Second(Desk desk) : IHandle<RoleChanged>
    {
        public Task HandleAsync(RoleChanged message, CancellationToken ct)
        {
            desk.Second.Enqueue(message.Key);
            return Task.CompletedTask;
        }
    }

    public sealed class OfRoles(Desk desk) : IHandle<InventoryRequested>
    {
        public Task HandleAsync(InventoryRequested message, CancellationToken ct)
        {
            desk.OfRoles.Enqueue(message);
            return Task.CompletedTask;
        }
    }

    public sealed class OfAll(Desk desk) : IHandle<InventoryRequested>
    {
        public Task HandleAsync(InventoryRequested message, CancellationToken ct)
        {
            desk.OfAll.Enqueue(message);
            return Task.CompletedTask;
        }
    }

    public sealed class Many(Desk desk) : IHandleBatch<GroupChanged>
    {
        public async Task HandleAsync(IReadOnlyList<GroupChanged> messages, CancellationToken ct)
        {
            // A bulk write takes its time; what comes meanwhile makes up the next batch.
            await Task.Delay(5, ct);
            if (desk.BatchOutages > 0)
            {
                desk.BatchOutages--;
                throw new StoreUnavailableException("The store is away.");
            }

            if (messages.Any(message => message.Key == "poison"))
            {
                throw new InvalidOperationException("Out of paper.");
            }

            desk.Batches.Enqueue([.. messages.Select(message => message.Key)]);
        }
    }

    public sealed class Keep(Desk desk) : IHandle<MessageFailed>
    {
        public Task HandleAsync(MessageFailed message, CancellationToken ct)
        {
            desk.Kept.Enqueue(message);
            return Task.CompletedTask;
        }
    }
}
