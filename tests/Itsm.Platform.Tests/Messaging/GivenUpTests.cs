using System.Collections.Concurrent;
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

/// <summary>A bus whose broker answers late, or not at all.</summary>
[OuterTier]
public sealed class GivenUpTests : IAsyncLifetime
{
    private Proxy _broker = null!;
    private readonly Hear _hear = new();
    private readonly Keep _keep = new();
    private WebApplication _app = null!;

    private IMessageBus Bus => _app.Services.GetRequiredService<IMessageBus>();

    public async ValueTask InitializeAsync()
    {
        var broker = new Uri(await Engines.RabbitMqAsync());
        _broker = Proxy.Before(broker.Host, broker.Port);
        _broker.Open();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Environment.EnvironmentName = "Development";
        builder.Logging.ClearProviders();
        builder.Configuration["Urls"] = "http://127.0.0.1:0";
        builder.Configuration["ConnectionStrings:rabbitmq"] = new UriBuilder(broker) { Host = "127.0.0.1", Port = _broker.Port }
            .Uri.ToString();
        builder.Configuration["Messaging:Prefix"] = "tests-" + Path.GetRandomFileName().Replace('.', '-');
        builder.Configuration["Messaging:QueueExpiry"] = "00:01:00";
        builder.Configuration["Supervision:StallAfter"] = "00:00:10";
        builder.Services.AddSingleton(TimeProvider.System);
        var subscriptions = new SubscriptionList();
        subscriptions.Add<RoleChanged, Hear>("tests");
        subscriptions.Add<MessageFailed, Keep>("tests");
        builder.Services.AddSingleton(_hear).AddSingleton(_keep);
        builder.AddBus("tests", subscriptions);
        _app = builder.Build();
        await _app.StartAsync();
        await Bus.ReadyAsync(default).WaitAsync(Patience.Most);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
            await _broker.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_was_given_up_in_the_middle_of_a_first_declaration_after_a_reconnect_can_be_published_again()
    {
        _broker.Close();
        _broker.Open();
        await SendAsync("reconnected");

        // Each exchange is declared before the first message to it, by a round trip of its own: some are given up in the middle of theirs.
        _broker.Latency = TimeSpan.FromMilliseconds(40);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async step =>
        {
            using var giveUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(5 * step));
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                await Bus.SendAsync($"exchange{step}", DerivedId.From($"given up {step}"), Message(step), giveUp.Token);
                throw new TimeoutException("It was in time.");
            });
        }));
        _broker.Latency = TimeSpan.Zero;
        await Task.WhenAll(Enumerable.Range(0, 40).Select(step => SendAsync($"exchange{step}").WaitAsync(Patience.Most)));
    }

    [Fact]
    public async Task A_message_that_was_given_up_and_published_again_is_there()
    {
        _broker.Hold();
        await Assert.ThrowsAsync<DeliveryException>(() => Bus.PublishAsync(DerivedId.From("late"), Message(1), default));
        _broker.Release();
        await UntilAsync(() => Bus.PublishAsync(DerivedId.From("late"), Message(1), default), "late");
    }

    [Fact]
    public async Task Connections_over_which_nothing_is_confirmed_and_nothing_comes_although_the_broker_answers_are_replaced()
    {
        await UntilAsync(() => Bus.PublishAsync(DerivedId.From("before"), Message(1), default), "before");
        _broker.Silence();
        await UntilAsync(() => Bus.PublishAsync(DerivedId.From("after"), Message(2), default), "after");

        // Those that were sent into the silence come again, too.
        await Task.WhenAll(Enumerable.Range(3, 100).Select(version =>
            UntilAsync(() => Bus.PublishAsync(DerivedId.From($"after {version}"), Message(version), default), $"{version}")));
        await RunningSuite.UntilAsync(() => Task.FromResult(_hear.Versions.Distinct().Count()), heard => heard == 102, "102 messages",
            Patience.Most * 4);
    }

    [Fact]
    public async Task What_waits_for_its_store_while_the_connection_breaks_is_delivered_again_and_not_kept_as_failed()
    {
        _hear.IsStoreAway = true;
        await UntilAsync(() => Bus.PublishAsync(DerivedId.From("waits"), Message(1), default), "waits");
        await Wait.UntilAsync(() => _hear.Refused > 0, "A first attempt");
        _broker.Close();
        _broker.Open();
        _hear.IsStoreAway = false;
        await Wait.UntilAsync(() => _hear.Versions.Contains(1), "The message");
        await UntilAsync(() => Bus.PublishAsync(DerivedId.From("after"), Message(2), default), "after");
        await Wait.UntilAsync(() => _hear.Versions.Contains(2), "The next message");
        Assert.Empty(_keep.Messages);
    }

    private static RoleChanged Message(int version) =>
        new() { Id = DerivedId.From("role"), Version = version, Key = "role", Name = "Role", Granted = [], Revoked = [] };

    private Task SendAsync(string queue) => UntilAsync(() => Bus.SendAsync(queue, DerivedId.From(queue), Message(1), default), queue);

    private static Task UntilAsync(Func<Task> deliver, string what) => RunningSuite.UntilAsync(async () =>
    {
        try
        {
            await deliver();
            return "delivered";
        }
        catch (DeliveryException e)
        {
            return e.Message;
        }
    }, outcome => outcome == "delivered", what, Patience.Most * 3);

    private sealed class Hear : IHandle<RoleChanged>
    {
        private int _refused;

        public ConcurrentBag<long> Versions { get; } = [];

        public bool IsStoreAway { get; set; }

        public int Refused => _refused;

        public Task HandleAsync(RoleChanged message, CancellationToken ct)
        {
            if (IsStoreAway)
            {
                Interlocked.Increment(ref _refused);
                throw new StoreUnavailableException("The store is away.");
            }

            Versions.Add(message.Version);
            return Task.CompletedTask;
        }
    }

    private sealed class Keep : IHandle<MessageFailed>
    {
        public ConcurrentBag<MessageFailed> Messages { get; } = [];

        public Task HandleAsync(MessageFailed message, CancellationToken ct)
        {
            Messages.Add(message);
            return Task.CompletedTask;
        }
    }
}
