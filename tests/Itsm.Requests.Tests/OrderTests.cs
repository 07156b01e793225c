using System.Net;
using Itsm.Testing;
using static Itsm.Requests.Tests.ApprovalTests;
using static Itsm.Requests.Tests.Shortcuts;

namespace Itsm.Requests.Tests;

public sealed class OrderTests(RequestSuite suite)
{
    [Fact]
    public async Task Answers_are_checked_and_stored_for_each_question()
    {
        var problem = (await suite.PostAsync(Employee, "requests",
            new { item = "laptop", answers = new { model = "golden", reason = "short", colour = "red" } })).Problem(400);
        Assert.Equal(["/answers/colour", "/answers/model", "/answers/reason"],
            problem["errors"]!.AsArray().Select(error => error!["pointer"]!.GetValue<string>()));
        Assert.Equal("/answers/reason",
            (await suite.PostAsync(Employee, "requests", new { item = "laptop", answers = new { model = "developer" } })).Problem(400)
                .Pointer);

        var request = await suite.OrderAsync("laptop", new { model = "developer", reason = "I build the suite all day." });
        Assert.Matches("^REQ\\d{7}$", request.Text("number"));
        Assert.Equal(("model", "Which model?", "developer"),
            (request["answers"]![0]!["question"]!.GetValue<string>(), request["answers"]![0]!["title"]!.GetValue<string>(),
                request["answers"]![0]!["value"]!.GetValue<string>()));
        Assert.Equal(120_000, request["cost"]!["amount"]!.GetValue<int>());
    }

    [Fact]
    public async Task Access_is_asked_for_as_long_as_it_may_last_and_not_for_the_past()
    {
        foreach (var (until, sentence) in new[]
        {
            (suite.InDays(-2), $"until is past: {suite.InDays(-2)}."),
            (suite.InDays(200), $"until is too late: {suite.InDays(200)}. This access is given for 180 days at most."),
            ("9999-12-31", "until must be a date such as 2026-12-24, not \"9999-12-31\"."),
        })
        {
            var problem = (await suite.PostAsync(Employee, "requests",
                new { item = "payroll-access", answers = new { role = "reader", until, reason = "Quarterly report" } })).Problem(400);
            Assert.Equal(("/answers/until", sentence), (problem.Pointer, problem.Text("detail")));
        }
    }

    [Fact]
    public async Task People_and_groups_in_answers_are_those_of_the_directory()
    {
        var key = await suite.PublishAsync(new
        {
            name = "Deputy",
            form = Form(("who", new { type = "string", format = "person" }), ("team", new { type = "string", format = "group" })),
        });
        Assert.Equal("/answers/who",
            (await suite.PostAsync(Employee, "requests", new { item = key, answers = new { who = "nobody", team = "network" } }))
                .Problem(400).Pointer);
        var both = (await suite.PostAsync(Employee, "requests",
            new { item = key, answers = new { who = "nobody", team = "nowhere", more = 1 } })).Problem(400);
        Assert.Equal(["/answers/more", "/answers/who", "/answers/team"],
            both["errors"]!.AsArray().Select(error => error!["pointer"]!.GetValue<string>()));
        foreach (var wrong in new[] { """ "\ud800" """, """ "a\u0000b" """, "7", "[]" })
        {
            using var body = new StringContent($$$"""{"item":"{{{key}}}","answers":{"who":{{{wrong}}},"team":"network"}}""",
                System.Text.Encoding.UTF8, "application/json");
            Assert.Equal("/answers/who", (await suite.PostAsync(Employee, "requests", body)).Problem(400).Pointer);
        }

        var answers = (await suite.OrderAsync(key, new { who = Other, team = "network" }))["answers"]!.AsArray();
        Assert.Equal((await suite.PersonAsync(Other), "Eli Employee"),
            (answers[0]!["value"]!.GetValue<string>(), answers[0]!["text"]!.GetValue<string>()));
        Assert.Equal(await suite.GroupAsync("network"), answers[1]!["value"]!.GetValue<string>());
    }

    [Fact]
    public async Task Conditions_on_people_hold_whatever_name_they_were_answered_by()
    {
        var id = await suite.PersonAsync(Other);
        var key = await suite.PublishAsync(new
        {
            name = "Deputy",
            form = new
            {
                properties = new
                {
                    who = new { type = "string", format = "person" },
                    why = new { type = "string", visibleWhen = new[] { new { field = "who", @in = new[] { id } } } },
                }, required = new[] { "who", "why" },
            },
            approval = new
            {
                rules = new object[]
                {
                    new { when = new[] { new { field = "who", notIn = new[] { id } } }, then = "approve" },
                    new { then = "stages", stages = new[] { "manager" } },
                },
                stages = new[]
                {
                    new
                    {
                        key = "manager", name = "Manager", approvers = new[] { new { kind = "manager" } },
                        fallback = new[] { new { kind = "group", of = "service-desk" } },
                    },
                },
            },
        });
        foreach (var name in new[] { Other, id })
        {
            Assert.Equal("/answers/why",
                (await suite.PostAsync(Employee, "requests", new { item = key, answers = new { who = name } })).Problem(400).Pointer);
            var request = await suite.OrderAsync(key, new { who = name, why = "They know it." });
            Assert.Equal("waitingForApproval", request.Text("state"));
            (await suite.PatchAsync(Employee, "requests/" + request.Id, new { answers = new { why = "They know it well." } }, "*")).Ok();
        }

        Assert.Equal("/answers/why",
            (await suite.PostAsync(Employee, "requests", new { item = key, answers = new { who = Agent, why = "No." } })).Problem(400)
                .Pointer);
        Assert.NotEqual("waitingForApproval", (await suite.OrderAsync(key, new { who = Agent })).Text("state"));
    }

    [Fact]
    public async Task What_was_submitted_is_not_submitted_again_though_its_item_is_gone()
    {
        var key = await suite.PublishAsync(new { name = "Poster" });
        var request = await suite.OrderAsync(key);
        await suite.ActAsync(Admin, $"catalog/items/{key}/retire");
        Assert.Equal("request.transition", (await suite.TryAsync(request.Id, "submit", null, 409, Employee)).Code);
    }

    [Fact]
    public async Task For_others_order_those_whom_they_report_to_and_agents()
    {
        (await suite.PostAsync(Employee, "requests", new { item = "diagram-editor", requester = Other })).Problem(403);
        Assert.Equal("/requester",
            (await suite.PostAsync(Agent, "requests", new { item = "diagram-editor", requester = "nobody" })).Problem(400).Pointer);
        var request = await suite.OrderAsync("diagram-editor", person: Agent, requester: Employee);
        Assert.Equal((await suite.PersonAsync(Employee), await suite.PersonAsync(Agent)),
            (request.Text("requester"), request.Text("openedBy")));
        Assert.Equal(HttpStatusCode.OK, (await suite.GetAsync(Employee, "requests/" + request.Id)).Status);
    }

    [Fact]
    public async Task A_draft_may_be_incomplete_and_is_nobody_elses()
    {
        var draft = (await suite.PostAsync(Employee, "requests",
            new { item = "payroll-access", answers = new { role = "reader" }, draft = true })).Ok();
        Assert.Equal("draft", draft.Text("state"));
        (await suite.GetAsync(Agent, "requests/" + draft.Id)).Problem(404);
        Assert.Equal(["/answers/until", "/answers/reason"],
            (await suite.TryAsync(draft.Id, "submit", new { }, 400, Employee))["errors"]!.AsArray()
                .Select(error => error!["pointer"]!.GetValue<string>()));
        (await suite.PatchAsync(Employee, "requests/" + draft.Id,
            new { answers = new { until = suite.InDays(90), reason = "Quarterly report", role = (string?)"editor" } }, "*")).Ok();
        var submitted = await suite.DoAsync(draft.Id, "submit", person: Employee);
        Assert.Equal(("waitingForApproval", 1), (submitted.Text("state"), submitted["approval"]!["round"]!.GetValue<int>()));
        await suite.ReadAsync(draft.Id);
    }

    [Fact]
    public async Task A_draft_is_submitted_as_an_order_of_what_is_published_then()
    {
        var key = await suite.PublishAsync(new { name = "Free for all" });
        var draft = (await suite.PostAsync(Employee, "requests", new { item = key, draft = true })).Ok();
        (await suite.SendAsync(Admin, HttpMethod.Put, $"catalog/items/{key}/draft",
            new { content = new { name = "Not any more", approval = Stage("any", null, [Manager]) } }, "*")).Ok();
        await suite.ActAsync(Admin, $"catalog/items/{key}/publish");
        var submitted = await suite.DoAsync(draft.Id, "submit", person: Employee);
        Assert.Equal(("waitingForApproval", 2, "Not any more"),
            (submitted.Text("state"), submitted["edition"]!.GetValue<int>(), submitted.Text("title")));

        var late = (await suite.PostAsync(Employee, "requests", new { item = key, draft = true })).Ok();
        await suite.ActAsync(Admin, $"catalog/items/{key}/retire", new { reason = "Gone." });
        Assert.Equal("/item", (await suite.TryAsync(late.Id, "submit", new { }, 400, Employee)).Pointer);
    }

    [Fact]
    public async Task A_draft_answers_what_is_asked_now()
    {
        var key = await suite.PublishAsync(new { name = "Thing", form = ApprovalTests.Form(("size", new { type = "integer" })) });
        var draft = (await suite.PostAsync(Employee, "requests", new { item = key, draft = true, answers = new { size = 3 } })).Ok();
        (await suite.SendAsync(Admin, HttpMethod.Put, $"catalog/items/{key}/draft",
            new { content = new { name = "Thing", form = ApprovalTests.Form(("cost", new { type = "string" })) } }, "*")).Ok();
        await suite.ActAsync(Admin, $"catalog/items/{key}/publish");
        Assert.NotNull((await suite.ReadAsync(draft.Id + "/form", Employee))["properties"]!["cost"]);
        Assert.Equal("/answers/cost", (await suite.TryAsync(draft.Id, "submit", new { }, 400, Employee)).Pointer);
        Assert.Equal("cost",
            (await suite.PatchAsync(Employee, "requests/" + draft.Id, new { answers = new { cost = "4711" } }, "*"))
                .Ok()["answers"]!.AsArray().Single()!["question"]!.GetValue<string>());
        var submitted = await suite.DoAsync(draft.Id, "submit", person: Employee);
        Assert.Equal(("approved", 2), (submitted.Text("state"), submitted["edition"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_draft_stays_its_owners_even_when_it_is_cancelled()
    {
        var draft = (await suite.PostAsync(Employee, "requests", new { item = "payroll-access", draft = true })).Ok();
        await suite.DoAsync(draft.Id, "cancel", new { reason = "Never mind." }, Employee);
        Assert.Equal("cancelled", (await suite.ReadAsync(draft.Id, Employee)).Text("state"));
        (await suite.GetAsync(Agent, "requests/" + draft.Id)).Problem(404);
    }

    [Fact]
    public async Task Whole_numbers_stay_whole_and_blanks_are_no_answers()
    {
        var key = await suite.PublishAsync(
            new { name = "Number", form = ApprovalTests.Form(("count", new { type = "integer" }), ("why", new { type = "string" })) });
        var answer = (await suite.OrderAsync(key, new { count = 9_007_199_254_740_993, why = "So." }))["answers"]![0]!;
        Assert.Equal((9_007_199_254_740_993, "9007199254740993"), (answer["value"]!.GetValue<long>(), answer["text"]!.GetValue<string>()));
        Assert.Equal("/answers/why",
            (await suite.PostAsync(Employee, "requests", new { item = key, answers = new { count = 1, why = " " } })).Problem(400).Pointer);
        Assert.Equal("/answers/a~1b~0c",
            (await suite.PostAsync(Employee, "requests", new { item = key, answers = new Dictionary<string, object> { ["a/b~c"] = 1 } }))
                .Problem(400).Pointer);
    }

    [Fact]
    public async Task Answers_have_an_end()
    {
        var key = await suite.PublishAsync(
            new { name = "Long", form = ApprovalTests.Form(("words", new { type = "array", items = new { type = "string" } })) });
        var words = Enumerable.Range(0, 100).Select(_ => new string('a', 3_000));
        Assert.Equal("/answers",
            (await suite.PostAsync(Employee, "requests", new { item = key, answers = new { words } })).Problem(400).Pointer);
    }

    [Fact]
    public async Task Actions_say_what_is_open_to_this_caller()
    {
        var request = await suite.OrderPayrollAsync();
        Assert.True((await OpenAsync(Manager, "approve"))
            && !await OpenAsync(Employee, "approve")
            && !await OpenAsync(Agent, "reject")
            && await OpenAsync(Employee, "cancel"));

        async Task<bool> OpenAsync(string person, string action) =>
            (await suite.ReadAsync(request.Id, person))["actions"]!.AsArray()
                .Single(one => one!["name"]!.GetValue<string>() == action)!["open"]!.GetValue<bool>();
    }

    [Fact]
    public async Task The_same_key_orders_once_however_often_and_at_once()
    {
        var key = "order-" + suite.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        var answers = await Task.WhenAll(Enumerable.Range(0, 5)
            .Select(_ => suite.PostAsync(Employee, "requests", new { item = "diagram-editor" }, key: key)));
        Assert.Single(answers.Where(answer => (int)answer.Status == 201).Select(answer => answer.Json.Id).Distinct());
        Assert.All(answers, answer => Assert.True((int)answer.Status is 201 or 409, answer.ToString()));
        (await suite.PostAsync(Employee, "requests", new { item = "password-reset", answers = new { system = "mail" } }, key: key))
            .Problem(422);
    }

    [Fact]
    public async Task Requests_are_seen_by_those_concerned_alone()
    {
        var request = await suite.OrderPayrollAsync();
        (await suite.GetAsync(Other, "requests/" + request.Id)).Problem(404);
        Assert.DoesNotContain((await suite.GetAsync(Other, "requests?limit=200")).Ok().Items, one => one.Id == request.Id);
        Assert.Equal(0, (await suite.GetAsync(Other, $"approvals?ticket={request.Id}&count=true")).Ok()["count"]!.GetValue<int>());
        (await suite.GetAsync(Other, $"requests/{request.Id}/progress")).Problem(404);
        Assert.Contains((await suite.GetAsync(Employee, "requests?requester=me&item=payroll-access&state=waitingForApproval&limit=200"))
            .Ok().Items, one => one.Id == request.Id);

        // Whoever only watches reads it; changing is for those whose it is.
        await suite.DoAsync(request.Id, "watch", new { person = Other });
        await suite.ReadAsync(request.Id, Other);
        (await suite.PatchAsync(Other, "requests/" + request.Id, new { description = "Mine now." }, "*")).Problem(403);
        await suite.TryAsync(request.Id, "cancel", new { reason = "No." }, 403, Other);

        // A role that works on requests is not enough for those that one merely watches.
        var analyst = await suite.HireAsync(roles: ["requester", "security-analyst"]);
        await suite.DoAsync(request.Id, "watch", new { person = analyst.Id });
        await suite.TryAsync(request.Id, "assign", new { }, 403, analyst.Text("userName"));
        await suite.TryAsync(request.Id, "cancel", new { reason = "No." }, 403, analyst.Text("userName"));
        await suite.TryAsync(request.Id, "tasks/grant/complete", new { }, 403, Other);
    }

    [Fact]
    public async Task Every_list_answers_every_filter_and_order()
    {
        var person = await suite.PersonAsync(Employee);
        foreach (var path in new[]
        {
            "requests?state=draft,closed&sort=-updatedAt", "requests?assignmentGroup=mine&assignee=none&sort=openedAt",
            $"requests?subject={person}&item=laptop&priority=1,2", "requests?parent=none&updatedAt[gte]=2020-01-01T00:00:00Z",
            "requests?sort=dueAt&breached=false", "requests/counts?by=state", "requests/counts?by=itemKey&requester=me",
            "requests/counts?by=assignmentGroup", "approvals", "approvals?approver=me&sort=-requestedAt",
            "approvals?state=requested,approved&kind=request", $"approvals?approver={Manager}&count=true",
            "tasks?assignmentGroup=mine&state=open,inProgress&sort=dueAt",
            "tasks?assignee=me&dueAt[lt]=2099-01-01T00:00:00Z", "tasks?state=failed&sort=-openedAt",
            "tasks?count=true", "access-grants?person=me&application=Payroll", "access-grants?state=active&sort=expiresAt",
            "access-grants?owner=me&sensitivity=sensitive&expiresAt[lt]=2099-01-01T00:00:00Z", "access-grants?count=true",
            "catalog/items?state=published&sort=-name", "catalog/items?category=none", "catalog/categories?active=true&sort=-key",
            "recertifications?sort=endsAt",
        })
        {
            foreach (var caller in new[] { Admin, Agent })
            {
                var answer = await suite.GetAsync(caller, path);
                Assert.True(answer.Status == HttpStatusCode.OK, $"{caller}, {path}: {answer}");
            }
        }

        Assert.Equal("?approver", (await suite.GetAsync(Agent, "approvals?approver=nobody")).Problem(400).Pointer);
        Assert.Equal("?colour", (await suite.GetAsync(Agent, "approvals?colour=red")).Problem(400).Pointer);
    }
}
