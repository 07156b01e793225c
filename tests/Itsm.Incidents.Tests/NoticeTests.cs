using Itsm.Testing;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>Employees are told of a major incident in words for them. The caller is in Berlin, the other in New York.</summary>
public sealed class NoticeTests(IncidentsSuite suite)
{
    [Fact]
    public async Task People_of_the_sites_concerned_read_the_words_for_them_and_nothing_else_of_it()
    {
        var id = await MajorAsync();
        await suite.DoAsync(id, "publish-notice", new { text = "Mail comes late.", sites = new[] { "berlin" } }, Manager);
        var told = await ToldAsync(Caller, id);
        Assert.Equal("Mail comes late.", told!.Text("text"));
        Assert.DoesNotContain("Exchange", told!.ToJsonString(), StringComparison.Ordinal);
        Assert.Null(await ToldAsync(Other, id));
        (await suite.GetAsync(Other, "major-incidents/" + id)).Problem(404);
        (await suite.GetAsync(Caller, "incidents/" + id)).Problem(404);
        Assert.NotNull(await ToldAsync("agent2", id));

        await suite.DoAsync(id, "publish-notice", new { text = "Mail comes late everywhere." }, Manager);
        Assert.Equal("Mail comes late everywhere.", (await ToldAsync(Other, id))!.Text("text"));
        Assert.Null((await ToldAsync(Other, id))!["resolvedAt"]);
        await suite.ResolveAsync(id);
        Assert.NotNull((await ToldAsync(Other, id))!["resolvedAt"]);
        await suite.DoAsync(id, "close", person: Manager);
        Assert.Null(await ToldAsync(Other, id));
    }

    [Fact]
    public async Task It_ends_when_it_is_withdrawn_or_the_incident_is_handled_as_an_ordinary_one()
    {
        var (withdrawn, demoted) = (await MajorAsync(), await MajorAsync());
        foreach (var id in new[] { withdrawn, demoted })
        {
            await suite.DoAsync(id, "publish-notice", new { text = "The network is slow." }, Manager);
            Assert.NotNull(await ToldAsync(Caller, id));
        }

        await suite.DoAsync(withdrawn, "withdraw-notice", new { reason = "It concerns nobody." }, Manager);
        await suite.DoAsync(demoted, "demote-major", new { reason = "It is small." }, Manager);
        Assert.Null(await ToldAsync(Caller, withdrawn));
        Assert.Null(await ToldAsync(Caller, demoted));
        Assert.Equal("incident.no-notice",
            (await suite.TryAsync(demoted, "withdraw-notice", new { reason = "It concerns nobody." }, 409, Manager)).Code());
        Assert.Equal("incident.major-stage",
            (await suite.TryAsync(demoted, "publish-notice", new { text = "It goes on." }, 409, Manager)).Code());
        await suite.TryAsync(withdrawn, "publish-notice", new { text = "It goes on." }, 403);
        Assert.Equal("/sites/1", (await suite.TryAsync(withdrawn, "publish-notice",
            new { text = "It goes on.", sites = new[] { "berlin", "atlantis" } }, 400, Manager)).Pointer());
    }

    private async Task<string> MajorAsync()
    {
        var id = (await suite.OpenAsync("agent1", new { title = "Exchange queue stuck", description = "DAG member 2." })).Id;
        await suite.DoAsync(id, "propose-major", new { reason = "Everybody calls." });
        await suite.DoAsync(id, "accept-major", new { }, Manager);
        return id;
    }

    private async Task<System.Text.Json.Nodes.JsonObject?> ToldAsync(string person, string id) =>
        (await suite.GetAsync(person, "major-incidents?limit=200")).Ok().Items.SingleOrDefault(one => one.Id == id);
}
