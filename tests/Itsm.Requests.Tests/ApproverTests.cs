using Itsm.Requests.Ordering;
using Itsm.Testing;
using static Itsm.Requests.Tests.ApprovalTests;
using static Itsm.Requests.Tests.Shortcuts;

namespace Itsm.Requests.Tests;

/// <summary>Who is asked, who stands in for them, and what becomes of it when they leave.</summary>
public sealed class ApproverTests(RequestSuite suite)
{
    [Fact]
    public async Task What_waits_for_somebody_who_is_deactivated_goes_to_the_manager_above()
    {
        var boss = await suite.HireAsync();
        var person = await suite.HireAsync(manager: boss.Text("userName"));
        var request = await suite.OrderAsync("laptop", new { model = "standard" }, person.Text("userName"));
        Assert.Equal(boss.Id, request.Approvals.Single().Text("approver"));
        await RunningSuite.UntilAsync(async () => (await suite.GetAsync(Agent, $"approvals?ticket={request.Id}")).Ok().Items,
            found => found.Count == 1, "the approval in the list");
        await suite.ActAsync(Admin, $"people/{boss.Id}/deactivate", new { reason = "Left us." });
        var moved = await suite.UntilAsync(request.Id, one => one.Approvals.Count == 2);
        Assert.Equal(("escalated", "requested", "Mia Manager"),
            (moved.Approvals[0].Text("state"), moved.Approvals[1].Text("state"), moved.Approvals[1].Text("approverName")));
        Assert.Equal("approved", (await suite.DecideAsync(Manager, moved)).Ok().Text("state"));
    }

    [Fact]
    public async Task Whoever_is_deactivated_while_they_are_asked_is_replaced() => await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
    {
        var boss = await suite.HireAsync();
        var person = await suite.HireAsync(manager: boss.Text("userName"));
        var order = suite.OrderAsync("laptop", new { model = "standard" }, person.Text("userName"));
        await suite.ActAsync(Admin, $"people/{boss.Id}/deactivate", new { reason = "Left us." });
        await suite.UntilAsync((await order).Id, one =>
            one.Approvals.Single(approval => approval.Text("state") == "requested").Text("approverName") == "Mia Manager");
    }));

    [Fact]
    public async Task A_member_who_leaves_is_one_less_and_brings_nobody_in()
    {
        var members = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => suite.HireAsync()));
        var group = (await suite.PostAsync(Admin, "groups",
            new { key = $"board-{members[0].Id[..13]}", name = "Board", members = members.Select(one => one.Id) })).Ok();
        await RunningSuite.UntilAsync(() =>
            suite.PostAsync(Admin, "catalog/items",
                new { key = "of-" + group.Text("key"), content = new { name = "Boarded", approval = OfGroup(group.Text("key")) } }),
            answer => (int)answer.Status == 201, "the group");
        await suite.ActAsync(Admin, $"catalog/items/of-{group.Text("key")}/publish");
        var request = await suite.OrderAsync("of-" + group.Text("key"));
        Assert.Equal(2, request.Approvals.Count);
        (await suite.DecideAsync(members[0].Text("userName"), request)).Ok();
        await suite.ActAsync(Admin, $"people/{members[1].Id}/deactivate", new { reason = "Left us." });
        var passed = await suite.UntilStateAsync(request.Id, "inFulfillment");
        Assert.Equal(["absent", "approved"], passed.Approvals.Select(one => one.Text("state")).Order());

        static object OfGroup(string key) =>
            new
            {
                rules = new[] { new { then = "stages", stages = new[] { "board" } } },
                stages = new[]
                {
                    new
                    {
                        key = "board", name = "Board", approvers = new[] { new { kind = "group", of = key } },
                        quorum = new { kind = "all" },
                    },
                },
            };
    }

    [Theory, InlineData("group"), InlineData("role")]
    public async Task Whoever_leaves_the_group_or_loses_the_role_decides_no_more_and_loses_sight(string kind)
    {
        var people = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => suite.HireAsync()));
        var (stays, leaves) = (people[0].Text("userName"), people[1].Text("userName"));
        var of = $"jury-{people[0].Id[..13]}-{kind}";
        if (kind == "group")
        {
            (await suite.PostAsync(Admin, "groups", new { key = of, name = "Jury", members = new[] { stays, leaves } })).Ok();
        }
        else
        {
            (await suite.PostAsync(Admin, "roles", new { key = of, name = "Jury", granted = Array.Empty<string>() })).Ok();
            await Task.WhenAll(people.Select(person =>
                suite.PatchAsync(Admin, "people/" + person.Id, new { roles = new[] { "requester", of } }, "*")));
        }

        var approval = new
        {
            rules = new[] { new { then = "stages", stages = new[] { "jury" } } },
            stages = new[] { new { key = "jury", name = "Jury", approvers = new[] { new { kind, of } } } },
        };
        await RunningSuite.UntilAsync(() =>
            suite.PostAsync(Admin, "catalog/items", new { key = of, content = new { name = "Judged", approval } }),
            answer => (int)answer.Status == 201, "the " + kind);
        await suite.ActAsync(Admin, $"catalog/items/{of}/publish");
        await RunningSuite.UntilAsync(() => suite.PostAsync(Employee, "requests", new { item = of }),
            answer => (int)answer.Status == 201 && answer.Json.Approvals.Count == 2, "a jury of two");
        var request = await suite.OrderAsync(of);
        (await suite.GetAsync(leaves, "requests/" + request.Id)).Ok();

        _ = kind == "group" ? await suite.ActAsync(Admin, $"groups/{of}/remove-members", new { people = new[] { leaves } })
            : (await suite.PatchAsync(Admin, "people/" + leaves, new { roles = new[] { "requester" } }, "*")).Ok();
        var late = await suite.DecideAsync(leaves, request);
        Assert.Contains((int)late.Status, new[] { 403, 404 });
        await RunningSuite.UntilAsync(() => suite.GetAsync(leaves, "requests/" + request.Id), answer => (int)answer.Status == 404,
            "the end of their sight");
        await RunningSuite.UntilAsync(() => suite.GetAsync(leaves, "approvals?limit=200"),
            answer => answer.Ok().Items.All(one => one.Text("ticket") != request.Id), "the end in their list");
        Assert.NotEqual("waitingForApproval",
            (await suite.DecideAsync(stays, await suite.ReadAsync(request.Id, stays))).Ok().Text("state"));
    }

    [Fact]
    public async Task A_substitute_sees_for_as_long_as_they_stand_in_and_no_longer()
    {
        var (boss, stand) = (await suite.HireAsync(), await suite.HireAsync());
        var person = await suite.HireAsync(manager: boss.Text("userName"));
        var dates = new { person = stand.Id, from = suite.Clock.GetUtcNow().AddMinutes(-1), until = suite.Clock.GetUtcNow().AddDays(1) };
        (await suite.SendAsync(boss.Text("userName"), HttpMethod.Put, "people/me/substitutes", new { substitutes = new[] { dates } }, "*"))
            .Ok();
        var request = await suite.OrderAsync("laptop", new { model = "standard" }, person.Text("userName"));
        await RunningSuite.UntilAsync(() => suite.GetAsync(stand.Text("userName"), "requests/" + request.Id),
            answer => (int)answer.Status == 200, "the substitute's sight");
        await suite.TryAsync(request.Id, "watch", new { }, 403, stand.Text("userName"));
        await suite.DoAsync(request.Id, "watch", new { }, boss.Text("userName"));
        (await suite.DecideAsync(boss.Text("userName"), request)).Ok();
        (await suite.GetAsync(stand.Text("userName"), "requests/" + request.Id)).Problem(404);
    }

    [Fact]
    public async Task Whoever_is_asked_and_stands_in_for_another_decides_for_themselves()
    {
        var (one, other) = (await suite.HireAsync(), await suite.HireAsync());
        var dates = new { person = one.Id, from = suite.Clock.GetUtcNow().AddMinutes(-1), until = suite.Clock.GetUtcNow().AddDays(1) };
        (await suite.SendAsync(other.Text("userName"), HttpMethod.Put, "people/me/substitutes", new { substitutes = new[] { dates } }, "*"))
            .Ok();
        var both = new[] { one, other }.Select(person => new { kind = "person", of = person.Text("userName") });
        var key = await suite.PublishAsync(new
        {
            name = "Two",
            approval = new
            {
                rules = new[] { new { then = "stages", stages = new[] { "both" } } },
                stages = new[] { new { key = "both", name = "Both", approvers = both, quorum = new { kind = "all" } } },
            },
        });
        var request = await suite.OrderAsync(key);
        await RunningSuite.UntilAsync(async () =>
            (await suite.GetAsync(one.Text("userName"), "approvals?approver=me&state=requested")).Ok().Items,
            found => found.Count(approval => approval.Text("ticket") == request.Id) == 2, "both approvals in their list");
        Assert.Equal("approval.own-first",
            (await suite.DecideAsync(one.Text("userName"), request, approver: other.Text("userName"))).Problem(409).Code);
        var decided = (await suite.DecideAsync(one.Text("userName"), request)).Ok();
        Assert.Equal("You have decided in this stage already.",
            (await suite.ReadAsync(request.Id, one.Text("userName")))["actions"]!.AsArray()
                .First(action => action!["name"]!.GetValue<string>() == "approve")!["reason"]!.GetValue<string>());
        Assert.Equal("approval.voted",
            (await suite.DecideAsync(one.Text("userName"), decided, approver: other.Text("userName"))).Problem(409).Code);
        Assert.NotEqual("waitingForApproval", (await suite.DecideAsync(other.Text("userName"), decided)).Ok().Text("state"));
    }

    [Fact]
    public async Task A_field_names_the_approver_and_whoever_is_above_where_they_may_not_decide()
    {
        var key = await suite.PublishAsync(new
        {
            name = "Named", form = Form(("lead", new { type = "string", format = "person" })),
            approval = new
            {
                rules = new[] { new { then = "stages", stages = new[] { "lead" } } },
                stages = new[]
                {
                    new
                    {
                        key = "lead", name = "Lead", approvers = new[] { new { kind = "field", of = "lead" } },
                        fallback = new[] { new { kind = "group", of = "service-desk" } },
                    },
                },
            },
        });
        Assert.Equal("person named in lead", (await suite.OrderAsync(key, new { lead = Other })).Approvals.Single().Text("because"));
        var own = (await suite.OrderAsync(key, new { lead = Employee })).Approvals.Single();
        Assert.Equal(("Mia Manager", "above the person named in lead"), (own.Text("approverName"), own.Text("because")));
    }

    [Fact]
    public async Task Too_few_for_a_count_can_not_be_asked()
    {
        var key = await suite.PublishAsync(new { name = "Two of one", approval = Stage("count", 2, [Manager]) });
        Assert.Equal("approval.no-approver", (await suite.PostAsync(Employee, "requests", new { item = key })).Problem(409).Code);
    }
}
