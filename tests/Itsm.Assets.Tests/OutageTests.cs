using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Assets.Tests.Shortcuts;

namespace Itsm.Assets.Tests;

public sealed class OutageTests(ChangesAroundTests.Suite suite) : IClassFixture<ChangesAroundTests.Suite>
{
    [Fact]
    public async Task A_recorded_outage_disturbs_its_service_and_those_that_need_it_until_it_ends()
    {
        var (service, needed) = (await suite.AddServiceAsync(), await suite.AddServiceAsync());
        (await suite.RelateAsync(service, "depends-on", needed)).Ok();
        var recorded = await RecordAsync(needed, new { kind = "outage", title = "Nobody can sign in." });
        Assert.Equal(("person", needed.Id), (recorded.Text("source"), recorded.Text("service")));

        var shown = await suite.UntilAsync(Employee, $"services/{service.Text("key")}",
            found => found.Text("state") == "outage" && found["outage"] is not null);
        Assert.Equal(recorded.Id, shown["reasons"]![0]!["outage"]!["id"]!.GetValue<string>());
        Assert.Equal(InstantOf(recorded["beginsAt"]), InstantOf(shown["since"]));
        shown = await suite.UntilAsync(Employee, $"services/{needed.Id}", found => found.Text("state") == "outage");
        Assert.Equal(recorded.Id, shown["outage"]!["id"]!.GetValue<string>());

        // What follows for the other service is found; of the service itself it is known already.
        var found = Assert.Single((await ListAsync(Employee, $"service={service.Text("key")}&open=true&expand=service")).Items);
        Assert.Equal(("tickets", "outage", recorded.Text("beginsAt")),
            (found.Text("source"), found.Text("kind"), found.Text("beginsAt")));
        Assert.Equal(service.Text("name"), found["expanded"]!["service"]!["name"]!.GetValue<string>());
        await suite.ActAsync(Agent, $"outages/{recorded.Text("number")}/end", new { reason = "It works again." });
        foreach (var one in new[] { service, needed })
        {
            Assert.Null((await suite.UntilAsync(Employee, $"services/{one.Id}", now => now.Text("state") == "operational"
                && now["outage"] is null))["outage"]);
            Assert.Single((await ListAsync(Employee, $"service={one.Id}")).Items);
        }

        Assert.NotNull((await suite.UntilAsync(Agent, $"outages/{found.Id}", one => one["endsAt"] is not null))["endsAt"]);
        Assert.Empty((await ListAsync(Employee, $"service={service.Id}&open=true")).Items);
        Assert.Single((await ListAsync(Employee, $"service={service.Id}&open=false&kind=outage")).Items);
        Assert.Equal("outage.ended", (await suite.PostAsync(Agent, $"outages/{recorded.Id}/end", new { }, "*")).Problem(409).Text("code"));
        Assert.NotEmpty((await suite.GetAsync(Agent, $"outages/{found.Id}/history")).Ok().Items);
    }

    [Fact]
    public async Task An_incident_makes_an_outage_that_a_person_corrects_and_that_ends_with_it()
    {
        var service = await suite.AddServiceAsync();
        var incident = await OpenAsync(service);
        var found = await FoundAsync(service, one => one.Text("kind") == "degradation");
        Assert.Equal(incident.Text("openedAt"), found.Text("beginsAt"));
        Assert.Null(found["incident"]);
        var earlier = suite.Clock.GetUtcNow().AddHours(-1);
        var corrected = (await suite.PatchAsync(Agent, $"outages/{found.Id}",
            new { beginsAt = earlier, title = "Orders are slow.", kind = "outage" }, "*")).Ok();
        Assert.Equal("tickets", corrected.Text("source"));

        // It got worse, and better again: each is an outage of its own, one after another.
        await suite.ActAsync("manager1", $"incidents/{incident.Id}/propose-major", new { reason = "All orders stand still." });
        await suite.ActAsync("manager1", $"incidents/{incident.Id}/accept-major", new { reason = "Yes." });
        var worse = await FoundAsync(service, one => one.Id != found.Id && one.Text("kind") == "outage");
        var ended = await suite.UntilAsync(Agent, $"outages/{found.Id}", one => one["endsAt"] is not null);
        Assert.Equal(worse.Text("beginsAt"), ended.Text("endsAt"));
        await ResolveAsync(incident);
        await suite.UntilAsync(Agent, $"outages/{worse.Id}", one => one["endsAt"] is not null);
        await suite.UntilAsync(Agent, $"services/{service.Id}", one => one.Text("state") == "operational");
        Assert.Equal(2, (await ListAsync(Agent, $"service={service.Id}")).Items.Count);
        Assert.DoesNotContain(incident.Text("number"), (await suite.GetAsync(Agent, $"outages/{found.Id}/history")).Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_incident_counts_from_where_an_outage_that_a_person_has_recorded_ends()
    {
        var service = await suite.AddServiceAsync();
        var recorded = await RecordAsync(service, new { kind = "degradation" });
        await suite.UntilAsync(Agent, $"services/{service.Id}", one => one.Text("state") == "degraded" && one["since"] is not null);
        var incident = await OpenAsync(service);
        var found = await FoundAsync(service, one => one.Text("source") == "tickets");
        Assert.Equal(incident.Text("openedAt"), found.Text("beginsAt"));
        await suite.ActAsync(Agent, $"outages/{recorded.Id}/end");
        await ResolveAsync(incident);
        await suite.UntilAsync(Agent, $"services/{service.Id}", one => one.Text("state") == "operational");
        await suite.UntilAsync(Agent, $"outages/{found.Id}", one => one["endsAt"] is not null);
    }

    [Fact]
    public async Task Changes_of_many_at_once_leave_the_state_that_follows_from_all()
    {
        var servers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => suite.AddItemAsync()));
        var service = await suite.AddServiceAsync();
        (await suite.PutAsync(Agent, $"configuration-items/{service.Id}/relations",
            new { relations = servers.Select(server => new { type = "depends-on", target = server.Id }) })).Ok();
        for (var round = 0; round < 3; round++)
        {
            await Task.WhenAll(servers.Select(server => suite.ActAsync(Agent, $"configuration-items/{server.Id}/begin-maintenance")));
            await suite.UntilAsync(Agent, $"services/{service.Id}", one => one.Text("state") == "maintenance");
            await Task.WhenAll(servers.Select(server => suite.ActAsync(Agent, $"configuration-items/{server.Id}/end-maintenance")));
            await suite.UntilAsync(Agent, $"services/{service.Id}", one => one.Text("state") == "operational");
        }

        await RunningSuite.UntilAsync(() => ListAsync(Agent, $"service={service.Id}"),
            list => list.Items.Count >= 3 && list.Items.All(one => one["endsAt"] is not null), "The outages");
    }

    [Fact]
    public async Task Only_what_goes_together_is_recorded_and_only_by_those_who_may_and_see_the_service()
    {
        var service = await suite.AddServiceAsync();
        var secret = await suite.AddServiceAsync(new { visibility = "restricted", visibleTo = new[] { "security" } });
        var (now, id) = (suite.Clock.GetUtcNow(), service.Id);
        (await suite.PostAsync(Employee, "outages", new { service = id, kind = "outage" })).Problem(403);
        foreach (var (pointer, body) in new (string, object)[]
        {
            ("/service", new { service = secret.Id, kind = "outage" }), ("/service", new { service = "nothing", kind = "outage" }),
            ("/service", new { service = (await suite.AddItemAsync()).Id, kind = "outage" }),
            ("/endsAt", new { service = id, kind = "outage", beginsAt = now, endsAt = now }),
            ("/endsAt", new { service = id, kind = "outage", beginsAt = now, endsAt = now.AddDays(800) }),
            ("/notCountedReason", new { service = id, kind = "outage", notCounted = true }),
            ("/notCountedReason", new { service = id, kind = "outage", notCountedReason = "It was planned." }),
        })
        {
            var refused = (await suite.PostAsync(Agent, "outages", body)).Problem(400);
            Assert.Equal(pointer, refused["errors"]![0]!["pointer"]!.GetValue<string>());
        }

        (await suite.PostAsync(Agent, "outages", new { service = id, kind = "broken" })).Problem(400);
        (await suite.PostAsync("analyst1", "outages", new { service = secret.Id, kind = "outage" })).Problem(403);
        var seen = (await suite.PostAsync(Admin, "outages", new { service = secret.Id, kind = "outage" })).Ok();
        (await suite.GetAsync(Agent, $"outages/{seen.Id}")).Problem(404);
        (await suite.GetAsync("analyst1", $"outages/{seen.Id}")).Ok();
        (await suite.PostAsync(Agent, $"outages/{seen.Id}/end", new { }, "*")).Problem(404);
        (await suite.GetAsync(Agent, $"outages?service={secret.Id}")).Problem(400);
        Assert.DoesNotContain((await ListAsync(Agent, "open=true&limit=200")).Items, one => one.Id == seen.Id);
        await suite.ActAsync(Admin, $"outages/{seen.Id}/end");
        (await suite.PatchAsync(Agent, $"outages/{(await RecordAsync(service, new { kind = "maintenance", endsAt = now.AddHours(1) })).Id}",
            new { beginsAt = (string?)null }, "*")).Problem(400);
    }

    [Fact]
    public async Task Who_may_no_longer_see_a_service_sees_its_outages_no_longer()
    {
        var service = await suite.AddServiceAsync();
        var past = await RecordAsync(service, new { kind = "outage", beginsAt = suite.Clock.GetUtcNow().AddDays(-2),
            endsAt = suite.Clock.GetUtcNow().AddDays(-1) });
        (await suite.GetAsync(Employee, $"outages/{past.Id}")).Ok();
        (await suite.SendAsync(Employee, HttpMethod.Put, $"services/{service.Id}/subscription")).Ok();
        (await suite.PatchAsync(Admin, $"configuration-items/{service.Id}", new { visibility = "staff" }, "*")).Ok();
        await RunningSuite.UntilAsync(() => suite.GetAsync(Employee, $"outages/{past.Id}"),
            answer => answer.Status == System.Net.HttpStatusCode.NotFound, "That the outage is hidden");
        (await suite.SendAsync(Employee, HttpMethod.Put, $"services/{service.Id}/subscription")).Problem(404);
        (await suite.GetAsync(Employee, $"services/{service.Id}/availability")).Problem(404);

        // They may still say that they want to hear no more of it, once.
        Assert.Equal(System.Net.HttpStatusCode.NoContent,
            (await suite.SendAsync(Employee, HttpMethod.Delete, $"services/{service.Id}/subscription")).Status);
        (await suite.SendAsync(Employee, HttpMethod.Delete, $"services/{service.Id}/subscription")).Problem(404);
    }

    [Fact]
    public async Task People_subscribe_to_services_for_themselves_and_as_often_as_they_like()
    {
        var service = await suite.AddServiceAsync();
        for (var twice = 0; twice < 2; twice++)
        {
            var mine = (await suite.SendAsync(Employee, HttpMethod.Put, $"services/{service.Text("key")}/subscription")).Ok();
            Assert.True(mine["subscribed"]!.GetValue<bool>());
        }

        Assert.False((await suite.GetAsync(Agent, $"services/{service.Id}")).Ok()["subscribed"]!.GetValue<bool>());
        var listed = (await suite.GetAsync(Employee, "services")).Ok().Items.Single(one => one.Id == service.Id);
        Assert.True(listed["subscribed"]!.GetValue<bool>());
        for (var twice = 0; twice < 2; twice++)
        {
            Assert.False((await suite.SendAsync(Employee, HttpMethod.Delete, $"services/{service.Id}/subscription")).Ok()["subscribed"]!
                .GetValue<bool>());
        }
    }

    private async Task<JsonObject> RecordAsync(JsonObject service, object outage) => await suite.RecordAsync(service, outage);

    private async Task<JsonObject> ListAsync(string person, string query) => (await suite.GetAsync(person, $"outages?{query}")).Ok();

    private async Task<JsonObject> FoundAsync(JsonObject service, Func<JsonObject, bool> condition) =>
        (await RunningSuite.UntilAsync(() => ListAsync(Agent, $"service={service.Id}"), list => list.Items.Any(condition), "An outage"))
        .Items.Single(condition);

    private async Task<JsonObject> OpenAsync(JsonObject service) => (await RunningSuite.UntilAsync(() => suite.PostAsync(Agent, "incidents",
        new { title = "Orders are slow", affectedService = service.Text("key"), impact = "high", urgency = "high" }),
        answer => answer.Status == System.Net.HttpStatusCode.Created, "The service")).Json;

    private async Task ResolveAsync(JsonObject incident)
    {
        await suite.ActAsync(Agent, $"incidents/{incident.Id}/start");
        await suite.ActAsync(Agent, $"incidents/{incident.Id}/resolve", new { code = "fixedPermanently", notes = "Restarted it." });
    }
}
