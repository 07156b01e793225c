using System.Net;
using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

public sealed class ReadingTests(IncidentsSuite suite)
{
    [Fact]
    public async Task Counts_by_a_field_are_exact_for_the_caller()
    {
        var channel = "monitoring";
        await suite.OpenAsync(incident: new { title = "Disk full", channel });
        var started = await suite.OpenAsync(incident: new { title = "Disk full again", channel });
        await suite.ActAsync("agent1", $"incidents/{started.Id}/start");

        var counts = (await suite.GetAsync("employee1", $"incidents/counts?by=state&channel={channel}")).Ok()["counts"]!;
        var listed = (await suite.GetAsync("employee1", $"incidents?channel={channel}&limit=200")).Ok().Items;

        Assert.Equal(listed.CountBy(incident => incident.Text("state")).OrderBy(pair => pair.Key),
            counts.AsObject().Select(pair => KeyValuePair.Create(pair.Key, pair.Value!.GetValue<int>())).OrderBy(pair => pair.Key));
        Assert.Empty((await suite.GetAsync("employee2", $"incidents/counts?by=assignee&channel={channel}")).Ok()["counts"]!.AsObject());
        (await suite.GetAsync("employee1", "incidents/counts")).Problem(400);
        (await suite.GetAsync("employee1", "incidents/counts?by=title")).Problem(400);
    }

    [Theory]
    [InlineData("state", "priority"), InlineData("assignmentGroup", "state"), InlineData("channel", "assignee")]
    public async Task Counts_by_two_fields_are_exact_for_the_caller(string one, string other)
    {
        foreach (var (person, urgency) in new[] { (Caller, "low"), (Other, "high"), (Caller, "high") })
        {
            var opened = await suite.OpenAsync(person, new { title = "The door is stuck", channel = "chat", urgency });
            await suite.DoAsync(opened.Id, urgency == "low" ? "start" : "hold", urgency == "low" ? null : new { reason = "problem" });
        }

        foreach (var person in new[] { Caller, Other, Agent })
        {
            var listed = (await suite.GetAsync(person, "incidents?channel=chat&limit=200")).Ok().Items;
            var answer = (await suite.GetAsync(person, $"incidents/counts?by={one},{other}&channel=chat")).Ok();
            Assert.Equal($"{one},{other}", answer.Text("by"));
            Assert.Equal(
                listed.CountBy(incident => (ValueOf(incident, one), ValueOf(incident, other))).OrderBy(pair => pair.Key)
                    .Select(pair => (pair.Key.Item1, pair.Key.Item2, pair.Value)),
                answer["pairs"]!.AsArray().Select(pair => pair!.AsObject()).Select(pair =>
                    (pair["values"]![one]!.GetValue<string>(), pair["values"]![other]!.GetValue<string>(), pair["count"]!.GetValue<int>()))
                    .Order());
            var single = (await suite.GetAsync(person, $"incidents/counts?by={one}&channel=chat")).Ok();
            Assert.Equal(single["counts"]!.AsObject().Select(pair => (pair.Key, pair.Value!.GetValue<int>())).Order(),
                answer["counts"]!.AsObject().Select(pair => (pair.Key, pair.Value!.GetValue<int>())).Order());
            Assert.Equal(["by", "counts"], single.Select(member => member.Key));
        }

        static string ValueOf(JsonObject incident, string field) => incident[field]?.ToString() ?? "none";
    }

    [Theory]
    [InlineData("state,state", "repeated"), InlineData("state,title", "not-one-of"), InlineData("state,", "blank")]
    [InlineData("state,priority,assignee", "too-many")]
    public async Task Counts_by_what_can_not_be_counted_by_are_refused(string by, string code)
    {
        var error = (await suite.GetAsync(Agent, "incidents/counts?by=" + by)).Problem(400)["errors"]![0]!.AsObject();
        Assert.Equal(("?by", code), (error.Text("pointer"), error.Text("code")));
    }

    [Fact]
    public async Task An_incident_is_found_by_its_number_in_any_case()
    {
        var incident = await suite.OpenAsync();
        Assert.Equal(incident.Id, (await suite.ReadAsync(incident.Text("number"), Caller)).Id);
        Assert.Equal(incident.Id, (await suite.ReadAsync(incident.Text("number").ToLowerInvariant(), Caller)).Id);
    }

    [Fact]
    public async Task What_the_caller_has_already_is_not_sent_again()
    {
        var tag = (await suite.GetAsync(Caller, "categories/hardware")).Tag;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/categories/hardware");
        request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        using var answer = await suite.As(Caller).SendAsync(request);
        Assert.Equal((HttpStatusCode.NotModified, tag), (answer.StatusCode, answer.Headers.ETag?.ToString()));
        Assert.Empty(await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Fields_choose_what_is_sent()
    {
        var incident = await suite.OpenAsync();
        var read = await suite.ReadAsync(incident.Id + "?fields=title,priority", Caller);
        Assert.Equal(["id", "priority", "title"], read.Select(member => member.Key).Order());
        var listed = (await suite.GetAsync(Caller, "incidents?fields=number&limit=1")).Ok().Items[0];
        Assert.Equal(["id", "number"], listed.Select(member => member.Key).Order());
    }

    [Theory]
    [InlineData("incidents/{0}?fields=colour", "?fields")]
    [InlineData("incidents/{0}?fields=readers", "?fields")]
    [InlineData("incidents/{0}?colour=red", "?colour")]
    [InlineData("incidents?fields=_envelope", "?fields")]
    [InlineData("incidents?colour=red", "?colour")]
    [InlineData("incidents?state=burning", "?state")]
    [InlineData("incidents?priority=6", "?priority")]
    [InlineData("incidents?assignee=nobody", "?assignee")]
    [InlineData("incidents?sort=colour", "?sort")]
    [InlineData("incidents?expand=title", "?expand")]
    [InlineData("incidents?state=", "?state")]
    [InlineData("incidents?state=new&state=closed", "?state")]
    public async Task Unknown_fields_parameters_and_values_are_named(string path, string place)
    {
        var incident = await suite.OpenAsync();
        Assert.Equal(place, (await suite.GetAsync(Agent, string.Format(null, path, incident.Id))).Problem(400).Pointer());
    }

    [Fact]
    public async Task Actions_say_which_are_open_to_the_caller_and_why_others_are_not()
    {
        var id = (await suite.OpenAsync()).Id;
        var agent = Actions(await suite.ReadAsync(id));
        Assert.True(agent["start"]["open"]!.GetValue<bool>());
        Assert.False(agent["resume"]["open"]!.GetValue<bool>());
        Assert.Contains("on hold", agent["resume"].Text("reason"), StringComparison.Ordinal);
        Assert.Contains("incidents.decide-major", (await ActionsOfAProposedOneAsync())["accept-major"].Text("reason"),
            StringComparison.Ordinal);
        var caller = Actions(await suite.ReadAsync(id, Caller));
        Assert.True(caller["cancel"]["open"]!.GetValue<bool>());
        Assert.Contains("incidents.work", caller["start"].Text("reason"), StringComparison.Ordinal);

        await suite.ResolveAsync(id);
        caller = Actions(await suite.ReadAsync(id, Caller));
        Assert.True(caller["close"]["open"]!.GetValue<bool>());
        Assert.True(caller["reopen"]["open"]!.GetValue<bool>());
        Assert.Contains("resolved", caller["cancel"].Text("reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_action_says_is_what_happens()
    {
        var id = (await suite.OpenAsync()).Id;
        var bodies = new Dictionary<string, object>
        {
            ["hold"] = new { reason = "vendor" }, ["resolve"] = new { code = "fixedByVendor", notes = "Done." },
            ["reopen"] = new { reason = "Again." },
            ["cancel"] = new { reason = "Nothing." }, ["propose-major"] = new { reason = "Grows." },
        };
        foreach (var name in Actions(await suite.ReadAsync(id)).Where(action => !action.Value["open"]!.GetValue<bool>())
            .Select(action => action.Key))
        {
            var answer = await suite.PostAsync(
                Agent, $"incidents/{id}/{name}", bodies.GetValueOrDefault(name, new { reason = "Because." }), "*");
            Assert.True((int)answer.Status is 403 or 409 or 400, $"{name}: {answer.Status}");
        }

        Assert.Equal(1, (await suite.ReadAsync(id)).Version);
    }

    [Fact]
    public async Task Ids_of_people_and_groups_are_explained_on_request_and_stay_ids()
    {
        var number = (await suite.OpenAsync(Caller, new { title = "No network", category = "network" })).Id;
        var listed = (await suite.GetAsync(Agent, "incidents?expand=requester,assignmentGroup&limit=200")).Ok()
            .Items.Single(item => item.Id == number);
        var (requester, group) = (listed["expanded"]!["requester"]!.AsObject(), listed["expanded"]!["assignmentGroup"]!.AsObject());
        Assert.Equal((Caller, "network"), (requester.Text("userName"), group.Text("key")));
        Assert.Equal((listed.Text("requester"), listed.Text("assignmentGroup")), (requester.Id, group.Id));
        Assert.Equal(["requester", "assignmentGroup"], listed["expanded"]!.AsObject().Select(one => one.Key));
    }

    [Fact]
    public async Task Without_a_token_nothing_is_shown()
    {
        (await suite.GetAsync("", "incidents")).Problem(401);
        (await suite.GetAsync("stranger", "incidents")).Problem(403);
    }

    private static Dictionary<string, JsonObject> Actions(JsonObject incident) =>
        incident["actions"]!.AsArray().ToDictionary(action => action!.AsObject().Text("name"), action => action!.AsObject());

    private async Task<Dictionary<string, JsonObject>> ActionsOfAProposedOneAsync()
    {
        var id = (await suite.OpenAsync()).Id;
        await suite.DoAsync(id, "propose-major", new { reason = "It grows." });
        return Actions(await suite.ReadAsync(id));
    }
}
