using System.Text.Json;
using System.Text.Json.Nodes;
using Itsm.Contracts;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Messaging;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Suite.Tests;

/// <summary>Messages of what no person did, but a service by its own rule.</summary>
[OuterTier]
public sealed class ServiceActorTests(RunningSuite suite) : IClassFixture<RunningSuite>
{
    public static TheoryData<string> Messages =>
        [.. typeof(Actor).Assembly.GetExportedTypes().Where(type => type.GetProperty("By")?.PropertyType == typeof(Actor))
            .Select(type => type.Name).Where(name => File.Exists(Golden(name))).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Messages))]
    public async Task Each_subscriber_takes_what_a_service_did_or_says_why_not(string name)
    {
        var json = JsonNode.Parse(await File.ReadAllTextAsync(Golden(name)))!.AsObject();
        json["by"] = new JsonObject { ["name"] = "robot" };
        if (json.ContainsKey("ticket"))
        {
            (json["ticket"], json["kind"]) = ((await suite.OpenAsync()).Id, "incident");
        }

        if (name == nameof(TicketChanged))
        {
            // The suite has no such group, and no open ticket of it is in nobody's hands.
            json["category"] = "closed";
            json.Remove("tasks");
            json.Remove("request");
        }

        var type = typeof(Actor).Assembly.GetExportedTypes().Single(type => type.Name == name);
        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

        // It is published when all subscribers have taken it, or it is kept for those that could not.
        await suite.Modules.GetRequiredService<IMessageBus>().PublishAsync(id, json.Deserialize(type, MessageJson.Options)!, default);
        var failed = (await suite.GetAsync("admin", "operations/failed-messages?limit=200")).Ok().Items
            .Where(one => one.Text("messageId") == id.ToString()).Select(one => one.Text("reason")).ToList();
        if (name == nameof(TicketCommentRequested))
        {
            Assert.Contains("is asked for by robot, which is no person", Assert.Single(failed), StringComparison.Ordinal);
        }
        else
        {
            Assert.Empty(failed);
        }
    }

    private static string Golden(string name) => SourceTree.PathTo("tests", "Itsm.Contracts.Tests", "Golden", name + ".json");
}
