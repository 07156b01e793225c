using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Assets.Tests.Shortcuts;

namespace Itsm.Assets.Tests;

public sealed class ServiceTests(ChangesAroundTests.Suite suite) : IClassFixture<ChangesAroundTests.Suite>
{
    [Fact]
    public async Task A_service_suffers_from_what_it_needs_and_says_why_to_those_who_may_see_it()
    {
        var (service, database, standIn) =
            (await suite.AddItemAsync("it-service", new { key = Fresh("orders"), owner = "agent2", criticality = 1 }),
                await suite.AddItemAsync("database", new { key = Fresh("db") }), await suite.AddItemAsync());
        var other = await suite.AddItemAsync();
        (await suite.PutAsync(Agent, $"configuration-items/{service.Id}/relations", new
        {
            relations = new object[]
            {
                new { type = "depends-on", target = database.Id },
                new { type = "depends-on", target = standIn.Id, alternatives = "servers", needs = 1 },
                new { type = "depends-on", target = other.Id, alternatives = "servers", needs = 1 },
            },
        })).Ok();
        await StateAsync(Employee, service, "operational", 0);

        await suite.ActAsync(Agent, $"configuration-items/{standIn.Id}/begin-maintenance");
        await StateAsync(Agent, service, "atRisk", 1);
        await suite.ActAsync(Agent, $"configuration-items/{database.Id}/begin-maintenance");
        await StateAsync(Agent, service, "maintenance", 1);

        var incident = await RunningSuite.UntilAsync(() => suite.PostAsync(Agent, "incidents", new
        {
            title = "The database is slow", configurationItems = new[] { database.Text("key") }, impact = "high", urgency = "high",
        }), answer => answer.Status == System.Net.HttpStatusCode.Created, "The item");
        var shown = await suite.UntilAsync(Agent, $"services/{service.Text("key")}", found => found.Text("state") == "degraded");
        var reason = Assert.Single(shown["reasons"]!.AsArray())!;
        Assert.Equal((database.Id, incident.Json.Text("number"), service.Id), (reason["item"]!["id"]!.GetValue<string>(),
            reason["ticket"]!["number"]!.GetValue<string>(), reason["path"]![0]!["source"]!["id"]!.GetValue<string>()));
        Assert.Equal(incident.Json["openedAt"]!.GetValue<DateTimeOffset>(), shown["since"]!.GetValue<DateTimeOffset>());

        // An employee uses the service, but sees neither the database nor the incident.
        await StateAsync(Employee, service, "degraded", 0);

        await suite.ActAsync("manager1", $"incidents/{incident.Json.Id}/propose-major", new { reason = "All orders stand still." });
        await suite.ActAsync("manager1", $"incidents/{incident.Json.Id}/accept-major", new { reason = "Yes." });
        await suite.UntilAsync(Agent, $"services/{service.Id}", found => found.Text("state") == "outage");
        Assert.Equal(service.Id, (await suite.GetAsync(Employee, "services?state=outage&criticality=1")).Ok().Items[0].Id);

        await suite.ActAsync(Agent, $"incidents/{incident.Json.Id}/start");
        await suite.ActAsync(Agent, $"incidents/{incident.Json.Id}/resolve",
            new { code = "fixedPermanently", notes = "Restarted it." });
        await suite.UntilAsync(Agent, $"services/{service.Id}", found => found.Text("state") == "maintenance");
    }

    [Fact]
    public async Task A_service_leads_to_the_items_of_the_catalog_by_which_it_is_asked_for_that_the_caller_sees()
    {
        var (open, hidden, draft) =
            (await OfferAsync([]), await OfferAsync([new { group = "security" }]), await OfferAsync([], publish: false));
        await RunningSuite.UntilAsync(() => AddAsync(Admin, "gone", open, hidden, draft),
            answer => (int)answer.Status == 400 && answer.Json["errors"]!.AsArray().Count == 1, "The items of the catalog");
        foreach (var unseen in new[] { "gone", hidden, draft })
        {
            var refused = (await AddAsync(Agent, unseen, open)).Problem(400);
            Assert.Equal(("/attributes/howToRequest", $"No item \"{unseen}\" of the catalog is known."),
                (refused.Pointer, refused.Text("detail")));
        }

        var service = (await AddAsync(Admin, open, hidden, draft)).Ok();
        await RunningSuite.UntilAsync(() => LinksAsync(Admin), links => links.SequenceEqual([open, hidden]), "The links");
        Assert.Equal([open], await LinksAsync(Employee));
        Assert.Equal([open], (await suite.GetAsync(Employee, "services")).Ok().Items.Single(one => one.Id == service.Id)["requestBy"]!
            .AsArray().Select(link => link!["key"]!.GetValue<string>()));

        async Task<string> OfferAsync(object[] audience, bool publish = true)
        {
            var key = Fresh("car");
            (await suite.PostAsync(Admin, "catalog/items", new { key, content = new { name = "Car " + key, audience } })).Ok();
            if (publish)
            {
                await suite.ActAsync(Admin, $"catalog/items/{key}/publish");
            }

            return key;
        }

        Task<Answer> AddAsync(string person, params string[] keys) => suite.PostAsync(person, "configuration-items",
            new Dictionary<string, object> { ["class"] = "it-service", ["name"] = "Cars", ["attributes"] = new { howToRequest = keys } });

        async Task<List<string>> LinksAsync(string person)
        {
            var links = (await suite.GetAsync(person, $"services/{service.Id}")).Ok()["requestBy"]!.AsArray();
            foreach (var link in links)
            {
                Assert.Equal(link!["name"]!.GetValue<string>(),
                    (await suite.GetAsync(person, link["href"]!.GetValue<string>()["/api/v1/".Length..])).Ok()["name"]!.GetValue<string>());
            }

            return [.. links.Select(link => link!["key"]!.GetValue<string>())];
        }
    }

    [Fact]
    public async Task An_open_incident_of_priority_3_leaves_a_service_operational()
    {
        var service = await suite.AddServiceAsync();
        var incident = (await RunningSuite.UntilAsync(() => suite.PostAsync(Agent, "incidents",
                new { title = "A report looks odd", affectedService = service.Text("key"), impact = "medium", urgency = "medium" }),
            answer => answer.Status == System.Net.HttpStatusCode.Created, "The service")).Json;
        Assert.Equal(3, incident["priority"]!.GetValue<int>());
        await suite.UntilAsync(Agent, $"configuration-items/{service.Id}/changes-around",
            found => found.Items.Any(change => change.Text("what") == "ticket"));
        await StateAsync(Agent, service, "operational", 0);
        foreach (var (level, state, reasons) in new[] { ("high", "degraded", 1), ("medium", "operational", 0) })
        {
            (await suite.PatchAsync(Agent, $"incidents/{incident.Id}", new { impact = level, urgency = level }, "*")).Ok();
            await StateAsync(Agent, service, state, reasons);
        }
    }

    [Fact]
    public async Task Alternatives_that_fail_for_different_reasons_fail_together_and_risk_hides_nothing_worse()
    {
        var (service, one, two) = (await suite.AddItemAsync("it-service", new { key = Fresh("shop") }),
            await suite.AddItemAsync("server", new { key = Fresh("one") }), await suite.AddItemAsync());
        (await suite.PutAsync(Agent, $"configuration-items/{service.Id}/relations", new
        {
            relations = new[] { one, two }.Select(
                target => new { type = "depends-on", target = target.Id, alternatives = "web", needs = 1 }),
        })).Ok();
        await OpenAsync(one.Text("key"));
        await suite.UntilAsync(Agent, $"services/{service.Id}", found => found.Text("state") == "atRisk");
        await suite.ActAsync(Agent, $"configuration-items/{two.Id}/begin-maintenance");
        await StateAsync(Agent, service, "maintenance", 1);

        var own = await OpenAsync(service.Text("key"));
        var shown = await suite.UntilAsync(Agent, $"services/{service.Id}", found => found.Text("state") == "degraded");
        Assert.Equal(own, shown["reasons"]![0]!["ticket"]!["number"]!.GetValue<string>());

        async Task<string> OpenAsync(string item) => (await RunningSuite.UntilAsync(() => suite.PostAsync(Agent, "incidents", new
        {
            title = "It stands still", configurationItems = new[] { item }, impact = "high", urgency = "high",
        }), answer => answer.Status == System.Net.HttpStatusCode.Created, "The item")).Json.Text("number");
    }

    [Fact]
    public async Task The_portfolio_has_what_the_caller_may_use()
    {
        var secret = await suite.AddItemAsync("it-service", new { visibility = "restricted", visibleTo = new[] { "security" } });
        var retired = await suite.AddItemAsync("it-service");
        await suite.ActAsync(Agent, $"configuration-items/{retired.Id}/retire", new { reason = "Nobody used it." });
        var server = await suite.AddItemAsync();
        var ownerless = await suite.AddItemAsync("it-service");
        Assert.Contains(secret.Id, await PortfolioAsync("analyst1"));
        var seen = await PortfolioAsync(Employee);
        Assert.Contains(ownerless.Id, seen);
        Assert.DoesNotContain(secret.Id, seen);
        Assert.DoesNotContain(retired.Id, seen);
        Assert.Contains(ownerless.Id, await PortfolioAsync(Employee, "?ownerless=true"));
        Assert.All((await suite.GetAsync(Employee, "services?ownerless=true")).Ok().Items, service => Assert.Null(service["owner"]));
        (await suite.GetAsync(Employee, $"services/{secret.Id}")).Problem(404);
        (await suite.GetAsync(Agent, $"services/{server.Id}")).Problem(404);
        (await suite.GetAsync(Agent, "services?state=broken")).Problem(400);
    }

    [Fact]
    public async Task A_service_says_who_answers_for_it_by_name()
    {
        var owned = await suite.AddServiceAsync(new { owner = "agent2", supportGroup = "network" });
        var alone = await suite.AddServiceAsync();
        var (person, group) = ((await suite.GetAsync(Admin, "people/agent2")).Ok(), (await suite.GetAsync(Admin, "groups/network")).Ok());
        foreach (var shown in await BothAsync(owned))
        {
            Assert.Equal((person.Id, person.Text("name"), group.Id, group.Text("name")),
                (shown.Text("owner"), shown.Text("ownerName"), shown.Text("supportGroup"), shown.Text("supportGroupName")));
        }

        foreach (var shown in await BothAsync(alone))
        {
            Assert.Equal((null, null), (shown.TextOrNull("ownerName"), shown.TextOrNull("supportGroupName")));
        }

        async Task<JsonObject[]> BothAsync(JsonObject service) =>
        [
            (await suite.GetAsync(Employee, "services")).Ok().Items.Single(one => one.Id == service.Id),
            (await suite.GetAsync(Employee, $"services/{service.Id}")).Ok(),
        ];
    }

    private Task StateAsync(string person, JsonObject service, string state, int reasons) => suite.UntilAsync(person,
        $"services/{service.Id}", found => found.Text("state") == state && found["reasons"]!.AsArray().Count == reasons);

    private async Task<IReadOnlyList<string>> PortfolioAsync(string person, string query = "") =>
        [.. (await suite.GetAsync(person, $"services{query}")).Ok().Items.Select(service => service.Id)];
}
