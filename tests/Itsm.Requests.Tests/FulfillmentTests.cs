using System.Text.Json.Nodes;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Requests.Domain;
using Itsm.Requests.Fulfilling;
using Itsm.Requests.Ordering;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;
using static Itsm.Requests.Tests.ApprovalTests;
using static Itsm.Requests.Tests.Shortcuts;

namespace Itsm.Requests.Tests;

public sealed class FulfillmentTests(RequestSuite suite)
{
    [Fact]
    public async Task A_retired_group_and_a_deactivated_person_give_back_requests_and_tasks()
    {
        var person = await suite.HireAsync();
        var key = $"crew-{person.Id[..13]}";
        var group = (await suite.PostAsync(Admin, "groups", new { key, name = "Crew", members = new[] { person.Id } })).Ok();
        var plan = new[] { new { key = "one", title = "Do one", group = key }, new { key = "two", title = "Do two", group = "network" } };
        await RunningSuite.UntilAsync(() =>
            suite.PostAsync(Admin, "catalog/items", new { key, content = new { name = "Crewed", assignmentGroup = "network", plan } }),
            answer => (int)answer.Status == 201, key);
        await suite.ActAsync(Admin, $"catalog/items/{key}/publish");
        var request = await suite.UntilStateAsync((await suite.OrderAsync(key)).Id, "inFulfillment");
        await suite.DoTaskAsync(request.Id, "/two/assign",
            new JsonObject { ["assignmentGroup"] = null, ["assignee"] = person.Text("userName") });
        Assert.Equal(group.Id, request.TaskOf("one").Text("assignmentGroup"));

        // The lists of tasks, by which they are found, follow the requests.
        await RunningSuite.UntilAsync(() => suite.GetAsync(Agent, $"tasks?assignmentGroup={key}"),
            answer => answer.Ok().Items.Count == 1, "the task in the list");
        await RunningSuite.UntilAsync(() => suite.GetAsync(Agent, $"tasks?assignee={person.Id}"),
            answer => answer.Ok().Items.Count == 1, "the task in the list");
        (await suite.PatchAsync(Admin, "groups/" + key, new { active = false }, "*")).Ok();
        await suite.ActAsync(Admin, $"people/{person.Id}/deactivate", new { reason = "Left the company." });
        var left = await suite.UntilAsync(request.Id, one =>
            one.TaskOf("one").TextOrNull("assignmentGroup") != group.Id && one.TaskOf("two")["assignee"] is null);
        Assert.NotNull(left.TaskOf("one")["assignmentGroup"]);
        Assert.NotNull(left.TaskOf("two")["assignmentGroup"]);
    }

    [Fact]
    public async Task Steps_follow_one_another_and_go_side_by_side_and_some_are_skipped()
    {
        var key = await suite.PublishAsync(new
        {
            name = "Workshop", form = new { properties = new { catering = new { type = "boolean" } } },
            plan = new object[]
            {
                new { key = "room", title = "Book a room", group = "service-desk" },
                new { key = "beamer", title = "Bring a beamer", group = "network" },
                new { key = "food", title = "Order food", when = new[] { new { field = "catering", @in = new[] { "true" } } } },
                new { key = "doors", title = "Open the doors", after = new[] { "room", "beamer", "food" } },
            },
        });
        var request = await suite.OrderAsync(key, new { catering = false });
        var begun = await suite.UntilStateAsync(request.Id, "inFulfillment");
        Assert.Equal(["open", "open", "skipped", "waiting"], begun.Tasks.Select(task => task.Text("state")));
        Assert.Equal("2 tasks are under way with Service Desk and Network; 1 of 4 are done.", begun.Waits);
        Assert.Equal("task.transition", (await suite.TryAsync(request.Id, "tasks/doors/complete", new { }, 409)).Code);
        Assert.Equal("request.open-tasks", (await suite.TryAsync(request.Id, "fulfill", new { }, 409)).Code);

        var started = await suite.DoTaskAsync(request.Id, "/room/start");
        Assert.Equal(await suite.PersonAsync(Agent), started.TaskOf("room").Text("assignee"));
        await suite.DoTaskAsync(request.Id, "/room/complete");
        Assert.Equal("open", (await suite.DoTaskAsync(request.Id, "/beamer/complete")).TaskState("doors"));
        var done = await suite.DoTaskAsync(request.Id, "/doors/complete", new { outcome = "Open." });
        Assert.Equal("fulfilled", done.Text("state"));
        Assert.StartsWith("It is done.", done.Waits, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tasks_own_form_is_answered_when_it_is_completed()
    {
        var request = await suite.OrderAsync("laptop", new { model = "standard" });
        (await suite.DecideAsync(Manager, request)).Ok();
        await suite.UntilStateAsync(request.Id, "inFulfillment");
        await suite.DoTaskAsync(request.Id, "/take-from-stock/complete");
        Assert.Equal("/outcome", (await suite.TryAsync(request.Id, "tasks/set-up/skip", new { outcome = "   " }, 400)).Pointer);
        Assert.Equal("Serial number",
            (await suite.ReadAsync(request.Id + "/tasks/set-up"))["form"]!["properties"]!["serial"]!.AsObject().Text("title"));
        (await suite.GetAsync(Employee, $"requests/{request.Id}/tasks/set-up")).Problem(403);
        Assert.Equal("/answers/serial", (await suite.TryAsync(request.Id, "tasks/set-up/complete", new { }, 400)).Pointer);
        Assert.Equal("/answers/serial",
            (await suite.TryAsync(request.Id, "tasks/set-up/complete", new { answers = new { serial = "x" } }, 400)).Pointer);
        Assert.Equal("/answers",
            (await suite.TryAsync(request.Id, "tasks/set-up/start", new { answers = new { serial = "AB-1234" } }, 400)).Pointer);
        Assert.Equal("AB-1234",
            (await suite.DoTaskAsync(request.Id, "/set-up/complete", new { answers = new { serial = "AB-1234" } }))
                .TaskOf("set-up")["answers"]![0]!["value"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_failed_task_shows_and_is_tried_again_or_skipped_for_a_reason()
    {
        var key = await suite.PublishAsync(new
        {
            name = "Phone", assignmentGroup = "service-desk",
            plan = new[] { new { key = "activate", title = "Activate it" }, new { key = "send", title = "Send it" } },
        });
        var request = await suite.OrderAsync(key);
        await suite.UntilStateAsync(request.Id, "inFulfillment");
        Assert.Equal("/outcome", (await suite.TryAsync(request.Id, "tasks/activate/fail", new { }, 400)).Pointer);
        var failed = await suite.DoTaskAsync(request.Id, "/activate/fail", new { outcome = "No numbers left." });
        Assert.Equal("“Activate it” did not work; Service Desk looks after it.", failed.Waits);
        Assert.Equal("Not done yet: Activate it and Send it.",
            (await suite.ReadAsync(request.Id))["actions"]!.AsArray()
                .First(one => one!["name"]!.GetValue<string>() == "fulfill")!["reason"]!.GetValue<string>());
        Assert.Null((await suite.DoTaskAsync(request.Id, "/activate/complete")).TaskOf("activate").TextOrNull("outcome"));
        await suite.DoTaskAsync(request.Id, "/activate/reopen", new { outcome = "It does not ring." });
        await suite.DoTaskAsync(request.Id, "/activate/fail", new { outcome = "No numbers left." });
        Assert.Equal("open", (await suite.DoTaskAsync(request.Id, "/activate/retry")).TaskState("activate"));
        Assert.Equal("task.not-held", (await suite.TryAsync(request.Id, "tasks/activate/waive", new { outcome = "No." }, 409)).Code);
        await suite.DoTaskAsync(request.Id, "/activate/skip", new { outcome = "They keep their number." });
        await suite.DoTaskAsync(request.Id, "/send/complete");
        Assert.Equal("fulfilled", (await suite.ReadAsync(request.Id)).Text("state"));
    }

    [Fact]
    public async Task Work_that_the_plan_did_not_foresee_is_added()
    {
        var request = await suite.OrderAsync("diagram-editor");
        await suite.UntilStateAsync(request.Id, "inFulfillment");
        await suite.DoTaskAsync(request.Id, "",
            new { key = "licence", title = "Buy a licence", assignmentGroup = "service-desk", dueAt = "2030-01-01T00:00:00Z" });
        Assert.Equal("task.exists",
            (await suite.TryAsync(request.Id, "tasks", new { key = "licence", title = "Buy a licence" }, 409)).Code);
        await suite.DoTaskAsync(request.Id, "/grant/complete");
        Assert.Equal("inFulfillment", (await suite.ReadAsync(request.Id)).Text("state"));
        await suite.DoTaskAsync(request.Id, "/licence/assign", new { assignmentGroup = "network" });
        await suite.DoTaskAsync(request.Id, "/licence/assign", new { assignee = Agent });
        Assert.Equal("Network", (await suite.ReadAsync(request.Id)).TaskOf("licence").Text("groupName"));
        var found = await RunningSuite.UntilAsync(async () =>
            (await suite.GetAsync(Agent, $"tasks?ticket={request.Id}&assignee=me&state=open")).Ok().Items,
            items => items.Count == 1, "the task in the list");
        Assert.Equal(("Buy a licence", "licence"), (found[0].Text("title"), found[0].Text("key")));
        Assert.Equal("fulfilled", (await suite.DoTaskAsync(request.Id, "/licence/complete")).Text("state"));
    }

    [Fact]
    public async Task Assigning_keeps_what_it_does_not_name()
    {
        var request = await suite.OrderAsync("diagram-editor");
        await suite.UntilStateAsync(request.Id, "inFulfillment");
        var network = (await suite.GetAsync(Agent, "groups/network")).Ok().Id;
        Assert.Equal(network, (await suite.DoAsync(request.Id, "assign", new { assignmentGroup = "network" })).Text("assignmentGroup"));
        Assert.Equal("/assignee", (await suite.TryAsync(request.Id, "assign", new { assignee = "agent2" }, 400)).Pointer);
        var assigned = await suite.DoAsync(request.Id, "assign", new { assignee = Agent });
        Assert.Equal((network, (await suite.GetAsync(Agent, "people/me")).Ok().Id),
            (assigned.Text("assignmentGroup"), assigned.Text("assignee")));
        Assert.Null((await suite.DoAsync(request.Id, "assign", new { assignmentGroup = "applications" }))["assignee"]);
    }

    [Fact]
    public async Task Without_a_plan_the_group_fulfills_it_by_hand()
    {
        var key = await suite.PublishAsync(new { name = "Advice", assignmentGroup = "network" });
        var request = await suite.OrderAsync(key);
        Assert.Equal("Network works on it.", (await suite.UntilStateAsync(request.Id, "inFulfillment")).Waits);
        Assert.Equal("/comment", (await suite.TryAsync(request.Id, "hold", new { reason = "requester" }, 400)).Pointer);
        Assert.Equal("It waits for your answer.",
            (await suite.DoAsync(request.Id, "hold", new { reason = "requester", comment = "What about?" })).Waits);
        (await suite.PostAsync(Employee, $"requests/{request.Id}/comments", new { text = "About routers." })).Ok();
        await suite.UntilStateAsync(request.Id, "inFulfillment");
        Assert.Equal("fulfilled", (await suite.DoAsync(request.Id, "fulfill", new { reason = "Talked it over." })).Text("state"));
        var reopened = await suite.DoAsync(request.Id, "reopen", new { reason = "One more question." }, Employee);
        Assert.Equal(("inFulfillment", 1), (reopened.Text("state"), reopened["reopenCount"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_comment_takes_up_again_what_is_done_unless_it_says_otherwise_and_a_request_is_escalated_as_any_ticket()
    {
        var request = await suite.OrderAsync(await suite.PublishAsync(new { name = "Advice", assignmentGroup = "network" }));
        await suite.UntilStateAsync(request.Id, "inFulfillment");
        await suite.DoAsync(request.Id, "fulfill", new { reason = "Talked it over." });
        (await suite.PostAsync(Employee, $"requests/{request.Id}/comments", new { text = "Thank you!", reopens = false })).Ok();
        (await suite.PostAsync(Employee, $"requests/{request.Id}/comments", new { text = "But what about switches?" })).Ok();
        var reopened = await suite.UntilStateAsync(request.Id, "inFulfillment");
        Assert.Equal((1, "Erin Employee"), (reopened["reopenCount"]!.GetValue<int>(), reopened["reopenedBy"]!.AsObject().Text("name")));
        Assert.Equal("request.escalation-same-group",
            (await suite.TryAsync(request.Id, "escalate", new { group = "network", reason = "Up." }, 409)).Code);
        var escalated = await suite.DoAsync(request.Id, "escalate", new { group = "applications", reason = "They know more." });
        Assert.Equal((1, "Applications works on it."), (escalated["escalationLevel"]!.GetValue<int>(), escalated.Waits));
        Assert.Equal(2,
            (await suite.DoAsync(request.Id, "escalate", new { person = Manager, reason = "It takes long." }))["escalations"]!.AsArray()
                .Count);
    }

    [Fact]
    public async Task What_was_reopened_is_not_fulfilled_by_a_wait_that_ends_and_gives_nothing_once_it_is_cancelled()
    {
        var request = await suite.OrderAsync("diagram-editor");
        await suite.UntilStateAsync(request.Id, "inFulfillment");
        await suite.DoTaskAsync(request.Id, "/grant/complete");
        var grant = (await RunningSuite.UntilAsync(async () =>
            (await suite.GetAsync(Agent, $"access-grants?request={request.Id}")).Ok().Items, found => found.Count == 1, "the grant"))[0];
        await suite.DoAsync(request.Id, "reopen", new { reason = "It does not open." }, Employee);
        await suite.DoAsync(request.Id, "hold", new { reason = "vendor" });
        Assert.Equal("inFulfillment", (await suite.DoAsync(request.Id, "resume")).Text("state"));
        await suite.DoAsync(request.Id, "cancel", new { reason = "Never mind." }, Employee);
        await suite.UntilAsync(Agent, "access-grants/" + grant.Id, one => one.Text("state") == "revoked");
    }

    [Fact]
    public async Task The_report_counts_of_each_application_the_grants_that_its_row_opens_for_whoever_asks()
    {
        var request = await suite.OrderAsync("diagram-editor");
        await suite.UntilStateAsync(request.Id, "inFulfillment");
        await suite.DoTaskAsync(request.Id, "/grant/complete");
        var grant = (await RunningSuite.UntilAsync(async () =>
            (await suite.GetAsync(Agent, $"access-grants?request={request.Id}")).Ok().Items, found => found.Count == 1, "the grant"))[0];
        foreach (var person in new[] { Admin, Agent, Employee, Other })
        {
            // Other tests give and take access meanwhile.
            await RunningSuite.UntilAsync(async () =>
            {
                var rows = (await suite.GetAsync(person, "access-reports/applications")).Ok().Items;
                var opened = await Task.WhenAll(rows.Select(async row =>
                    (await suite.GetAsync(person, row.Text("href")!["/api/v1/".Length..] + "&limit=200")).Ok().Items));
                var all = (await suite.GetAsync(person, "access-grants?state=active&limit=200")).Ok().Items;
                return rows.Zip(opened).All(pair => pair.First["grants"]!.GetValue<int>() == pair.Second.Count
                        && pair.Second.Any(one => one.Text("sensitivity") == pair.First.Text("sensitivity")))
                    && rows.Count == all.Select(one => one.Text("application")).Distinct().Count();
            }, same => same, $"a report that counts for {person} what its rows open");
        }

        var some = (await suite.GetAsync(Employee, "access-reports/applications?limit=1")).Ok();
        Assert.Single(some.Items);
        Assert.Contains(grant.Text("application"),
            (await suite.GetAsync(Employee, "access-reports/applications")).Ok().Items.Select(row => row.Text("application")));
    }

    [Fact]
    public async Task What_is_cancelled_while_access_is_given_leaves_none() => await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
    {
        var request = await suite.OrderAsync("diagram-editor");
        await suite.UntilStateAsync(request.Id, "inFulfillment");
        await suite.DoTaskAsync(request.Id, "/grant/complete");
        await suite.DoAsync(request.Id, "reopen", new { reason = "It does not open." }, Employee);
        await suite.DoAsync(request.Id, "cancel", new { reason = "Never mind." }, Employee);
        await RunningSuite.UntilAsync(
            async () => (await suite.GetAsync(Agent, $"access-grants?request={request.Id}")).Ok().Items,
            grants => grants.All(grant => grant.Text("state") == "revoked"), "the end of the access");
    }));

    [Fact]
    public async Task Access_that_a_run_gave_before_it_died_is_taken_back_when_it_runs_again()
    {
        var request = await suite.OrderAsync("diagram-editor");
        await suite.DoAsync(request.Id, "cancel", new { reason = "Never mind." }, Employee);
        var services = suite.Modules;
        var (cancelled, grants) = (await services.GetRequiredService<AggregateStore<ServiceRequest>>()
            .FindAsync(Guid.Parse(request.Id), default), services.GetRequiredService<AggregateStore<AccessGrant>>());
        var audit = services.GetRequiredService<Fulfillment>().OwnAct("create");
        await grants.AddMissingAsync(AccessGrant.Of(cancelled!, new AccessRule { Application = "Diagrams", Role = "user" }, "user", null,
            null, TimeSpan.Zero, audit), audit, default);
        await services.GetRequiredService<Access>().GrantAsync(cancelled!.Id, default);
        Assert.Equal("revoked",
            Assert.Single((await suite.GetAsync(Agent, $"access-grants?request={request.Id}")).Ok().Items).Text("state"));
    }

    [Fact]
    public async Task Whoever_had_left_gets_no_access_when_they_come_back()
    {
        var person = await suite.HireAsync();
        var request = await suite.OrderAsync("diagram-editor", person: person.Text("userName"));
        await suite.UntilStateAsync(request.Id, "inFulfillment");
        await suite.ActAsync(Admin, $"people/{person.Id}/deactivate", new { reason = "Left us." });
        await RunningSuite.UntilAsync(() => suite.GetAsync(person.Text("userName"), "people/me"), answer => (int)answer.Status == 403,
            "the end of their access");
        await suite.DoTaskAsync(request.Id, "/grant/complete");
        var grants = await RunningSuite.UntilAsync(async () =>
            (await suite.GetAsync(Agent, $"access-grants?request={request.Id}")).Ok().Items, found => found.Count == 1,
            "what became of the access");
        Assert.EndsWith("had left.", grants[0].Text("endReason"), StringComparison.Ordinal);
        await suite.ActAsync(Admin, $"people/{person.Id}/activate", new { reason = "Came back." });
        await suite.Modules.GetRequiredService<Access>().GrantAsync(Guid.Parse(request.Id), default);
        Assert.Equal("revoked", Assert.Single((await suite.GetAsync(Agent, $"access-grants?person={person.Id}")).Ok().Items).Text("state"));
    }

    [Fact]
    [OuterTier]
    public async Task What_is_written_in_tasks_has_an_end()
    {
        var request = await suite.OrderAsync("diagram-editor");
        await suite.UntilStateAsync(request.Id, "inFulfillment");
        for (var number = 1; number <= 15; number++)
        {
            await suite.DoTaskAsync(request.Id, "",
                new { key = $"more-{number}", title = "More to do", description = new string('x', 32_000) });
        }

        Assert.Equal("task.too-much",
            (await suite.TryAsync(request.Id, "tasks",
                new { key = "too-much", title = "More to do", description = new string('x', 32_000) }, 409)).Code);
        await suite.DoTaskAsync(request.Id, "/grant/complete");
    }

    [Fact]
    public async Task What_was_skipped_and_is_taken_up_again_is_due_in_working_time()
    {
        var key = await suite.PublishAsync(new
        {
            name = "Desk", assignmentGroup = "service-desk",
            plan = new object[]
            {
                new { key = "move", title = "Move it" },
                new { key = "tidy", title = "Tidy up", after = new[] { "move" }, due = new { within = "PT72H" } },
            },
        });
        var request = await suite.OrderAsync(key);
        await suite.UntilStateAsync(request.Id, "inFulfillment");
        await suite.DoTaskAsync(request.Id, "/tidy/skip", new { outcome = "It is tidy." });
        var task = (await suite.DoTaskAsync(request.Id, "/tidy/reopen", new { outcome = "It is not." })).TaskOf("tidy");
        var due = task["dueAt"]!.GetValue<DateTimeOffset>() - suite.Clock.GetUtcNow();
        Assert.True(task.TextOrNull("calendar") is null || due > TimeSpan.FromDays(8), $"72 hours of work, 8 a day, are due in {due}.");
        Assert.NotNull(task.TextOrNull("calendar"));
    }

    [Fact]
    public async Task A_wait_that_is_given_another_reason_still_ends_in_fulfillment()
    {
        var key = await suite.PublishAsync(new { name = "Waiting", plan = new[] { new { key = "do", title = "Do it" } } });
        var request = await suite.OrderAsync(key);
        await suite.UntilStateAsync(request.Id, "inFulfillment");
        await suite.DoAsync(request.Id, "hold", new { reason = "vendor" });
        await suite.DoTaskAsync(request.Id, "/do/complete");
        await suite.DoAsync(request.Id, "hold", new { reason = "other" });
        Assert.Equal("fulfilled", (await suite.DoAsync(request.Id, "resume")).Text("state"));
    }

    [Fact]
    public async Task A_wait_during_which_the_last_task_ended_ends_in_fulfillment()
    {
        var request = await suite.OrderAsync("diagram-editor");
        await suite.UntilStateAsync(request.Id, "inFulfillment");
        await suite.DoAsync(request.Id, "hold", new { reason = "other" });
        Assert.Equal("onHold", (await suite.DoTaskAsync(request.Id, "/grant/complete")).Text("state"));
        Assert.Equal("fulfilled", (await suite.DoAsync(request.Id, "resume")).Text("state"));
    }

    [Fact]
    public async Task Two_who_complete_different_tasks_at_once_both_succeed()
    {
        var key = await suite.PublishAsync(new
        {
            name = "Pair", plan = Enumerable.Range(1, 6).Select(number => new { key = $"step-{number}", title = $"Step {number}" }),
        });
        var request = await suite.OrderAsync(key);
        await suite.UntilStateAsync(request.Id, "inFulfillment");
        await Task.WhenAll(Enumerable.Range(1, 6).Select(number => suite.DoTaskAsync(request.Id, $"/step-{number}/complete")));
        Assert.Equal("fulfilled", (await suite.ReadAsync(request.Id)).Text("state"));
    }
}
