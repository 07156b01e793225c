using Itsm.Contracts.Directory;
using Itsm.Contracts.Platform;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Platform.Tests.Messaging;

public sealed class EmbeddedBusTests : IAsyncLifetime
{
    private readonly Desk _desk = new();
    private ServiceProvider _provider = null!;

    private EmbeddedBus Bus => _provider.GetRequiredService<EmbeddedBus>();

    public async ValueTask InitializeAsync()
    {
        var subscriptions = new SubscriptionList();
        subscriptions.Add<RoleChanged, First>("tests");
        subscriptions.Add<RoleChanged, Second>("tests");
        _provider = new ServiceCollection().AddLogging().AddSingleton(_desk).AddSingleton(subscriptions).AddSingleton<EmbeddedBus>().AddTransient<First>().AddTransient<Second>()
            .AddMassTransit(bus =>
            {
                subscriptions.Register(bus);
                bus.UsingInMemory((context, factory) => subscriptions.Connect(factory, context));
            }).BuildServiceProvider();
        await _provider.GetRequiredService<IBusControl>().StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _provider.GetRequiredService<IBusControl>().StopAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task Publishing_ends_when_all_subscribers_have_handled_the_message()
    {
        var publishing = Bus.PublishAsync(DerivedId.From("1"), Message("both"), default);
        await Wait.UntilAsync(() => _desk.First.Contains("both"), "The first handler");
        Assert.False(publishing.IsCompleted);
        _desk.Gate.SetResult();
        await publishing.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Contains("both", _desk.Second);
    }

    [Fact]
    public async Task Publishing_fails_when_one_subscriber_fails_and_can_be_repeated()
    {
        _desk.Gate.SetResult();
        _desk.Failing = true;
        var e = await Assert.ThrowsAsync<DeliveryException>(() => Bus.PublishAsync(DerivedId.From("1"), Message("again"), default));
        Assert.Contains("First", e.Message, StringComparison.Ordinal);
        _desk.Failing = false;
        await Bus.PublishAsync(DerivedId.From("1"), Message("again"), default).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Contains("again", _desk.First);
    }

    [Fact]
    public async Task A_message_that_nobody_hears_is_delivered() =>
        await Bus.PublishAsync(DerivedId.From("1"), new ReplayRequested { Message = "RoleChanged", By = "tests" }, default).WaitAsync(TimeSpan.FromSeconds(20));

    [Fact]
    public async Task A_message_under_way_is_not_published_a_second_time()
    {
        var publishing = Bus.PublishAsync(DerivedId.From("1"), Message("once"), default);
        await Assert.ThrowsAsync<DeliveryException>(() => Bus.PublishAsync(DerivedId.From("1"), Message("once"), default));
        _desk.Gate.SetResult();
        await publishing.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private static RoleChanged Message(string name) => new() { Id = DerivedId.From(name), Version = 1, Key = name, Name = name, Granted = [], Revoked = [] };

    public sealed class Desk
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> First { get; } = new();

        public System.Collections.Concurrent.ConcurrentQueue<string> Second { get; } = new();

        public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Failing { get; set; }
    }

    public sealed class First(Desk desk) : IHandle<RoleChanged>
    {
        public Task HandleAsync(RoleChanged message, CancellationToken ct)
        {
            if (desk.Failing)
            {
                throw new InvalidOperationException("Out of paper.");
            }

            desk.First.Enqueue(message.Key);
            return Task.CompletedTask;
        }
    }

    public sealed class Second(Desk desk) : IHandle<RoleChanged>
    {
        public async Task HandleAsync(RoleChanged message, CancellationToken ct)
        {
            await desk.Gate.Task.WaitAsync(ct);
            desk.Second.Enqueue(message.Key);
        }
    }
}
