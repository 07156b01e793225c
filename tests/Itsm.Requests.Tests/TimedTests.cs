using Itsm.Requests.Ordering;
using Itsm.Testing;
using static Itsm.Requests.Tests.ApprovalTests;
using static Itsm.Requests.Tests.Shortcuts;

namespace Itsm.Requests.Tests;

[Collection(OwnSuite.Name)]
public sealed class TimedTests(OwnSuite.Suite suite)
{
    [Fact]
    public async Task A_fulfilled_request_closes_by_itself()
    {
        var key = await suite.PublishAsync(new { name = "Quick", plan = new[] { new { key = "do", title = "Do it" } } });
        var request = await suite.OrderAsync(key);
        await suite.UntilStateAsync(request.Id, "inFulfillment");
        await suite.DoTaskAsync(request.Id, "/do/complete");
        suite.Clock.Advance(TimeSpan.FromDays(5));
        await suite.UntilStateAsync(request.Id, "closed");
        Assert.Equal("request.transition", (await suite.TryAsync(request.Id, "reopen", new { reason = "Too late." }, 409, Employee)).Code);
    }

    [Fact]
    public async Task Silence_is_reminded_of_then_escalated_then_refused()
    {
        var key = await suite.PublishAsync(new { name = "Slow", approval = Stage("any", null, [Manager], times: true) });
        var request = await suite.OrderAsync(key);
        var asked = request.Approvals.Single();
        Assert.True(asked["remindAt"]!.GetValue<DateTimeOffset>() < asked["escalateAt"]!.GetValue<DateTimeOffset>());
        At(asked, "remindAt");
        Assert.NotNull((await suite.UntilAsync(request.Id, one => one.Approvals[0]["remindedAt"] is not null)).Approvals[0]["remindedAt"]);
        At(asked, "escalateAt");
        var escalated = await suite.UntilAsync(request.Id, one => one.Approvals.Count == 2);
        Assert.Equal(("escalated", "requested", "Ada Admin"),
            (escalated.Approvals[0].Text("state"), escalated.Approvals[1].Text("state"), escalated.Approvals[1].Text("approverName")));
        Assert.Equal("in place of Mia Manager", escalated.Approvals[1].Text("because"));
        At(asked, "expiresAt");
        var ended = await suite.UntilStateAsync(request.Id, "rejected");
        Assert.Equal("Nobody approved it in time.", ended.Text("endReason"));
    }

    [Fact]
    public async Task What_would_be_escalated_to_somebody_who_has_left_goes_further_up()
    {
        var chief = await suite.HireAsync();
        var boss = (await suite.HireAsync(manager: chief.Text("userName"))).Text("userName");
        var key = await suite.PublishAsync(new { name = "Slow", approval = Stage("any", null, [boss], times: true) });
        var request = await suite.OrderAsync(key);
        await suite.ActAsync(Admin, $"people/{chief.Id}/deactivate", new { reason = "Left us." });
        At(request.Approvals.Single(), "escalateAt");
        var moved = await suite.UntilAsync(request.Id, one => one.Approvals.Count == 3);
        Assert.Equal(["escalated", "escalated", "requested"], moved.Approvals.Select(one => one.Text("state")));
        Assert.Equal("Mia Manager", moved.Approvals[2].Text("approverName"));
    }

    [Fact]
    public async Task Approvers_are_given_working_time()
    {
        var key = await suite.PublishAsync(new { name = "Working time", approval = Stage("any", null, [Manager], times: true) });
        var expires = (await suite.OrderAsync(key)).Approvals.Single()["expiresAt"]!.GetValue<DateTimeOffset>();
        var berlin = TimeZoneInfo.ConvertTime(expires, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));
        Assert.InRange(berlin.TimeOfDay, new TimeSpan(9, 0, 0), new TimeSpan(17, 30, 0));
        Assert.True(expires - suite.Clock.GetUtcNow() > TimeSpan.FromHours(48), "24 hours of work are three days.");
    }

    [Fact]
    public async Task A_substitute_decides_for_somebody_within_the_dates_only()
    {
        var request = await suite.OrderPayrollAsync(person: Other);
        var path = $"approvals/{request.Asked(await suite.PersonAsync(Manager)).Text("approvalId")}/approve";
        var body = new { digest = request["approval"]!["digest"]!.GetValue<string>() };
        await suite.TryAsync(request.Id, path, body, 404, Employee);

        var now = suite.Clock.GetUtcNow();
        (await suite.SendAsync(Manager, HttpMethod.Put, "people/me/substitutes",
            new { substitutes = new[] { new { person = Employee, from = now.AddHours(1), until = now.AddHours(3) } } }, "*")).Ok();
        await suite.TryAsync(request.Id, path, body, 404, Employee);
        suite.Clock.Advance(TimeSpan.FromHours(2));
        await RunningSuite.UntilAsync(async () =>
            (await suite.GetAsync(Employee, "approvals?approver=me&state=requested&limit=200")).Ok().Items,
            found => found.Any(one => one.Text("ticket") == request.Id), "the approval in the substitute's list");
        var decided = await suite.DoAsync(request.Id, path, body, Employee);
        var approval = decided.Approvals[0];
        Assert.Equal(("approved", "Erin Employee", "Mia Manager"),
            (approval.Text("state"), approval["by"]!["name"]!.GetValue<string>(), approval["onBehalfOf"]!["name"]!.GetValue<string>()));
        var entry = (await suite.GetAsync(Agent, $"requests/{request.Id}/history?limit=200")).Ok()
            .Items.First(one => one.Text("action") == "approve");
        Assert.Equal(("Erin Employee", "Mia Manager"),
            (entry["by"]!["name"]!.GetValue<string>(), entry["onBehalfOf"]!["name"]!.GetValue<string>()));

        var later = await suite.OrderPayrollAsync(person: Other);
        suite.Clock.Advance(TimeSpan.FromHours(2));
        var asked = later.Asked(await suite.PersonAsync(Manager));
        await suite.TryAsync(
            later.Id, $"approvals/{asked.Text("approvalId")}/approve", new { digest = asked.Text("digest") }, 404, Employee);
        (await suite.SendAsync(Manager, HttpMethod.Put, "people/me/substitutes", new { substitutes = Array.Empty<object>() }, "*")).Ok();
    }

    [Fact]
    public async Task A_substitute_does_not_approve_their_own_request()
    {
        var now = suite.Clock.GetUtcNow();
        (await suite.SendAsync(Manager, HttpMethod.Put, "people/me/substitutes",
            new { substitutes = new[] { new { person = Employee, from = now.AddMinutes(-1), until = now.AddHours(1) } } }, "*")).Ok();
        var request = await suite.OrderPayrollAsync();
        var asked = request.Asked(await suite.PersonAsync(Manager));
        Assert.Equal("approval.own-request",
            (await suite.TryAsync(
                request.Id, $"approvals/{asked.Text("approvalId")}/approve", new { digest = asked.Text("digest") }, 409, Employee)).Code);
        (await suite.SendAsync(Manager, HttpMethod.Put, "people/me/substitutes", new { substitutes = Array.Empty<object>() }, "*")).Ok();
    }

    [Fact]
    public async Task Access_is_announced_to_end_and_ends()
    {
        var until = DateOnly.FromDateTime(suite.Clock.GetUtcNow().UtcDateTime).AddDays(30);
        var request = await suite.OrderPayrollAsync(until.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        (await suite.DecideAsync(DataOwner, (await suite.DecideAsync(Manager, request)).Ok())).Ok();
        await suite.UntilStateAsync(request.Id, "inFulfillment");
        await suite.DoTaskAsync(request.Id, "/grant/complete");
        var grant = (await RunningSuite.UntilAsync(async () =>
            (await suite.GetAsync(Agent, $"access-grants?request={request.Id}")).Ok().Items, found => found.Count == 1, "the grant"))[0];
        var expires = grant["expiresAt"]!.GetValue<DateTimeOffset>();
        Assert.Equal(until.AddDays(1),
            DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(expires, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")).DateTime));
        await using var stream = await EventStream.OpenAsync(suite.As(Employee), "?types=access");
        suite.Clock.Advance(expires - TimeSpan.FromDays(14) - suite.Clock.GetUtcNow());
        var noticed = await suite.UntilAsync(Agent, "access-grants/" + grant.Id, one => one["noticedAt"] is not null);
        Assert.Equal("active", noticed.Text("state"));
        string[] Told(IEnumerable<EventStream.Event> events) =>
            [.. events.Where(one => one.Type == "access" && one.Data.TextOrNull("grant") == grant.Id).Select(one => one.Data.Text("what"))
                .Order()];
        await stream.UntilAsync(events => Told(events).Length == 1);
        await suite.ActAsync(DataOwner, $"access-grants/{grant.Id}/confirm");
        suite.Clock.Advance(expires - suite.Clock.GetUtcNow());
        await suite.UntilAsync(Agent, "access-grants/" + grant.Id, one => one.Text("state") == "expired");
        await stream.UntilAsync(events => Told(events).Length >= 2);
        Assert.Equal(["ending", "expired"], Told(stream.Events));
        Assert.Equal("access-grant.ended",
            (await suite.PostAsync(DataOwner, $"access-grants/{grant.Id}/revoke", new { reason = "Too late." }, "*")).Problem(409).Code);
    }

    [Fact]
    public async Task In_a_recertification_owners_confirm_or_revoke_and_silence_revokes()
    {
        var grants = new List<string>();
        var application = $"Ledger {suite.Clock.GetUtcNow().ToUnixTimeMilliseconds()}";
        var key = await suite.PublishAsync(new
        {
            name = "Ledger", owner = DataOwner, access = new { application, role = "reader" },
            plan = new[] { new { key = "do", title = "Do it" } },
        });
        for (var index = 0; index < 3; index++)
        {
            var request = await suite.OrderAsync(key);
            await suite.UntilStateAsync(request.Id, "inFulfillment");
            await suite.DoTaskAsync(request.Id, "/do/complete");
            grants.Add(
                (await RunningSuite.UntilAsync(async () => (await suite.GetAsync(Agent, $"access-grants?request={request.Id}")).Ok().Items,
                    found => found.Count == 1, "the grant"))[0].Id);
        }

        await using var stream = await EventStream.OpenAsync(suite.As(DataOwner), "?types=access");
        (await suite.PostAsync(DataOwner, "recertifications",
            new { name = "Autumn", application, endsAt = suite.Clock.GetUtcNow().AddDays(7) })).Problem(403);
        Assert.Equal("/endsAt",
            (await suite.PostAsync(Admin, "recertifications",
                new { name = "Autumn", application, endsAt = suite.Clock.GetUtcNow().AddDays(-7) })).Problem(400).Pointer);
        Assert.Equal("recertification.empty",
            (await suite.PostAsync(Admin, "recertifications",
                new { name = "Autumn", application = "Nothing", endsAt = suite.Clock.GetUtcNow().AddDays(7) })).Problem(409).Code);
        var campaign = (await suite.PostAsync(Admin, "recertifications",
            new { name = "Autumn", application, endsAt = suite.Clock.GetUtcNow().AddDays(7) })).Ok();
        var parallel = (await suite.PostAsync(Admin, "recertifications",
            new { name = "Parallel", application, endsAt = suite.Clock.GetUtcNow().AddDays(7), onSilence = "revoke" })).Ok();
        foreach (var id in new[] { campaign.Id, parallel.Id })
        {
            await suite.UntilAsync(Admin, "recertifications/" + id, one => one.Text("state") == "open");
        }

        // Events that the clock has left behind are forgotten: each is waited for before it goes on.
        Task ToldAsync(string what) =>
            stream.UntilAsync(events =>
                events.Any(one =>
                    one.Type == "access" && one.Data.Text("what") == what && one.Data.TextOrNull("recertification") == campaign.Id));
        await ToldAsync("recertificationOpen");
        Assert.Equal(3, (await suite.GetAsync(DataOwner, $"recertifications/{campaign.Id}/grants")).Ok().Items.Count);
        var all = (await suite.PostAsync(Admin, "recertifications",
            new { name = "Everything", endsAt = suite.Clock.GetUtcNow().AddDays(200), onSilence = "keep" })).Ok();
        var owner = await suite.PersonAsync(DataOwner);
        await suite.UntilAsync(Admin, "recertifications/" + all.Id, one => one.Text("state") == "open");
        Assert.All((await suite.GetAsync(DataOwner, $"recertifications/{all.Id}/grants")).Ok().Items, one =>
            Assert.Equal(owner, one.Text("owner")));
        (await suite.GetAsync(Employee, "recertifications/" + campaign.Id)).Problem(404);
        (await suite.PostAsync(Employee, $"recertifications/{campaign.Id}/grants/{grants[0]}/confirm", new { }, "*")).Problem(404);

        await suite.ActAsync(DataOwner, $"recertifications/{campaign.Id}/grants/{grants[0]}/confirm");
        await suite.ActAsync(DataOwner, $"recertifications/{campaign.Id}/grants/{grants[1]}/revoke", new { reason = "Moved on." });
        Assert.Equal("recertification.answered",
            (await suite.PostAsync(DataOwner, $"recertifications/{campaign.Id}/grants/{grants[1]}/confirm", new { }, "*")).Problem(409)
                .Code);
        await suite.UntilAsync(Agent, "access-grants/" + grants[1], one => one.Text("state") == "revoked");
        await suite.UntilAsync(Agent, "access-grants/" + grants[0], one => one["confirmedAt"] is not null);

        // What an owner does to a grant is an answer in every campaign that asks about it.
        await RunningSuite.UntilAsync(
            async () =>
                (await suite.GetAsync(Admin, $"recertifications/{parallel.Id}/grants")).Ok().Items.Select(one => one.TextOrNull("answer"))
                    .ToList(), answers => answers.SequenceEqual(["confirmed", "revoked", null]), "the answers of the other campaign");
        suite.Clock.Advance(TimeSpan.FromDays(3.6));
        await ToldAsync("recertificationEnding");
        suite.Clock.Advance(TimeSpan.FromDays(3.4));
        var silent = await suite.UntilAsync(Agent, "access-grants/" + grants[2], one => one.Text("state") == "revoked");
        Assert.Contains("nobody confirmed it", silent.Text("endReason"), StringComparison.Ordinal);
        Assert.Equal("active", (await suite.GetAsync(Agent, "access-grants/" + grants[0])).Ok().Text("state"));
        Assert.Equal("recertification.answered",
            (await suite.PostAsync(DataOwner, $"recertifications/{campaign.Id}/grants/{grants[2]}/confirm", new { }, "*")).Problem(409)
                .Code);
        Assert.Equal(["confirmed", "revoked", "revokedBySilence"],
            (await suite.GetAsync(DataOwner, $"recertifications/{campaign.Id}/grants")).Ok().Items.Select(one => one.Text("answer")));
        await suite.UntilAsync(Admin, "recertifications/" + campaign.Id, one =>
            one.Text("state") == "ended" && one["grants"]!.GetValue<int>() == 3);
        await ToldAsync("recertificationEnded");
    }

    [Fact]
    public async Task A_campaign_asks_whoever_owns_the_data_now_and_never_those_who_have_the_access()
    {
        var (before, after) = ((await suite.HireAsync()).Text("userName"), await suite.HireAsync());
        var application = $"Wiki {suite.Clock.GetUtcNow().ToUnixTimeMilliseconds()}";
        object Content(string owner) =>
            new
            {
                name = "Wiki", owner, access = new { application, role = "reader" }, plan = new[] { new { key = "do", title = "Do it" } },
            };
        var key = await suite.PublishAsync(Content(before));
        foreach (var person in new[] { Employee, after.Text("userName") })
        {
            var request = await suite.OrderAsync(key, person: person);
            await suite.UntilStateAsync(request.Id, "inFulfillment");
            await suite.DoTaskAsync(request.Id, "/do/complete");
            await RunningSuite.UntilAsync(async () => (await suite.GetAsync(Agent, $"access-grants?request={request.Id}")).Ok().Items,
                found => found.Count == 1, "the grant");
        }

        (await suite.SendAsync(Admin, HttpMethod.Put, $"catalog/items/{key}/draft", new { content = Content(after.Text("userName")) }, "*"))
            .Ok();
        await suite.ActAsync(Admin, $"catalog/items/{key}/publish");
        var campaign = (await suite.PostAsync(Admin, "recertifications",
            new { name = "Wiki", application, endsAt = suite.Clock.GetUtcNow().AddDays(7) })).Ok();
        await suite.UntilAsync(Admin, "recertifications/" + campaign.Id, one => one.Text("state") == "open");
        Assert.Equal([after.Id, await suite.PersonAsync(Manager)],
            (await suite.GetAsync(Admin, $"recertifications/{campaign.Id}/grants")).Ok().Items.Select(one => one.Text("owner")));
        var own = (await suite.GetAsync(after.Text("userName"), $"access-grants?application={Uri.EscapeDataString(application)}")).Ok()
            .Items.Single(one => one.Text("person") == after.Id);
        (await suite.PostAsync(after.Text("userName"), $"access-grants/{own.Id}/confirm", new { }, "*")).Problem(403);
    }

    [Fact]
    public async Task What_a_condition_leaves_out_is_no_work_that_was_skipped()
    {
        var application = $"Reader {suite.Clock.GetUtcNow().ToUnixTimeMilliseconds()}";
        var key = await suite.PublishAsync(new
        {
            name = "Reader", access = new { application, role = "reader" }, form = Form(("role", new { type = "string" })),
            plan = new[] { new { key = "do", title = "Do it", when = new[] { new { field = "role", @in = new[] { "admin" } } } } },
        });
        var request = await suite.OrderAsync(key, new { role = "reader" });
        await RunningSuite.UntilAsync(async () => (await suite.GetAsync(Agent, $"access-grants?request={request.Id}")).Ok().Items,
            found => found.Count == 1, "the grant");
    }

    [Fact]
    public async Task Work_that_nobody_did_gives_no_access()
    {
        var request = await suite.OrderAsync("diagram-editor");
        await suite.UntilStateAsync(request.Id, "inFulfillment");
        await suite.DoTaskAsync(request.Id, "/grant/skip", new { outcome = "Has it already." });
        await suite.UntilStateAsync(request.Id, "fulfilled");
        var second = await suite.OrderAsync("diagram-editor");
        await suite.UntilStateAsync(second.Id, "inFulfillment");
        await suite.DoTaskAsync(second.Id, "/grant/complete");
        await RunningSuite.UntilAsync(async () => (await suite.GetAsync(Agent, $"access-grants?request={second.Id}")).Ok().Items,
            found => found.Count == 1, "the grant of the second");
        Assert.Empty((await suite.GetAsync(Agent, $"access-grants?request={request.Id}")).Ok().Items);
    }

    private void At(System.Text.Json.Nodes.JsonObject approval, string instant)
    {
        suite.Clock.Advance(approval[instant]!.GetValue<DateTimeOffset>() - suite.Clock.GetUtcNow());
    }
}
