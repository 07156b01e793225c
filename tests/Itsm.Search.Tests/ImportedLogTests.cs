using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Itsm.Testing;

namespace Itsm.Search.Tests;

/// <summary>A real log, varied: what a search finds is what a scan over everything finds.</summary>
public sealed class ImportedLogTests(ImportedLogTests.Suite suite) : IClassFixture<ImportedLogTests.Suite>
{
    private const int Copies = 30;

    [Fact]
    [OuterTier]
    public async Task A_search_finds_exactly_what_a_scan_finds()
    {
        var imported = await ImportAsync();
        await RunningSuite.UntilAsync(async () =>
            (await suite.GetAsync("agent1", "search?kind=incident&count=true&limit=1")).Ok()["count"]!.GetValue<int>(),
            count => count == imported, "everything imported");
        await suite.OpenAsync("employee1", new { title = "Symptom 3 at my desk", description = "Symptom: Symptom 3" });
        await RunningSuite.UntilAsync(async () => (await suite.GetAsync("employee1", "search?q=desk")).Ok().Items.Count,
            count => count == 1, "one's own");

        foreach (var person in new[] { "agent1", "employee1", "employee2" })
        {
            var all = (await suite.GetAsync(person, "incidents/export")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
            var conditions = Conditions(all).ToList();
            var one = Gen.Int[0, conditions.Count - 1].Select(index => conditions[index]);
            var query = Gen.Select(one, one, Gen.Int[0, 3], Combine);
            await query.SampleAsync(async asked =>
            {
                var page = (await suite.GetAsync(person,
                    $"search?q={Uri.EscapeDataString("kind:incident " + asked.Query)}&limit=200&count=true&facets=state,priority")).Ok();
                var expected = all.Where(asked.Holds).ToList();
                Assert.Equal(expected.Select(incident => incident.Id).Order(), page.Items.Select(item => item.Id).Order());
                Assert.Equal(expected.Count, page["count"]!.GetValue<int>());
                Assert.Equal(Counts(expected.Select(incident => incident.Text("state"))), Facet(page, "state"));
                Assert.Equal(Counts(expected.Select(incident => incident["priority"]!.ToString())), Facet(page, "priority"));
            }, iter: 60, threads: 1);
        }
    }

    private static (string Query, Func<JsonObject, bool> Holds) Combine(
        (string Query, Func<JsonObject, bool> Holds) one, (string Query, Func<JsonObject, bool> Holds) two, int how) => how switch
    {
        0 => one,
        1 => ($"{one.Query} {two.Query}", incident => one.Holds(incident) && two.Holds(incident)),
        2 => ($"({one.Query} OR {two.Query})", incident => one.Holds(incident) || two.Holds(incident)),
        _ => ($"{one.Query} -{two.Query}", incident => one.Holds(incident) && !two.Holds(incident)),
    };

    private static IEnumerable<(string Query, Func<JsonObject, bool> Holds)> Conditions(List<JsonObject> all)
    {
        yield return ("state:new", incident => incident.Text("state") == "new");
        yield return ("group:none", incident => incident["assignmentGroup"] is null);
        yield return ("opened:>=2016-03-02", incident =>
            incident["openedAt"]!.GetValue<DateTimeOffset>() >= new DateTimeOffset(2016, 3, 2, 0, 0, 0, TimeSpan.Zero));
        yield return ("closed:none", incident => incident["closedAt"] is null);
        foreach (var priority in Enumerable.Range(1, 5))
        {
            yield return ($"priority:{priority}", incident => incident["priority"]!.GetValue<int>() == priority);
            yield return ($"priority:>{priority}", incident => incident["priority"]!.GetValue<int>() > priority);
        }

        foreach (var symptom in Enumerable.Range(0, 7))
        {
            yield return ($"description:\"symptom symptom {symptom}\"", incident =>
                incident.TextOrNull("description")?.Split('\n').Contains($"Symptom: Symptom {symptom}") == true);
        }

        foreach (var field in new[] { "category", "assignmentGroup", "requester", "assignee" })
        {
            foreach (var value in all.Select(incident => incident.TextOrNull(field)).OfType<string>().Distinct())
            {
                yield return ($"{field}:{value}", incident => incident.TextOrNull(field) == value);
            }
        }
    }

    private static SortedDictionary<string, int> Counts(IEnumerable<string> values) => new(values.CountBy(value => value).ToDictionary());

    private static SortedDictionary<string, int> Facet(JsonObject page, string field) =>
        new(page["facets"]![field]!.AsArray()
            .ToDictionary(facet => facet!["value"]!.GetValue<string>(), facet => facet!["count"]!.GetValue<int>()));

    private async Task<int> ImportAsync()
    {
        using var reader = new StreamReader(typeof(ImportedLogTests).Assembly.GetManifestResourceStream("servicenow-incidents.csv")!);
        var lines = (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd('\r'))
            .ToList();
        var columns = lines[0].Split(',').Index().ToDictionary(column => column.Item, column => column.Index);
        var text = new StringBuilder(lines[0]).Append('\n');
        var numbers = new HashSet<string>();
        for (var copy = 0; copy < Copies; copy++)
        {
            foreach (var values in lines.Skip(1).Select(line => line.Split(',')))
            {
                numbers.Add(values[columns["number"]] += $"-{copy}");
                values[columns["category"]] = $"Category {copy % 5}";
                values[columns["u_symptom"]] = $"Symptom {copy % 7}";
                values[columns["assignment_group"]] = copy % 6 == 0 ? "?" : $"Group {copy % 3}";
                values[columns["priority"]] = new[] { "1 - Critical", "2 - High", "3 - Moderate", "4 - Low" }[copy % 4];
                text.Append(string.Join(',', values)).Append('\n');
            }
        }

        using var content = new StringContent(text.ToString(), Encoding.UTF8, "text/csv");
        var job = (await suite.SendAsync("admin", HttpMethod.Post, "incidents/imports?source=varied&timeZone=Europe/Lisbon", content)).Ok();
        var done = await suite.UntilAsync("admin", "incidents/imports/" + job.Id, read => read.Text("state") == "done");
        Assert.Equal(numbers.Count, done["imported"]!.GetValue<int>());
        return numbers.Count;
    }

    public sealed class Suite : SearchSuite;
}
