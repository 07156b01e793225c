using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using RabbitMQ.Client;

namespace Itsm.Platform.Tests.Messaging;

public sealed class RabbitMqBusTests : BusContract
{
    private readonly string _prefix = "tests-" + Path.GetRandomFileName().Replace('.', '-');
    private string _address = "";

    protected override async ValueTask ConfigureAsync(WebApplicationBuilder builder)
    {
        _address = await Engines.RabbitMqAsync();
        builder.Configuration["ConnectionStrings:rabbitmq"] = _address;
        builder.Configuration["Messaging:Prefix"] = _prefix;
        builder.Configuration["Messaging:QueueExpiry"] = "00:01:00";
    }

    [Fact]
    public async Task A_message_of_a_newer_service_with_members_unknown_here_is_handled()
    {
        var body = JsonSerializer.SerializeToNode(Message("newer"), MessageJson.Options)!.AsObject();
        body["addedLater"] = new JsonObject { ["x"] = 1 };
        await SendAsync(new JsonObject
        {
            ["messageId"] = DerivedId.From("newer").ToString(), ["messageType"] = new JsonArray("urn:message:Itsm.Contracts.Directory:RoleChanged"), ["message"] = body, ["addedLater"] = true,
        }.ToJsonString());
        await Work.UntilAsync(() => Work.First.Contains("newer"));
    }

    [Theory, InlineData("This is not JSON."), InlineData("""{"messageId":"9c0c2c5e-6c3f-4a52-9b7b-2f2a0f6d9a10","messageType":["urn:message:Itsm.Contracts.Directory:RoleChanged"],"message":{"id":"nonsense"}}""")]
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

    private async Task SendAsync(string text)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(_address) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.BasicPublishAsync("", $"{_prefix}-tests-first", true, new BasicProperties { ContentType = "application/vnd.masstransit+json", Persistent = true }, Encoding.UTF8.GetBytes(text));
    }
}
