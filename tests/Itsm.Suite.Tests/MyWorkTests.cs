using System.Globalization;
using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Suite.Tests;

/// <summary>All that waits for somebody, in one read.</summary>
[Collection(WholeSuite.Name)]
public sealed class MyWorkTests(RunningSuite suite)
{
    private const string Unfinished = "state=new,inProgress,onHold,resolved";
    private static readonly string[] Sections = ["assigned", "groups", "approvals", "tasks", "opened", "watched"];

    [Fact]
    public async Task What_waits_for_an_agent_of_all_kinds_is_there_with_names_and_counts_as_in_the_lists()
    {
        var (agent, group) = await TeamAsync();
        var own = await OpenAsync(group, agent);
        var queued = await OpenAsync(group, null);
        var watched = await suite.OpenAsync("employee2");
        await suite.ActAsync(agent.UserName, $"incidents/{watched.Id}/watch");
        var opened = await suite.OpenAsync(agent.UserName, new { title = "My mouse is gone" });
        await suite.ActAsync(agent.UserName, $"incidents/{queued.Id}/tasks", new { title = "Look", assignmentGroup = group });
        await suite.ActAsync(agent.UserName, $"incidents/{own.Id}/tasks", new { title = "Call", assignmentGroup = group, assignee = agent.Id });
        var member = await HireAsync("requester", agent.Id);
        var request = (await suite.PostAsync(member.UserName, "requests", Payroll())).Ok();

        var work = await UntilAsync(agent, all => (Count(all, "approvals"), Count(all, "tasks")) == (1, 2));

        Assert.Equal([1, 1, 1, 2, 1, 1], Sections.Select(section => Count(work, section)));
        var item = Items(work, "assigned")[0];
        Assert.Equal(("incident", own.Id, own.Text("number"), own.Text("title"), "new", 3),
            (item.Text("kind"), item.Id, item.Text("number"), item.Text("title"), item.Text("state"), item["priority"]!.GetValue<int>()));
        Assert.Equal((own.Text("requester"), "Erin Employee", agent.Id, group), (item["requester"]!.AsObject().Id,
            item["requester"]!.AsObject().Text("name"), item["assignee"]!.AsObject().Id, item["assignmentGroup"]!.AsObject().Text("key")));
        Assert.Equal(queued.Id, Items(work, "groups")[0].Id);
        Assert.Equal((opened.Id, watched.Id), (Items(work, "opened")[0].Id, Items(work, "watched")[0].Id));
        Assert.Equal(["Call", "Look"], Items(work, "tasks").Select(one => one["task"]!.AsObject().Text("title")).Order());
        Assert.All(Items(work, "tasks"), one => Assert.Equal("open", one["task"]!.AsObject().Text("state")));
        var approval = Items(work, "approvals")[0];
        Assert.Equal(("request", request.Id, member.Id, agent.Id), (approval.Text("kind"), approval.Id,
            approval["requester"]!.AsObject().Id, approval["approval"]!["approver"]!.AsObject().Id));
        await suite.ActAsync(agent.UserName, $"requests/{request.Id}/approvals/{approval["approval"]!.AsObject().Id}/approve",
            new { digest = approval["approval"]!.AsObject().Text("digest") });
        await UntilAsync(agent, all => Count(all, "approvals") == 0);

        foreach (var (section, filter) in new[]
        {
            ("assigned", "assignee=me"), ("groups", "assignmentGroup=mine&assignee=none"), ("opened", "requester=me"),
        })
        {
            var list = (await suite.GetAsync(agent.UserName, $"incidents?count=true&{Unfinished}&{filter}")).Ok();
            Assert.Equal(list["count"]!.GetValue<int>(), Count(work, section));
        }

        await suite.ActAsync("employee2", $"incidents/{watched.Id}/cancel", new { reason = "Never mind." });
        Assert.Equal(0, Count(await WorkAsync(agent), "watched"));
    }

    [Fact]
    public async Task What_one_may_not_see_is_in_no_section_and_not_counted()
    {
        var (agent, group) = await TeamAsync();
        var one = await OpenAsync(group, null);
        var other = await suite.OpenAsync("employee1", new { title = "Salary", category = "applications", confidential = true });
        await suite.ActAsync(agent.UserName, $"incidents/{one.Id}/watch");
        await suite.ActAsync(agent.UserName, $"incidents/{one.Id}/tasks", new { title = "Look", assignmentGroup = group, assignee = agent.Id });
        (await suite.PostAsync(agent.UserName, $"incidents/{other.Id}/watch", new { }, "*")).Problem(404);
        await UntilAsync(agent, all => (Count(all, "groups"), Count(all, "tasks"), Count(all, "watched")) == (1, 1, 1));

        await suite.ActAsync("agent1", $"incidents/{one.Id}/watch", new { person = "analyst1" });
        await suite.ActAsync("analyst1", $"incidents/{one.Id}/mark-security",
            new { category = "phishing", severity = "high", groups = new[] { "security" }, reason = "It looks forged." });

        var work = await UntilAsync(agent, all => Count(all, "tasks") == 0);
        Assert.All(Sections, section => Assert.Equal((0, 0), (Count(work, section), Items(work, section).Count)));
    }

    [Fact]
    public async Task A_substitute_has_what_the_other_approves_while_they_are_one()
    {
        var (manager, substitute) = (await HireAsync("requester"), await HireAsync("requester"));
        var member = await HireAsync("requester", manager.Id);
        var request = (await suite.PostAsync(member.UserName, "requests", Payroll())).Ok();
        await UntilAsync(manager, all => Count(all, "approvals") == 1);
        Assert.Equal(0, Count(await WorkAsync(substitute), "approvals"));
        var now = suite.Clock.GetUtcNow();

        await SubstituteAsync(new { person = substitute.Id, from = now.AddMinutes(-1), until = now.AddHours(1) });

        var work = await UntilAsync(substitute, all => Count(all, "approvals") == 1);
        var item = Items(work, "approvals")[0];
        Assert.Equal((request.Id, manager.Id), (item.Id, item["approval"]!["approver"]!.AsObject().Id));
        await SubstituteAsync();
        await UntilAsync(substitute, all => Count(all, "approvals") == 0);

        async Task SubstituteAsync(params object[] substitutes) =>
            (await suite.SendAsync(manager.UserName, HttpMethod.Put, "people/me/substitutes", new { substitutes }, "*")).Ok();
    }

    [Fact]
    public async Task The_first_items_are_those_that_are_due_first_then_by_priority_and_unread_is_what_changed_since()
    {
        var (agent, group) = await TeamAsync();
        string[] levels = ["low", "high", "medium", "high", "low"];
        var opened = new List<string>();
        foreach (var level in levels)
        {
            opened.Add((await OpenAsync(group, agent, level)).Id);
        }

        // Those on hold are due at no instant.
        foreach (var waits in opened[..2])
        {
            await suite.ActAsync(agent.UserName, $"incidents/{waits}/start");
            await suite.ActAsync(agent.UserName, $"incidents/{waits}/hold", new { reason = "caller", comment = "Which one is it?" });
        }

        var whole = await UntilAsync(agent, all => Items(all, "assigned").Count(one => one["dueAt"] is null) == 2);
        var order = Items(whole, "assigned").Select(one => one.Id).ToList();
        Assert.Equal([opened[3], opened[2], opened[4], opened[1], opened[0]], order);
        Assert.All(Sections, section => Assert.False(whole[section]!.AsObject().ContainsKey("unread")));
        suite.Clock.Advance(TimeSpan.FromSeconds(1));
        var since = suite.Clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        suite.Clock.Advance(TimeSpan.FromSeconds(1));
        await suite.ActAsync(agent.UserName, $"incidents/{opened[4]}/start");
        for (var limit = 1; limit <= 6; limit++)
        {
            var work = await WorkAsync(agent, $"?limit={limit}&since={since}");
            Assert.Equal((5, 1), (Count(work, "assigned"), work["assigned"]!["unread"]!.GetValue<int>()));
            Assert.Equal(order.Take(limit), Items(work, "assigned").Select(one => one.Id));
            Assert.Equal(0, work["approvals"]!["unread"]!.GetValue<int>());
        }
    }

    [Fact]
    [OuterTier]
    public async Task Beyond_a_thousand_the_counts_stay_there_and_the_first_due_are_still_first()
    {
        const int Queued = 1_003;
        var (agent, group) = await TeamAsync();
        var since = suite.Clock.GetUtcNow().AddSeconds(-1).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        await Parallel.ForAsync(0, Queued, async (number, _) =>
            await suite.OpenAsync("agent1", new { title = $"Alarm {number}", impact = "low", urgency = "low", assignmentGroup = group }));
        var urgent = await suite.OpenAsync(
            "agent1", new { title = "All is down", impact = "high", urgency = "high", assignmentGroup = group });

        var work = await suite.UntilAsync(agent.UserName, $"me/work?limit=3&since={since}", all =>
            Items(all, "groups")[0].Id == urgent.Id && Items(all, "groups").All(item => item["dueAt"] is not null));
        var queue = work["groups"]!.AsObject();
        Assert.Equal((1_000, 1_000, true),
            (Count(work, "groups"), queue["unread"]!.GetValue<int>(), queue["more"]!.GetValue<bool>()));
        Assert.All(Sections.Except(["groups"]), section => Assert.False(work[section]!.AsObject().ContainsKey("more")));

        await suite.ActAsync(
            "agent1", $"incidents/{urgent.Id}/assign", new { assignmentGroup = group, assignee = agent.Id, reason = "Now." });
        work = await WorkAsync(agent);
        Assert.Equal(urgent.Id, Items(work, "assigned")[0].Id);
        Assert.DoesNotContain(Items(work, "groups"), item => item.Id == urgent.Id);
    }

    [Theory]
    [InlineData("limit=51")]
    [InlineData("limit=0")]
    [InlineData("since=yesterday")]
    [InlineData("assignee=me")]
    public async Task What_the_read_does_not_take_is_a_400_that_names_it(string query) =>
        Assert.Equal("?" + query.Split('=')[0], (await suite.GetAsync("agent1", "me/work?" + query)).Problem(400)["errors"]![0]!
            .AsObject().Text("pointer"));

    private object Payroll() => new
    {
        item = "payroll-access",
        answers = new
        {
            role = "reader", reason = "Quarterly report",
            until = suite.Clock.GetUtcNow().AddDays(60).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        },
    };

    /// <summary>A group that has one agent.</summary>
    private async Task<(Person Agent, string Group)> TeamAsync()
    {
        var agent = await HireAsync("agent");
        var group = (await suite.PostAsync("admin", "groups", new { key = "t" + agent.UserName, name = "Team", members = new[] { agent.Id } }))
            .Ok().Text("key");
        await RunningSuite.UntilAsync(() => suite.GetAsync(agent.UserName, "me"),
            me => me.Text.Contains($"\"{group}\"", StringComparison.Ordinal), "the new member");
        return (agent, group);
    }

    private async Task<Person> HireAsync(string role, string? manager = null)
    {
        var userName = "w" + Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N")[^14..];
        var person = (await suite.PostAsync("admin", "people",
            new { userName, name = "Wanda " + userName, site = "berlin", manager, roles = new[] { role } })).Ok();
        await RunningSuite.UntilAsync(() => suite.GetAsync(userName, "me"), answer => (int)answer.Status == 200, "the new person");
        return new Person(person.Id, userName);
    }

    private async Task<JsonObject> OpenAsync(string group, Person? assignee, string level = "medium")
    {
        var incident = await suite.OpenAsync("employee1", new { title = "The printer is on fire", impact = level, urgency = level });
        return await suite.ActAsync("agent1", $"incidents/{incident.Id}/assign",
            new { assignmentGroup = group, assignee = assignee?.Id, reason = "Theirs." });
    }

    private async Task<JsonObject> WorkAsync(Person person, string query = "") =>
        (await suite.GetAsync(person.UserName, "me/work" + query)).Ok();

    private Task<JsonObject> UntilAsync(Person person, Func<JsonObject, bool> condition) =>
        suite.UntilAsync(person.UserName, "me/work", condition);

    private static int Count(JsonObject work, string section) => work[section]!["count"]!.GetValue<int>();

    private static IReadOnlyList<JsonObject> Items(JsonObject work, string section) => work[section]!.AsObject().Items;

    private sealed record Person(string Id, string UserName);
}
