using Itsm.Testing;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

public sealed class MajorIncidentTests(IncidentsSuite suite)
{
    [Fact]
    public async Task Priority_1_makes_a_candidate_until_the_priority_falls()
    {
        var incident = await suite.OpenAsync(Caller, new { title = "All is down", impact = "high", urgency = "high" });
        Assert.Equal("candidate", incident["major"]!.AsObject().Text("stage"));
        Assert.Contains(incident.Id,
            (await suite.GetAsync(Agent, "incidents?major=candidate&limit=200")).Ok().Items.Select(found => found.Id));
        Assert.Null((await suite.PatchAsync(Agent, "incidents/" + incident.Id, new { urgency = "low" }, "*")).Ok()["major"]);
        Assert.Equal("candidate",
            (await suite.DoAsync(incident.Id, "override-priority", new { priority = 1, reason = "All is down." }))["major"]!.AsObject()
                .Text("stage"));
    }

    [Fact]
    public async Task A_major_incident_is_proposed_by_agents_and_decided_by_its_managers()
    {
        var id = (await suite.OpenAsync()).Id;
        await suite.TryAsync(id, "accept-major", new { }, 409, Manager);
        await suite.TryAsync(id, "propose-major", new { reason = "Mine!" }, 403, Caller);
        Assert.Equal("proposed",
            (await suite.DoAsync(id, "propose-major", new { reason = "It grows." }))["major"]!.AsObject().Text("stage"));
        await suite.TryAsync(id, "accept-major", new { }, 403);
        Assert.Equal("rejected",
            (await suite.DoAsync(id, "reject-major", new { reason = "It does not." }, Manager))["major"]!.AsObject().Text("stage"));
        await suite.TryAsync(id, "accept-major", new { }, 409, Manager);
        await suite.DoAsync(id, "propose-major", new { reason = "Now it does." });
        var accepted = (await suite.DoAsync(id, "accept-major", new { coordinator = "agent2" }, Manager))["major"]!.AsObject();
        Assert.Equal(("accepted", (await suite.PersonAsync("agent2")).ToString()), (accepted.Text("stage"), accepted.Text("coordinator")));
        Assert.Equal("demoted",
            (await suite.DoAsync(id, "demote-major", new { reason = "Small again." }, Manager))["major"]!.AsObject().Text("stage"));
        Assert.Equal("proposed",
            (await suite.DoAsync(id, "propose-major", new { reason = "Grows again." }))["major"]!.AsObject().Text("stage"));
    }

    [Fact]
    public async Task Plans_and_updates_are_for_accepted_ones_and_name_known_audiences()
    {
        var id = (await suite.OpenAsync()).Id;
        var plan = new { audiences = new[] { new { name = "executives", channel = "mail" } } };
        Assert.Equal("incident.major-stage", (await suite.TryAsync(id, "plan-communication", plan, 409, Manager)).Code());
        await AcceptAsync(id);
        Assert.Equal("/audiences",
            (await suite.TryAsync(id, "plan-communication", new { audiences = Array.Empty<object>() }, 400, Manager)).Pointer());
        Assert.Equal("/audiences/0/everyMinutes",
            (await suite.TryAsync(id, "plan-communication",
                new { audiences = new[] { new { name = "staff", channel = "mail", everyMinutes = 0 } } }, 400, Manager)).Pointer());
        var planned = await suite.DoAsync(id, "plan-communication", plan, Manager);
        Assert.Null(planned["major"]!["nextUpdateAt"]);
        Assert.Equal("/audiences",
            (await suite.TryAsync(id, "publish-update", new { text = "Soon.", audiences = new[] { "press" } }, 400, Manager)).Pointer());
        await suite.TryAsync(id, "publish-update", new { text = "Soon." }, 403);
        Assert.Equal("Soon.",
            (await suite.DoAsync(id, "publish-update", new { text = "Soon." }, Manager))["major"]!["updates"]![0]!.AsObject().Text("text"));
    }

    [Fact]
    public async Task The_report_is_written_once_resolved_and_brings_its_own_timeline()
    {
        var id = (await suite.OpenAsync()).Id;
        (await suite.GetAsync(Manager, $"incidents/{id}/report")).Problem(404);
        await AcceptAsync(id);
        Assert.Equal("incident.report-state", (await suite.TryAsync(id, "write-report", new { overview = "Fire." }, 409, Manager)).Code());
        await suite.DoAsync(id, "plan-communication", new { audiences = new[] { new { name = "staff", channel = "chat" } } }, Manager);
        await suite.DoAsync(id, "publish-update", new { text = "We have water." }, Manager);
        await suite.DoAsync(id, "escalate", new { group = "network", reason = "Theirs burns too." });
        await suite.ResolveAsync(id, "Extinguished.");
        await suite.DoAsync(id, "write-report", new { overview = "A fire.", findings = "Paper.", resolution = "Water." }, Manager);
        var report = (await suite.GetAsync(Caller, $"incidents/{id}/report")).Ok();
        Assert.Equal(("A fire.", "Paper.", "Water."),
            (report["report"]!.AsObject().Text("overview"), report["report"]!.AsObject().Text("findings"),
                report["report"]!.AsObject().Text("resolution")));
        Assert.StartsWith("PT", report.Text("duration"), StringComparison.Ordinal);
        var timeline = report["timeline"]!.AsArray().Select(moment => moment!.AsObject()).ToList();
        Assert.Equal(timeline.Select(moment => moment["at"]!.GetValue<DateTimeOffset>()).Order(),
            timeline.Select(moment => moment["at"]!.GetValue<DateTimeOffset>()));
        var told = timeline.Select(moment => moment.Text("what")).ToList();
        Assert.All(
            ["Opened with priority 3.", "Proposed as a major incident by Amir Agent.", "Accepted as a major incident by Mia Manager.",
                "Status update to staff: We have water.", "Escalated to level 1: Theirs burns too.", "new → resolved."],
            what => Assert.Contains(what, told));
    }

    private async Task AcceptAsync(string id)
    {
        await suite.DoAsync(id, "propose-major", new { reason = "It grows." });
        await suite.DoAsync(id, "accept-major", person: Manager);
    }
}
