using System.Net;
using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Assets.Tests.Shortcuts;

namespace Itsm.Assets.Tests;

public sealed class RelationTests(AssetSuite suite)
{
    [Fact]
    public async Task A_relation_is_made_read_from_both_ends_and_ended()
    {
        var (application, server) = (await suite.AddItemAsync("application"), await suite.AddItemAsync());
        var related = (await suite.RelateAsync(application, "runs-on", server)).Ok();
        Assert.NotNull(related["relatedAt"]);
        foreach (var (item, direction) in new[] { (application, "out"), (server, "in") })
        {
            var link = Assert.Single(await RelationsAsync(item, $"?direction={direction}"));
            Assert.Equal((application.Id, "runs-on", server.Id),
                (link["source"]!["id"]!.GetValue<string>(), link.Text("type"), link["target"]!["id"]!.GetValue<string>()));
            Assert.Empty(await RelationsAsync(item, $"?direction={(direction == "out" ? "in" : "out")}"));
        }

        Assert.Equal("configuration-item.related", (await suite.RelateAsync(application, "runs-on", server)).Problem(409).Text("code"));
        var end = $"configuration-items/{application.Id}/relations/runs-on/{server.Text("number")}";
        var at = related["relatedAt"]!.GetValue<DateTimeOffset>();
        await suite.NextInstantAsync(at);
        Assert.Equal(HttpStatusCode.OK, (await suite.SendAsync(Agent, HttpMethod.Delete, end, ifMatch: "*")).Status);
        Assert.Empty(await RelationsAsync(server));
        Assert.Single(await RelationsAsync(server, $"?at={at:yyyy-MM-ddTHH:mm:ss.fffZ}"));
        (await suite.SendAsync(Agent, HttpMethod.Delete, end, ifMatch: "*")).Problem(404);
    }

    [Fact]
    public async Task What_a_relation_can_not_be_is_named()
    {
        var (application, server, database) =
            (await suite.AddItemAsync("application"), await suite.AddItemAsync(), await suite.AddItemAsync("database"));
        var retired = await suite.AddItemAsync();
        await suite.ActAsync(Agent, $"configuration-items/{retired.Id}/retire", new { reason = "Sold." });
        foreach (var (body, pointer) in new (object, string)[]
        {
            (new { type = "stands-beside", target = server.Id }, "/type"), (new { type = "runs-on", target = "CI9999999" }, "/target"),
            (new { type = "runs-on", target = database.Id }, "/target"), (new { type = "depends-on", target = application.Id }, "/target"),
            (new { type = "runs-on", target = retired.Id }, "/target"),
            (new { type = "depends-on", target = server.Id, needs = 1 }, "/relations/0"),
            (new { type = "depends-on", target = server.Id, alternatives = "web", needs = 2 }, "/relations/0/needs"),
            (new { type = "connects-to", target = server.Id, alternatives = "web", needs = 1 }, "/relations/0/alternatives"),
        })
        {
            Assert.Equal(pointer, (await suite.PostAsync(Agent, $"configuration-items/{application.Id}/relations", body, "*"))
                .Problem(400)["errors"]![0]!["pointer"]!.GetValue<string>());
        }

        Assert.Equal("configuration-item.retired", (await suite.RelateAsync(retired, "depends-on", server)).Problem(409).Text("code"));
        (await suite.RelateAsync(application, "runs-on", server, person: Employee)).Problem(403);
    }

    [Fact]
    public async Task All_relations_are_replaced_at_once_and_those_to_hidden_items_stay()
    {
        var (service, one, two) = (await suite.AddItemAsync("it-service"), await suite.AddItemAsync(), await suite.AddItemAsync());
        var secret = await suite.AddItemAsync("server", new { visibility = "restricted", visibleTo = new[] { "security" } });
        (await suite.PutAsync(Admin, $"configuration-items/{service.Id}/relations", new
        {
            relations = new[] { one, two, secret }.Select(
                target => new { type = "depends-on", target = target.Id, alternatives = "web", needs = 2 }),
        })).Ok();
        Assert.Equal(2, (await RelationsAsync(service)).Count);
        Assert.Equal(3, (await RelationsAsync(service, person: Admin)).Count);

        (await suite.PutAsync(Agent, $"configuration-items/{service.Id}/relations",
            new { relations = new[] { new { type = "depends-on", target = one.Id, alternatives = "web", needs = 1 } } })).Ok();
        Assert.Equal([one.Id], (await RelationsAsync(service)).Select(link => link["target"]!["id"]!.GetValue<string>()));
        Assert.All(await RelationsAsync(service, person: Admin), link => Assert.Equal(1, link["needs"]!.GetValue<int>()));
        // Nothing that an agent does depends on what they don't see, or says how many must work of it.
        (await suite.PutAsync(Admin, $"configuration-items/{service.Id}/relations", new
        {
            relations = new[] { one, two, secret }.Select(
                target => new { type = "depends-on", target = target.Id, alternatives = "web", needs = 3 }),
        })).Ok();
        Assert.All(await RelationsAsync(service), link => Assert.Equal(2, link["needs"]!.GetValue<int>()));
        (await suite.RelateAsync(service, "connects-to", one)).Ok();
        (await suite.PutAsync(Agent, $"configuration-items/{service.Id}/relations", new { relations = Array.Empty<object>() })).Ok();
        Assert.Equal([secret.Id],
            (await RelationsAsync(service, person: Admin)).Select(link => link["target"]!["id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Of_relations_made_at_once_none_closes_a_cycle()
    {
        var type = await suite.AddTypeAsync(new { acyclic = true });
        var ring = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => suite.AddItemAsync()));
        var answers = await Task.WhenAll(ring.Select((item, index) => suite.RelateAsync(item, type, ring[(index + 1) % ring.Length])));
        Assert.Equal("configuration-item.cycle",
            Assert.Single(answers, answer => answer.Status != HttpStatusCode.OK).Problem(409).Text("code"));
    }

    [Fact]
    public Task A_look_shows_what_was_saved_before_it_while_others_save_and_look() =>
        Parallel.ForEachAsync(Enumerable.Range(0, 8), async (_, _) =>
        {
            var hub = await suite.AddItemAsync();
            for (var related = 1; related <= 15; related++)
            {
                (await suite.RelateAsync(hub, "connects-to", await suite.AddItemAsync())).Ok();
                Assert.Equal(related, (await RelationsAsync(hub)).Count);
            }
        });

    [Fact]
    public async Task Numbers_of_sources_and_targets_are_bounded_also_for_many_at_once()
    {
        var type = await suite.AddTypeAsync(new { mostSources = 2, mostTargets = 1 });
        var (target, other) = (await suite.AddItemAsync(), await suite.AddItemAsync());
        var sources = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => suite.AddItemAsync()));
        var answers = await Task.WhenAll(sources.Select(source => suite.RelateAsync(source, type, target)));
        Assert.Equal(2, answers.Count(answer => answer.Status == HttpStatusCode.OK));
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK),
            answer => Assert.Equal("configuration-item.most-sources", answer.Problem(409).Text("code")));
        var full = sources[Array.FindIndex(answers, answer => answer.Status == HttpStatusCode.OK)];
        Assert.Equal("configuration-item.most-targets", (await suite.RelateAsync(full, type, other)).Problem(409).Text("code"));
    }

    [Fact]
    public async Task Impact_spares_what_has_alternatives_and_says_by_which_path()
    {
        var (database, one, two) = (await suite.AddItemAsync("database"), await suite.AddItemAsync(), await suite.AddItemAsync());
        var (application, service) = (await suite.AddItemAsync("application"), await suite.AddItemAsync("it-service"));
        var secret = await suite.AddItemAsync("server", new { visibility = "restricted", visibleTo = new[] { "security" } });
        (await suite.PutAsync(Agent, $"configuration-items/{application.Id}/relations", new
        {
            relations = new object[]
            {
                new { type = "runs-on", target = one.Id, alternatives = "servers", needs = 1 },
                new { type = "runs-on", target = two.Id, alternatives = "servers", needs = 1 },
                new { type = "depends-on", target = database.Id },
            },
        })).Ok();
        (await suite.RelateAsync(service, "depends-on", application)).Ok();

        Assert.Equal([(application.Id, "affected", 1), (service.Id, "affected", 2)], await ImpactAsync(database));
        Assert.Equal([(application.Id, "atRisk", 1)], await ImpactAsync(one));
        Assert.Equal([(application.Id, "affected", 1), (service.Id, "affected", 2)], await ImpactAsync(one, $"?with={two.Id}"));
        Assert.Equal([(service.Id, "affected", 2)], await ImpactAsync(database, "?class=it-service"));
        foreach (var other in new[] { Guid.Empty.ToString(), secret.Id })
        {
            Assert.Equal("?with", (await suite.GetAsync(Agent, $"configuration-items/{one.Id}/impact?with={other}")).Problem(400)
                ["errors"]![0]!["pointer"]!.GetValue<string>());
        }

        var path = (await suite.GetAsync(Agent, $"configuration-items/{database.Id}/impact?class=it-service")).Ok()
            .Items[0]["path"]!.AsArray();
        Assert.Equal([(application.Id, database.Id), (service.Id, application.Id)],
            path.Select(link => (link!["source"]!["id"]!.GetValue<string>(), link["target"]!["id"]!.GetValue<string>())));

        var needs = (await suite.GetAsync(Agent, $"configuration-items/{service.Id}/requirements")).Ok();
        Assert.Equal((2, 2), (needs["counts"]!["needed"]!.GetValue<int>(), needs["counts"]!["alternative"]!.GetValue<int>()));
        var picture = (await suite.GetAsync(Agent, $"configuration-items/{service.Id}/surroundings?hops=2")).Ok();
        Assert.Equal((5, 4, false), (picture["items"]!.AsArray().Count, picture["relations"]!.AsArray().Count,
            picture["truncated"]!.GetValue<bool>()));

        // What an employee does not see is not walked through.
        (await suite.GetAsync(Employee, $"configuration-items/{database.Id}/impact")).Problem(404);
        Assert.Empty((await suite.GetAsync(Employee, $"configuration-items/{service.Id}/requirements")).Ok().Items);

        var pages = new List<string>();
        for (string? next = ""; next is not null;)
        {
            var page = (await suite.GetAsync(Agent, $"configuration-items/{service.Id}/requirements?limit=1{next}")).Ok();
            pages.AddRange(page.Items.Select(hit => hit["item"]!["id"]!.GetValue<string>()));
            next = page.TextOrNull("next") is { } after ? $"&after={after}" : null;
        }

        Assert.Equal(needs.Items.Select(hit => hit["item"]!["id"]!.GetValue<string>()), pages);
        foreach (var list in new[] { "requirements", "impact", "relations" })
        {
            Assert.Equal("?after", (await suite.GetAsync(Agent, $"configuration-items/{service.Id}/{list}?after=zzz"))
                .Problem(400)["errors"]![0]!.AsObject().Text("pointer"));
        }
    }

    [Fact]
    public async Task What_is_reached_through_a_hidden_item_alone_is_shown_to_those_who_see_that()
    {
        var (database, service) = (await suite.AddItemAsync("database"), await suite.AddItemAsync("it-service"));
        var hidden = await suite.AddItemAsync("application", new { visibility = "restricted", visibleTo = new[] { "security" } });
        (await suite.RelateAsync(hidden, "depends-on", database, person: Admin)).Ok();
        (await suite.RelateAsync(service, "depends-on", hidden, person: Admin)).Ok();
        foreach (var person in new[] { Admin, "analyst1" })
        {
            Assert.Equal([(hidden.Id, "affected", 1), (service.Id, "affected", 2)], await ImpactAsync(database, person: person));
            Assert.Equal(2, (await suite.GetAsync(person, $"configuration-items/{service.Id}/requirements")).Ok().Items.Count);
        }

        foreach (var (item, far) in new[] { (database, service), (service, database) })
        {
            foreach (var look in new[] { "impact", "requirements", "surroundings?hops=5", "relations" })
            {
                var answer = await suite.GetAsync(Agent, $"configuration-items/{item.Id}/{look}");
                answer.Ok();
                Assert.DoesNotContain(far.Id, answer.Text, StringComparison.Ordinal);
                Assert.DoesNotContain(hidden.Id, answer.Text, StringComparison.Ordinal);
            }
        }

        Assert.Empty((await suite.GetAsync(Agent, $"configuration-items/{database.Id}/impact")).Ok()["counts"]!.AsObject());
    }

    private async Task<List<(string, string, int)>> ImpactAsync(JsonObject item, string query = "", string person = Agent) =>
        [.. (await suite.GetAsync(person, $"configuration-items/{item.Id}/impact{query}")).Ok().Items.Select(hit =>
            (hit["item"]!["id"]!.GetValue<string>(), hit.Text("effect"), hit["hops"]!.GetValue<int>()))];

    private async Task<IReadOnlyList<JsonObject>> RelationsAsync(JsonObject item, string query = "", string person = Agent) =>
        (await suite.GetAsync(person, $"configuration-items/{item.Id}/relations{query}")).Ok().Items;
}
