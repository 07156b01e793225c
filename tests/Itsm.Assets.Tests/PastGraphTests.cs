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
        suite.Clock.Advance(TimeSpan.FromHours(1));
        var then = $"at={suite.Clock.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}";
        suite.Clock.Advance(TimeSpan.FromHours(1));
        (await suite.PatchAsync(Agent, $"configuration-items/{application.Id}", new { name = "Renamed" }, "*")).Ok();
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

    private async Task<JsonObject> ReadAsync(JsonObject item, string look) =>
        (await suite.GetAsync(Agent, $"configuration-items/{item.Id}/{look}")).Ok();

    private async Task<IEnumerable<string>> MetAsync(JsonObject item, string look) =>
        (await ReadAsync(item, look)).Items.Select(hit => hit["item"]!["id"]!.GetValue<string>());
}
