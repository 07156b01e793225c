using System.Net;
using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Assets.Tests.Shortcuts;

namespace Itsm.Assets.Tests;

public sealed class ConfigurationItemTests(AssetSuite suite)
{
    [Fact]
    public async Task An_item_is_added_edited_moved_listed_and_has_a_history()
    {
        var name = Fresh("web");
        var added = await suite.PostAsync(Agent, "configuration-items", new
        {
            @class = "server", name, owner = "agent2", supportGroup = "network", criticality = 2, site = "berlin",
            attributes = new { hostname = "web-01.example.org", cores = 8 },
        });
        var item = added.Ok();
        Assert.Equal(HttpStatusCode.Created, added.Status);
        Assert.Equal(("inUse", "staff", 8), (item.Text("state"), item.Text("visibility"), item["attributes"]!["cores"]!.GetValue<int>()));
        Assert.StartsWith("CI", item.Text("number"), StringComparison.Ordinal);

        var edited = (await suite.PatchAsync(Agent, $"configuration-items/{item.Text("number")}",
            new { criticality = 1, site = (string?)null, attributes = new { cores = 16, hostname = (string?)null } }, "\"1\"")).Ok();
        Assert.Equal((1, null, """{"cores":16}"""),
            (edited["criticality"]!.GetValue<int>(), edited.TextOrNull("site"), edited["attributes"]!.ToJsonString()));
        Assert.Equal("inMaintenance",
            (await suite.ActAsync(Agent, $"configuration-items/{item.Id}/begin-maintenance")).Text("state"));
        Assert.Equal("retired",
            (await suite.ActAsync(Agent, $"configuration-items/{item.Id}/retire", new { reason = "It is broken." })).Text("state"));
        Assert.Equal("configuration item.transition",
            (await suite.PostAsync(Agent, $"configuration-items/{item.Id}/begin-maintenance", new { }, "*")).Problem(409).Text("code"));

        var agent = (await suite.GetAsync(Admin, "people/agent2")).Ok().Id;
        foreach (var filter in new[] { "class=server", "state=retired", "owner=agent2", "supportGroup=network", "criticality=1" })
        {
            Assert.Contains((await suite.GetAsync(Agent, $"configuration-items?{filter}&name={name}&expand=owner")).Ok().Items,
                found => found.Id == item.Id && found.Text("owner") == agent);
        }

        Assert.Equal(["retire", "begin-maintenance", "update", "create"],
            (await suite.GetAsync(Agent, $"configuration-items/{item.Id}/history")).Ok().Items.Select(entry => entry.Text("action")));
        Assert.True((await suite.GetAsync(Agent, $"configuration-items/{item.Id}/history/verification")).Ok()["valid"]!.GetValue<bool>());
    }

    [Fact]
    public async Task What_is_wrong_is_named_all_of_it_that_the_class_knows()
    {
        var problem = (await suite.PostAsync(Agent, "configuration-items",
            new { @class = "server", name = "x1", attributes = new { cores = -1, color = "red", memory = "much" } })).Problem(400);
        Assert.Equal(["/attributes/color", "/attributes/cores", "/attributes/memory"],
            problem["errors"]!.AsArray().Select(error => error!["pointer"]!.GetValue<string>()).Order());
        foreach (var (body, pointer) in new (object, string)[]
        {
            (new { @class = "spaceship", name = "x1" }, "/class"), (new { @class = "server", name = "x1", owner = "nobody" }, "/owner"),
            (new { @class = "server", name = "x1", site = "atlantis" }, "/site"),
            (new { @class = "server", name = "x1", visibleTo = new[] { "network" } }, "/visibleTo"),
            (new { @class = "server", name = "x1", visibility = "restricted", visibleTo = new[] { "network", "none" } }, "/visibleTo/1"),
            (new { @class = "server", name = "x1", criticality = 5 }, "/criticality"),
        })
        {
            Assert.Equal(pointer,
                (await suite.PostAsync(Agent, "configuration-items", body)).Problem(400)["errors"]![0]!["pointer"]!.GetValue<string>());
        }

        (await suite.PostAsync(Employee, "configuration-items", new { @class = "server", name = "x1" })).Problem(403);
    }

    [Fact]
    public async Task Who_may_not_see_an_item_finds_it_nowhere()
    {
        var secret = await suite.AddItemAsync("database", new { visibility = "restricted", visibleTo = new[] { "security" } });
        var server = await suite.AddItemAsync();
        var service = await suite.AddItemAsync("it-service");
        foreach (var (person, seen) in new[]
        {
            ("analyst1", new[] { true, true, true }), (Agent, [false, true, true]), (Employee, [false, false, true]),
        })
        {
            foreach (var (item, may) in new[] { secret, server, service }.Zip(seen))
            {
                Assert.Equal(may ? HttpStatusCode.OK : HttpStatusCode.NotFound,
                    (await suite.GetAsync(person, $"configuration-items/{item.Id}")).Status);
                Assert.Equal(may, (await suite.GetAsync(person, $"configuration-items?name={item.Text("name")}")).Ok().Items.Count == 1);
            }
        }

        (await suite.PatchAsync(Agent, $"configuration-items/{secret.Id}", new { name = "Mine now" }, "*")).Problem(404);
        (await suite.GetAsync(Employee, $"configuration-items/{service.Id}/history")).Problem(403);
    }

    [Fact]
    public async Task A_class_says_which_attributes_there_are_and_what_its_schema_can_not_be_is_refused()
    {
        var key = Fresh("printer");
        (await suite.PostAsync(Admin, "configuration-classes", new
        {
            key, name = "Printer", attributes = new
            {
                properties = new { model = new { type = "string" }, trays = new { type = "integer", minimum = 1 } },
                required = new[] { "model" },
            },
        })).Ok();
        Assert.Equal("/attributes/model",
            (await suite.PostAsync(Agent, "configuration-items", new { @class = key, name = "P1" })).Problem(400)["errors"]![0]!["pointer"]!
                .GetValue<string>());
        var item = await suite.AddItemAsync(key, new { attributes = new { model = "M 4" } });
        Assert.Equal("/attributes/model", (await suite.PatchAsync(Agent, $"configuration-items/{item.Id}",
            new { attributes = new { model = (string?)null } }, "*")).Problem(400)["errors"]![0]!["pointer"]!.GetValue<string>());

        foreach (var (edit, pointer) in new (object, string)[]
        {
            (new { attributes = new { properties = new { who = new { type = "string", format = "person" } } } },
                "/attributes/properties/who"),
            (new { attributes = new { properties = new { a = new { type = "text" } } } }, "/attributes/properties/a/type"),
            (new { attributePrecedence = new { color = new[] { "person" } } }, "/attributePrecedence/color"),
        })
        {
            Assert.Equal(pointer, (await suite.PatchAsync(Admin, $"configuration-classes/{key}", edit, "*")).Problem(400)["errors"]![0]!
                ["pointer"]!.GetValue<string>());
        }

        (await suite.PatchAsync(Agent, $"configuration-classes/{key}", new { name = "Mine" }, "*")).Problem(403);
        (await suite.PostAsync(Admin, "configuration-classes", new { key, name = "Again" })).Problem(409);
    }

    [Fact]
    public async Task An_item_can_be_read_as_it_was()
    {
        var item = await suite.AddItemAsync("server", new { criticality = 3, attributes = new { cores = 4 } });
        var created = item["createdAt"]!.GetValue<DateTimeOffset>();
        await suite.NextInstantAsync(created);
        var edited = (await suite.PatchAsync(Agent, $"configuration-items/{item.Id}",
            new { name = "Renamed", criticality = (int?)null, attributes = new { cores = 8, hostname = "h" } }, "*")).Ok();
        await suite.NextInstantAsync(edited["updatedAt"]!.GetValue<DateTimeOffset>());
        await suite.ActAsync(Agent, $"configuration-items/{item.Id}/retire", new { reason = "Gone." });

        var first = await AsOfAsync(created);
        Assert.Equal((1, item.Text("name"), 3, """{"cores":4}""", "inUse"),
            (first["version"]!.GetValue<int>(), Field("name").GetValue<string>(), Field("criticality").GetValue<int>(),
                Field("attributes").ToJsonString(), Field("state").GetValue<string>()));
        var second = (await AsOfAsync(edited["updatedAt"]!.GetValue<DateTimeOffset>()))["fields"]!;
        Assert.Equal(("Renamed", null, "inUse"),
            (second["name"]!.GetValue<string>(), second["criticality"], second["state"]!.GetValue<string>()));
        Assert.Equal("retired", (await AsOfAsync(suite.Clock.GetUtcNow()))["fields"]!["state"]!.GetValue<string>());
        (await suite.GetAsync(Agent, $"configuration-items/{item.Id}/history/as-of?at={created.AddSeconds(-1):O}".Replace("+", "%2B")))
            .Problem(404);

        JsonNode Field(string name) => first["fields"]![name]!;

        async Task<JsonObject> AsOfAsync(DateTimeOffset at) => (await suite.GetAsync(Agent,
            $"configuration-items/{item.Id}/history/as-of?at={Uri.EscapeDataString(at.UtcDateTime.ToString("O"))}")).Ok();
    }
}
