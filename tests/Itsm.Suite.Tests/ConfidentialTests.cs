using Itsm.Testing;

namespace Itsm.Suite.Tests;

/// <summary>What is confidential from the first write is nobody's but those who have it, everywhere. Agent2 works in applications, agent1
/// does not.</summary>
[Collection(WholeSuite.Name)]
public sealed class ConfidentialTests(RunningSuite suite)
{
    [Fact]
    public async Task An_incident_of_a_confidential_category_is_seen_by_whose_it_is_and_the_group_that_has_it()
    {
        var (above, category) = (await CategoryAsync(null, true), "");
        category = await CategoryAsync(above, false);
        await using var stream = await EventStream.OpenAsync(suite.As("agent1"), "?types=ticket");
        var incident = await suite.OpenAsync("employee1", new { title = "Harassmentcase", category });
        Assert.True(incident["confidential"]!.GetValue<bool>());
        await SeenByAsync(incident.Id, "Harassmentcase", ["employee1", "agent2"], ["agent1", "employee2", "admin"]);
        var after = await suite.OpenAsync("employee1", new { title = "The mouse is gone" });
        await stream.UntilAsync(events => events.Any(one => one.Data["ticket"]?.ToString() == after.Id));
        Assert.DoesNotContain(stream.Events, one => one.Data["ticket"]?.ToString() == incident.Id);

        await suite.ActAsync("agent2", $"incidents/{incident.Id}/assign", new { assignmentGroup = "network", reason = "Theirs." });
        await SeenByAsync(incident.Id, "Harassmentcase", ["employee1", "agent1"], ["agent2", "admin"]);
        (await suite.PatchAsync("employee1", "incidents/" + incident.Id, new { confidential = false }, "*")).Problem(403);
        (await suite.PatchAsync("agent1", "incidents/" + incident.Id, new { confidential = false }, "*")).Ok();
        await SeenByAsync(incident.Id, "Harassmentcase", ["employee1", "agent1", "agent2"], ["employee2"]);
    }

    [Fact]
    public async Task Its_requester_makes_one_confidential_and_it_is_not_related_to_others_and_its_parts_are_so_too()
    {
        var incident = await suite.OpenAsync("employee1", new { title = "Salarymistake", category = "applications", confidential = true });
        var open = await suite.OpenAsync("employee1", new { title = "No mail", category = "applications" });
        await SeenByAsync(incident.Id, "Salarymistake", ["employee1", "agent2"], ["agent1", "admin"]);
        foreach (var (action, body) in new (string, object)[]
        {
            ("merge", new { into = open.Id, reason = "The same." }), ("set-parent", new { parent = open.Id }),
            ("mark-duplicate", new { of = open.Id }),
        })
        {
            Assert.EndsWith("-confidential", (await suite.PostAsync("agent2", $"incidents/{incident.Id}/{action}", body, "*")).Problem(409)
                .Text("code"), StringComparison.Ordinal);
        }

        var part = (await suite.PostAsync("agent2", $"incidents/{incident.Id}/split", new { title = "Salarypart" })).Ok();
        await SeenByAsync(part.Id, "Salarypart", ["employee1", "agent2"], ["agent1", "admin"]);
        await suite.ActAsync("employee1", $"incidents/{incident.Id}/cancel", new { reason = "It was right." });
        var next = (await suite.PostAsync("employee1", $"incidents/{incident.Id}/follow-up", new { description = "It was wrong." })).Ok();
        await SeenByAsync(next.Id, "Salarymistake", ["employee1", "agent2"], ["agent1", "admin"]);
    }

    private async Task SeenByAsync(string incident, string word, string[] sees, string[] seesNot)
    {
        foreach (var person in sees)
        {
            (await suite.GetAsync(person, "incidents/" + incident)).Ok();
            await RunningSuite.UntilAsync(() => FoundAsync(person), found => found, $"{word} for {person}");
        }

        foreach (var person in seesNot)
        {
            (await suite.GetAsync(person, "incidents/" + incident)).Problem(404);
            (await suite.GetAsync(person, $"incidents/{incident}/history"))
                .Problem(person.StartsWith("employee", StringComparison.Ordinal) ? 403 : 404);
            Assert.DoesNotContain((await suite.GetAsync(person, "incidents?limit=200")).Ok().Items, one => one.Id == incident);
            await RunningSuite.UntilAsync(() => FoundAsync(person), found => !found, $"{word} not for {person}");
        }

        async Task<bool> FoundAsync(string person) =>
            (await suite.GetAsync(person, "search?q=" + word)).Ok().Items.Any(one => one.Id == incident);
    }

    private async Task<string> CategoryAsync(string? parent, bool confidential)
    {
        var key = "hr-" + Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N")[^12..];
        (await suite.PostAsync("admin", "categories",
            new { key, name = "Personal", parent, assignmentGroup = "applications", confidential })).Ok();
        return key;
    }
}
