using Itsm.Testing;
using static Itsm.Requests.Tests.Shortcuts;

namespace Itsm.Requests.Tests;

public sealed class ApprovalTests(RequestSuite suite)
{
    [Fact]
    public async Task Sensitive_access_needs_manager_then_data_owner_and_ends_as_a_grant()
    {
        var request = await suite.OrderPayrollAsync();
        Assert.Equal("waitingForApproval", request.Text("state"));
        Assert.Equal("It waits for approval by Mia Manager: Manager (stage 1 of 2).", request.Waits);
        var mine = await RunningSuite.UntilAsync(async () =>
            (await suite.GetAsync(Manager, $"approvals?approver=me&state=requested&ticket={request.Id}")).Ok().Items,
            found => found.Count == 1, "the approval in the list");
        Assert.Equal((request.Text("number"), request["approval"]!["digest"]!.GetValue<string>()),
            (mine[0].Text("number"), mine[0].Text("digest")));

        var second = (await suite.DecideAsync(Manager, request)).Ok();
        Assert.Equal(("waitingForApproval", "It waits for approval by Ana Agent: Owner of the data (stage 2 of 2)."),
            (second.Text("state"), second.Waits));
        (await suite.DecideAsync(DataOwner, second)).Ok();
        var begun = await suite.UntilStateAsync(request.Id, "inFulfillment");
        Assert.Equal("open", begun.TaskState("grant"));
        await suite.DoTaskAsync(request.Id, "/grant/complete", new { outcome = "Given." }, Applications);
        await suite.UntilStateAsync(request.Id, "fulfilled");
        var grants = await RunningSuite.UntilAsync(async () =>
            (await suite.GetAsync(Agent, $"access-grants?request={request.Id}")).Ok().Items, found => found.Count == 1, "the grant");
        Assert.Equal(("Payroll", "reader", "active", "sensitive"),
            (grants[0].Text("application"), grants[0].Text("role"), grants[0].Text("state"), grants[0].Text("sensitivity")));
        Assert.Equal(["Mia Manager", "Ana Agent"], grants[0]["approvedBy"]!.AsArray().Select(one => one!["name"]!.GetValue<string>()));
        Assert.NotNull(grants[0]["expiresAt"]);
        Assert.Equal("closed", (await suite.DoAsync(request.Id, "close", person: Employee)).Text("state"));
        Assert.Null((await suite.GetAsync(Agent, $"requests/{request.Id}/history/verification")).Ok()["firstBroken"]);
    }

    [Fact]
    public async Task An_edit_voids_what_was_decided_and_asks_again()
    {
        var request = await suite.OrderPayrollAsync();
        var second = (await suite.DecideAsync(Manager, request)).Ok();
        var edited = (await suite.PatchAsync(Employee, "requests/" + request.Id, new { answers = new { role = "editor" } }, "*")).Ok();
        Assert.Equal(("waitingForApproval", 2), (edited.Text("state"), edited["approval"]!["round"]!.GetValue<int>()));
        Assert.NotEqual(request["approval"]!["digest"]!.GetValue<string>(), edited["approval"]!["digest"]!.GetValue<string>());
        Assert.All(edited.Approvals.Where(one => one["round"]!.GetValue<int>() == 1), one => Assert.Equal("void", one.Text("state")));
        Assert.Contains("Mia Manager", edited.Waits, StringComparison.Ordinal);

        // What the data owner looked at is gone.
        var asked = second.Asked(await suite.PersonAsync(DataOwner));
        Assert.Equal("approval.decided",
            (await suite.PostAsync(DataOwner, $"requests/{request.Id}/approvals/{asked.Text("approvalId")}/approve",
                new { digest = asked.Text("digest") }, "*")).Problem(409).Code);
        (await suite.DecideAsync(DataOwner, (await suite.DecideAsync(Manager, edited)).Ok())).Ok();
        Assert.Equal("editor", (await suite.UntilStateAsync(request.Id, "inFulfillment"))["answers"]![0]!["value"]!.GetValue<string>());
        Assert.Equal("request.in-fulfillment",
            (await suite.PatchAsync(Employee, "requests/" + request.Id, new { answers = new { role = "reader" } }, "*")).Problem(409).Code);
    }

    [Fact]
    public async Task An_edit_that_changes_nothing_leaves_decisions_alone()
    {
        var request = await suite.OrderPayrollAsync();
        (await suite.DecideAsync(Manager, request)).Ok();
        var same = (await suite.PatchAsync(Employee, "requests/" + request.Id, new { answers = new { role = "reader" } }, "*")).Ok();
        Assert.Equal(1, same["approval"]!["round"]!.GetValue<int>());
        Assert.Contains("Ana Agent", same.Waits, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_form_does_not_ask_is_approved_with_the_rest()
    {
        var request = await suite.OrderPayrollAsync();
        (await suite.DecideAsync(Manager, request)).Ok();
        Assert.Equal(2,
            (await suite.PatchAsync(Employee, "requests/" + request.Id, new { description = "Make me an editor." }, "*"))
                .Ok()["approval"]!["round"]!.GetValue<int>());
    }

    [Fact]
    public async Task Whoever_wrote_what_is_asked_for_does_not_approve_it()
    {
        var request = await suite.OrderPayrollAsync();
        // The data owner, as an agent, may correct the request; then whoever is above them approves it in their place.
        var edited = (await suite.PatchAsync(DataOwner, "requests/" + request.Id, new { answers = new { role = "editor" } }, "*")).Ok();
        var second = (await suite.DecideAsync(Manager, edited)).Ok();
        Assert.Equal(("Mia Manager", "above the owner of the data"),
            (second.Approvals[^1].Text("approverName"), second.Approvals[^1].Text("because")));
    }

    [Fact]
    public async Task A_decision_is_final_and_bound_to_what_was_seen()
    {
        var request = await suite.OrderPayrollAsync();
        var asked = request.Asked(await suite.PersonAsync(Manager));
        var path = $"approvals/{asked.Text("approvalId")}/";
        Assert.Equal("approval.stale",
            (await suite.TryAsync(request.Id, path + "approve", new { digest = new string('0', 64) }, 409, Manager)).Code);
        Assert.Equal("/digest", (await suite.TryAsync(request.Id, path + "approve", new { }, 400, Manager)).Pointer);
        Assert.Equal("/comment",
            (await suite.TryAsync(request.Id, path + "reject", new { digest = asked.Text("digest") }, 400, Manager)).Pointer);
        Assert.Equal("not-approver",
            (await suite.TryAsync(request.Id, path + "approve", new { digest = asked.Text("digest") }, 403)).Text("type").Split('/')[^1]);
        (await suite.DecideAsync(Manager, request)).Ok();
        Assert.Equal("approval.decided",
            (await suite.TryAsync(
                request.Id, path + "reject", new { digest = asked.Text("digest"), comment = "Changed my mind." }, 409, Manager)).Code);
        await suite.TryAsync(request.Id, $"approvals/{Guid.Empty}/approve", new { digest = asked.Text("digest") }, 404, Manager);
    }

    [Fact]
    public async Task A_refusal_ends_the_request_with_its_reason()
    {
        var request = await suite.OrderPayrollAsync();
        var rejected = (await suite.DecideAsync(Manager, request, approve: false, comment: "Not your task.")).Ok();
        Assert.Equal(("rejected", "Mia Manager: Not your task."), (rejected.Text("state"), rejected.Text("endReason")));
        Assert.Null(rejected["waitingFor"]);
        Assert.Equal("request.transition", (await suite.TryAsync(request.Id, "submit", new { }, 409, Employee)).Code);
    }

    [Fact]
    public async Task Nobody_approves_after_the_end()
    {
        var request = await suite.OrderPayrollAsync();
        var asked = request.Asked(await suite.PersonAsync(Manager));
        var cancelled = await suite.DoAsync(request.Id, "cancel", new { reason = "Not needed any more." }, Employee);
        Assert.Equal(("cancelled", "void"), (cancelled.Text("state"), cancelled.Approvals[0].Text("state")));
        Assert.Equal("approval.ended",
            (await suite.TryAsync(
                request.Id, $"approvals/{asked.Text("approvalId")}/approve", new { digest = asked.Text("digest") }, 409, Manager)).Code);
    }

    [Fact]
    public async Task Nobody_approves_their_own_request_so_the_next_above_is_asked()
    {
        // The manager asks for somebody who reports to them: their own manager decides.
        var request = await suite.OrderAsync("laptop", new { model = "standard" }, Manager, Employee);
        Assert.Equal("Ada Admin", request.Approvals.Single().Text("approverName"));
        Assert.Equal("above the manager of Erin Employee", request.Approvals.Single().Text("because"));
        // Nobody is above the administrator: the stage's fallback is asked.
        var own = (await suite.PostAsync(Admin, "requests", new { item = "laptop", answers = new { model = "standard" } })).Ok();
        Assert.All(own.Approvals, approval => Assert.Equal("member of Service Desk", approval.Text("because")));
        Assert.DoesNotContain(own.Approvals, approval => approval.Text("approverName") == "Ada Admin");
    }

    [Fact]
    public async Task A_rule_of_the_policy_decides_by_fields()
    {
        var key = await suite.PublishAsync(new
        {
            name = "Budget", form = Form(("amount", new { type = "integer" })),
            approval = new
            {
                rules = new object[]
                {
                    new { when = new[] { new { field = "amount", atMost = 100 } }, then = "approve", reason = "Small." },
                    new { when = new[] { new { field = "amount", atLeast = 10_000 } }, then = "reject", reason = "Too much." },
                    new { then = "stages", stages = new[] { "boss" } },
                },
                stages = new[]
                {
                    new { key = "boss", name = "Boss", approvers = new[] { new { kind = "role", of = "major-incident-manager" } } },
                },
            },
        });
        Assert.Equal("approved", (await suite.OrderAsync(key, new { amount = 100 })).Text("state"));
        var refused = await suite.OrderAsync(key, new { amount = 10_000 });
        Assert.Equal(("rejected", "Too much."), (refused.Text("state"), refused.Text("endReason")));
        Assert.Equal("Mia Manager", (await suite.OrderAsync(key, new { amount = 101 })).Approvals.Single().Text("approverName"));
    }

    [Fact]
    public async Task Two_decisions_at_once_both_count_or_the_second_hears_of_the_first()
    {
        var key = await suite.PublishAsync(new { name = "Both", approval = Stage("all", null, [Manager, Applications]) });
        var request = await suite.OrderAsync(key);
        var both = await Task.WhenAll(suite.DecideAsync(Manager, request), suite.DecideAsync(Applications, request));
        Assert.All(both, answer => answer.Ok());
        Assert.Equal(["approved", "approved"],
            (await suite.UntilStateAsync(request.Id, "inFulfillment")).Approvals.Select(one => one.Text("state")));

        var twice = await suite.OrderPayrollAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => suite.DecideAsync(Manager, twice)));
        Assert.Single(answers, answer => (int)answer.Status == 200);
        Assert.All(answers.Where(answer => (int)answer.Status != 200), answer =>
            Assert.Equal("approval.decided", answer.Problem(409).Code));
    }

    [Fact]
    public async Task A_decision_repeated_with_its_key_is_answered_again()
    {
        var request = await suite.OrderPayrollAsync();
        var asked = request.Asked(await suite.PersonAsync(Manager));
        var path = $"requests/{request.Id}/approvals/{asked.Text("approvalId")}/approve";
        var first = await suite.PostAsync(Manager, path, new { digest = asked.Text("digest") }, "*", key: "approve-" + request.Id);
        var again = await suite.PostAsync(Manager, path, new { digest = asked.Text("digest") }, "*", key: "approve-" + request.Id);
        Assert.Equal(first.Ok().ToJsonString(), again.Ok().ToJsonString());
    }

    [Theory]
    [InlineData("any", null, 1, "Mia Manager, Ana Agent or Ada Admin")]
    [InlineData("count", 2, 2, "2 of Mia Manager, Ana Agent and Ada Admin")]
    [InlineData("percent", 50, 2, "2 of Mia Manager, Ana Agent and Ada Admin")]
    [InlineData("percent", 34, 2, "2 of Mia Manager, Ana Agent and Ada Admin")]
    [InlineData("percent", 33, 1, "Mia Manager, Ana Agent or Ada Admin")]
    [InlineData("percent", 100, 3, "Mia Manager, Ana Agent and Ada Admin")]
    [InlineData("all", null, 3, "Mia Manager, Ana Agent and Ada Admin")]
    public async Task A_quorum_is_met_by_so_many(string kind, int? number, int needed, string waits)
    {
        var key = await suite.PublishAsync(new { name = "Quorum", approval = Stage(kind, number, [Manager, Applications, Admin]) });
        var request = await suite.OrderAsync(key);
        Assert.Equal($"It waits for approval by {waits}: Board.", request.Waits);
        foreach (var (index, approver) in new[] { Manager, Applications, Admin }.Take(needed).Index())
        {
            Assert.Equal("waitingForApproval", request.Text("state"));
            request = (await suite.DecideAsync(approver, request)).Ok();
            Assert.Equal(index + 1 == needed ? "approved" : "waitingForApproval", request.Text("state"));
        }

        Assert.Equal(3 - needed, request.Approvals.Count(one => one.Text("state") == "notRequired"));
    }

    [Fact]
    public async Task A_stage_is_refused_once_enough_can_not_be_reached()
    {
        var key = await suite.PublishAsync(new { name = "Two of three", approval = Stage("count", 2, [Manager, Applications, Admin]) });
        var request = await suite.OrderAsync(key);
        Assert.Equal("waitingForApproval", (request = (await suite.DecideAsync(Manager, request, approve: false)).Ok()).Text("state"));
        Assert.Equal("It waits for approval by Ana Agent and Ada Admin: Board.", request.Waits);
        Assert.Equal("rejected", (await suite.DecideAsync(Admin, request, approve: false)).Ok().Text("state"));
    }

    internal static object Form(params (string Key, object Question)[] questions) =>
        new
        {
            properties = questions.ToDictionary(one => one.Key, one => one.Question), required = questions.Select(one => one.Key).ToArray(),
        };

    internal static object Stage(string kind, int? number, string[] people, object? times = null) => new
    {
        rules = new[] { new { then = "stages", stages = new[] { "board" } } },
        stages = new[]
        {
            new { key = "board", name = "Board", approvers = people.Select(one => new { kind = "person", of = one }),
                quorum = new { kind, number }, remindAfter = times is null ? null : "PT8H", escalateAfter = times is null ? null : "PT16H",
                expireAfter = times is null ? null : "PT24H" },
        },
    };
}
