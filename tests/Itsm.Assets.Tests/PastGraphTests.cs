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

    private async Task<JsonObject> ReadAsync(JsonObject item, string look) =>
        (await suite.GetAsync(Agent, $"configuration-items/{item.Id}/{look}")).Ok();

    private async Task<IEnumerable<string>> MetAsync(JsonObject item, string look) =>
        (await ReadAsync(item, look)).Items.Select(hit => hit["item"]!["id"]!.GetValue<string>());
}
