using System.Net;
using Itsm.Testing;
using static Itsm.ServiceLevels.Tests.Shortcuts;

namespace Itsm.ServiceLevels.Tests;

/// <summary>A ticket with clocks is sent again only where something of it is different, the time that is left included.</summary>
[Collection(OwnSuite.Name)]
public sealed class EntityTagTests(OwnSuite.Suite suite)
{
    [Fact]
    public async Task Within_a_minute_of_a_running_clock_a_read_is_the_same_and_in_the_next_one_it_is_not()
    {
        var id = await OpenAsync();
        suite.Clock.Advance(TimeSpan.FromTicks(TimeSpan.TicksPerMinute - (suite.Clock.GetUtcNow().Ticks % TimeSpan.TicksPerMinute)));
        var seen = await ReadAsync(id);
        Assert.Equal(HttpStatusCode.NotModified, (await ReadAsync(id, seen.Tag)).Status);
        Assert.Equal((seen.Tag, seen.Text), await ReadAsync(id) is var again ? (again.Tag, again.Text) : default);
        suite.Clock.Advance(TimeSpan.FromMinutes(1));
        var later = await ReadAsync(id, seen.Tag);
        Assert.Equal(HttpStatusCode.OK, later.Status);
        var (before, after) = (Remaining(seen), Remaining(later));
        Assert.InRange(before - after, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2));
        Assert.Equal((0, 0), (before.Seconds, after.Seconds));
    }

    [Fact]
    public async Task A_paused_clock_lets_a_read_be_the_same_for_ever_and_a_clock_that_changed_does_not()
    {
        var id = await OpenAsync();
        var running = await ReadAsync(id);
        await HoldAsync(id);
        var paused = await ReadAsync(id, running.Tag);
        Assert.Equal(HttpStatusCode.OK, paused.Status);
        suite.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(HttpStatusCode.NotModified, (await ReadAsync(id, paused.Tag)).Status);
        await suite.DoAsync(id, "resume");
        await suite.ClocksAsync(id, clocks => clocks["resolution"].Text("state") == "running");
        Assert.Equal(HttpStatusCode.OK, (await ReadAsync(id, paused.Tag)).Status);
    }

    [Fact]
    public async Task Whatever_tag_was_read_or_written_a_change_needs_its_version_alone()
    {
        var id = await OpenAsync();
        var read = await ReadAsync(id);
        Assert.Matches("""^"1\.\d+\.\d+-[0-9a-f]{8}"$""", read.Tag);
        suite.Clock.Advance(TimeSpan.FromMinutes(5));
        var written = await suite.PatchAsync("agent1", "incidents/" + id, new { description = "More." }, read.Tag);
        Assert.Equal((HttpStatusCode.OK, "\"2\""), (written.Status, written.Tag));
        (await suite.PatchAsync("agent1", "incidents/" + id, new { description = "Else." }, read.Tag)).Problem(412);
        (await suite.PatchAsync("agent1", "incidents/" + id, new { description = "Else." }, written.Tag)).Ok();
    }

    [Fact]
    public async Task Any_of_the_callers_tags_will_do_also_weak_ones_and_a_star()
    {
        var id = await OpenAsync();
        await HoldAsync(id);
        var tag = (await ReadAsync(id)).Tag;
        foreach (var same in new[] { tag, $"\"1\", {tag}", "W/" + tag, "*" })
        {
            var answer = await ReadAsync(id, same);
            Assert.Equal((HttpStatusCode.NotModified, tag, ""), (answer.Status, answer.Tag, answer.Text));
        }

        foreach (var other in new[] { "\"2\"", "\"1\", W/\"2.1\"", tag.Trim('"'), "nonsense" })
        {
            Assert.Equal(HttpStatusCode.OK, (await ReadAsync(id, other)).Status);
        }
    }

    [Fact]
    public async Task The_actions_are_the_callers_so_the_tag_is_too_and_follows_their_roles()
    {
        var id = await OpenAsync();
        await suite.DoAsync(id, "propose-major", new { reason = "It grows." });
        await HoldAsync(id);
        var agents = (await ReadAsync(id)).Tag;
        Assert.Equal(HttpStatusCode.OK, (await ReadAsync(id, agents, "manager1")).Status);
        var name = NewKey("clerk");
        (await suite.PostAsync("admin", "people", new { userName = name, name = "Clara Clerk", roles = new[] { "agent" } })).Ok();
        await RunningSuite.UntilAsync(() => suite.GetAsync(name, "incidents"), answer => (int)answer.Status == 200, name);
        var before = await ReadAsync(id, null, name);
        Assert.Equal(HttpStatusCode.NotModified, (await ReadAsync(id, before.Tag, name)).Status);
        (await suite.PatchAsync("admin", "people/" + name, new { roles = new[] { "agent", "major-incident-manager" } }, "*")).Ok();
        var after = await RunningSuite.UntilAsync(
            () => ReadAsync(id, before.Tag, name), answer => answer.Status == HttpStatusCode.OK, name);
        Assert.NotEqual(before.Json["actions"]!.ToJsonString(), after.Json["actions"]!.ToJsonString());
        Assert.Equal((await ReadAsync(id + "?fields=title", null, name)).Tag, (await ReadAsync(id + "?fields=title")).Tag);
    }

    private async Task<string> OpenAsync()
    {
        var service = await suite.AgreementAsync(await suite.AlwaysAsync(), [Target("resolution", "PT4H")]);
        var id = (await suite.OpenForAsync(service)).Id;
        await suite.ClocksAsync(id, clocks => clocks.ContainsKey("resolution"));
        return id;
    }

    private async Task HoldAsync(string id)
    {
        await suite.DoAsync(id, "hold", new { reason = "vendor" });
        await suite.ClocksAsync(id, clocks => clocks.Values.All(clock => clock.Text("state") != "running"));
    }

    private static TimeSpan Remaining(Answer answer) => System.Xml.XmlConvert.ToTimeSpan(
        answer.Ok()["serviceLevels"]!["clocks"]!.AsArray().Select(clock => clock!.AsObject())
            .Single(clock => clock.Text("target") == "resolution").Text("remaining"));

    private async Task<Answer> ReadAsync(string id, string? ifNoneMatch = null, string person = "agent1")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/incidents/" + id);
        if (ifNoneMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        }

        using var response = await suite.As(person).SendAsync(request);
        return new Answer(response.StatusCode,
            response.Headers.ToDictionary(header => header.Key, header => string.Join(",", header.Value)),
            await response.Content.ReadAsStringAsync());
    }
}
