using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Assets.Tests.Shortcuts;

namespace Itsm.Assets.Tests;

/// <summary>The graph as of an instant.</summary>
[Collection(OwnSuite.Name)]
public sealed class PastGraphTests(OwnSuite.Suite suite)
{
    [Fact]
    public async Task A_relation_that_ended_yesterday_is_in_what_is_seen_of_the_day_before_and_not_in_what_is_seen_of_now()
    {
        var (service, application, server) =
            (await suite.AddItemAsync("it-service"), await suite.AddItemAsync("application"), await suite.AddItemAsync());
        (await suite.RelateAsync(service, "depends-on", application)).Ok();
        (await suite.RelateAsync(application, "runs-on", server)).Ok();
        suite.Clock.Advance(TimeSpan.FromDays(1));
        var then = $"at={suite.Clock.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}";
        suite.Clock.Advance(TimeSpan.FromHours(1));
        (await suite.SendAsync(Agent, HttpMethod.Delete, $"configuration-items/{application.Id}/relations/runs-on/{server.Id}",
            ifMatch: "*")).Ok();
        suite.Clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal([application.Id, service.Id], await MetAsync(server, "impact?" + then));
        Assert.Empty(await MetAsync(server, "impact"));
        Assert.Equal([application.Id, server.Id], await MetAsync(service, "requirements?" + then));
        Assert.Equal([application.Id], await MetAsync(service, "requirements"));
        var (picture, now) = (await ReadAsync(server, "surroundings?" + then), await ReadAsync(server, "surroundings"));
        Assert.Equal([server.Id, application.Id, service.Id], picture.Items.Select(item => item.Id));
        Assert.Equal([("depends-on", false), ("runs-on", true)], picture["relations"]!.AsArray()
            .Select(link => (link!["type"]!.GetValue<string>(), link["until"] is not null)).Order());
        Assert.Equal(server.Id, Assert.Single(now.Items).Id);
        Assert.Empty(now["relations"]!.AsArray());
        var before = $"at={InstantOf(server["createdAt"]).AddDays(-1):yyyy-MM-ddTHH:mm:ss.fffZ}";
        foreach (var look in new[] { "impact", "requirements", "surroundings" })
        {
            (await suite.GetAsync(Agent, $"configuration-items/{server.Id}/{look}?{before}")).Problem(404);
        }
    }

    [Fact]
    public async Task A_picture_of_the_past_has_the_names_and_states_of_then_for_who_may_read_histories()
    {
        var open = new { visibility = "everyone" };
        var (server, application) = (await suite.AddItemAsync("server", open), await suite.AddItemAsync("application", open));
        (await suite.RelateAsync(application, "runs-on", server)).Ok();
        var then = $"at={Later()}";
        await RenameAsync(application);
        await suite.ActAsync(Agent, $"configuration-items/{application.Id}/begin-maintenance");

        var old = (application.Text("name"), application.Text("state"));
        foreach (var look in new[] { "impact?", "surroundings?", "relations?" })
        {
            Assert.Equal(old, await ShownAsync(Agent, look + then));
            Assert.Equal(("Renamed", "inMaintenance"), await ShownAsync(Agent, look));
            Assert.Equal(("Renamed", "inMaintenance"), await ShownAsync(Employee, look + then));
        }

        async Task<(string, string)> ShownAsync(string person, string look)
        {
            var answer = (await suite.GetAsync(person, $"configuration-items/{server.Id}/{look}")).Ok();
            var item = answer.Items.SelectMany(one => new[] { one, one["item"], one["source"] }).OfType<JsonObject>()
                .First(one => one["id"]?.GetValue<string>() == application.Id);
            return (item.Text("name"), item.Text("state"));
        }
    }

    [Fact]
    public async Task Of_two_instants_what_ended_is_called_as_at_the_first_and_what_appeared_as_at_the_second()
    {
        var (server, former) = (await suite.AddItemAsync(), await suite.AddItemAsync("application"));
        (await suite.RelateAsync(former, "runs-on", server)).Ok();
        var retired = await suite.AddItemAsync("application");
        (await suite.RelateAsync(retired, "runs-on", server)).Ok();
        var from = Later();
        await RenameAsync(retired);
        await suite.ActAsync(Agent, $"configuration-items/{retired.Id}/retire", new { reason = "Replaced." });
        (await suite.SendAsync(Agent, HttpMethod.Delete, $"configuration-items/{former.Id}/relations/runs-on/{server.Id}",
            ifMatch: "*")).Ok();
        await RenameAsync(former);
        var next = await suite.AddItemAsync("application");
        (await suite.RelateAsync(next, "runs-on", server)).Ok();
        var to = Later();
        await RenameAsync(next);
        await RenameAsync(former, "Renamed again");

        var found = await ReadAsync(server, $"differences?from={from}&to={to}");
        Assert.Equal(retired.Text("name"), Assert.Single(found["gone"]!.AsArray())!["name"]!.GetValue<string>());
        var changed = Assert.Single(found["changed"]!.AsArray())!;
        Assert.Equal((former.Id, "Renamed"), (changed["item"]!["id"]!.GetValue<string>(), changed["item"]!["name"]!.GetValue<string>()));
        Assert.Equal(new[] { former.Text("name"), retired.Text("name") }.Order(),
            found["ended"]!.AsArray().Select(link => link!["source"]!["name"]!.GetValue<string>()).Order());
        Assert.Equal(next.Text("name"), Assert.Single(found["begun"]!.AsArray())!["source"]!["name"]!.GetValue<string>());
        Assert.Equal(next.Text("name"), Assert.Single(found["appeared"]!.AsArray())!["name"]!.GetValue<string>());
        Assert.Equal("Renamed", (await ReadAsync(server, $"differences?from={from}"))["appeared"]![0]!["name"]!.GetValue<string>());
    }

    [Fact, OuterTier]
    public async Task A_picture_of_the_past_has_the_name_of_today_of_what_changed_more_than_four_hundred_times_since()
    {
        var (server, application) = (await suite.AddItemAsync(), await suite.AddItemAsync("application"));
        (await suite.RelateAsync(application, "runs-on", server)).Ok();
        var then = Later();
        await RenameAsync(application);
        foreach (var change in Enumerable.Range(0, 400))
        {
            (await suite.PatchAsync(Agent, $"configuration-items/{application.Id}", new { criticality = 1 + (change % 2) }, "*")).Ok();
        }

        Assert.Equal("Renamed", (await ReadAsync(server, $"impact?at={then}")).Items[0]["item"]!["name"]!.GetValue<string>());
    }

    /// <summary>An instant between what was done and what comes.</summary>
    private string Later()
    {
        suite.Clock.Advance(TimeSpan.FromHours(1));
        var at = suite.Clock.GetUtcNow();
        suite.Clock.Advance(TimeSpan.FromHours(1));
        return $"{at:yyyy-MM-ddTHH:mm:ss.fffZ}";
    }

    private async Task RenameAsync(JsonObject item, string name = "Renamed") =>
        (await suite.PatchAsync(Agent, $"configuration-items/{item.Id}", new { name }, "*")).Ok();

    private async Task<JsonObject> ReadAsync(JsonObject item, string look) =>
        (await suite.GetAsync(Agent, $"configuration-items/{item.Id}/{look}")).Ok();

    private async Task<IEnumerable<string>> MetAsync(JsonObject item, string look) =>
        (await ReadAsync(item, look)).Items.Select(hit => hit["item"]!["id"]!.GetValue<string>());
}
