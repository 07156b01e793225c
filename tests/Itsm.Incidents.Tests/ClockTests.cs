using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>What happens by itself, on a clock that the tests move.</summary>
[Collection(OwnSuite.Name)]
public sealed class ClockTests(OwnSuite.Suite suite)
{
    private static readonly TimeSpan CloseAfter = TimeSpan.FromDays(7);

    [Fact]
    public async Task It_closes_by_itself_when_its_time_has_come_whatever_was_done_in_between()
    {
        var id = (await suite.OpenAsync()).Id;
        var resolved = await suite.ResolveAsync(id);
        Assert.Equal(At(resolved, "resolvedAt") + CloseAfter, At(resolved, "closesAt"));
        suite.Clock.Advance(TimeSpan.FromDays(6));
        (await suite.PatchAsync(Agent, "incidents/" + id, new { description = "Touched in between" }, "*")).Ok();
        await suite.CommentAsync(id, Agent, "Still fine?");
        suite.Clock.Advance(At(resolved, "closesAt") - suite.Clock.GetUtcNow() - TimeSpan.FromMinutes(2));
        await TimersHaveRunAsync();
        Assert.Equal("resolved", (await suite.ReadAsync(id)).Text("state"));
        suite.Clock.Advance(At(resolved, "closesAt") - suite.Clock.GetUtcNow());
        var closed = await suite.UntilStateAsync(id, "closed");
        Assert.InRange(At(closed, "closedAt"), At(resolved, "closesAt"), At(resolved, "closesAt") + TimeSpan.FromMinutes(1));
        Assert.Null(closed["closesAt"]);
        Assert.Equal("incidents", (await suite.HistoryAsync(id))[0]["by"]!.AsObject().Text("name"));
    }

    [Fact]
    public async Task What_was_reopened_and_resolved_again_closes_after_the_second_time()
    {
        var id = (await suite.OpenAsync()).Id;
        await suite.ResolveAsync(id);
        suite.Clock.Advance(TimeSpan.FromDays(5));
        await suite.DoAsync(id, "reopen", new { reason = "It burns again." }, Caller);
        var resolved = await suite.ResolveAsync(id);
        suite.Clock.Advance(TimeSpan.FromDays(5));
        await TimersHaveRunAsync();
        Assert.Equal("resolved", (await suite.ReadAsync(id)).Text("state"));
        Assert.Equal(At(resolved, "resolvedAt") + CloseAfter, At(resolved, "closesAt"));
        suite.Clock.Advance(TimeSpan.FromDays(2));
        await suite.UntilStateAsync(id, "closed");
    }

    [Fact]
    public async Task A_major_incident_never_closes_by_itself_until_it_is_demoted()
    {
        var (before, after) = ((await suite.OpenAsync()).Id, (await suite.OpenAsync()).Id);
        foreach (var id in new[] { before, after })
        {
            await suite.DoAsync(id, "propose-major", new { reason = "Everybody calls." });
        }

        await suite.DoAsync(before, "accept-major", person: Manager);
        Assert.Null((await suite.ResolveAsync(before))["closesAt"]);
        await suite.ResolveAsync(after);
        Assert.Null((await suite.DoAsync(after, "accept-major", person: Manager))["closesAt"]);
        suite.Clock.Advance(TimeSpan.FromDays(60));
        await TimersHaveRunAsync();
        Assert.Equal("resolved", (await suite.ReadAsync(before)).Text("state"));
        Assert.Equal("resolved", (await suite.ReadAsync(after)).Text("state"));
        await suite.DoAsync(before, "demote-major", new { reason = "It was not." }, Manager);
        await suite.UntilStateAsync(before, "closed");
    }

    [Fact]
    public async Task A_status_update_that_is_due_is_noted_and_the_next_one_is_marked_late()
    {
        var id = (await suite.OpenAsync()).Id;
        await suite.DoAsync(id, "propose-major", new { reason = "Everybody calls." });
        await suite.DoAsync(id, "accept-major", person: Manager);
        var planned = await suite.DoAsync(id, "plan-communication",
            new
            {
                audiences = new[]
                {
                    new { name = "executives", channel = "mail", everyMinutes = (int?)60 },
                    new { name = "staff", channel = "chat", everyMinutes = (int?)null },
                },
            }, Manager);
        var due = At(planned["major"]!.AsObject(), "nextUpdateAt");
        Assert.InRange(due - suite.Clock.GetUtcNow(), TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(60));
        suite.Clock.Advance(TimeSpan.FromMinutes(70));
        var overdue = await suite.UntilAsync(id, incident => incident["major"]!["updateOverdueSince"] is not null);
        Assert.Equal(due, At(overdue["major"]!.AsObject(), "updateOverdueSince"));
        var updated = (await suite.DoAsync(id, "publish-update", new { text = "We are on it." }, Manager))["major"]!.AsObject();
        Assert.Null(updated["updateOverdueSince"]);
        Assert.True(At(updated, "nextUpdateAt") > due);
        Assert.NotNull(updated["updates"]![0]!["late"]);
        Assert.Equal(["executives", "staff"], updated["updates"]![0]!["audiences"].Texts());
        var again = (await suite.DoAsync(id, "publish-update", new { text = "Nearly done.", audiences = new[] { "staff" } }, Manager))[
            "major"]!.AsObject();
        Assert.Null(again["updates"]![1]!["late"]);
        Assert.Null((await suite.ResolveAsync(id))["major"]!["nextUpdateAt"]);
    }

    [Fact]
    public async Task The_matrix_decides_for_what_is_rated_from_then_on_and_leaves_overrides_alone()
    {
        var (rated, overridden) = ((await suite.OpenAsync()).Id, (await suite.OpenAsync()).Id);
        await suite.DoAsync(overridden, "override-priority", new { priority = 2, reason = "The boss's printer." });
        var matrix = (await suite.GetAsync("admin", "priority-matrix")).Ok();
        int[][] flat = [[2, 2, 2], [2, 5, 5], [5, 5, 5]];
        (await suite.SendAsync(Agent, HttpMethod.Put, "priority-matrix", new { rows = flat }, matrix.Tag)).Problem(403);
        (await suite.SendAsync("admin", HttpMethod.Put, "priority-matrix", new { rows = flat, reason = "A calm week." }, matrix.Tag)).Ok();
        try
        {
            Assert.Equal(3, (await suite.ReadAsync(rated))["priority"]!.GetValue<int>());
            var again = (await suite.PatchAsync(Agent, "incidents/" + rated, new { impact = "low" }, "*")).Ok();
            Assert.Equal((5, 5), (again["priority"]!.GetValue<int>(), again["computedPriority"]!.GetValue<int>()));
            again = (await suite.PatchAsync(Agent, "incidents/" + overridden, new { impact = "low" }, "*")).Ok();
            Assert.Equal((2, 5), (again["priority"]!.GetValue<int>(), again["computedPriority"]!.GetValue<int>()));
            Assert.Equal(5, (await suite.OpenAsync())["priority"]!.GetValue<int>());
        }
        finally
        {
            (await suite.SendAsync("admin", HttpMethod.Put, "priority-matrix", new { rows = matrix["rows"] }, "*")).Ok();
        }
    }

    [Theory]
    [InlineData("[[1,2,3],[2,3,4]]", "/rows")]
    [InlineData("[[1,2,3],[2,3],[3,4,5]]", "/rows")]
    [InlineData("[[1,2,3],[2,3,6],[3,4,5]]", "/rows/1/2")]
    [InlineData("[[1,2,3],[2,1,4],[3,4,5]]", "/rows/1/1")]
    [InlineData("[[1,2,3],null,[3,4,5]]", "/rows/1")]
    [InlineData("null", "/rows")]
    public async Task A_matrix_that_makes_no_sense_is_refused(string rows, string place) =>
        Assert.Equal(place,
            (await suite.SendAsync("admin", HttpMethod.Put, "priority-matrix", new { rows = JsonNode.Parse(rows) }, "*")).Problem(400)
                .Pointer());

    private static DateTimeOffset At(JsonObject json, string name) => json[name]!.GetValue<DateTimeOffset>();

    /// <summary>One minute passes, and a timer that came due in it has run: so have all that were due before.</summary>
    private async Task TimersHaveRunAsync()
    {
        var id = (await suite.OpenAsync()).Id;
        await suite.DoAsync(id, "propose-major", new { reason = "A test of timers." });
        await suite.DoAsync(id, "accept-major", person: Manager);
        await suite.DoAsync(id, "plan-communication",
            new { audiences = new[] { new { name = "testers", channel = "mail", everyMinutes = 1 } } }, Manager);
        suite.Clock.Advance(TimeSpan.FromMinutes(1));
        await suite.UntilAsync(id, incident => incident["major"]!["updateOverdueSince"] is not null);
        await suite.DoAsync(id, "demote-major", new { reason = "Only a test." }, Manager);
    }
}
