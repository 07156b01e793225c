using Itsm.Testing;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>If-Match: nobody overwrites what they have not seen.</summary>
public sealed class VersionTests(IncidentsSuite suite)
{
    [Fact]
    public async Task A_change_without_If_Match_is_refused()
    {
        var id = (await suite.OpenAsync()).Id;
        Assert.Contains("If-Match",
            (await suite.PatchAsync(Agent, "incidents/" + id, new { title = "Other" }, null)).Problem(428).Text("detail"),
            StringComparison.Ordinal);
        (await suite.PostAsync(Agent, $"incidents/{id}/start", new { })).Problem(428);
    }

    [Fact]
    public async Task A_change_of_an_older_version_is_refused_with_what_changed_since()
    {
        var incident = await suite.OpenAsync();
        (await suite.PatchAsync(Agent, "incidents/" + incident.Id, new { title = "Other", urgency = "high" }, incident.Tag)).Ok();
        var second = (await suite.PatchAsync(Agent, "incidents/" + incident.Id, new { description = "More" }, "\"2\"")).Ok();
        var refused = await suite.PatchAsync(Agent, "incidents/" + incident.Id, new { title = "Mine" }, incident.Tag);
        var problem = refused.Problem(412);
        Assert.Equal((second.Tag, second.Tag), (problem.Text("currentETag"), refused.Tag));
        Assert.Equal(["computedPriority", "description", "priority", "title", "urgency"], problem["changedFields"].Texts());
        Assert.Equal("Other", (await suite.ReadAsync(incident.Id)).Text("title"));
    }

    [Theory]
    [InlineData("W/\"1\"")]
    [InlineData("1")]
    [InlineData("\"one\"")]
    [InlineData("\"1\", \"2\"")]
    [InlineData("\"-1\"")]
    public async Task An_If_Match_that_is_no_version_of_ours_is_refused(string tag)
    {
        var id = (await suite.OpenAsync()).Id;
        Assert.Contains("If-Match",
            (await suite.PatchAsync(Agent, "incidents/" + id, new { title = "Other" }, tag)).Problem(400).Text("detail"),
            StringComparison.Ordinal);
        Assert.Equal(1, (await suite.ReadAsync(id)).Version);
    }

    [Fact]
    public async Task Of_32_clients_that_append_to_one_incident_none_loses_its_part()
    {
        var id = (await suite.OpenAsync(Caller, new { title = "Busy", description = "|" })).Id;
        await Task.WhenAll(Enumerable.Range(0, 32).Select(async client =>
        {
            while (true)
            {
                var seen = await suite.ReadAsync(id);
                var answer = await suite.PatchAsync(
                    Agent, "incidents/" + id, new { description = $"{seen.Text("description")}{client}|" }, seen.Tag);
                if ((int)answer.Status == 200)
                {
                    return;
                }

                answer.Problem(412);
            }
        }));
        var end = await suite.ReadAsync(id);
        Assert.Equal(33, end.Version);
        Assert.Equal(Enumerable.Range(0, 32).Select(client => client.ToString(System.Globalization.CultureInfo.InvariantCulture)).Order(),
            end.Text("description").Split('|', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    [Fact]
    public async Task A_change_that_changes_nothing_makes_no_version()
    {
        var incident = await suite.OpenAsync();
        var same = (await suite.PatchAsync(Agent, "incidents/" + incident.Id, new { title = incident.Text("title") }, incident.Tag)).Ok();
        Assert.Equal(1, same.Version);
        Assert.Single(await suite.HistoryAsync(incident.Id));
    }
}
