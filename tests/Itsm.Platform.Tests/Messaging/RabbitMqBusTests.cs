using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Itsm.Contracts.Platform;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.Messaging;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Itsm.Platform.Tests.Messaging;

[OuterTier]
public sealed partial class RabbitMqBusTests : BusContract
{
    private readonly string _prefix = "tests-" + Path.GetRandomFileName().Replace('.', '-');
    private string _address = "";

    protected override async ValueTask ConfigureAsync(WebApplicationBuilder builder)
    {
        _address = await Engines.RabbitMqAsync();
        builder.Configuration["ConnectionStrings:rabbitmq"] = _address;
        builder.Configuration["Messaging:Prefix"] = _prefix;
        builder.Configuration["Messaging:QueueExpiry"] = "00:01:00";
        await DeclareAsBeforeAsync();
    }

    [Fact]
    public async Task A_message_of_a_newer_service_with_members_unknown_here_is_handled()
    {
        var body = JsonSerializer.SerializeToNode(Message("newer"), MessageJson.Options)!.AsObject();
        body["addedLater"] = new JsonObject { ["x"] = 1 };
        await SendAsync(new JsonObject
        {
            ["messageId"] = DerivedId.From("newer").ToString(),
            ["messageType"] = new JsonArray("urn:message:Itsm.Contracts.Directory:RoleChanged"), ["message"] = body, ["addedLater"] = true,
        }.ToJsonString());
        await Work.UntilAsync(() => Work.First.Contains("newer"));
    }

    [Theory, InlineData("This is not JSON."),
        InlineData(
            """{"messageId":"9c0c2c5e-6c3f-4a52-9b7b-2f2a0f6d9a10","messageType":["urn:message:Itsm.Contracts.Directory:RoleChanged"],"message":{"id":"nonsense"}}""")]
    public async Task What_can_not_be_read_is_kept_as_it_came(string text)
    {
        await SendAsync(text);
        await Work.UntilAsync(() => !Work.Kept.IsEmpty);
        var kept = Assert.Single(Work.Kept);
        Assert.Equal("tests-first", kept.Subscription);
        Assert.Contains(text.Contains("nonsense", StringComparison.Ordinal) ? "nonsense" : text, kept.Body, StringComparison.Ordinal);
        await PublishAsync("next");
        await Work.UntilAsync(() => Work.First.Contains("next"));
    }

    [Fact]
    public async Task Queues_are_quorum_queues_that_never_drop_a_message_for_being_returned()
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(_address) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var arguments = new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = -1, ["x-expires"] = 60_000 };

        // Declaring it again is refused unless it is the same.
        await channel.QueueDeclareAsync($"{_prefix}-tests-first", durable: true, exclusive: false, autoDelete: false, arguments);
    }

    [Fact]
    public async Task A_failed_message_that_nobody_keeps_yet_is_not_let_go_of()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Environment.EnvironmentName = "Development";
        builder.Logging.ClearProviders();
        builder.Configuration["Urls"] = "http://127.0.0.1:0";
        builder.Configuration["ConnectionStrings:rabbitmq"] = _address;
        builder.Configuration["Messaging:Prefix"] = _prefix + "-alone";
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddBus("alone", new SubscriptionList());
        await using var alone = builder.Build();
        await alone.StartAsync();
        var bus = alone.Services.GetRequiredService<IMessageBus>();
        await bus.PublishAsync(DerivedId.From("1"), Message("nobody hears"), default);
        await Assert.ThrowsAsync<DeliveryException>(() => bus.PublishAsync(DerivedId.From("2"), new MessageFailed
        {
            Id = DerivedId.From("3"), MessageId = DerivedId.From("4"), Service = "alone", Subscription = "alone-first",
            Message = "RoleChanged", Body = "{}", Attempt = 1, Reason = "Out of paper.", At = DateTimeOffset.UnixEpoch,
        }, default));
    }

    private async Task SendAsync(string text)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(_address) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.BasicPublishAsync("", $"{_prefix}-tests-first", true,
            new BasicProperties { ContentType = "application/vnd.masstransit+json", Persistent = true }, Encoding.UTF8.GetBytes(text));
    }
}
