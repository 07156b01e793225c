using System.Text.Json.Nodes;
using Itsm.Platform.Hosting;
using Itsm.Testing;

namespace Itsm.Ticketing.Tests;

/// <summary>A kind of ticket that the product does not know gets everything that all kinds have, through HTTP.</summary>
public sealed class OwnKindTests(OwnKindTests.Suite suite) : IClassFixture<OwnKindTests.Suite>
{
    [Fact]
    public async Task It_is_opened_read_listed_counted_and_exported_with_its_own_field()
    {
        var complaint = await ReceiveAsync();
        Assert.StartsWith("CPL", complaint.Text("number"), StringComparison.Ordinal);
        var read = (await suite.GetAsync("employee1", "complaints/" + complaint.Text("number"))).Ok();
        Assert.Equal(("Fan", "received"), (read.Text("product"), read.Text("state")));
        Assert.Contains((await suite.GetAsync("agent1", "complaints?state=received&assignmentGroup=service-desk")).Ok().Items, one =>
            one.Id == complaint.Id && one.Text("product") == "Fan");
        Assert.True((await suite.GetAsync("agent1", "complaints/counts?by=state")).Ok()["counts"]!["received"]!.GetValue<int>() > 0);
        Assert.Contains(complaint.Id, (await suite.GetAsync("agent1", "complaints/export")).Text, StringComparison.Ordinal);
        (await suite.GetAsync("agent1", "complaints?state=nonsense")).Problem(400);
        Assert.Contains("letter of complaint",
            (await suite.GetAsync("employee2", "complaints/" + complaint.Id)).Problem(404).Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_fields_are_changed_as_those_of_any_ticket_until_it_has_ended()
    {
        var complaint = await ReceiveAsync();
        (await suite.PatchAsync("employee1", "complaints/" + complaint.Id, new { title = "Louder" }, "*")).Problem(403);
        var person = (await suite.GetAsync("admin", "people/employee2")).Ok().Id;
        var edited = (await suite.PatchAsync("agent1", "complaints/" + complaint.Id,
            new
            {
                title = " It is much too loud ", description = "All night.", requester = "employee2", affectedService = "mail",
                configurationItems = new[] { "vm-mail-01", "vm-mail-01" },
            }, complaint.Tag)).Ok();
        Assert.Equal(("It is much too loud", "All night.", person, "mail", 1),
            (edited.Text("title"), edited.Text("description"), edited.Text("requester"), edited.Text("affectedService"),
                edited["configurationItems"]!.AsArray().Count));
        (await suite.GetAsync("employee2", "complaints/" + complaint.Id)).Ok();
        var fewer = (await suite.PatchAsync("agent1", "complaints/" + complaint.Id, new { description = (string?)null }, "*")).Ok();
        Assert.Equal((null, "mail"), (fewer.TextOrNull("description"), fewer.Text("affectedService")));
        foreach (var (field, value) in new[] { ("title", null), ("requester", null), ("requester", "nobody"), ("category", "nowhere") })
        {
            Assert.Equal("/" + field, (await suite.PatchAsync("agent1", "complaints/" + complaint.Id,
                new JsonObject { [field] = value }, "*")).Problem(400)["errors"]![0]!["pointer"]!.GetValue<string>());
        }

        (await suite.PatchAsync("agent1", "complaints/" + complaint.Id, new { impact = "high" }, "*")).Problem(400);
        await suite.ActAsync("agent1", $"complaints/{complaint.Id}/answer", new { text = "We send another one." });
        await suite.ActAsync("agent1", $"complaints/{complaint.Id}/close");
        Assert.Equal("ticket.ended",
            (await suite.PatchAsync("agent1", "complaints/" + complaint.Id, new { title = "Quiet" }, "*")).Problem(409).Text("code"));
    }

    [Fact]
    public async Task Its_moves_follow_its_table_and_are_for_those_whom_it_names()
    {
        var id = (await ReceiveAsync()).Id;
        Assert.Equal("complaint.transition",
            (await suite.PostAsync("agent1", $"complaints/{id}/close", new { }, "*")).Problem(409).Text("code"));
        (await suite.PostAsync("employee1", $"complaints/{id}/answer", new { text = "Myself." }, "*")).Problem(403);
        var answered = await suite.ActAsync("agent1", $"complaints/{id}/answer", new { text = "We send another one." });
        Assert.Equal(("answered", "We send another one."), (answered.Text("state"), answered.Text("answer")));
        Assert.NotNull(answered["closesAt"]);
        (await suite.PostAsync("employee1", $"complaints/{id}/reopen", new { }, "*")).Problem(400);
        Assert.Equal(1,
            (await suite.ActAsync("employee1", $"complaints/{id}/reopen", new { reason = "That one is loud, too." }))["reopenCount"]!.GetValue<int>(
                ));
        await suite.ActAsync("agent1", $"complaints/{id}/answer", new { text = "And another one." });
        Assert.Equal("closed", (await suite.ActAsync("employee1", $"complaints/{id}/close")).Text("state"));
        Assert.Equal(["link", "watch", "unwatch"], (await suite.GetAsync("agent1", "complaints/" + id)).Ok()["actions"]!.AsArray()
            .Where(action => action!["open"]!.GetValue<bool>()).Select(action => action!["name"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_comment_of_its_requester_reopens_it_and_it_closes_by_itself_when_its_time_has_come()
    {
        var id = (await ReceiveAsync()).Id;
        await suite.ActAsync("agent1", $"complaints/{id}/answer", new { text = "We send another one." });
        (await suite.PostAsync("employee1", $"complaints/{id}/comments", new { text = "It did not come." })).Ok();
        await suite.UntilAsync("agent1", "complaints/" + id, one => one.Text("state") == "received");
        await suite.ActAsync("agent1", $"complaints/{id}/answer", new { text = "Now it did." });
        suite.Clock.Advance(TimeSpan.FromDays(4));
        await suite.UntilAsync("agent1", "complaints/" + id, one => one.Text("state") == "closed");
    }

    [Fact]
    public async Task It_has_tasks_links_watchers_escalations_priorities_clocks_and_a_history()
    {
        var id = (await ReceiveAsync()).Id;
        await suite.ActAsync("agent1", $"complaints/{id}/tasks", new { title = "Listen to it", assignmentGroup = "network" });
        Assert.Single((await suite.GetAsync("agent1", $"complaints/{id}/tasks")).Ok().Items);
        await suite.ActAsync("agent1", $"complaints/{id}/links",
            new { type = "relatesTo", targetKind = "url", target = "https://example.org/fan" });
        await suite.ActAsync("employee1", $"complaints/{id}/watch");
        await suite.ActAsync("agent1", $"complaints/{id}/escalate", new { group = "network", reason = "They know fans." });
        await suite.ActAsync("agent1", $"complaints/{id}/override-priority", new { priority = 2, reason = "A good customer." });
        (await suite.PostAsync("agent1", $"complaints/{id}/comments", new { text = "Not in public.", @internal = true })).Ok();
        Assert.Empty((await suite.GetAsync("employee1", $"complaints/{id}/comments")).Ok().Items);
        await suite.UntilAsync("agent1", "complaints/" + id, one =>
            one["serviceLevels"]?["clocks"]!.AsArray().Any(clock => clock!["target"]!.GetValue<string>() == "resolution-p2") == true);
        var history = (await suite.GetAsync("agent1", $"complaints/{id}/history")).Ok().Items;
        Assert.Equal(["override-priority", "escalate", "watch", "link", "add-task", "create"],
            history.Select(entry => entry.Text("action")));
        Assert.True((await suite.GetAsync("agent1", $"complaints/{id}/history/verification")).Ok()["valid"]!.GetValue<bool>());
    }

    [Fact]
    public async Task It_is_found_by_search_told_on_the_stream_and_in_the_merged_contract()
    {
        await using var stream = await EventStream.OpenAsync(suite.As("agent1"), "?types=ticket");
        var complaint = await ReceiveAsync("Rattling whirligig");
        await stream.UntilAsync(events => events.Any(one => one.Data["ticket"]?.ToString() == complaint.Id));
        await RunningSuite.UntilAsync(() => FoundAsync("whirligig kind:complaint state:received"),
            found => found.Any(one => one.Id == complaint.Id), "The complaint");
        Assert.Contains("/api/v1/complaints/{id}/answer",
            (await suite.GetAsync("", "/openapi/v1.json")).Ok()["paths"]!.AsObject().Select(path => path.Key));
        var index = await suite.UntilAsync("admin", "search/index", found =>
            found["last"]?["sources"]?.AsArray().Any(source => source!["kind"]?.ToString() == "complaint") == true);
        Assert.Equal(0, index["drift"]!.GetValue<int>());
    }

    private async Task<IReadOnlyList<JsonObject>> FoundAsync(string query) =>
        (await suite.GetAsync("agent1", "search?q=" + Uri.EscapeDataString(query))) is { Status: System.Net.HttpStatusCode.OK } answer
            ? answer.Ok().Items
            : [];

    private async Task<JsonObject> ReceiveAsync(string title = "It is too loud") =>
        (await suite.PostAsync("employee1", "complaints", new { title, product = "Fan" })).Ok();

    public sealed class Suite : RunningSuite
    {
        protected override IReadOnlyList<IServiceModule> More => [new ComplaintsService()];
    }
}
