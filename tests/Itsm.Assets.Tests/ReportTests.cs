using System.Net;
using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Assets.Tests.Shortcuts;

namespace Itsm.Assets.Tests;

/// <summary>What sources say of configuration items.</summary>
public sealed class ReportTests(AssetSuite suite)
{
    private const string Discovery = "discovery";

    [Fact]
    public async Task A_report_adds_recognises_and_changes_and_again_changes_nothing()
    {
        var (host, external) = (Fresh("host"), Fresh("vm"));
        var report = new
        {
            source = Discovery,
            items = new[]
            {
                new { externalId = external, @class = "virtual-machine", name = host, attributes = new { hostname = host, cores = 4 } },
            },
        };
        var result = One(await ReportAsync(report));
        Assert.Equal("created", result.Text("outcome"));
        var id = result["item"]!["id"]!.GetValue<string>();
        var version = (await ItemAsync(id))["version"]!.GetValue<int>();
        Assert.Equal("unchanged", One(await ReportAsync(report)).Text("outcome"));
        Assert.Equal(version, (await ItemAsync(id))["version"]!.GetValue<int>());

        // By its host name, which the class is recognised by, though another source calls it otherwise.
        var other = One(await ReportAsync(new
        {
            source = "import",
            items = new[] { new { externalId = "row-1-" + host, @class = "virtual-machine", attributes = new { hostname = $" {host.ToUpperInvariant()} ", memory = 8 } } },
        }));
        Assert.Equal((id, "updated"), (other["item"]!["id"]!.GetValue<string>(), other.Text("outcome")));
        Assert.Equal(["attributes", "sources"], Fields(other).Distinct().Order());
        var item = await ItemAsync(id);
        Assert.Equal((4, 8), (item["attributes"]!["cores"]!.GetValue<int>(), item["attributes"]!["memory"]!.GetValue<int>()));
        Assert.Equal([(Discovery, external), ("import", "row-1-" + host)],
            item["seenBy"]!.AsArray().Select(sight => (sight!.AsObject().Text("source"), sight.AsObject().Text("externalId"))));
        Assert.Equal(["report", "report"], (await suite.GetAsync(Agent, $"configuration-items/{id}/history")).Ok().Items
            .Select(entry => entry.Text("action")));
    }

    [Fact]
    public async Task Whose_word_counts_says_the_class_and_people_keep_the_name_that_they_gave()
    {
        var item = await suite.AddItemAsync("server", new { attributes = new { hostname = Fresh("srv"), cores = 8 } });
        var host = item["attributes"]!["hostname"]!.GetValue<string>();
        var result = One(await ReportAsync(Discovery, new
        {
            @class = "server", name = "found-1", site = "berlin", attributes = new { hostname = host, cores = 16, address = "10.0.0.7" },
        }));
        Assert.Equal("updated", result.Text("outcome"));
        var now = await ItemAsync(item.Id);
        Assert.Equal((item.Text("name"), "berlin", 8, "10.0.0.7"), (now.Text("name"), now.Text("site"),
            now["attributes"]!["cores"]!.GetValue<int>(), now["attributes"]!["address"]!.GetValue<string>()));
        Assert.Equal(["/name", "/site", "address", "cores", "hostname"], now["sources"]!.AsArray()
            .Where(word => word!.AsObject().Text("source") == Discovery).Select(word => word!.AsObject().Text("attribute")).Order());

        // What a source had itself said it may change.
        await ReportAsync(Discovery, new { @class = "server", site = "lisbon", attributes = new { hostname = host } });
        Assert.Equal("lisbon", (await ItemAsync(item.Id)).Text("site"));
        (await suite.PatchAsync(Agent, $"configuration-items/{item.Id}", new { site = "berlin" }, "*")).Ok();
        await ReportAsync(Discovery, new { @class = "server", site = "remote", attributes = new { hostname = host } });
        Assert.Equal("berlin", (await ItemAsync(item.Id)).Text("site"));
    }

    [Fact]
    public async Task Each_item_stands_or_falls_alone_and_what_is_wrong_is_named()
    {
        var (taken, twin) = (await suite.AddItemAsync("application"), Fresh("twin"));
        await suite.AddItemAsync("application", new { name = twin });
        await suite.AddItemAsync("application", new { name = twin });
        var gone = await suite.AddItemAsync("application");
        await suite.ActAsync(Agent, $"configuration-items/{gone.Id}/retire", new { reason = "Sold." });
        var secret = await suite.AddItemAsync("application", new { visibility = "restricted", visibleTo = new[] { "security" } });
        var good = Fresh("good");
        var items = new (object Item, string? Code, string? Pointer)[]
        {
            (new { @class = "spaceship", name = "x1" }, "invalid-request", "/class"),
            (new { @class = "server", attributes = new { hostname = Fresh("h") } }, "invalid-request", "/name"),
            (new { @class = "server", name = "x", key = "CI1" }, "invalid-request", "/name"),
            (new { @class = "server", name = Fresh("n") }, "invalid-request", "/externalId"),
            (new { @class = "server", externalId = Fresh("x"), name = Fresh("n"), attributes = new { cores = "many", color = "red" } },
                "invalid-request", "/attributes/cores"),
            (new { @class = "server", name = Fresh("n"), owner = "nobody" }, "invalid-request", "/owner"),
            (new { @class = "server", name = Fresh("n"), site = "atlantis" }, "invalid-request", "/site"),
            (new { @class = "application", name = twin }, "configuration-item.ambiguous", null),
            (new { @class = "application", name = gone.Text("name") }, "configuration-item.retired", null),
            (new { @class = "server", name = "x1", key = await KeyedAsync() }, "invalid-request", "/class"),
            (new { @class = "application", name = good }, null, null),
        };
        var results = (await ReportAsync(new { source = Discovery, items = items.Select(one => one.Item) }))["items"]!.AsArray();
        foreach (var ((_, code, pointer), result) in items.Zip(results))
        {
            Assert.Equal((code is null ? "created" : "refused", code), (result!.AsObject().Text("outcome"), result.AsObject().TextOrNull("code")));
            Assert.Equal(pointer, result["errors"]!.AsArray().Select(error => error!["pointer"]!.GetValue<string>()).FirstOrDefault());
            Assert.Equal(code is null, result.AsObject().TextOrNull("reason") is null);
        }

        Assert.Single((await suite.GetAsync(Agent, $"configuration-items?name={good}")).Ok().Items);
        Assert.NotNull(taken);

        // Whoever does not see an item does not change it either.
        (await suite.PostAsync(Agent, "configuration-items/reports", new { source = Discovery, items = new[] { items[^1].Item } })).Problem(403);
        Assert.NotNull(secret);
        foreach (var (body, pointer) in new (object, string)[]
        {
            (new { source = "person", items = new[] { items[^1].Item } }, "/source"), (new { source = Discovery, items = Array.Empty<object>() }, "/items"),
        })
        {
            Assert.Equal(pointer, (await suite.PostAsync(Admin, "configuration-items/reports", body)).Problem(400)["errors"]![0]!["pointer"]!
                .GetValue<string>());
        }
    }

    [Fact]
    public async Task A_preview_says_what_would_happen_and_changes_nothing()
    {
        var item = await suite.AddItemAsync("server", new { attributes = new { hostname = Fresh("srv") } });
        var (host, name) = (item["attributes"]!["hostname"]!.GetValue<string>(), Fresh("new"));
        var previewed = await ReportAsync(new
        {
            source = Discovery, preview = true,
            items = new object[]
            {
                new { @class = "server", attributes = new { hostname = host, cores = 4 } }, new { @class = "application", name },
                new { @class = "server", attributes = new { hostname = host } },
            },
        });
        Assert.Equal(["updated", "created", "updated"], previewed["items"]!.AsArray().Select(one => one!.AsObject().Text("outcome")));
        Assert.Equal((2, 1), (previewed["counts"]!["updated"]!.GetValue<int>(), previewed["counts"]!["created"]!.GetValue<int>()));
        Assert.Contains("attributes", Fields(previewed["items"]![0]!.AsObject()));
        Assert.Equal(1, (await ItemAsync(item.Id))["version"]!.GetValue<int>());
        Assert.Empty((await suite.GetAsync(Agent, $"configuration-items?name={name}")).Ok().Items);
    }

    [Fact]
    public async Task Relations_lead_to_what_stands_further_down_and_end_when_the_source_knows_them_no_more()
    {
        var (application, machine, host) = (Fresh("app"), Fresh("vm"), Fresh("host"));
        object[] Items(params object[] relations) =>
        [
            new { externalId = application, @class = "application", name = application, relations },
            new
            {
                externalId = machine, @class = "virtual-machine", name = machine,
                relations = new[] { new { type = "runs-on", externalId = host } },
            },
            new { externalId = host, @class = "server", name = host },
        ];
        var added = (await ReportAsync(new { source = Discovery, items = Items(new { type = "runs-on", externalId = machine }) }))["items"]!.AsArray();
        Assert.All(added, one => Assert.Equal("created", one!.AsObject().Text("outcome")));
        var (first, last) = (added[0]!["item"]!["id"]!.GetValue<string>(), added[2]!["item"]!["id"]!.GetValue<string>());
        Assert.Equal(2, (await suite.GetAsync(Agent, $"configuration-items/{last}/impact")).Ok().Items.Count);
        var version = (await ItemAsync(first))["version"]!.GetValue<int>();
        Assert.Equal(["unchanged", "unchanged", "unchanged"],
            (await ReportAsync(new { source = Discovery, items = Items(new { type = "runs-on", externalId = machine }) }))["items"]!.AsArray()
            .Select(one => one!.AsObject().Text("outcome")));
        Assert.Equal(version, (await ItemAsync(first))["version"]!.GetValue<int>());

        // A cycle, and an unknown end: what the items are is taken in, their relations are not.
        var wrong = (await ReportAsync(new
        {
            source = Discovery,
            items = new[]
            {
                new { externalId = host, @class = "virtual-machine", relations = new[] { new { type = "depends-on", externalId = "nowhere" } } },
                new { externalId = machine, @class = "virtual-machine", relations = new[] { new { type = "runs-on", externalId = machine } } },
            },
        }))["items"]!.AsArray();
        Assert.Equal(["refused", "incomplete"], wrong.Select(one => one!.AsObject().Text("outcome")));

        // By hand made ones stay.
        var database = await suite.AddItemAsync("database");
        (await suite.PostAsync(Agent, $"configuration-items/{first}/relations", new { type = "depends-on", target = database.Id }, "*")).Ok();
        var changed = (await ReportAsync(new { source = Discovery, items = Items() }))["items"]!.AsArray();
        Assert.Equal("updated", changed[0]!.AsObject().Text("outcome"));
        Assert.Equal(["depends-on"], (await suite.GetAsync(Agent, $"configuration-items/{first}/relations?direction=out")).Ok().Items
            .Select(link => link.Text("type")));
    }

    [Fact]
    public async Task Of_many_reports_of_one_thing_at_once_one_adds_it()
    {
        var host = Fresh("host");
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => ReportAsync("source-" + (char)('a' + number), new
        {
            externalId = "x" + number, @class = "server", name = host, attributes = new { hostname = host, cores = number },
        })));
        Assert.Equal(1, results.Count(result => One(result).Text("outcome") == "created"));
        Assert.Single(results.Select(result => One(result)["item"]!["id"]!.GetValue<string>()).Distinct());
        Assert.Equal(20, (await ItemAsync(One(results[0])["item"]!["id"]!.GetValue<string>()))["seenBy"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_duplicate_is_merged_and_the_other_takes_over_what_it_has()
    {
        var (service, host) = (await suite.AddItemAsync("it-service"), await suite.AddItemAsync());
        var stays = await suite.AddItemAsync("virtual-machine", new { attributes = new { hostname = Fresh("vm") } });
        var external = Fresh("ext");
        var twin = One(await ReportAsync(Discovery, new
        {
            externalId = external, @class = "virtual-machine", name = "Twin", site = "berlin", attributes = new { cores = 2 },
            relations = new[] { new { type = "runs-on", target = host.Id } },
        }))["item"]!["id"]!.GetValue<string>();
        (await suite.PostAsync(Agent, $"configuration-items/{service.Id}/relations", new { type = "depends-on", target = twin }, "*")).Ok();
        var merged = (await suite.PostAsync(Agent, $"configuration-items/{twin}/merge",
            new { into = stays.Text("number"), reason = "The same machine." }, "*")).Ok();
        Assert.Equal(("retired", stays.Id), (merged.Text("state"), merged.Text("mergedInto")));
        var now = await suite.UntilAsync(Agent, $"configuration-items/{stays.Id}", item => item["mergedFrom"]!.AsArray().Count == 1);
        Assert.Equal((2, "berlin", stays.Text("name")),
            (now["attributes"]!["cores"]!.GetValue<int>(), now.Text("site"), now.Text("name")));
        await suite.UntilAsync(Agent, $"configuration-items/{host.Id}/impact",
            walk => walk.Items.Select(hit => hit["item"]!["id"]!.GetValue<string>()).Order().SequenceEqual(new[] { service.Id, stays.Id }.Order()));

        // The source knows it as the one that stays; nothing revives what was merged.
        var again = One(await ReportAsync(Discovery, new { externalId = external, @class = "virtual-machine", attributes = new { cores = 4 } }));
        Assert.Equal((stays.Id, "updated"), (again["item"]!["id"]!.GetValue<string>(), again.Text("outcome")));
        Assert.Equal("configuration-item.merged", (await suite.PostAsync(Agent, $"configuration-items/{twin}/reinstate",
            new { reason = "No." }, "*")).Problem(409).Text("code"));
        Assert.Equal(["merge", "report"], (await suite.GetAsync(Agent, $"configuration-items/{twin}/history")).Ok().Items
            .Select(entry => entry.Text("action")).Where(action => action != "relate").Distinct());
    }

    [Fact]
    public async Task Both_of_a_merge_keep_their_histories()
    {
        var (merged, stays) = (await suite.AddItemAsync(), await suite.AddItemAsync());
        foreach (var item in new[] { merged, stays })
        {
            (await suite.PatchAsync(Agent, $"configuration-items/{item.Id}", new { name = "Renamed" }, "*")).Ok();
        }

        await suite.ActAsync(Agent, $"configuration-items/{merged.Id}/merge", new { into = stays.Id, reason = "The same machine." });
        await suite.UntilAsync(Agent, $"configuration-items/{stays.Id}", item => item["mergedFrom"]!.AsArray().Count == 1);
        foreach (var (item, reason) in new[] { (merged, "The same machine."), (stays, $"{merged.Text("number")} was merged.") })
        {
            var history = (await suite.GetAsync(Agent, $"configuration-items/{item.Id}/history")).Ok().Items;
            Assert.Equal(["merge", "update", "create"], history.Select(entry => entry.Text("action")).Distinct());
            Assert.Contains(history, entry => entry.TextOrNull("reason") == reason);
            var change = Assert.Single(history.Single(entry => entry.Text("action") == "update")["changes"]!.AsArray())!;
            Assert.Equal(("name", item.Text("name"), "Renamed"), (change["field"]!.GetValue<string>(), change["from"]!.GetValue<string>(),
                change["to"]!.GetValue<string>()));
            Assert.True((await suite.GetAsync(Agent, $"configuration-items/{item.Id}/history/verification")).Ok()["valid"]!
                .GetValue<bool>());
        }
    }

    [Fact]
    public async Task What_a_source_knew_twice_does_not_come_back_and_does_not_flap()
    {
        var (host, other, first, second) = (await suite.AddItemAsync(), await suite.AddItemAsync(), Fresh("ext"), Fresh("ext"));
        var (old, now) = (Fresh("old"), Fresh("now"));
        object Item(string? external, string name, JsonObject on) => new
        {
            externalId = external, @class = "virtual-machine", name, attributes = new { hostname = name },
            relations = new[] { new { type = "runs-on", target = on.Id } },
        };
        var report = new { source = Discovery, items = new[] { Item(first, old, host), Item(second, now, other) } };
        var added = (await ReportAsync(report))["items"]!.AsArray().Select(one => one!["item"]!["id"]!.GetValue<string>()).ToList();
        (await suite.PostAsync(Agent, $"configuration-items/{added[0]}/merge", new { into = added[1], reason = "Same." }, "*")).Ok();
        await suite.UntilAsync(Agent, $"configuration-items/{added[1]}/relations?direction=out", links => links.Items.Count == 2);
        await ReportAsync(report);
        var version = (await ItemAsync(added[1]))["version"]!.GetValue<int>();
        foreach (var again in new object[] { report, new { source = Discovery, items = new[] { Item(null, old, host) } }, report })
        {
            Assert.All((await ReportAsync(again))["items"]!.AsArray(), one => Assert.Equal(added[1], one!["item"]!["id"]!.GetValue<string>()));
        }

        Assert.Equal(2, (await suite.GetAsync(Agent, $"configuration-items/{added[1]}/relations?direction=out")).Ok().Items.Count);
        Assert.InRange((await ItemAsync(added[1]))["version"]!.GetValue<int>(), version, version + 1);
    }

    [Fact]
    public async Task Of_two_that_are_merged_into_each_other_at_once_one_stays_and_a_chain_ends_at_its_last()
    {
        var items = new List<JsonObject>();
        for (var number = 0; number < 3; number++)
        {
            items.Add(await suite.AddItemAsync("database", new { attributes = new { engine = "e" + number } }));
        }

        var server = await suite.AddItemAsync("application");
        (await suite.RelateAsync(server, "depends-on", items[0])).Ok();
        var answers = await Task.WhenAll(new[] { (0, 1), (1, 0) }.Select(pair => suite.PostAsync(Agent,
            $"configuration-items/{items[pair.Item1].Id}/merge", new { into = items[pair.Item2].Id, reason = "Same." }, "*")));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], answers.Select(answer => answer.Status).Order());
        var stays = items[answers[0].Status == HttpStatusCode.OK ? 1 : 0];
        (await suite.PostAsync(Agent, $"configuration-items/{stays.Id}/merge", new { into = items[2].Id, reason = "Same." }, "*")).Ok();
        var last = await suite.UntilAsync(Agent, $"configuration-items/{items[2].Id}", item => item["mergedFrom"]!.AsArray().Count == 2);
        Assert.Equal(items.Take(2).Select(item => item.Text("number")).Order(),
            last["mergedFrom"]!.AsArray().Select(one => one!["number"]!.GetValue<string>()).Order());
        await suite.UntilAsync(Agent, $"configuration-items/{server.Id}/relations?direction=out",
            links => links.Items.Count == 1 && links.Items[0]["target"]!["id"]!.GetValue<string>() == items[2].Id);
    }

    [Fact]
    public async Task Other_rules_of_a_class_recognise_what_is_there_already()
    {
        var (key, model) = (Fresh("printer"), Fresh("model"));
        var attributes = new { properties = new { model = new { type = "string" }, tags = new { type = "array", items = new { type = "string" } } } };
        (await suite.PostAsync(Admin, "configuration-classes", new { key, name = "Printer", attributes })).Ok();
        var item = await suite.AddItemAsync(key, new { attributes = new { model, tags = new[] { "a", "b" } } });
        object report = new { source = Discovery, items = new[] { new { @class = key, name = "Found", attributes = new { model, tags = new[] { "a", "b" } } } } };
        Assert.Equal("refused", One(await ReportAsync(report)).Text("outcome"));
        (await suite.PatchAsync(Admin, $"configuration-classes/{key}", new { matchBy = new[] { "model+tags" } }, "*")).Ok();
        Assert.Equal("/matchBy/0", (await suite.PatchAsync(Admin, $"configuration-classes/{key}", new { matchBy = new[] { "color" } }, "*"))
            .Problem(400)["errors"]![0]!["pointer"]!.GetValue<string>());
        await suite.UntilAsync(Admin, $"configuration-items/{item.Id}/history", history => history.Items[0].Text("action") == "identify");
        Assert.Equal(item.Id, One(await ReportAsync(report))["item"]!["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_can_not_be_the_same_is_not_merged()
    {
        var (one, other) = (await suite.AddItemAsync("virtual-machine"), await suite.AddItemAsync("virtual-machine"));
        var between = await suite.AddItemAsync("virtual-machine");
        (await suite.RelateAsync(one, "runs-on", between)).Ok();
        (await suite.RelateAsync(between, "runs-on", other)).Ok();
        var secret = await suite.AddItemAsync("virtual-machine", new { visibility = "restricted", visibleTo = new[] { "service-desk" } });
        foreach (var (item, into, status, code) in new[]
        {
            (one, one, HttpStatusCode.BadRequest, "invalid-request"), (one, await suite.AddItemAsync(), HttpStatusCode.BadRequest, "invalid-request"),
            (one, other, HttpStatusCode.Conflict, "configuration-item.cycle"),
            (other, one, HttpStatusCode.Conflict, "configuration-item.cycle"),
            (secret, one, HttpStatusCode.Conflict, "configuration-item.wider-visibility"),
        })
        {
            var problem = (await suite.PostAsync(Admin, $"configuration-items/{item.Id}/merge", new { into = into.Id, reason = "Same." }, "*"))
                .Problem((int)status);
            Assert.Equal(code, problem.TextOrNull("code") ?? "invalid-request");
        }

        (await suite.PostAsync(Employee, $"configuration-items/{one.Id}/merge", new { into = other.Id, reason = "Same." }, "*")).Problem(403);
        Assert.Equal("inUse", (await ItemAsync(one.Id)).Text("state"));
    }

    private async Task<string> KeyedAsync()
    {
        var key = Fresh("keyed");
        await suite.AddItemAsync("database", new { key });
        return key;
    }

    private async Task<JsonObject> ReportAsync(object report) =>
        (await suite.PostAsync(Admin, "configuration-items/reports", report)).Ok();

    private Task<JsonObject> ReportAsync(string source, object item) => ReportAsync(new { source, items = new[] { item } });

    private async Task<JsonObject> ItemAsync(string id) => (await suite.GetAsync(Admin, $"configuration-items/{id}")).Ok();

    private static JsonObject One(JsonObject answer) => Assert.Single(answer["items"]!.AsArray())!.AsObject();

    private static IEnumerable<string> Fields(JsonObject result) =>
        result["changes"]!.AsArray().Select(change => change!["field"]!.GetValue<string>());
}
