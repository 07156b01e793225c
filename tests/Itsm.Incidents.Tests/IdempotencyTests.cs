using System.Net;
using Itsm.Testing;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

public sealed class IdempotencyTests(IncidentsSuite suite)
{
    private static string Key => Path.GetRandomFileName();

    [Fact]
    public async Task The_same_key_and_request_give_the_first_answer_again()
    {
        var key = Key;
        var first = await suite.PostAsync(Caller, "incidents", new { title = "Once" }, key: key);
        var created = first.Ok();
        await suite.PatchAsync(Agent, "incidents/" + created.Id, new { title = "Changed meanwhile" }, "*");
        var second = await suite.PostAsync(Caller, "incidents", new { title = "Once" }, key: key);
        Assert.Equal((HttpStatusCode.Created, first.Text, first.Tag, first.Headers["Location"]),
            (second.Status, second.Text, second.Tag, second.Headers["Location"]));
        Assert.Equal("true", second.Headers["Idempotent-Replayed"]);
        Assert.DoesNotContain("Idempotent-Replayed", first.Headers.Keys);
    }

    [Fact]
    public async Task The_same_key_with_another_request_is_refused()
    {
        var key = Key;
        (await suite.PostAsync(Caller, "incidents", new { title = "Once" }, key: key)).Ok();
        Assert.Contains(key, (await suite.PostAsync(Caller, "incidents", new { title = "Twice" }, key: key)).Problem(422).Text("detail"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_of_different_callers_have_nothing_to_do_with_each_other()
    {
        var key = Key;
        var one = (await suite.PostAsync(Caller, "incidents", new { title = "Mine" }, key: key)).Ok();
        var other = (await suite.PostAsync(Other, "incidents", new { title = "Mine" }, key: key)).Ok();
        Assert.NotEqual(one.Id, other.Id);
    }

    [Fact]
    public async Task One_request_sent_fifty_times_at_once_opens_one_incident()
    {
        var key = Key;
        var title = $"Impatient {key}";
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => suite.PostAsync(Caller, "incidents", new { title }, key: key)));
        Assert.Single(answers.Select(answer => answer.Ok().Id).Distinct());
        Assert.Equal(49, answers.Count(answer => answer.Headers.ContainsKey("Idempotent-Replayed")));
        var mine = (await suite.GetAsync(Caller, "incidents?limit=200&requester=me")).Ok().Items;
        Assert.Single(mine, incident => incident.Text("title") == title);
    }

    [Fact]
    public async Task An_action_that_changes_nothing_is_answered_whole_each_time()
    {
        var (key, incident) = (Key, await suite.OpenAsync());
        var watched = await suite.ActAsync(Agent, $"incidents/{incident.Id}/watch");
        for (var time = 0; time < 2; time++)
        {
            var again = await suite.PostAsync(Agent, $"incidents/{incident.Id}/watch", new { }, "*", key);
            Assert.Equal((HttpStatusCode.OK, watched["version"]!.GetValue<int>()), (again.Status, again.Ok()["version"]!.GetValue<int>()));
        }
    }

    [Fact]
    public async Task Actions_are_carried_out_once()
    {
        for (var round = 0; round < 10; round++)
        {
            var (key, incident) = (Key, await suite.OpenAsync());
            var body = new { group = "network", reason = "Not for us." };
            var tag = round % 2 == 0 ? "*" : incident.Tag;
            var answers = await Task.WhenAll(Enumerable.Range(0, 20)
                .Select(_ => suite.PostAsync(Agent, $"incidents/{incident.Id}/escalate", body, tag, key)));
            Assert.Single(answers.Select(answer => answer.Ok().ToJsonString()).Distinct());
            Assert.Equal(1, (await suite.ReadAsync(incident.Id))["escalationLevel"]!.GetValue<int>());
            (await suite.PostAsync(Agent, $"incidents/{incident.Id}/start", new { }, "*", key)).Problem(422);
        }
    }

    [Fact]
    public async Task What_has_a_name_of_its_own_is_created_once()
    {
        for (var round = 0; round < 10; round++)
        {
            var (key, category) = (Key, new { key = $"twin-{round}", name = "Twin" });
            var answers = await Task.WhenAll(
                Enumerable.Range(0, 10).Select(_ => suite.PostAsync("admin", "categories", category, key: key)));
            Assert.Single(answers.Select(answer => answer.Ok().Id).Distinct());
        }
    }

    [Fact]
    public async Task A_repeated_action_is_answered_even_with_the_old_version()
    {
        var (key, incident) = (Key, await suite.OpenAsync());
        var first = await suite.PostAsync(Agent, $"incidents/{incident.Id}/start", new { }, incident.Tag, key);
        first.Ok();
        var second = await suite.PostAsync(Agent, $"incidents/{incident.Id}/start", new { }, incident.Tag, key);
        Assert.Equal((first.Text, first.Tag, "true"), (second.Text, second.Tag, second.Headers["Idempotent-Replayed"]));
    }

    [Fact]
    public async Task Comments_are_written_once()
    {
        var (key, id) = (Key, (await suite.OpenAsync()).Id);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(_ => suite.PostAsync(Caller, $"incidents/{id}/comments", new { text = "Hello?" }, key: key)));
        Assert.Single(answers.Select(answer => answer.Ok().Id).Distinct());
        Assert.Single(await suite.CommentsAsync(id));
        (await suite.PostAsync(Caller, $"incidents/{id}/comments", new { text = "Hello!" }, key: key)).Problem(422);
    }

    [Fact]
    public async Task A_refused_request_leaves_its_key_free()
    {
        var key = Key;
        (await suite.PostAsync(Caller, "incidents", new { title = "" }, key: key)).Problem(400);
        (await suite.PostAsync(Caller, "incidents", new { title = "Better" }, key: key)).Ok();
    }

    [Fact]
    public async Task A_key_that_is_too_long_is_refused() =>
        Assert.Contains("Idempotency-Key",
            (await suite.PostAsync(Caller, "incidents", new { title = "Once" }, key: new string('k', 256))).Problem(400).Text("detail"),
            StringComparison.Ordinal);
}
