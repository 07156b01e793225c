using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Itsm.Testing;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

[Collection(OwnSuite.Name)]
public sealed class PagingTests(OwnSuite.Suite suite)
{
    [Theory]
    [InlineData("-openedAt")]
    [InlineData("openedAt")]
    public async Task Walking_the_pages_shows_everything_once_while_others_add_more(string sort)
    {
        var tag = Path.GetRandomFileName();
        var known = await OpenAsync(tag, 25);
        var seen = new List<string>();
        var path = $"/api/v1/incidents?limit=7&sort={sort}&requester={Caller}";
        while (true)
        {
            var answer = await suite.GetAsync(Agent, path);
            seen.AddRange(answer.Ok().Items.Select(item => item.Id));
            if (answer.Json.TextOrNull("next") is not { } next)
            {
                Assert.DoesNotContain("Link", answer.Headers.Keys);
                break;
            }

            if (seen.Count < 60)
            {
                await OpenAsync(tag, 1);
            }

            path = answer.Headers["Link"].Split('<', '>')[1];
            Assert.EndsWith("rel=\"next\"", answer.Headers["Link"], StringComparison.Ordinal);
            Assert.Contains(next, path, StringComparison.Ordinal);
        }

        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Empty(known.Except(seen));
    }

    [Fact]
    public async Task The_count_is_exact_for_any_page_and_any_filter()
    {
        var number = (await OpenAsync(Path.GetRandomFileName(), 3))[0];
        await suite.DoAsync(number, "hold", new { reason = "problem" });
        foreach (var filter in new[]
        {
            "", "&state=onHold", "&state=new,onHold&priority=3", "&assignmentGroup=none", "&assignee=none&requester=me",
        })
        {
            var counted = (await suite.GetAsync(Other, "incidents?count=true&limit=1" + filter)).Ok();
            Assert.Equal((await AllAsync(Other, filter)).Count, counted["count"]!.GetValue<int>());
        }

        Assert.Null((await suite.GetAsync(Other, "incidents?limit=1")).Ok()["count"]);
    }

    [Fact]
    public async Task A_cursor_is_good_for_its_own_list_and_caller_only()
    {
        await OpenAsync(Path.GetRandomFileName(), 3);
        var next = (await suite.GetAsync(Agent, "incidents?limit=1")).Ok().Text("next");
        (await suite.GetAsync(Agent, $"incidents?limit=2&cursor={next}")).Ok();
        foreach (var (person, path) in new[]
        {
            (Other, $"incidents?limit=1&cursor={next}"), (Agent, $"incidents?state=new&cursor={next}"),
            (Agent, $"incidents?sort=openedAt&cursor={next}"), (Agent, $"categories?cursor={next}"),
        })
        {
            Assert.Equal("?cursor", (await suite.GetAsync(person, path)).Problem(400).Pointer());
        }
    }

    [Fact]
    public async Task A_cursor_that_was_tampered_with_is_refused_or_harmless()
    {
        await OpenAsync(Path.GetRandomFileName(), 3);
        var next = (await suite.GetAsync(Agent, "incidents?limit=1")).Ok().Text("next");
        await Gen.Select(Gen.Int[0, next.Length - 1], Gen.Char["ABCabc019-_"]).SampleAsync(async (position, letter) =>
        {
            var answer = await suite.GetAsync(Agent, $"incidents?limit=1&cursor={next[..position]}{letter}{next[(position + 1)..]}");
            return (int)answer.Status is 200 or 400;
        }, iter: 150, threads: 1);
        await Gen.String[Gen.Char["ABCabc019-_"], 1, 60]
            .SampleAsync(async text => (int)(await suite.GetAsync(Agent, $"incidents?cursor={text}")).Status == 400, iter: 50, threads: 1);
    }

    [Fact]
    public async Task An_export_has_every_incident_of_the_filter_on_a_line_of_its_own()
    {
        await OpenAsync(Path.GetRandomFileName(), 3);
        var export = await suite.GetAsync(Other, "incidents/export?state=new&sort=openedAt");
        Assert.StartsWith("application/x-ndjson",
            (await suite.As(Other).GetAsync("/api/v1/incidents/export?state=new")).Content.Headers.ContentType!.ToString(),
            StringComparison.Ordinal);
        var lines = export.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject().Id)
            .ToHashSet();
        Assert.Superset((await AllAsync(Other, "&state=new")).ToHashSet(), lines);
        var numbers = (await suite.GetAsync(Other, "incidents/export?state=new&fields=number"))
            .Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject());
        Assert.All(numbers, one => Assert.Equal(["id", "number"], one.Select(member => member.Key)));
    }

    private async Task<List<string>> OpenAsync(string tag, int count)
    {
        var opened = await Task.WhenAll(Enumerable.Range(0, count)
            .Select(number => suite.OpenAsync(number % 2 == 0 ? Caller : Other, new { title = $"{tag} {number}" })));
        return [.. opened.Where(incident => incident.Text("title").StartsWith(tag, StringComparison.Ordinal))
            .Where((_, index) => index % 2 == 0).Select(incident => incident.Id)];
    }

    private async Task<List<string>> AllAsync(string person, string filter)
    {
        var all = new List<string>();
        string? cursor = null;
        do
        {
            var page = (await suite.GetAsync(person, $"incidents?limit=200{filter}{(cursor is null ? "" : "&cursor=" + cursor)}")).Ok();
            all.AddRange(page.Items.Select(item => item.Id));
            cursor = page.TextOrNull("next");
        }
        while (cursor is not null);
        return all;
    }
}
