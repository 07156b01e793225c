using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Itsm.Testing;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>Lists by priority: of incidents whose instants are equal by the half dozen, as imports have them.</summary>
public sealed class PrioritySortTests(PrioritySortTests.Suite suite) : IClassFixture<PrioritySortTests.Suite>
{
    private static readonly string[] Filters = ["", "&state=new", "&priority=1,3", "&priority=2&state=onHold", "&assignee=none",
        $"&requester={Caller}", "&openedAt[gte]=2021-03-02T00:00:00Z", "&assignmentGroup=none,service-desk&state=new,onHold"];

    [Fact]
    public async Task The_pages_together_are_what_sorting_all_would_give()
    {
        await Gen.Select(One("", "-"), One(Filters), One(Agent, Caller, Other), Gen.Int[1, 7])
            .SampleAsync(async (sign, filter, person, limit) =>
            {
                var all = (await suite.GetAsync(person, $"incidents?limit=200{filter}")).Ok().Items;
                var expected = (sign == "" ? all.OrderBy(Priority) : all.OrderByDescending(Priority)).ThenByDescending(OpenedAt)
                    .ThenByDescending(one => one.Id, StringComparer.Ordinal).Select(one => one.Id).ToList();
                Assert.Equal(expected, await PagesAsync(person, $"sort={sign}priority&limit={limit}{filter}", expected.Count));
            }, iter: 60, threads: 1);
    }

    [Theory]
    [InlineData("priority", "1,1,1,2"), InlineData("-priority", "5,5,5,4")]
    public async Task An_export_comes_in_that_order(string sort, string begins)
    {
        var lines = (await suite.GetAsync(Agent, $"incidents/export?sort={sort}&fields=priority&openedAt[lt]=2021-03-02T00:00:00Z")).Text
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        Assert.Equal(15, lines.Count);
        Assert.Equal(begins, string.Join(',', lines.Take(4).Select(Priority)));
    }

    [Fact]
    public async Task A_cursor_is_good_for_its_own_order_filter_and_caller_only()
    {
        var next = (await suite.GetAsync(Agent, "incidents?sort=priority&limit=4")).Ok().Text("next");
        (await suite.GetAsync(Agent, $"incidents?sort=priority&limit=2&fields=number&expand=requester&cursor={next}")).Ok();
        foreach (var (person, query) in new[]
        {
            (Agent, "sort=-priority"), (Agent, "sort=-openedAt"), (Agent, "limit=4"), (Agent, "sort=priority&priority=1"),
            (Agent, "sort=priority&state=new"), (Manager, "sort=priority"),
        })
        {
            Assert.Equal("?cursor", (await suite.GetAsync(person, $"incidents?{query}&cursor={next}")).Problem(400).Pointer());
        }

        await Gen.Select(Gen.Int[0, next.Length - 1], Gen.Char["ABCabc019-_"]).SampleAsync(async (position, letter) =>
        {
            var answer = await suite.GetAsync(
                Agent, $"incidents?sort=priority&limit=4&cursor={next[..position]}{letter}{next[(position + 1)..]}");
            return (int)answer.Status is 200 or 400;
        }, iter: 100, threads: 1);
    }

    private async Task<List<string>> PagesAsync(string person, string query, int count)
    {
        var (ids, cursor) = (new List<string>(), "");
        do
        {
            var page = (await suite.GetAsync(person, $"incidents?{query}&count=true{cursor}")).Ok();
            Assert.Equal(count, page["count"]!.GetValue<int>());
            ids.AddRange(page.Items.Select(item => item.Id));
            cursor = page.TextOrNull("next") is { } next ? "&cursor=" + next : null;
        }
        while (cursor is not null && ids.Count <= count);
        return ids;
    }

    private static Gen<string> One(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(number => texts[number]);

    private static int Priority(JsonObject incident) => incident["priority"]!.GetValue<int>();

    private static DateTimeOffset OpenedAt(JsonObject incident) => incident["openedAt"]!.GetValue<DateTimeOffset>();

    /// <summary>With thirty incidents of two days.</summary>
    public sealed class Suite : IncidentsSuite
    {
        public override async ValueTask InitializeAsync()
        {
            await base.InitializeAsync();
            var rows = Enumerable.Range(0, 30).Select(number => $"OLD{number},Out of order,{(number % 4 == 0 ? "awaiting vendor" : "new")},"
                + $"2021-03-0{1 + (number / 15)}T0{8 + (number / 5 % 2)}:00:00Z,{(number % 3 == 0 ? Other : Caller)},{1 + (number * 7 % 5)}\n");
            var job = (await SendAsync("admin", HttpMethod.Post, "incidents/imports?source=old",
                new StringContent("number,title,state,opened_at,requester,priority\n" + string.Concat(rows), Encoding.UTF8, "text/csv"))).Ok();
            var done = await UntilAsync("admin", "incidents/imports/" + job.Id, read => read.Text("state") == "done");
            Assert.Equal(30, done["imported"]!.GetValue<int>());
        }
    }
}
