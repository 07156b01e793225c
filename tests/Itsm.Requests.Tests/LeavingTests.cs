using System.Globalization;
using System.Text.Json.Nodes;
using Itsm.Requests.Ordering;
using Itsm.Testing;
using static Itsm.Requests.Tests.Shortcuts;

namespace Itsm.Requests.Tests;

/// <summary>Somebody comes, holds things, and goes.</summary>
[Collection(OwnSuite.Name)]
public sealed class LeavingTests(OwnSuite.Suite suite)
{
    [Fact]
    public async Task Onboarding_derives_tasks_for_three_groups_with_right_dates_over_a_holiday()
    {
        // In Berlin the 1st of May is a holiday; the first day is a Monday in May: three working days before it are counted around both.
        var first = FirstMondayOfMay(suite.Clock.GetUtcNow().Year + 1);
        var holiday = new DateOnly(first.Year, 5, 1);
        var person = await suite.HireAsync();
        var request = await suite.OrderAsync("onboarding",
            new { person = person.Text("userName"), startDate = Text(first), role = "developer" }, Manager);
        (await suite.DecideAsync(Admin, request)).Ok();
        Assert.Equal(person.Id, request.Text("subject"));
        var begun = await suite.UntilAsync(request.Id, one => one.TaskState("developer-laptop") == "inProgress");
        Assert.Equal(["Applications", "Security", "Service Desk"], begun.Tasks.Select(task => task.Text("groupName")).Distinct().Order());
        Assert.Equal(["open", "skipped", "open", "waiting", "skipped", "inProgress", "waiting"],
            begun.Tasks.Select(task => task.Text("state")));
        var expected = Back(first, 3, holiday);
        Assert.Equal(expected, DateInBerlin(begun.TaskOf("desk")));
        Assert.Equal(expected, DateInBerlin(begun.TaskOf("accounts")));
        Assert.Equal(first, DateInBerlin(begun.TaskOf("briefing")));
        Assert.Equal(new TimeSpan(17, 30, 0), InBerlin(begun.TaskOf("briefing")).TimeOfDay);

        // The laptop is for the newcomer, approved as part of the onboarding, and goes its own way.
        var laptop = await suite.UntilStateAsync(begun.TaskOf("developer-laptop").Text("requestNumber"), "inFulfillment");
        Assert.Equal((person.Id, request.Id), (laptop.Text("requester"), laptop.Text("parent")));
        await suite.DoTaskAsync(request.Id, "/accounts/complete", person: Applications);
        var editor = (await suite.UntilAsync(request.Id, one => one.TaskState("diagram-editor") == "inProgress")).TaskOf("diagram-editor")
            .Text("requestNumber");
        await suite.UntilStateAsync(editor, "inFulfillment");
        var progress = (await suite.GetAsync(Manager, $"requests/{request.Id}/progress")).Ok();
        Assert.Equal((11, 3, 0),
            (progress["total"]!.GetValue<int>(), progress["ended"]!.GetValue<int>(), progress["late"]!.GetValue<int>()));
        Assert.Equal(["Applications", "Security", "Service Desk"],
            progress["teams"]!.AsArray().Select(team => team!["group"]!.GetValue<string>()));

        await FulfillAsync(laptop.Id);
        await FulfillAsync(editor);
        await suite.DoTaskAsync(request.Id, "/desk/complete");
        await suite.DoTaskAsync(request.Id, "/briefing/complete", person: "analyst1");
        await suite.UntilStateAsync(request.Id, "fulfilled");
    }

    [Fact]
    public async Task Onboarding_follows_the_site_and_the_manager_of_whoever_comes()
    {
        var boss = (await suite.HireAsync()).Text("userName");
        var person = await suite.HireAsync("new-york", boss);
        var start = suite.InDays(30);
        var request = await suite.OrderAsync(
            "onboarding", new { person = person.Text("userName"), startDate = start, role = "assistant" }, Agent);
        Assert.Equal($"manager of {person.Text("name")}", request.Approvals.Single().Text("because"));
        (await suite.DecideAsync(boss, request)).Ok();
        var begun = await suite.UntilStateAsync(request.Id, "inFulfillment");
        Assert.Equal(("skipped", "open"), (begun.TaskState("desk"), begun.TaskState("guest-desk")));

        // New York has no calendar: every day counts, and ends at midnight there.
        var due = TimeZoneInfo.ConvertTime(begun.TaskOf("accounts")["dueAt"]!.GetValue<DateTimeOffset>(),
            TimeZoneInfo.FindSystemTimeZoneById("America/New_York"));
        Assert.Equal((TimeSpan.Zero, start), (due.TimeOfDay, Text(DateOnly.FromDateTime(due.Date).AddDays(2))));
    }

    [Fact]
    public async Task Nobody_approves_what_is_about_themselves()
    {
        var leaver = await suite.HireAsync();
        var key = await suite.PublishAsync(new
        {
            name = "Going", kind = "offboarding",
            form = ApprovalTests.Form(("person", new { type = "string", format = "person" }),
                ("lastDay", new { type = "string", format = "date" })),
            approval = ApprovalTests.Stage("any", null, [leaver.Text("userName")]),
        });
        Assert.Equal("approval.no-approver",
            (await suite.PostAsync(Agent, "requests",
                new { item = key, answers = new { person = leaver.Text("userName"), lastDay = suite.InDays(30) } })).Problem(409).Code);
    }

    [Fact]
    public async Task Offboarding_lists_exactly_what_they_hold_and_does_not_end_before_all_is_back()
    {
        // Whoever goes came once: what their onboarding gave them is part of what they hold.
        var leaver = await suite.HireAsync();
        var userName = leaver.Text("userName");
        var onboarding = await suite.OrderAsync(
            "onboarding", new { person = userName, startDate = suite.InDays(30), role = "assistant" }, Agent);
        (await suite.DecideAsync(Manager, onboarding)).Ok();
        var laptop = await suite.ReadAsync((await suite.UntilAsync(onboarding.Id, one => one.TaskState("laptop") == "inProgress"))
            .TaskOf("laptop").Text("requestNumber"));
        await FulfillAsync(laptop.Id);
        await suite.DoTaskAsync(onboarding.Id, "/accounts/complete");
        await FulfillAsync((await suite.UntilAsync(onboarding.Id, one => one.TaskState("diagram-editor") == "inProgress"))
            .TaskOf("diagram-editor").Text("requestNumber"));
        var payroll = await suite.OrderAsync("payroll-access",
            new { role = "editor", until = suite.InDays(90), reason = "Pays everybody." }, Agent, userName);
        (await suite.DecideAsync(DataOwner, (await suite.DecideAsync(Manager, payroll)).Ok())).Ok();
        await FulfillAsync(payroll.Id);
        await GrantsAsync(leaver.Id, 2);

        var last = DateOnly.FromDateTime(suite.Clock.GetUtcNow().UtcDateTime.AddDays(40));
        var request = await suite.OrderAsync("offboarding", new { person = userName, lastDay = Text(last) }, Manager);
        (await suite.DecideAsync(Admin, request)).Ok();
        var begun = await suite.UntilStateAsync(request.Id, "inFulfillment");
        Assert.Equal(
            ["Revoke access: Diagram editor, user", "Revoke access: Payroll, editor", $"Take back: Laptop ({laptop.Text("number")})"],
            begun.Tasks.Where(task => task.Text("kind") == "recover").Select(task => task.Text("title")).Order());
        Assert.Equal(begun.TaskOf("deactivate").Text("dueAt"), begun.Tasks.First(task => task.Text("kind") == "recover").Text("dueAt"));
        Assert.Equal("request.open-tasks", (await suite.TryAsync(request.Id, "fulfill", new { }, 409)).Code);

        // What they come to hold meanwhile is added; what ends otherwise is done.
        var more = await suite.OrderAsync("laptop", new { model = "standard" }, Agent, userName);
        (await suite.DecideAsync(Manager, more)).Ok();
        await FulfillAsync(more.Id);
        await suite.UntilAsync(request.Id, one => one.Tasks.Count(task => task.Text("kind") == "recover") == 4);
        var grants = await GrantsAsync(leaver.Id, 2);
        await suite.ActAsync(DataOwner, $"access-grants/{grants.First(one => one.Text("application") == "Payroll").Id}/revoke",
            new { reason = "Not needed any more." });
        var held = await suite.UntilAsync(request.Id, one =>
            one.Tasks.Any(task =>
                task.Text("title").StartsWith("Revoke access: Payroll", StringComparison.Ordinal) && task.Text("state") == "done"));

        // Each comes back, or is waived with a reason; nothing is skipped.
        var key = held.Tasks.First(task => task.Text("title").EndsWith($"({laptop.Text("number")})", StringComparison.Ordinal)).Text("key");
        Assert.Equal("task.required", (await suite.TryAsync(request.Id, $"tasks/{key}/skip", new { outcome = "No." }, 409)).Code);
        Assert.Equal("/outcome", (await suite.TryAsync(request.Id, $"tasks/{key}/waive", new { }, 400)).Pointer);
        await suite.DoTaskAsync(request.Id, $"/{key}/waive", new { outcome = "Lost; they paid for it." });
        foreach (var task in held.Tasks.Where(task =>
            task.Text("kind") == "recover" && task.Text("key") != key && task.Text("state") == "open"))
        {
            await suite.DoTaskAsync(request.Id, $"/{task.Text("key")}/complete");
        }

        var waiting = await suite.DoTaskAsync(request.Id, "/hand-over/complete");
        Assert.Equal(("inFulfillment",
            $"All else is done; it waits for the last working moment: “End the access of {leaver.Text("name")} on "
            + $"{Text(DateInBerlin(begun.TaskOf("deactivate")))}”."), (waiting.Text("state"), waiting.Waits));
        await RunningSuite.UntilAsync(async () =>
            (await suite.GetAsync(Agent, $"access-grants?person={leaver.Id}&state=active")).Ok().Items, found => found.Count == 0,
            "the end of all access");
        await suite.UntilAsync(more.Id, one => one["returnedAt"] is not null);
        Assert.Equal("task.automatic", (await suite.TryAsync(request.Id, "tasks/deactivate/complete", new { }, 409)).Code);

        // The last working moment: the day's work ends, and with it all access.
        (await suite.GetAsync(userName, "people/me")).Ok();
        suite.Clock.Advance(begun.TaskOf("deactivate")["dueAt"]!.GetValue<DateTimeOffset>() - suite.Clock.GetUtcNow());
        await suite.UntilStateAsync(request.Id, "fulfilled");
        await suite.UntilAsync(Admin, "people/" + leaver.Id, person => !person["active"]!.GetValue<bool>());
        await RunningSuite.UntilAsync(() => suite.GetAsync(userName, "people/me"), answer => (int)answer.Status == 403,
            "the end of the leaver's access");

        // What may be taken up again is in the way of another one.
        Assert.Equal("request.offboarding-exists",
            (await suite.PostAsync(Manager, "requests",
                new { item = "offboarding", answers = new { person = userName, lastDay = suite.InDays(1) } })).Problem(409).Code);

        // Taken up again it waits for somebody to end it, not for itself.
        Assert.Equal("inFulfillment", (await suite.DoAsync(request.Id, "reopen", new { reason = "The badge is missing." })).Text("state"));
        await suite.DoTaskAsync(request.Id, "", new { key = "badge", title = "Find the badge" });
        Assert.Equal("fulfilled", (await suite.DoTaskAsync(request.Id, "/badge/complete")).Text("state"));
        await suite.DoAsync(request.Id, "close");
        await suite.OrderAsync("offboarding", new { person = userName, lastDay = suite.InDays(1) }, Manager);
    }

    [Fact]
    public async Task A_cancelled_offboarding_leaves_the_person_alone()
    {
        var person = await suite.HireAsync();
        var last = DateOnly.FromDateTime(suite.Clock.GetUtcNow().UtcDateTime.AddDays(7));
        var request = await suite.OrderAsync("offboarding", new { person = person.Text("userName"), lastDay = Text(last) }, Manager);
        (await suite.DecideAsync(Admin, request)).Ok();
        await suite.UntilStateAsync(request.Id, "inFulfillment");
        var cancelled = await suite.DoAsync(request.Id, "cancel", new { reason = "They stay." });
        Assert.All(cancelled.Tasks, task => Assert.Equal("cancelled", task.Text("state")));
        suite.Clock.Advance(TimeSpan.FromDays(9));
        await RunningSuite.UntilAsync(() => suite.GetAsync(person.Text("userName"), "people/me"), answer => (int)answer.Status == 200,
            "the person's access");
        Assert.True((await suite.GetAsync(Admin, "people/" + person.Id)).Ok()["active"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Somebody_leaves_once_at_a_time()
    {
        var leaver = (await suite.HireAsync()).Text("userName");
        var answers = new { person = leaver, lastDay = suite.InDays(7) };
        var twins = await Task.WhenAll(Enumerable.Range(0, 2)
            .Select(_ => suite.PostAsync(Manager, "requests", new { item = "offboarding", answers })));
        Assert.Equal([201, 409], twins.Select(answer => (int)answer.Status).Order());
        var first = twins.Single(answer => (int)answer.Status == 201).Json;
        var refused = (await suite.PostAsync(Manager, "requests", new { item = "offboarding", answers })).Problem(409);
        Assert.Equal("request.offboarding-exists", refused.Code);
        Assert.Contains(first.Text("number"), refused.Text("detail"), StringComparison.Ordinal);

        // What is not submitted, or has ended, is in nobody's way.
        var draft = (await suite.PostAsync(Manager, "requests", new { item = "offboarding", answers, draft = true })).Ok();
        Assert.Equal("request.offboarding-exists", (await suite.TryAsync(draft.Id, "submit", new { }, 409, Manager)).Code);
        await suite.DoAsync(first.Id, "cancel", new { reason = "They stay." }, Manager);
        var second = await suite.DoAsync(draft.Id, "submit", person: Manager);
        Assert.Equal("waitingForApproval", second.Text("state"));

        // Its own edit is not another one, but may not become one.
        (await suite.PatchAsync(Manager, "requests/" + second.Id, new { answers = new { lastDay = suite.InDays(8) } }, "*")).Ok();
        var other = (await suite.HireAsync()).Text("userName");
        await suite.OrderAsync("offboarding", new { person = other, lastDay = suite.InDays(7) }, Manager);
        Assert.Equal("request.offboarding-exists",
            (await suite.PatchAsync(Manager, "requests/" + second.Id, new { answers = new { person = other } }, "*")).Problem(409).Code);
    }

    [Fact]
    public async Task Dates_of_a_form_that_lead_nowhere_are_refused()
    {
        Assert.Equal("/answers/lastDay",
            (await suite.PostAsync(Manager, "requests",
                new { item = "offboarding", answers = new { person = Employee, lastDay = "tomorrow" } })).Problem(400).Pointer);
        Assert.Equal("/answers/lastDay",
            (await suite.PostAsync(Manager, "requests",
                new { item = "offboarding", answers = new { person = Employee, lastDay = "2020-01-01" } })).Problem(400).Pointer);
        Assert.Equal("/answers/person",
            (await suite.PostAsync(Manager, "requests",
                new { item = "offboarding", answers = new { person = "nobody", lastDay = "2030-01-01" } })).Problem(400).Pointer);
    }

    private static DateOnly FirstMondayOfMay(int year)
    {
        var day = new DateOnly(year, 5, 2);
        while (day.DayOfWeek != DayOfWeek.Monday)
        {
            day = day.AddDays(1);
        }

        return day;
    }

    private static DateOnly Back(DateOnly day, int workingDays, DateOnly holiday)
    {
        while (workingDays > 0)
        {
            day = day.AddDays(-1);
            workingDays -= day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday || day == holiday ? 0 : 1;
        }

        return day;
    }

    private static DateTime InBerlin(JsonObject task) =>
        TimeZoneInfo.ConvertTime(task["dueAt"]!.GetValue<DateTimeOffset>(), TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")).DateTime;

    private static DateOnly DateInBerlin(JsonObject task) => DateOnly.FromDateTime(InBerlin(task));

    private static string Text(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private Task<IReadOnlyList<JsonObject>> GrantsAsync(string person, int count) =>
        RunningSuite.UntilAsync(async () => (await suite.GetAsync(Agent, $"access-grants?person={person}&state=active")).Ok().Items,
            found => found.Count == count, "the grants");

    /// <summary>Completes the tasks of a request as they open.</summary>
    private async Task FulfillAsync(string id)
    {
        var request = await suite.UntilAsync(id, one => one.Text("state") is "inFulfillment");
        while (request.Tasks.FirstOrDefault(task => task.Text("state") == "open") is { } task)
        {
            request = await suite.DoTaskAsync(id, $"/{task.Text("key")}/complete",
                task.Text("key") == "set-up" ? new { answers = new { serial = "AB-1234" } } : new { outcome = "Done." });
        }

        await suite.UntilStateAsync(id, "fulfilled");
    }
}
