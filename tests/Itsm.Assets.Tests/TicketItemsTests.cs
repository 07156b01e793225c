using System.Text.Json.Nodes;
using Itsm.Contracts.Assets;
using Itsm.Platform.Replicas;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;
using static Itsm.Assets.Tests.Shortcuts;

namespace Itsm.Assets.Tests;

/// <summary>What tickets name is shown by name, and found by every name.</summary>
public sealed class TicketItemsTests(ChangesAroundTests.Suite suite) : IClassFixture<ChangesAroundTests.Suite>
{
    private const string Fields = "affectedService,configurationItems";

    [Theory]
    [InlineData("incidents")]
    [InlineData("requests")]
    public async Task A_ticket_shows_what_it_names_to_who_sees_it(string tickets)
    {
        var (service, server, secret) = await ItemsAsync();
        var id = await NamingAsync(tickets, service.Text("key"), server.Id, secret.Id);
        foreach (var (person, seen) in new[] { (Admin, new[] { server, secret }), (Agent, [server]), (Employee, []) })
        {
            foreach (var address in new[] { $"{tickets}/{id}?expand={Fields}", $"{tickets}?id={id}&fields=number&expand={Fields}" })
            {
                var answer = (await suite.GetAsync(person, address)).Ok();
                var expanded = (answer.ContainsKey("items") ? answer.Items.Single() : answer)["expanded"]!.AsObject();
                Assert.Equal(Of(service), expanded["affectedService"]!.ToJsonString());
                Assert.Equal(seen.Select(Of), expanded["configurationItems"]!.AsArray().Select(item => item!.ToJsonString()));
            }
        }

        static string Of(JsonObject item) => new JsonObject(new[] { "id", "number", "key", "name", "class", "state" }
            .Where(item.ContainsKey).Select(field => KeyValuePair.Create(field, item[field]?.DeepClone()))).ToJsonString();
    }

    [Theory]
    [InlineData("incidents")]
    [InlineData("requests")]
    public async Task Lists_find_tickets_by_every_name_of_what_they_name(string tickets)
    {
        var (service, server, secret) = await ItemsAsync();
        var id = await NamingAsync(tickets, service.Id, server.Id, secret.Id);
        var other = await NamingAsync(tickets, service.Text("key").ToUpperInvariant());
        foreach (var name in new[] { service.Id, service.Text("number"), service.Text("key"), service.Text("key").ToUpperInvariant() })
        {
            Assert.Equal([other, id], await ListedAsync(Employee, $"{tickets}?affectedService={name}"));
        }

        foreach (var name in new[] { server.Id, server.Text("number").ToLowerInvariant(), $"{service.Id},{server.Text("number")}" })
        {
            Assert.Equal([id], await ListedAsync(Agent, $"{tickets}?configurationItem={name}&sort=openedAt"));
        }

        Assert.Equal([id], await ListedAsync(Admin, $"{tickets}?configurationItem={secret.Id}&affectedService={service.Id}"));
        foreach (var (filter, name) in new[] { ("configurationItem", secret.Id), ("affectedService", "no-such-thing") })
        {
            var refused = (await suite.GetAsync(Agent, $"{tickets}?{filter}={name}")).Problem(400);
            Assert.Equal("?" + filter, refused.Pointer);
            Assert.Contains(name, refused.ToJsonString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Who_works_on_a_request_names_what_it_affects_also_once_it_is_approved_and_its_requester_does_not()
    {
        var (service, server, _) = await ItemsAsync();
        var id = await NamingAsync("requests", service.Id, server.Id);
        var read = (await suite.GetAsync(Agent, "requests/" + id)).Ok();
        Assert.Equal((service.Text("key"), $"""["{server.Text("number")}"]"""),
            (read.Text("affectedService"), read["configurationItems"]!.ToJsonString()));
        (await suite.PatchAsync(Employee, "requests/" + id, new { affectedService = service.Id }, "*")).Problem(403);
        Assert.Equal("/configurationItems/0", (await suite.PatchAsync(Agent, "requests/" + id,
            new { affectedService = (string?)null, configurationItems = new[] { "CI9999999" } }, "*")).Problem(400).Pointer);
        (await suite.PatchAsync(Agent, "requests/" + id, new { affectedService = service.Id, description = "More." }, "*")).Problem(409);
        Assert.Null((await suite.PatchAsync(Agent, "requests/" + id, new { affectedService = (string?)null }, "*")).Ok()
            .TextOrNull("affectedService"));
    }

    private async Task<IReadOnlyList<string>> ListedAsync(string person, string path) =>
        [.. (await suite.GetAsync(person, path)).Ok().Items.Select(ticket => ticket.Id)];

    /// <summary>A service that everybody sees, a server that agents see, and one that security sees.</summary>
    private async Task<(JsonObject Service, JsonObject Server, JsonObject Secret)> ItemsAsync()
    {
        var service = await suite.AddItemAsync("it-service", new { key = Fresh("mail") });
        var server = await suite.AddItemAsync();
        var secret = await suite.AddItemAsync("server", new { visibility = "restricted", visibleTo = new[] { "security" } });
        var known = suite.Modules.GetRequiredService<Replica<ConfigurationItemChanged>>();
        foreach (var item in new[] { service, server, secret })
        {
            await RunningSuite.UntilAsync(() => known.FindAsync(Guid.Parse(item.Id), default).AsTask(), found => found is not null, "The copy");
        }

        return (service, server, secret);
    }

    /// <summary>A ticket of an employee that names these.</summary>
    private async Task<string> NamingAsync(string tickets, string affectedService, params string[] configurationItems)
    {
        object wanted = tickets == "requests" ? new { item = "password-reset", answers = new { system = "mail" } } : new { title = "It does not work" };
        var id = (await suite.PostAsync(Employee, tickets, wanted)).Ok().Id;
        (await suite.PatchAsync(Admin, $"{tickets}/{id}", new { affectedService, configurationItems }, "*")).Ok();
        return id;
    }
}
