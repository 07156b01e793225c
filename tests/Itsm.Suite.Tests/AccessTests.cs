using System.Text.Json.Nodes;
using CsCheck;
using Itsm.Testing;

namespace Itsm.Suite.Tests;

/// <summary>What people see, in a suite in which nobody else writes meanwhile.</summary>
[Collection(WholeSuite.Name)]
public sealed class AccessTests(RunningSuite suite)
{
    private static readonly string[] People = ["admin", "manager1", "agent1", "agent2", "analyst1", "employee1", "employee2"];

    [Fact]
    public async Task List_count_single_reads_export_and_search_show_everybody_the_same()
    {
        var all = new List<string>();
        await Gen.Select(Gen.Int[0, 6].Select(index => People[index]), Gen.Int[0, 6].Select(index => People[index]), Gen.Int[0, 6].Select(index => People[index]), Gen.Bool, Gen.Bool, Gen.Bool).Array[12].SampleAsync(async plans =>
        {
            foreach (var (opener, requester, named, watches, secret, reassigned) in plans)
            {
                all.Add(await MakeAsync(opener, requester, named, watches, secret, reassigned));
            }

            foreach (var person in People)
            {
                var listed = await ListAsync(person);
                var exported = (await suite.GetAsync(person, "incidents/export")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject().Id).ToList();
                var counted = (await suite.GetAsync(person, "incidents?count=true&limit=1")).Ok()["count"]!.GetValue<int>();
                var single = new List<string>();
                foreach (var id in all)
                {
                    if ((int)(await suite.GetAsync(person, "incidents/" + id)).Status == 200)
                    {
                        single.Add(id);
                    }
                }

                Assert.Equal(listed.Order(), exported.Order());
                Assert.Equal(listed.Count, counted);
                Assert.Equal(single.Order(), listed.Intersect(all).Order());
                await RunningSuite.UntilAsync(() => SearchedAsync(person, all), found => found.Order().SequenceEqual(listed.Order()), $"what {person} sees in lists is what they find");
            }
        }, iter: 3, threads: 1);
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
        await suite.ActAsync("analyst1", $"incidents/{id}/mark-security", new { category = "malware", severity = "high", groups = new[] { "security" }, reason = "It looks odd." });
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
        await RunningSuite.UntilAsync(async () => (int)(await suite.GetAsync(userName, "incidents")).Status, status => status == 200, userName);
    }

    private async Task<string> MakeAsync(string opener, string requester, string named, bool watches, bool secret, bool reassigned)
    {
        var other = requester != opener && !opener.StartsWith("employee", StringComparison.Ordinal) && opener != "manager1";
        var id = (await suite.OpenAsync(opener, other ? new { title = "Random trouble", requester } : new { title = "Random trouble" })).Id;
        if (watches)
        {
            await suite.ActAsync("agent1", $"incidents/{id}/watch", new { person = named });
        }

        if (reassigned)
        {
            await suite.ActAsync("agent1", $"incidents/{id}/assign", new { assignee = named });
        }

        if (secret)
        {
            await suite.ActAsync("agent1", $"incidents/{id}/watch", new { person = "analyst1" });
            await suite.ActAsync("analyst1", $"incidents/{id}/mark-security", new { category = "other", severity = "low", people = new[] { named }, reason = "A random secret." });
        }

        return id;
    }

    /// <summary>What a search finds; its count, its facets, suggestions and similar things must agree.</summary>
    private async Task<List<string>> SearchedAsync(string person, List<string> all)
    {
        var found = new List<string>();
        JsonObject page;
        string? cursor = null;
        do
        {
            page = (await suite.GetAsync(person, "search?kind=incident&limit=200&count=true&facets=state,priority,assignee&sort=number" + (cursor is null ? "" : "&cursor=" + cursor))).Ok();
            found.AddRange(page.Items.Select(item => item.Id));
            cursor = page.TextOrNull("next");
        }
        while (cursor is not null);
        Assert.Equal(found.Count, page["count"]!.GetValue<int>());
        Assert.All(page["facets"]!.AsObject(), facet => Assert.Equal(found.Count, facet.Value!.AsArray().Sum(value => value!["count"]!.GetValue<int>())));
        var suggested = (await suite.GetAsync(person, "search/suggestions?q=random%20tro&limit=20")).Ok().Items.Select(item => item.Id);
        var similar = (await suite.PostAsync(person, "search/similar", new { title = "Random trouble", limit = 20 })).Ok().Items.Select(item => item.Id);

        // The index may have moved on between the three; in the end they agree.
        return suggested.Concat(similar).Intersect(all).Except(found).Any() ? [] : found;
    }

    private async Task<List<string>> ListAsync(string person)
    {
        var all = new List<string>();
        string? cursor = null;
        do
        {
            var page = (await suite.GetAsync(person, "incidents?limit=20" + (cursor is null ? "" : "&cursor=" + cursor))).Ok();
            all.AddRange(page.Items.Select(item => item.Id));
            cursor = page.TextOrNull("next");
        }
        while (cursor is not null);
        return all;
    }
}
