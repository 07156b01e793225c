using System.Net;
using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Notifications.Tests;

/// <summary>Live updates as a front end follows them.</summary>
public sealed class StreamTests(NotificationsSuite suite)
{
    [Fact]
    public async Task A_change_a_comment_and_nothing_else_come_as_they_happen()
    {
        await using var stream = await EventStream.OpenAsync(suite.As("agent1"));
        var incident = await suite.OpenAsync();
        await suite.PostAsync("employee1", $"incidents/{incident.Id}/comments", new { text = "It burns." });
        await stream.UntilAsync(events =>
            Of(events, incident).Any(one => one.Type == "comment") && Of(events, incident).Any(one => one.Type == "ticket"));

        var created = Of(stream.Events, incident).First(one => one.Type == "ticket").Data;
        Assert.Equal((incident.Text("number"), "new", "create", 1),
            (created.Text("number"), created.Text("state"), created.Text("action"), created["version"]!.GetValue<int>()));
        Assert.EndsWith("Z", created.Text("at"), StringComparison.Ordinal);
        var comment = Of(stream.Events, incident).First(one => one.Type == "comment").Data;
        Assert.Equal(("It burns.", incident.Text("number"), false),
            (comment.Text("text"), comment.Text("number"), comment["internal"]!.GetValue<bool>()));
        Assert.Distinct(stream.Events.Select(one => one.Id));
    }

    [Fact]
    public async Task Nobody_hears_of_what_they_may_not_see()
    {
        await using var owner = await EventStream.OpenAsync(suite.As("employee1"));
        await using var stranger = await EventStream.OpenAsync(suite.As("employee2"));
        await using var agent = await EventStream.OpenAsync(suite.As("agent1"));
        var incident = await suite.OpenAsync();
        (await suite.PostAsync("agent1", $"incidents/{incident.Id}/comments", new { text = "Between us.", @internal = true })).Ok();
        await suite.ActAsync("agent1", $"incidents/{incident.Id}/start");
        await agent.UntilAsync(events =>
            Of(events, incident).Any(one => one.Type == "comment")
                && Of(events, incident).Any(one => one.Data["action"]?.ToString() == "start"));
        await owner.UntilAsync(events => Of(events, incident).Any(one => one.Data["action"]?.ToString() == "start"));

        Assert.DoesNotContain(owner.Events, one => one.Type == "comment");
        var seen = await suite.OpenAsync("employee2");
        await stranger.UntilAsync(events => Of(events, seen).Any());
        Assert.Empty(Of(stranger.Events, incident));
    }

    [Fact]
    public async Task Who_is_spoken_to_hears_of_it_where_they_may_read_it()
    {
        await using var owner = await EventStream.OpenAsync(suite.As("employee1"), "?types=mention");
        await using var stranger = await EventStream.OpenAsync(suite.As("employee2"), "?types=mention");
        await using var agent = await EventStream.OpenAsync(suite.As("agent2"), "?types=mention");
        var incident = await suite.OpenAsync();
        var note = await WriteAsync("@employee1 is impatient; @agent2, @nobody and x@agent1?", isInternal: true);
        var answer = await WriteAsync("(@employee1) we wait for @employee2. @agent2: `@manager1`", isInternal: false);
        Assert.Single(note["mentioned"]!.AsArray());
        Assert.Equal(2, answer["mentioned"]!.AsArray().Count);
        await agent.UntilAsync(events => Of(events, incident).Count() == 2);
        await owner.UntilAsync(events => Of(events, incident).Any());
        Assert.Equal([answer.Id], Of(owner.Events, incident).Select(one => one.Data.Text("comment")));
        Assert.Equal([note.Id, answer.Id], Of(agent.Events, incident).Select(one => one.Data.Text("comment")));
        Assert.Empty(Of(stranger.Events, incident));

        async Task<JsonObject> WriteAsync(string text, bool isInternal) => (await suite.PostAsync("agent1",
            $"incidents/{incident.Id}/comments", new { text, @internal = isInternal })).Ok();
    }

    [Fact]
    public async Task A_file_comes_and_goes_for_those_who_may_read_it()
    {
        await using var owner = await EventStream.OpenAsync(suite.As("employee1"), "?types=attachment");
        await using var agent = await EventStream.OpenAsync(suite.As("agent1"), "?types=attachment");
        var incident = await suite.OpenAsync();
        var (dump, log) = (await AttachAsync("dump.txt", "&internal=true"), await AttachAsync("app.log", ""));
        (await suite.SendAsync("agent1", HttpMethod.Delete, $"incidents/{incident.Id}/attachments/{log.Id}", ifMatch: "*")).Ok();
        await agent.UntilAsync(events => Of(events, incident).Count() == 3);
        await owner.UntilAsync(events => Of(events, incident).Count() == 2);
        Assert.Equal([(dump.Id, true, false), (log.Id, false, false), (log.Id, false, true)], Of(agent.Events, incident).Select(What));
        Assert.Equal([(log.Id, false, false), (log.Id, false, true)], Of(owner.Events, incident).Select(What));
        Assert.Equal(("app.log", "text/plain", 4), (Of(owner.Events, incident).First().Data.Text("fileName"),
            Of(owner.Events, incident).First().Data.Text("mediaType"), Of(owner.Events, incident).First().Data["size"]!.GetValue<int>()));

        async Task<JsonObject> AttachAsync(string name, string more) => (await suite.SendAsync("agent1", HttpMethod.Post,
            $"incidents/{incident.Id}/attachments?fileName={name}{more}", new ByteArrayContent("text"u8.ToArray()))).Ok();

        static (string, bool, bool) What(EventStream.Event one) =>
            (one.Data.Text("attachment"), one.Data["internal"]!.GetValue<bool>(), one.Data["removed"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Types_and_tickets_choose_what_comes()
    {
        var (one, other) = (await suite.OpenAsync(), await suite.OpenAsync());
        await using var comments = await EventStream.OpenAsync(suite.As("agent1"),
            $"?types=comment&tickets={one.Id},{other.Text("number")}");
        await using var changes = await EventStream.OpenAsync(suite.As("agent1"),
            $"?types=ticket,timer&tickets={other.Text("number").ToLowerInvariant()}");
        foreach (var incident in new[] { one, other, await suite.OpenAsync() })
        {
            (await suite.PostAsync("agent1", $"incidents/{incident.Id}/comments", new { text = "Noted.", @internal = true })).Ok();
            await suite.ActAsync("agent1", $"incidents/{incident.Id}/start");
        }

        await comments.UntilAsync(events => Of(events, one).Any() && Of(events, other).Any());
        await changes.UntilAsync(events => Of(events, other).Any(found => found.Data["action"]?.ToString() == "start"));
        Assert.Equal(new[] { one.Id, other.Id }.Order(),
            comments.Events.Where(found => found.Type != "ready").Select(found => found.Data.Text("ticket")).Order());
        Assert.All(comments.Events.Where(found => found.Type != "ready"), found => Assert.Equal("comment", found.Type));
        Assert.All(changes.Events.Where(found => found.Type != "ready"), found =>
            Assert.Equal((other.Id, "ticket"), (found.Data.Text("ticket"), found.Type)));
    }

    [Fact]
    public async Task Who_comes_back_with_the_last_id_misses_nothing_and_hears_nothing_twice()
    {
        var (seen, lastId) = (new List<EventStream.Event>(), (string?)null);
        var opened = new List<JsonObject>();
        for (var round = 0; round < 4; round++)
        {
            await using var stream = await EventStream.OpenAsync(suite.As("agent1"), "?types=ticket", lastId);
            opened.Add(await suite.OpenAsync());
            await stream.UntilAsync(events => opened.All(incident => Of(seen.Concat(events), incident).Any()));
            await stream.DisposeAsync();
            lastId = stream.LastId;
            seen.AddRange(stream.Events.Where(one => one.Type != "ready"));
            opened.Add(await suite.OpenAsync());
            opened.Add(await suite.OpenAsync());
        }

        await using var last = await EventStream.OpenAsync(suite.As("agent1"), "?types=ticket", lastId);
        await last.UntilAsync(events => opened.All(incident => Of(seen.Concat(events), incident).Any()));
        var all = seen.Concat(last.Events.Where(one => one.Type != "ready")).ToList();
        Assert.Equal(all.Count, all.Select(one => one.Id).Distinct().Count());
        Assert.DoesNotContain(all, one => one.Type == "reset");
    }

    [Fact]
    public async Task What_was_told_before_a_ticket_was_restricted_is_told_again_only_to_those_who_may_read_it_now()
    {
        string lastId;
        await using (var stream = await EventStream.OpenAsync(suite.As("agent1")))
        {
            lastId = stream.LastId!;
        }

        var (secret, open) = (await suite.OpenAsync(), await suite.OpenAsync());
        (await suite.PostAsync("agent1", $"incidents/{secret.Id}/comments", new { text = "The suspect is known.", @internal = true })).Ok();
        await suite.ActAsync("agent1", $"incidents/{secret.Id}/watch", new { person = "analyst1" });
        await suite.ActAsync("analyst1", $"incidents/{secret.Id}/mark-security",
            new
            {
                category = "phishing", severity = "high", groups = new[] { "security" }, people = new[] { "agent2" },
                reason = "It looks forged.",
            });
        await suite.ActAsync("agent1", $"incidents/{open.Id}/start");
        await using (var everything = await EventStream.OpenAsync(suite.As("agent1"), lastId: lastId))
        {
            await everything.UntilAsync(events => Of(events, open).Any(one => one.Data["action"]?.ToString() == "start"));
        }

        await using var outsider = await EventStream.OpenAsync(suite.As("agent1"), lastId: lastId);
        await outsider.UntilAsync(events => Of(events, open).Any(one => one.Data["action"]?.ToString() == "start"));
        Assert.Empty(Of(outsider.Events, secret));
        await using var named = await EventStream.OpenAsync(suite.As("agent2"), lastId: lastId);
        await named.UntilAsync(events => Of(events, open).Any(one => one.Data["action"]?.ToString() == "start"));
        Assert.Contains(Of(named.Events, secret), one => one.Type == "comment");
        await using var requester = await EventStream.OpenAsync(suite.As("employee1"), lastId: lastId);
        await requester.UntilAsync(events => Of(events, secret).Any(one => one.Data["action"]?.ToString() == "mark-security"));
        Assert.DoesNotContain(requester.Events, one => one.Type == "comment");
    }

    /// <summary>The place of a stream that was opened before anything ever happened.</summary>
    [Fact]
    public async Task A_stream_that_broke_off_before_the_first_event_goes_on_without_a_reset()
    {
        var incident = await suite.OpenAsync();
        await using (var now = await EventStream.OpenAsync(suite.As("agent1"), lastId: "0-0"))
        {
            await now.UntilAsync(events => Of(events, incident).Any());
            Assert.DoesNotContain(now.Events, one => one.Type == "reset");
        }
    }

    [Fact]
    public async Task A_place_that_the_log_never_had_gives_a_reset_and_then_goes_on()
    {
        await using var stream = await EventStream.OpenAsync(suite.As("agent1"), lastId: "9999999999999-7");
        await stream.UntilAsync(events => events.Any(one => one.Type == "reset"));
        var incident = await suite.OpenAsync();
        await stream.UntilAsync(events => Of(events, incident).Any());
        Assert.Single(stream.Events, one => one.Type == "reset");
    }

    [Fact]
    public async Task A_deactivated_person_hears_no_more()
    {
        var name = "listener" + Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N")[20..];
        (await suite.PostAsync("admin", "people", new { userName = name, name = "Listener", roles = new[] { "requester" } })).Ok();
        await RunningSuite.UntilAsync(() => suite.GetAsync(name, "people/me"), answer => answer.Status == HttpStatusCode.OK,
            "The new person");
        await using var stream = await EventStream.OpenAsync(suite.As(name));
        await suite.ActAsync("admin", $"people/{name}/deactivate", new { reason = "Left." });
        await suite.OpenAsync();
        await RunningSuite.UntilAsync(() => Task.FromResult(stream.HasEnded), ended => ended, "The end of the stream");
    }

    [Theory]
    [InlineData("?types=tickets", null, "types can't be \"tickets\"")]
    [InlineData("?kinds=incident", null, "There is no parameter \"kinds\"")]
    [InlineData("", "nonsense", "Last-Event-ID is not an id")]
    public async Task What_it_does_not_understand_is_named(string query, string? lastId, string says)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/stream" + query);
        if (lastId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastId);
        }

        using var answer = await suite.As("agent1").SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(says, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["detail"]!.GetValue<string>(),
            StringComparison.Ordinal);
    }

    internal static IEnumerable<EventStream.Event> Of(IEnumerable<EventStream.Event> events, JsonObject incident) =>
        events.Where(one => one.Data["ticket"]?.ToString() == incident.Id);
}
