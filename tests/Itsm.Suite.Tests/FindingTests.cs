using System.Text.Json.Nodes;
using CsCheck;
using Itsm.Testing;

namespace Itsm.Suite.Tests;

[Collection(WholeSuite.Name)]
public sealed class FindingTests(RunningSuite suite) : FindingScenarios(suite);

[OuterTier]
[Collection(SuiteOnElasticsearch.Name)]
public sealed class FindingOnElasticsearchTests(SuiteOnElasticsearch.Suite suite) : FindingScenarios(suite);

[OuterTier]
[Collection(SuiteOnOpenSearch.Name)]
public sealed class FindingOnOpenSearchTests(SuiteOnOpenSearch.Suite suite) : FindingScenarios(suite);

/// <summary>Lists and searches agree on who sees what, in a suite in which nobody else writes meanwhile, whatever the search engine.</summary>
public abstract class FindingScenarios(RunningSuite suite) : IAsyncLifetime
{
    private static readonly string[] People = ["admin", "manager1", "agent1", "agent2", "analyst1", "employee1", "employee2"];

    public ValueTask InitializeAsync() => suite.StartAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task List_count_single_reads_export_and_search_show_everybody_the_same()
    {
        var all = new List<string>();
        await Gen.Select(Gen.Int[0, 6].Select(index => People[index]), Gen.Int[0, 6].Select(index => People[index]),
            Gen.Int[0, 6].Select(index => People[index]), Gen.Bool, Gen.Bool, Gen.Bool).Array[12].SampleAsync(async plans =>
        {
            foreach (var (opener, requester, named, watches, secret, reassigned) in plans)
            {
                all.Add(await MakeAsync(opener, requester, named, watches, secret, reassigned));
            }

            foreach (var person in People)
            {
                var listed = await ListAsync(person);
                var exported = (await suite.GetAsync(person, "incidents/export")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Select(line => JsonNode.Parse(line)!.AsObject().Id).ToList();
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
                await RunningSuite.UntilAsync(() => SearchedAsync(person, all), found => found.Order().SequenceEqual(listed.Order()),
                    $"what {person} sees in lists is what they find");
            }
        }, iter: 3, threads: 1);
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
            await suite.ActAsync("agent1", $"incidents/{id}/assign", new { assignmentGroup = (string?)null, assignee = named });
        }

        if (secret)
        {
            await suite.ActAsync("agent1", $"incidents/{id}/watch", new { person = "analyst1" });
            await suite.ActAsync("analyst1", $"incidents/{id}/mark-security",
                new { category = "other", severity = "low", people = new[] { named }, reason = "A random secret." });
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
            page = (await suite.GetAsync(person,
                "search?kind=incident&limit=200&count=true&facets=state,priority,assignee&sort=number"
                    + (cursor is null ? "" : "&cursor=" + cursor))).Ok();
            found.AddRange(page.Items.Select(item => item.Id));
            cursor = page.TextOrNull("next");
        }
        while (cursor is not null);
        Assert.Equal(found.Count, page["count"]!.GetValue<int>());
        Assert.All(page["facets"]!.AsObject(), facet =>
            Assert.Equal(found.Count, facet.Value!.AsArray().Sum(value => value!["count"]!.GetValue<int>())));
        var suggested = (await suite.GetAsync(person, "search/suggestions?q=random%20tro&limit=20")).Ok().Items.Select(item => item.Id);
        var similar = (await suite.PostAsync(person, "search/similar", new { title = "Random trouble", limit = 20 })).Ok()
            .Items.Select(item => item.Id);

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
