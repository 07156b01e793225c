using System.Text.Json.Nodes;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;
using static Itsm.Assets.Tests.Shortcuts;

namespace Itsm.Assets.Tests;

/// <summary>With those whose tickets name items.</summary>
public sealed class ChangesAroundTests(ChangesAroundTests.Suite suite) : IClassFixture<ChangesAroundTests.Suite>
{
    public sealed class Suite : AssetSuite
    {
        protected override IReadOnlyList<string> Services => ["assets", "directory", "incidents", "requests"];
    }

    [Fact]
    public async Task Before_an_outage_the_change_two_hops_away_is_found()
    {
        var (service, _, database) = await ChainAsync();
        (await suite.PatchAsync(Agent, $"configuration-items/{database.Id}", new { attributes = new { version = "16.1" } }, "*")).Ok();
        var network = await suite.AddItemAsync("network-device");
        (await suite.RelateAsync(database, "connects-to", network)).Ok();
        var incident = await suite.OpenAsync(Employee, new { title = "Orders can't be entered", affectedService = service.Text("number") });

        var changes = await suite.UntilAsync(Agent, $"configuration-items/{service.Id}/changes-around?hours=1",
            found => found.Items.Any(change => change.Text("what") == "ticket"));
        Assert.Equal((incident.Text("number"), 0), (Assert.Single(changes.Items, change => change.Text("what") == "ticket")["ticket"]!
            ["number"]!.GetValue<string>(), changes.Items[0]["hops"]!.GetValue<int>()));
        var edit = Assert.Single(changes.Items, change => change.TextOrNull("action") == "update");
        Assert.Equal((database.Id, 2), (edit["item"]!["id"]!.GetValue<string>(), edit["hops"]!.GetValue<int>()));
        Assert.Equal("attributes", Assert.Single(edit["fields"]!.AsArray())!["field"]!.GetValue<string>());
        Assert.Contains(changes.Items, change => change.Text("what") == "relation"
            && change["relation"]!["target"]!["id"]!.GetValue<string>() == network.Id);
        Assert.Equal(changes.Items.Select(change => change["score"]!.GetValue<double>()).OrderDescending(),
            changes.Items.Select(change => change["score"]!.GetValue<double>()));

        Assert.DoesNotContain((await suite.GetAsync(Agent, $"configuration-items/{service.Id}/changes-around?hops=1")).Ok().Items,
            change => change["item"]!["id"]!.GetValue<string>() == database.Id && change.Text("what") == "fields");
        Assert.Empty((await suite.GetAsync(Agent, $"configuration-items/{service.Id}/changes-around?at=2020-01-01T00:00:00Z")).Ok().Items);
        Assert.Empty((await suite.GetAsync(Agent, $"configuration-items/{service.Id}/changes-around?at=0001-01-01T00:00:00Z")).Ok().Items);
        (await suite.GetAsync(Employee, $"configuration-items/{service.Id}/changes-around")).Problem(403);
    }

    [Fact]
    public async Task Two_instants_differ_by_what_is_other_at_the_second_whatever_happened_between()
    {
        var (service, application, database) = await ChainAsync();
        var from = (await suite.GetAsync(Agent, $"configuration-items/{application.Id}")).Ok()["relatedAt"]!.GetValue<DateTimeOffset>();
        await suite.NextInstantAsync(from);
        foreach (var version in new[] { "15", "16", "17" })
        {
            (await suite.PatchAsync(Agent, $"configuration-items/{database.Id}", new { attributes = new { version } }, "*")).Ok();
        }

        foreach (var criticality in new int?[] { 1, null })
        {
            (await suite.PatchAsync(Agent, $"configuration-items/{application.Id}", new { criticality }, "*")).Ok();
        }

        var server = await suite.AddItemAsync();
        (await suite.RelateAsync(application, "runs-on", server)).Ok();
        (await suite.SendAsync(Agent, HttpMethod.Delete, $"configuration-items/{service.Id}/relations/depends-on/{application.Id}",
            ifMatch: "*")).Ok();
        var path = $"configuration-items/{application.Id}/differences?from={from:yyyy-MM-ddTHH:mm:ss.fffZ}";
        var found = (await suite.GetAsync(Agent, path)).Ok();
        Assert.Equal([server.Id], found["appeared"]!.AsArray().Select(item => item!["id"]!.GetValue<string>()));
        Assert.Empty(found["gone"]!.AsArray());
        var changed = Assert.Single(found["changed"]!.AsArray())!;
        Assert.Equal((database.Id, "attributes"), (changed["item"]!["id"]!.GetValue<string>(),
            Assert.Single(changed["fields"]!.AsArray())!["field"]!.GetValue<string>()));
        Assert.Equal("""{"version":"17"}""", changed["fields"]![0]!["to"]!.ToJsonString());
        Assert.Equal([("runs-on", server.Id)], Links(found["begun"]!));
        Assert.Equal([("depends-on", application.Id)], Links(found["ended"]!));
        Assert.Empty((await suite.GetAsync(Agent, path + "&hops=0")).Ok()["begun"]!.AsArray());
        (await suite.GetAsync(Agent, path + "&to=2020-01-01T00:00:00Z")).Problem(400);
        (await suite.GetAsync(Agent, $"configuration-items/{application.Id}/differences")).Problem(400);
        (await suite.GetAsync(Employee, path)).Problem(403);

        static IEnumerable<(string, string)> Links(JsonNode links) => links.AsArray().Select(link =>
            (link!["type"]!.GetValue<string>(), link["target"]!["id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task What_ended_before_the_outage_is_found_and_what_is_hidden_is_not()
    {
        var (service, application, database) = await ChainAsync();
        var secret = await suite.AddItemAsync("server", new { visibility = "restricted", visibleTo = new[] { "security" } });
        (await suite.RelateAsync(application, "runs-on", secret, person: Admin)).Ok();
        var renamed = (await suite.PatchAsync(Admin, $"configuration-items/{secret.Id}", new { name = "Renamed" }, "*")).Ok();
        await suite.NextInstantAsync(renamed["updatedAt"]!.GetValue<DateTimeOffset>());
        (await suite.SendAsync(Agent, HttpMethod.Delete, $"configuration-items/{application.Id}/relations/depends-on/{database.Id}",
            ifMatch: "*")).Ok();
        await suite.ActAsync(Agent, $"configuration-items/{database.Id}/retire", new { reason = "Moved." });

        var items = (await suite.GetAsync(Agent, $"configuration-items/{service.Id}/changes-around")).Ok().Items;
        Assert.Contains(items, change => change["relation"]?["until"] is not null
            && change["relation"]!["target"]!["id"]!.GetValue<string>() == database.Id);
        Assert.All(items, item => Assert.DoesNotContain(secret.Id, item.ToJsonString(), StringComparison.Ordinal));
        Assert.Contains((await suite.GetAsync(Admin, $"configuration-items/{service.Id}/changes-around")).Ok().Items,
            change => change["item"]!["id"]!.GetValue<string>() == secret.Id);
    }

    [Fact]
    public async Task Tickets_name_items_that_there_are_and_their_reader_sees()
    {
        var key = Fresh("mail");
        var service = await suite.AddItemAsync("it-service", new { key });
        var server = await suite.AddItemAsync();
        var secret = await suite.AddItemAsync("server", new { visibility = "restricted", visibleTo = new[] { "security" } });
        await KnownAsync(secret);
        var incident = await suite.OpenAsync(Agent,
            new { title = "Mail is late", affectedService = service.Id, configurationItems = new[] { server.Id, key.ToUpperInvariant() } });
        Assert.Equal((key, $"""["{server.Text("number")}","{key}"]"""),
            (incident.Text("affectedService"), incident["configurationItems"]!.ToJsonString()));
        foreach (var (body, pointer, word) in new (object, string, string)[]
        {
            (new { title = "What is it", affectedService = "maill" }, "/affectedService", "maill"),
            (new { title = "What is it", affectedService = server.Text("number") }, "/affectedService", "not a service"),
            (new { title = "What is it", configurationItems = new[] { key, "CI9999999" } }, "/configurationItems/1", "CI9999999"),
            (new { title = "What is it", configurationItems = new[] { secret.Id } }, "/configurationItems/0", secret.Id),
        })
        {
            var error = (await suite.PostAsync(Agent, "incidents", body)).Problem(400)["errors"]![0]!;
            Assert.Equal(pointer, error["pointer"]!.GetValue<string>());
            Assert.Contains(word, error["message"]!.GetValue<string>(), StringComparison.Ordinal);
            Assert.Equal(pointer, (await suite.PatchAsync(Agent, $"incidents/{incident.Id}", body, "*")).Problem(400)["errors"]![0]!
                ["pointer"]!.GetValue<string>());
        }

        await suite.ActAsync(Agent, $"configuration-items/{server.Id}/retire", new { reason = "Gone." });
        await RunningSuite.UntilAsync(() => suite.PostAsync(Agent, "incidents",
                new { title = "What is it", configurationItems = new[] { server.Id } }),
            answer => (int)answer.Status == 400, "The retirement");
        Assert.Equal($"""["{server.Text("number")}"]""", (await suite.PatchAsync(Agent, $"incidents/{incident.Id}",
            new { configurationItems = new[] { server.Text("number") } }, "*")).Ok()["configurationItems"]!.ToJsonString());
    }

    [Fact]
    public async Task What_an_import_of_incidents_names_and_nobody_knows_stays_as_it_was_written()
    {
        await KnownAsync(await suite.AddItemAsync());
        var job = (await suite.SendAsync(Admin, HttpMethod.Post, "incidents/imports?source=old&timeZone=UTC", new StringContent("""
            number,incident_state,sys_mod_count,caller_id,opened_at,sys_updated_at,short_description,cmdb_ci
            INC0000088,New,0,Caller 388,2024-02-29T08:48:00Z,2024-02-29T08:48:00Z,The old mainframe is slow,Mainframe (cellar)
            """, System.Text.Encoding.UTF8, "text/csv"))).Ok();
        await suite.UntilAsync(Admin, $"incidents/imports/{job.Id}", read => read.Text("state") == "done");
        var row = Assert.Single((await suite.GetAsync(Admin, $"incidents/imports/{job.Id}/results")).Ok().Items);
        var path = "incidents/" + row.Text("incident");
        Assert.Equal("""["Mainframe (cellar)"]""", (await suite.GetAsync(Agent, path)).Ok()["configurationItems"]!.ToJsonString());
        var edited = (await suite.PatchAsync(Agent, path,
            new { title = "The mainframe is slow", configurationItems = new[] { "Mainframe (cellar)" } }, "*")).Ok();
        Assert.Equal("""["Mainframe (cellar)"]""", edited["configurationItems"]!.ToJsonString());
        Assert.Equal("/configurationItems/0", (await suite.PatchAsync(Agent, path,
            new { configurationItems = new[] { "Mainframe (attic)" } }, "*")).Problem(400).Pointer);
    }

    [Fact]
    public async Task What_is_told_leads_to_the_items_tickets_and_changes_that_it_is_of()
    {
        var (service, _, database) = await ChainAsync();
        var edited = (await suite.PatchAsync(Agent, $"configuration-items/{database.Id}", new { criticality = 1 }, "*")).Ok();
        var request = (await suite.PostAsync(Employee, "requests",
            new { item = "password-reset", answers = new { system = "mail" } })).Ok();
        await RunningSuite.UntilAsync(
            () => suite.PatchAsync(Agent, $"requests/{request.Id}", new { affectedService = service.Text("number") }, "*"),
            answer => answer.Status == System.Net.HttpStatusCode.OK, "The service");
        await suite.NextInstantAsync(edited["updatedAt"]!.GetValue<DateTimeOffset>());
        var incident = await suite.OpenAsync(Agent, new
        {
            title = "Orders can't be entered", affectedService = service.Text("number"), impact = "high", urgency = "high",
        });
        var changes = await suite.UntilAsync(Agent, $"configuration-items/{service.Id}/changes-around",
            found => found.Items.Count(change => change.Text("what") == "ticket") == 2);
        Assert.Equal(new[] { incident.Id, request.Id }.Order(), (await Task.WhenAll(changes.Items
            .Where(change => change.ContainsKey("ticket")).Select(change => FollowAsync(change["ticket"]!)))).Order());
        foreach (var hit in (await suite.GetAsync(Agent, $"configuration-items/{service.Id}/requirements")).Ok().Items)
        {
            Assert.Equal(hit["item"]!["id"]!.GetValue<string>(), await FollowAsync(hit["item"]!));
        }

        var shown = await suite.UntilAsync(Agent, $"services/{service.Id}", one => one["reasons"]!.AsArray().Count == 1);
        Assert.Equal((service.Id, incident.Id),
            (await FollowAsync(shown["reasons"]![0]!["item"]!), await FollowAsync(shown["reasons"]![0]!["ticket"]!)));

        var listed = (await RunningSuite.UntilAsync(() => suite.GetAsync(Agent, $"outages?service={service.Id}"),
            answer => answer.Ok().Items.Count == 1, "The outage")).Ok().Items[0];
        var outage = (await suite.GetAsync(Agent, $"outages/{listed.Id}")).Ok();
        Assert.Equal(listed.Text("changesAround"), outage.Text("changesAround"));
        Assert.DoesNotContain((await suite.GetAsync(Agent, $"outages/{outage.Id}/history")).Ok().Items.SelectMany(
            entry => entry["changes"]!.AsArray()), change => change!["field"]!.GetValue<string>() == "changesAround");
        var before = (await suite.GetAsync(Agent, outage.Text("changesAround"))).Ok();
        Assert.Equal((InstantOf(outage["beginsAt"]), InstantOf(outage["beginsAt"]).AddHours(-24)),
            (InstantOf(before["to"]), InstantOf(before["from"])));
        Assert.Contains(before.Items, change => change.TextOrNull("action") == "update"
            && change["item"]!["id"]!.GetValue<string>() == database.Id);

        // Of another beginning, written in another zone, it is that.
        var at = suite.Clock.GetUtcNow().AddDays(-3).ToOffset(TimeSpan.FromHours(5));
        var moved = (await suite.PatchAsync(Agent, $"outages/{outage.Id}", new { beginsAt = at }, "*")).Ok();
        Assert.Equal(InstantOf(moved["beginsAt"]),
            InstantOf((await suite.GetAsync(Agent, moved.Text("changesAround"))).Ok()["to"]));

        async Task<string> FollowAsync(JsonNode told) =>
            (await suite.GetAsync(Agent, told["href"]!.GetValue<string>())).Ok().Id;
    }

    /// <summary>A service on an application on a database.</summary>
    private async Task<(JsonObject Service, JsonObject Application, JsonObject Database)> ChainAsync()
    {
        var (service, application, database) =
            (await suite.AddItemAsync("it-service"), await suite.AddItemAsync("application"), await suite.AddItemAsync("database"));
        (await suite.RelateAsync(service, "depends-on", application)).Ok();
        (await suite.RelateAsync(application, "depends-on", database)).Ok();
        await KnownAsync(service);
        return (service, application, database);
    }

    /// <summary>Waits until incidents knows an item.</summary>
    private Task KnownAsync(JsonObject item) => RunningSuite.UntilAsync(async () => await suite.Modules
            .GetRequiredService<Platform.Replicas.Replica<Contracts.Assets.ConfigurationItemChanged>>()
            .FindAsync(Guid.Parse(item.Id), TestContext.Current.CancellationToken), known => known is not null, "The item");
}
