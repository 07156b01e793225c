using System.Net;
using System.Text.Json.Nodes;
using Itsm.Assets.Domain;
using Itsm.Assets.Health;
using Itsm.Contracts.Assets;
using Itsm.Platform.Aggregates;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;
using static Itsm.Assets.Tests.Shortcuts;

namespace Itsm.Assets.Tests;

/// <summary>What is wrong with configuration items.</summary>
[Collection(OwnSuite.Name)]
public sealed class HealthTests(OwnSuite.Suite suite)
{
    private const string Path = "configuration-health";
    private static readonly object Kept = new { owner = "agent2", supportGroup = "network" };

    [Fact]
    public async Task What_is_missing_is_found_until_it_is_there()
    {
        var key = Fresh("printer");
        (await suite.PostAsync(Admin, "configuration-classes",
            new { key, name = "Printer", attributes = new { properties = new { model = new { type = "string" } } } })).Ok();
        var (printer, service) = (await suite.AddItemAsync(key), await suite.AddServiceAsync());
        var planned = await suite.AddItemAsync("server", new { planned = true, owner = "agent2", supportGroup = "network" });
        (await suite.PatchAsync(Admin, $"configuration-classes/{key}", new
        {
            attributes = new { properties = new { model = new { type = "string" } }, required = new[] { "model" } },
        }, "*")).Ok();
        await RunAsync();
        Assert.Equal(["incomplete", "orphan"], await ChecksAsync(printer));
        Assert.Equal(["incomplete", "ownerlessService"], await ChecksAsync(service));
        Assert.Empty(await ChecksAsync(planned));
        var found = (await FindingsAsync($"item={printer.Id}&check=incomplete&class={key}&count=true"))[0];
        Assert.Equal(("Missing: attributes.model, owner, supportGroup.", printer.Text("number"), printer.Text("name"),
            $"/api/v1/configuration-items/{printer.Id}"),
            (found["detail"]!.AsObject().Text("text"), found.Text("number"), found.Text("name"), found.Text("href")));
        using var german = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/{Path}/findings?item={printer.Id}");
        german.Headers.AcceptLanguage.ParseAdd("de");
        Assert.Contains("Es fehlt: attributes.model", await (await suite.As(Agent).SendAsync(german)).Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
        Assert.Equal((1, 0, 2), await FiguresAsync());

        (await suite.PatchAsync(Agent, $"configuration-items/{printer.Id}",
            new { owner = "agent2", supportGroup = "network", attributes = new { model = "M 4" } }, "*")).Ok();
        (await suite.PatchAsync(Agent, $"configuration-items/{service.Id}",
            new { owner = "agent2", supportGroup = "network", criticality = 2 }, "*")).Ok();
        (await suite.RelateAsync(service, "depends-on", printer)).Ok();
        await RunAsync();
        Assert.Empty(await ChecksAsync(printer));
        Assert.Empty(await ChecksAsync(service));
        Assert.Equal((1, 100, 0), await FiguresAsync());

        async Task<(int, int, int)> FiguresAsync()
        {
            var of = (await suite.GetAsync(Admin, Path)).Ok()["classes"]!.AsArray().Single(one => one!.AsObject().Text("class") == key)!;
            return (of["items"]!.GetValue<int>(), of["completeness"]!.GetValue<int>(),
                of["findings"]!.AsObject().Sum(check => check.Value!.GetValue<int>()));
        }
    }

    [Fact]
    public async Task Duplicates_are_found_as_a_group_until_they_differ_and_only_by_who_sees_them_all()
    {
        var host = Fresh("twin");
        var attributes = new { hostname = host };
        var (one, two) = (await suite.AddItemAsync("server", new { attributes }), await suite.AddItemAsync("server", new { attributes }));
        var elsewhere = await suite.AddItemAsync("virtual-machine", new { attributes });
        await RunAsync();
        var group = Assert.Single(await FindingsAsync($"item={one.Id}&check=duplicate")).Text("group");
        Assert.Equal([one.Text("number"), two.Text("number")],
            (await FindingsAsync($"check=duplicate&group={group}")).Select(found => found.Text("number")));
        Assert.DoesNotContain("duplicate", await ChecksAsync(elsewhere));

        (await suite.PatchAsync(Admin, $"configuration-items/{two.Id}",
            new { visibility = "restricted", visibleTo = new[] { "security" } }, "*")).Ok();
        await RunAsync();
        Assert.Empty(await ChecksAsync(two));
        Assert.DoesNotContain("duplicate", await ChecksAsync(one));
        Assert.Equal(2, (await FindingsAsync($"check=duplicate&group={group}", Admin)).Count);
        Assert.Contains("orphan", await ChecksAsync(two, "analyst1"));

        (await suite.PatchAsync(Admin, $"configuration-items/{two.Id}", new { attributes = new { hostname = host + "-2" } }, "*")).Ok();
        await RunAsync();
        Assert.Empty(await FindingsAsync($"check=duplicate&group={group}", Admin));
    }

    [Fact]
    public async Task What_sources_no_longer_report_is_stale_until_they_do()
    {
        var (host, by) = (Fresh("seen"), await suite.AddItemAsync("server", Kept));
        var reported = new { @class = "server", name = host, attributes = new { hostname = host } };
        var report = new { source = "discovery", items = new[] { reported } };
        var id = (await suite.PostAsync(Admin, "configuration-items/reports", report)).Ok()
            ["items"]![0]!["item"]!["id"]!.GetValue<string>();
        suite.Clock.Advance(TimeSpan.FromDays(29));
        await RunAsync();
        Assert.Empty(await FindingsAsync($"item={id}&check=stale"));
        suite.Clock.Advance(TimeSpan.FromDays(2));
        await RunAsync();
        Assert.Single(await FindingsAsync($"item={id}&check=stale"));
        Assert.DoesNotContain("stale", await ChecksAsync(by));
        (await suite.PostAsync(Admin, "configuration-items/reports", report)).Ok();
        await RunAsync();
        Assert.Empty(await FindingsAsync($"item={id}&check=stale"));
    }

    [Fact]
    public async Task Relations_that_break_a_rule_are_found_until_they_are_mended()
    {
        var (server, other, gone) = (await suite.AddItemAsync(), await suite.AddItemAsync(), await suite.AddItemAsync());
        var application = await suite.AddItemAsync("application", Kept);
        var type = await suite.AddTypeAsync();
        (await suite.PutAsync(Agent, $"configuration-items/{application.Id}/relations", new
        {
            relations = new[] { server, other, gone }.Select(
                target => new { type, target = target.Id, alternatives = "web", needs = 3 }),
        })).Ok();
        (await suite.RelateAsync(other, type, server)).Ok();
        await RunAsync();
        Assert.Empty(await ChecksAsync(application));
        await suite.ActAsync(Agent, $"configuration-items/{gone.Id}/retire", new { reason = "Sold." });
        (await suite.PatchAsync(Admin, $"relation-types/{type}", new
        {
            sourceClasses = new[] { "database" }, targetClasses = new[] { "application" }, mostTargets = 1, mostSources = 1,
        }, "*")).Ok();
        await RunAsync();
        var number = application.Text("number");
        var from = $"Relations of type {type} lead from: database; {number} is of the class application.";
        Assert.Equal(
            new[]
            {
                $"{gone.Text("number")} is retired.", $"{number} has 3 relations of type {type}; at most 1 are allowed.",
                "Of \"web\" 3 must work, and 2 are left.",
            }.Concat([from, from, from]).Concat(new[] { server, other, gone }.Select(target =>
                $"Relations of type {type} lead to: application; {target.Text("number")} is of the class server."))
                .Order(StringComparer.Ordinal),
            await DetailsAsync(application));
        Assert.Contains($"2 relations of type {type} lead to {server.Text("number")}; at most 1 are allowed.", await DetailsAsync(server));
        Assert.Empty(await ChecksAsync(gone));

        (await suite.PatchAsync(Admin, $"relation-types/{type}", new
        {
            sourceClasses = (string[]?)null, targetClasses = (string[]?)null, mostTargets = (int?)null, mostSources = (int?)null,
        }, "*")).Ok();
        await suite.ActAsync(Agent, $"configuration-items/{gone.Id}/reinstate", new { reason = "It came back." });
        await RunAsync();
        Assert.Empty(await ChecksAsync(application));
        Assert.Empty(await DetailsAsync(server));
    }

    [Fact]
    public async Task A_cycle_that_was_stored_all_the_same_is_found_by_who_sees_all_of_it()
    {
        var type = await suite.AddTypeAsync(new { acyclic = true });
        var (one, two, before) = (await suite.AddItemAsync(), await suite.AddItemAsync(), await suite.AddItemAsync());
        var hidden = await suite.AddItemAsync("server", new { visibility = "restricted", visibleTo = new[] { "security" } });
        foreach (var (source, target) in new[] { (before, one), (one, two), (two, hidden), (hidden, one) })
        {
            var store = suite.Modules.GetRequiredService<AggregateStore<ConfigurationItem>>();
            var audit = AuditContext.OfService("assets", "relate", suite.Clock);
            await store.UpdateAsync(Guid.Parse(source.Id), audit, item => item.Relate(
                [new(type, RelationImpact.OnSource, Guid.Parse(target.Id), null, null, audit.By, audit.At)], audit), default);
        }

        await RunAsync();
        foreach (var item in new[] { one, two, hidden })
        {
            Assert.Equal([$"{item.Text("number")} leads back to itself by relations of type {type}."], await DetailsAsync(item, Admin));
            Assert.Empty(await DetailsAsync(item));
        }

        Assert.Empty(await DetailsAsync(before, Admin));
        (await suite.PutAsync(Admin, $"configuration-items/{hidden.Id}/relations", new { relations = Array.Empty<object>() })).Ok();
        await RunAsync();
        Assert.Empty(await DetailsAsync(one, Admin));
    }

    [Fact]
    public async Task Findings_of_what_a_service_needs_can_be_listed_and_are_counted()
    {
        var (service, server, secret) = (await suite.AddServiceAsync(new { criticality = 2 }), await suite.AddItemAsync(), await suite.AddItemAsync("server",
            new { visibility = "restricted", visibleTo = new[] { "security" } }));
        (await suite.RelateAsync(service, "depends-on", server)).Ok();
        (await suite.RelateAsync(server, "depends-on", secret, person: Admin)).Ok();
        await RunAsync();
        Assert.Equal([server.Id, service.Id, service.Id], await ItemsAsync(Agent));
        Assert.Equal([server.Id, secret.Id, service.Id, service.Id], await ItemsAsync(Admin));
        var of = (await suite.GetAsync(Admin, Path)).Ok()["services"]!.AsArray()
            .Single(one => one!["id"]!.GetValue<string>() == service.Id)!;
        Assert.Equal((3, 4), (of["items"]!.GetValue<int>(), of["findings"]!.GetValue<int>()));
        Assert.Equal((3, 1), (of["byCheck"]!["incomplete"]!.GetValue<int>(), of["byCheck"]!["ownerlessService"]!.GetValue<int>()));

        // Of a service criticality, too, is required; it alone is there.
        Assert.Equal(100 / 7, of["completeness"]!.GetValue<int>());
        Assert.Equal("?service", (await suite.GetAsync(Agent, $"{Path}/findings?service={server.Id}")).Problem(400)
            ["errors"]![0]!["pointer"]!.GetValue<string>());

        async Task<IEnumerable<string>> ItemsAsync(string person) =>
            (await FindingsAsync($"service={service.Text("key")}", person)).Select(found => found.Text("item"))
            .OrderBy(id => id == service.Id ? 2 : id == secret.Id ? 1 : 0);
    }

    [Fact]
    public async Task Of_two_runs_at_once_the_later_counts_and_nothing_of_the_other_stays()
    {
        var run = suite.Modules.GetRequiredService<RunHealth>();
        var items = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => suite.AddItemAsync()));
        for (var round = 0; round < 5; round++)
        {
            await Task.WhenAll([
                .. Enumerable.Range(0, 3).Select(_ => run.RunAsync(ConfigurationHealth.TheOne, default)),
                .. items.Skip(round * 4).Take(4).Select(item => suite.PatchAsync(Agent, $"configuration-items/{item.Id}", Kept, "*")),
            ]);
        }

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => run.RunAsync(ConfigurationHealth.TheOne, default)));
        foreach (var item in items)
        {
            Assert.Equal(["orphan"], await ChecksAsync(item));
        }

        // As often as every 6 hours it begins by itself.
        var started = (await suite.GetAsync(Admin, Path)).Ok().Text("startedAt");
        suite.Clock.Advance(TimeSpan.FromHours(7));
        await suite.UntilAsync(Admin, Path, one => one.Text("startedAt") != started);
    }

    [Fact]
    public async Task What_may_not_be_seen_any_more_is_hidden_before_the_next_run()
    {
        var attributes = new { hostname = Fresh("twin") };
        var (one, two) = (await suite.AddItemAsync("server", new { attributes }), await suite.AddItemAsync("server", new { attributes }));
        var sold = await suite.AddItemAsync();
        await RunAsync();
        Assert.Equal(["duplicate", "incomplete", "orphan"], await ChecksAsync(one));
        (await suite.PatchAsync(Agent, $"configuration-items/{one.Id}", new { owner = "agent2" }, "*")).Ok();
        (await suite.PatchAsync(Admin, $"configuration-items/{two.Id}",
            new { visibility = "restricted", visibleTo = new[] { "security" } }, "*")).Ok();
        await suite.ActAsync(Agent, $"configuration-items/{sold.Id}/retire", new { reason = "Sold." });
        await UntilAsync(one, ["incomplete", "orphan"]);
        await UntilAsync(two, []);
        await UntilAsync(sold, []);
        await RunAsync();
        Assert.Equal(["duplicate", "incomplete", "orphan"], await ChecksAsync(one, Admin));
        Assert.Equal(["incomplete", "orphan"], await ChecksAsync(two, "analyst1"));

        async Task UntilAsync(JsonObject item, string[] checks) =>
            await RunningSuite.UntilAsync(() => ChecksAsync(item), found => found.SequenceEqual(checks), "The findings");
    }

    [Fact]
    public async Task What_a_run_wrote_that_died_is_removed_by_the_next()
    {
        var item = await suite.AddItemAsync();
        var died = await suite.Modules.GetRequiredService<AggregateStore<ConfigurationHealth>>().UpdateAsync(
            ConfigurationHealth.TheOne, AuditContext.OfService("assets", "begin", suite.Clock), one => one.Begin(), default);
        var stored = await suite.Modules.GetRequiredService<AggregateStore<ConfigurationItem>>().FindAsync(Guid.Parse(item.Id), default);
        var found = new Found(HealthCheck.Stale, $"Nobody answers for {stored!.Number}.", stored.Readers);
        await suite.Modules.GetRequiredService<Projection<HealthFinding>>().UpsertAsync(
            [HealthFinding.Of(died!.Run, stored, found)], default);
        Assert.Equal(["stale"], await ChecksAsync(item));
        await RunAsync();
        Assert.Equal(["incomplete", "orphan"], await ChecksAsync(item));
    }

    [Fact]
    public async Task Figures_are_for_administrators_and_findings_for_those_who_work_on_tickets()
    {
        (await suite.GetAsync(Agent, Path)).Problem(403);
        (await suite.GetAsync(Employee, $"{Path}/findings")).Problem(403);
        (await suite.PostAsync(Employee, $"{Path}/runs", new { })).Problem(403);
        Assert.Equal(HttpStatusCode.OK, (await suite.GetAsync("analyst1", $"{Path}/findings?check=orphan,stale&sort=-number")).Status);
        (await suite.GetAsync(Agent, $"{Path}/findings?check=ugly")).Problem(400);
    }

    private async Task RunAsync()
    {
        var asked = (await suite.PostAsync(Agent, $"{Path}/runs", new { })).Ok()["askedAt"]!.GetValue<DateTimeOffset>();
        await suite.UntilAsync(Admin, Path, one => one["startedAt"]?.GetValue<DateTimeOffset>() >= asked);
    }

    private async Task<IEnumerable<string>> ChecksAsync(JsonObject item, string person = Agent) =>
        (await FindingsAsync($"item={item.Id}", person)).Select(found => found.Text("check")).Order(StringComparer.Ordinal);

    private async Task<IEnumerable<string>> DetailsAsync(JsonObject item, string person = Agent) =>
        (await FindingsAsync($"item={item.Id}&check=ruleBroken", person)).Select(found => found["detail"]!.AsObject().Text("text"))
        .Order(StringComparer.Ordinal);

    private async Task<IReadOnlyList<JsonObject>> FindingsAsync(string query, string person = Agent) =>
        (await suite.GetAsync(person, $"{Path}/findings?limit=200&{query}")).Ok().Items;
}
