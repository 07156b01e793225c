using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Suite.Tests;

public sealed class RestartTests
{
    [Fact]
    [OuterTier]
    public async Task A_restart_keeps_everything_and_an_emptied_copy_of_the_people_is_filled_again()
    {
        var suite = new Prepared();
        await suite.InitializeAsync();
        try
        {
            var authorization = suite.As("employee1").DefaultRequestHeaders.Authorization;
            var id = (await suite.OpenAsync("employee1")).Id;
            await suite.ActAsync("agent1", $"incidents/{id}/start");
            var before = Timeless(await suite.UntilAsync("employee1", "incidents/" + id, incident =>
                incident["serviceLevels"]?["clocks"]?[0]?["countedAt"]?.ToString() == incident["updatedAt"]!.ToString()));

            await suite.RestartAsync();
            suite.As("employee1").DefaultRequestHeaders.Authorization = authorization;
            Assert.Equal(before, Timeless((await suite.GetAsync("employee1", "incidents/" + id)).Ok()));

            suite.BeforeNextStart = () => Array.ForEach(System.IO.Directory.GetFiles(suite.Data, "suite.db*"), File.Delete);
            await suite.RestartAsync();
            await RunningSuite.UntilAsync(async () => (int)(await suite.GetAsync("employee1", "incidents/" + id)).Status,
                status => status == 200, "the copy of the people");
            await RunningSuite.UntilAsync(async () =>
                (int)(await suite.PostAsync(
                    "agent1", $"incidents/{id}/assign", new { assignmentGroup = "network", assignee = "agent1" }, "*")).Status,
                status => status == 200, "the copy of the groups");
        }
        finally
        {
            await suite.DisposeAsync();
        }
    }

    /// <summary>Without what counts down.</summary>
    private static string Timeless(JsonObject incident)
    {
        foreach (var clock in incident["serviceLevels"]!["clocks"]!.AsArray())
        {
            clock!.AsObject().Remove("remaining");
        }

        return incident.ToJsonString();
    }

    private sealed class Prepared : RunningSuite
    {
        /// <summary>Runs between stop and start.</summary>
        public Action? BeforeNextStart { get; set; }

        protected override void Configure(Microsoft.AspNetCore.Builder.WebApplicationBuilder builder)
        {
            BeforeNextStart?.Invoke();
            BeforeNextStart = null;
        }
    }
}
