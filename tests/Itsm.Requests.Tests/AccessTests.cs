using System.Text.Json.Nodes;
using CsCheck;
using Itsm.Requests.Ordering;
using Itsm.Testing;
using static Itsm.Requests.Tests.Shortcuts;

namespace Itsm.Requests.Tests;

[Collection(OwnSuite.Name)]
public sealed class AccessTests(OwnSuite.Suite suite)
{
    private static readonly string[] People = [Admin, Manager, Agent, Applications, "analyst1", Employee, Other];
    private static readonly string[] Openers = [Employee, Other, Manager, Agent];

    [Fact]
    public async Task Every_way_to_look_at_requests_shows_everybody_the_same()
    {
        var all = new List<string>();
        await Gen.Select(Gen.Int[0, 3].Select(index => Openers[index]), Gen.Int[0, 2], Gen.Int[0, 6].Select(index => People[index]),
            Gen.Bool, Gen.Bool).Array[8].SampleAsync(async plans =>
        {
            foreach (var (opener, kind, named, watches, approves) in plans)
            {
                all.Add(await MakeAsync(opener, kind, named, watches, approves));
            }

            foreach (var person in People)
            {
                var single = new List<string>();
                foreach (var id in all)
                {
                    if ((int)(await suite.GetAsync(person, "requests/" + id)).Status == 200)
                    {
                        single.Add(id);
                    }

                    Assert.Equal(single.Contains(id), (int)(await suite.GetAsync(person, $"requests/{id}/progress")).Status == 200);
                    Assert.Equal(single.Contains(id), (int)(await suite.GetAsync(person, $"requests/{id}/comments")).Status == 200);
                }

                var listed = (await AllAsync(person, "requests?")).Select(one => one.Id).ToList();
                var exported = (await suite.GetAsync(person, "requests/export")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Select(line => JsonNode.Parse(line)!.AsObject().Id).ToList();
                var counts = (await suite.GetAsync(person, "requests/counts?by=state")).Ok()["counts"]!.AsObject()
                    .Sum(one => one.Value!.GetValue<int>());
                Assert.Equal(single.Order(), listed.Intersect(all).Order());
                Assert.Superset(single.ToHashSet(), exported.ToHashSet());
                Assert.Equal(single.Order(), exported.Intersect(all).Order());
                Assert.True(counts >= single.Count, $"{counts} of {single.Count} are counted.");
                await RunningSuite.UntilAsync(
                    async () =>
                        (await AllAsync(person, "search?kind=request&sort=number&")).Select(one => one.Id).Intersect(all).Order().ToList(),
                    found => found.SequenceEqual(single.Order()), $"what {person} sees in lists is what they find");

                // Copies that lists are made of show nothing of what one may not see.
                Assert.Empty((await AllAsync(person, "approvals?")).Select(one => one.Text("ticket")).Intersect(all).Except(single));
                if ((await suite.GetAsync(person, "tasks")) is { Status: System.Net.HttpStatusCode.OK })
                {
                    Assert.Empty(
                        (await AllAsync(person, "tasks?")).Select(one => one.Text("ticket")).Intersect(all).Except(single));
                }
            }
        }, iter: 2, threads: 1);
    }

    private async Task<string> MakeAsync(string opener, int kind, string named, bool watches, bool approves)
    {
        var request = kind switch
        {
            0 => (await suite.PostAsync(opener, "requests", new { item = "payroll-access", draft = true })).Ok(),
            1 => await suite.OrderAsync("diagram-editor", person: opener),
            _ => await suite.OrderPayrollAsync(person: opener),
        };
        if (kind == 2 && approves && opener.StartsWith("employee", StringComparison.Ordinal))
        {
            (await suite.DecideAsync(Manager, request)).Ok();
        }

        if (kind > 0 && watches)
        {
            await suite.DoAsync(request.Id, "watch", new { person = named });
        }

        return request.Id;
    }

    private async Task<List<JsonObject>> AllAsync(string person, string path)
    {
        var (all, cursor) = (new List<JsonObject>(), (string?)null);
        do
        {
            var page = (await suite.GetAsync(person, $"{path}limit=200{(cursor is null ? "" : "&cursor=" + cursor)}")).Ok();
            all.AddRange(page.Items);
            cursor = page.TextOrNull("next");
        }
        while (cursor is not null);
        return all;
    }
}
