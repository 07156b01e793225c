using CsCheck;
using Itsm.Requests.Ordering;
using Itsm.Testing;

namespace Itsm.Suite.Tests;

/// <summary>What people see, in a suite in which nobody else writes meanwhile.</summary>
[Collection(WholeSuite.Name)]
public sealed class AccessTests(RunningSuite suite)
{
    private static readonly string[] People = ["admin", "manager1", "agent1", "agent2", "analyst1", "employee1", "employee2"];

    /// <summary>Restricted and ordinary tickets that are related, merged and resolved at random: what one of them holds is read nowhere by
    /// who may not read it there.</summary>
    [Fact]
    public async Task Nothing_of_a_restricted_ticket_is_read_through_another_nor_in_its_history_nor_in_a_stream_that_goes_on()
    {
        string begin;
        await using (var stream = await EventStream.OpenAsync(suite.As("agent1")))
        {
            begin = stream.LastId!;
        }

        var (all, secrets) = (new List<string>(), new HashSet<string>());
        await Gen.Select(Gen.Int[0, 6].Select(index => People[index]), Gen.Int[0, 6].Select(index => People[index]), Gen.Bool,
            Gen.Int[0, 4], Gen.Bool).Array[10].SampleAsync(async plans =>
        {
            foreach (var (opener, named, secret, relation, early) in plans)
            {
                var id = (await suite.OpenAsync(opener, new { title = "Related trouble" })).Id;
                (await suite.PostAsync("agent1", $"incidents/{id}/comments", new { text = $"note-{id}", @internal = true })).Ok();
                var other = all.Count > 0 ? all[^1] : null;
                if (early)
                {
                    await RelateAsync(id, other, relation);
                }

                if (secret)
                {
                    await suite.ActAsync("agent1", $"incidents/{id}/watch", new { person = "analyst1" });
                    var marked = await suite.PostAsync("analyst1", $"incidents/{id}/mark-security",
                        new { category = "other", severity = "low", people = new[] { named }, reason = $"reason-{id}" }, "*");
                    secrets.UnionWith((int)marked.Status == 200 ? [id] : Array.Empty<string>());
                }

                if (!early)
                {
                    await RelateAsync(id, other, relation);
                }

                all.Add(id);
                if (all.Count % 3 == 0)
                {
                    await TryAsync(all[^2], "resolve", new { code = "fixedPermanently", notes = $"resolution-{all[^2]}" });
                }
            }
        }, iter: 2, threads: 1);

        // A restriction holds in a stream from when its message has come there.
        await using (var analyst = await EventStream.OpenAsync(suite.As("analyst1"), lastId: begin))
        {
            await analyst.UntilAsync(events => secrets.IsSubsetOf(events
                .Where(one => one.Data["action"]?.ToString() == "mark-security").Select(one => one.Data["ticket"]!.ToString())));
        }

        foreach (var person in People)
        {
            var (read, sees, mayRead) = (new List<(string Where, string Text)>(), new HashSet<string>(), new HashSet<string>());
            await using var stream = await EventStream.OpenAsync(suite.As(person), lastId: begin);
            foreach (var id in all)
            {
                if (await suite.GetAsync(person, "incidents/" + id) is not { Status: System.Net.HttpStatusCode.OK } ticket)
                {
                    Assert.Contains((int)(await suite.GetAsync(person, $"incidents/{id}/history")).Status, new[] { 403, 404 });
                    continue;
                }

                sees.Add(id);
                var comments = (await suite.GetAsync(person, $"incidents/{id}/comments?limit=200")).Text;
                mayRead.UnionWith(comments.Contains($"note-{id}", StringComparison.Ordinal) ? [id] : Array.Empty<string>());
                read.AddRange([(id, ticket.Text), (id, comments),
                    (id, (await suite.GetAsync(person, $"incidents/{id}/history?limit=200")).Text)]);
            }

            var last = await suite.OpenAsync(person == "manager1" ? "agent1" : person);
            await stream.UntilAsync(events => person is "manager1" || events.Any(one => one.Data["ticket"]?.ToString() == last.Id));
            read.AddRange(stream.Events.Select(one => (one.Data["ticket"]?.ToString() ?? "", one.Data.ToJsonString())));
            foreach (var secret in secrets.Except(mayRead))
            {
                Assert.All(read, one => Assert.DoesNotContain($"note-{secret}", one.Text, StringComparison.Ordinal));
                Assert.All(read, one => Assert.DoesNotContain($"reason-{secret}", one.Text, StringComparison.Ordinal));
            }

            // Its requester reads how it was resolved, also in one that followed it and has no other readers.
            foreach (var secret in secrets.Except(sees))
            {
                Assert.All(read, one => Assert.DoesNotContain($"resolution-{secret}", one.Text, StringComparison.Ordinal));
            }
        }
    }

    private Task RelateAsync(string id, string? other, int relation) => other is null ? Task.CompletedTask : relation switch
    {
        1 => TryAsync(id, "set-parent", new { parent = other }),
        2 => TryAsync(id, "mark-duplicate", new { of = other }),
        3 => TryAsync(id, "merge", new { into = other, reason = "The same trouble." }),
        4 => TryAsync(other, "set-parent", new { parent = id }),
        _ => Task.CompletedTask,
    };

    /// <summary>As the agent or the analyst; refused by a rule or for want of sight it stays undone.</summary>
    private async Task TryAsync(string id, string action, object body)
    {
        foreach (var person in new[] { "agent1", "analyst1" })
        {
            var answer = await suite.PostAsync(person, $"incidents/{id}/{action}", body, "*");
            Assert.True((int)answer.Status < 500, $"{action}: {answer}");
            if ((int)answer.Status == 200)
            {
                return;
            }
        }
    }

    [Fact]
    public async Task Who_is_deactivated_is_out_with_the_next_request_and_back_in_when_activated()
    {
        await AddPersonAsync("leaver");
        for (var turn = 0; turn < 5; turn++)
        {
            (await suite.GetAsync("leaver", "incidents")).Ok();
            await suite.ActAsync("admin", "people/leaver/deactivate", new { reason = "Left the house." });
            (await suite.GetAsync("leaver", "incidents")).Problem(403);
            (await suite.PostAsync("leaver", "incidents", new { title = "Let me in" })).Problem(403);
            await suite.ActAsync("admin", "people/leaver/activate", new { reason = "Came back." });
        }
    }

    [Fact]
    public async Task Joining_and_leaving_a_group_acts_at_once()
    {
        await AddPersonAsync("joiner");
        var id = (await suite.OpenAsync("employee1")).Id;
        await suite.ActAsync("agent1", $"incidents/{id}/watch", new { person = "analyst1" });
        await suite.ActAsync("analyst1", $"incidents/{id}/mark-security",
            new { category = "malware", severity = "high", groups = new[] { "security" }, reason = "It looks odd." });
        for (var turn = 0; turn < 5; turn++)
        {
            (await suite.GetAsync("joiner", "incidents/" + id)).Problem(404);
            await suite.ActAsync("admin", "groups/security/add-members", new { people = new[] { "joiner" } });
            (await suite.GetAsync("joiner", "incidents/" + id)).Ok();
            await suite.ActAsync("admin", "groups/security/remove-members", new { people = new[] { "joiner" } });
        }
    }

    [Fact]
    public async Task A_role_of_the_organisation_acts_in_all_services_at_once()
    {
        (await suite.PostAsync("admin", "roles", new { key = "reader", name = "Reader", granted = new[] { "directory.read" } })).Ok();
        (await suite.PostAsync("admin", "people", new { userName = "reader", name = "Some Body", roles = new[] { "reader" } })).Ok();
        await RunningSuite.UntilAsync(() => suite.GetAsync("reader", "people/me"), answer => (int)answer.Status == 200, "reader");
        (await suite.GetAsync("reader", "incidents")).Problem(403);

        (await suite.PatchAsync("admin", "roles/reader", new { granted = new[] { "directory.read", "incidents.read" } }, "*")).Ok();
        (await suite.GetAsync("reader", "incidents")).Ok();
        (await suite.PatchAsync("admin", "roles/reader", new { granted = new[] { "incidents.read" } }, "*")).Ok();
        (await suite.GetAsync("reader", "people/me")).Problem(403);
    }

    private async Task AddPersonAsync(string userName)
    {
        (await suite.PostAsync("admin", "people", new { userName, name = "Some Body", roles = new[] { "requester" } })).Ok();
        await RunningSuite.UntilAsync(
            async () => (int)(await suite.GetAsync(userName, "incidents")).Status, status => status == 200, userName);
    }
}
