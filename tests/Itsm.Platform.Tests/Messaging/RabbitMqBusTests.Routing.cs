using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Itsm.Contracts.Platform;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;

namespace Itsm.Platform.Tests.Messaging;

/// <summary>What comes into the queues by routing keys, beside a version that knew none and declared a queue before.</summary>
public sealed partial class RabbitMqBusTests
{
    private const string Wanted = "RoleChanged";
    private const string Unwanted = "GroupChanged";
    private IConnection _connection = null!;
    private IChannel _channel = null!;

    private string Exchange => _prefix + "-Itsm.Contracts.Platform:InventoryRequested";

    private string Queue => _prefix + "-tests-of-roles";

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Nothing_is_lost_and_nothing_taken_twice_while_a_version_that_knew_no_keys_is_replaced()
    {
        List<Guid> published = [DerivedId.From("waits since before")];
        await PublishWantedAsync("bound to both");
        await UntilUnboundAsync();
        await PublishWantedAsync("bound by keys");

        // It starts again, and takes part in what its successor reads.
        await BindAsBeforeAsync();
        await PublishWantedAsync("bound to both again");
        await Work.UntilAsync(() => Work.OfRoles.DistinctBy(message => message.Comparison).Count() >= published.Count);
        Assert.Equal(published.Order(), Work.OfRoles.Select(message => message.Comparison).Order());

        async Task PublishWantedAsync(string when)
        {
            for (var number = 0; number < 20; number++)
            {
                await PublishAsBeforeAsync(Inventory(Wanted, $"{when} {number} as before"));
                await PublishNowAsync(Inventory(Wanted, $"{when} {number}"));
                published.AddRange([DerivedId.From($"{when} {number} as before"), DerivedId.From($"{when} {number}")]);
            }
        }
    }

    [Fact]
    public async Task A_queue_gets_the_messages_of_its_key_and_those_without_one_and_no_other()
    {
        await UntilUnboundAsync();
        var (one, all) = (await ListenAsync(Queue), await ListenAsync(_prefix + "-tests-of-all"));
        await PublishNowAsync(Inventory(Unwanted, "1"));
        await PublishNowAsync(Inventory(Wanted, "2"));
        Assert.Equal((1u, 2u), (await CountAsync(one), await CountAsync(all)));
        await PublishAsBeforeAsync(Inventory(Unwanted, "3"));
        await PublishAsBeforeAsync(Inventory(Wanted, "4"));
        Assert.Equal((3u, 4u), (await CountAsync(one), await CountAsync(all)));

        await Work.UntilAsync(() => Work.OfRoles.Any(message => message.Comparison == DerivedId.From("4")));
        Assert.All(Work.OfRoles, message => Assert.Equal(Wanted, message.Message));
    }

    [Fact]
    public async Task What_replaces_a_binding_of_before_is_there_when_that_is_taken_away()
    {
        await UntilUnboundAsync();
        await _channel.ExchangeUnbindAsync(Queue, Exchange + ":by-key", Wanted);
        await _channel.ExchangeUnbindAsync(Queue, Exchange + ":by-key", "");
        await BindAsBeforeAsync();
        await using var probe = new BrokerProbe(Services.GetRequiredService<BrokerAddress>());
        Assert.Null(await probe.RebindAsync(Services.GetRequiredService<BrokerTopology>().Outdated, default));
        var heard = await ListenAsync(Queue);
        await PublishNowAsync(Inventory(Unwanted, "1"));
        await PublishNowAsync(Inventory(Wanted, "2"));
        await PublishAsBeforeAsync(Inventory(Wanted, "3"));
        Assert.Equal(2u, await CountAsync(heard));
    }

    private async Task DeclareAsBeforeAsync()
    {
        _connection = await new ConnectionFactory { Uri = new Uri(_address) }.CreateConnectionAsync();
        _channel = await _connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await _channel.ExchangeDeclareAsync(Exchange, ExchangeType.Fanout, durable: true);
        await _channel.ExchangeDeclareAsync(Queue, ExchangeType.Fanout, durable: true);
        await _channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = -1, ["x-expires"] = 60_000 });
        await _channel.QueueBindAsync(Queue, Queue, "");
        await BindAsBeforeAsync();
        await PublishAsBeforeAsync(Inventory(Wanted, "waits since before"));
    }

    /// <summary>Waits until what nobody wants comes over no binding of before.</summary>
    private async Task UntilUnboundAsync()
    {
        var heard = await ListenAsync(Queue);
        await RunningSuite.UntilAsync(async () =>
        {
            var before = await CountAsync(heard);
            await PublishNowAsync(Inventory(Unwanted));
            return await CountAsync(heard) - before;
        }, more => more == 0, "The end of the binding of before", every: TimeSpan.FromMilliseconds(100));
    }

    /// <summary>A queue of the test that gets the same as this one.</summary>
    private async Task<string> ListenAsync(string queue)
    {
        var heard = (await _channel.QueueDeclareAsync()).QueueName;
        await _channel.QueueBindAsync(heard, queue, "");
        return heard;
    }

    private async Task<uint> CountAsync(string queue) => (await _channel.QueueDeclarePassiveAsync(queue)).MessageCount;

    private Task BindAsBeforeAsync() => _channel.ExchangeBindAsync(Queue, Exchange, "");

    private Task PublishNowAsync(InventoryRequested message) =>
        Bus.PublishAsync(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), message, default).WaitAsync(Patience.Most);

    private ValueTask PublishAsBeforeAsync(InventoryRequested message) => _channel.BasicPublishAsync(Exchange, "", false,
        new BasicProperties { ContentType = "application/vnd.masstransit+json", Persistent = true },
        Encoding.UTF8.GetBytes(new JsonObject
        {
            ["messageId"] = message.Comparison.ToString(),
            ["messageType"] = new JsonArray("urn:message:Itsm.Contracts.Platform:InventoryRequested"),
            ["message"] = JsonSerializer.SerializeToNode(message, MessageJson.Options),
        }.ToJsonString()));
}
