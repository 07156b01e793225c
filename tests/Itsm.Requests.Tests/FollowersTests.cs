using System.Text.Json.Nodes;
using Itsm.Requests.Ordering;
using Itsm.Testing;
using static Itsm.Requests.Tests.ApprovalTests;
using static Itsm.Requests.Tests.Shortcuts;

namespace Itsm.Requests.Tests;

/// <summary>What search, stream and service levels make of requests.</summary>
[Collection(OwnSuite.Name)]
public sealed class FollowersTests(OwnSuite.Suite suite)
{
    [Fact]
    public async Task Search_stream_and_comments_know_requests_like_any_ticket()
    {
        await using var stream = await EventStream.OpenAsync(suite.As(Employee));
        var word = $"zebra{suite.Clock.GetUtcNow().ToUnixTimeMilliseconds()}";
        var order = new { item = "diagram-editor", description = $"For the {word} project" };
        var request = (await suite.PostAsync(Employee, "requests", order)).Ok();
        await stream.UntilAsync(events => events.Any(one => one.Data.ToJsonString().Contains(request.Id, StringComparison.Ordinal)));
        await FoundAsync(word, request);
        var formed = await suite.PublishAsync(new { name = "Animal", form = Form(("which", new { type = "string" })) });
        var asked = word.Replace("zebra", "okapi", StringComparison.Ordinal);
        await FoundAsync(asked, await suite.OrderAsync(formed, new { which = $"An {asked}" }));
        (await suite.PostAsync(Applications, $"requests/{request.Id}/comments", new { text = "On its way." })).Ok();
        await suite.UntilAsync(request.Id, one => one["firstAnsweredAt"] is not null && one["serviceLevels"] is not null);
        var members = (await suite.ReadAsync(request.Id + "?fields=approval,serviceLevels")).Select(member => member.Key);
        Assert.Equal(["approval", "serviceLevels"], members.Where(name => name is "approval" or "serviceLevels" or "title").Order());
        Assert.Single((await suite.GetAsync(Employee, $"requests/{request.Id}/comments")).Ok().Items);
    }

    private Task<string> FoundAsync(string word, JsonObject request) => RunningSuite.UntilAsync(
        async () => (await suite.GetAsync(Employee, $"search?q={word}")).Text,
        text => text.Contains(request.Id, StringComparison.Ordinal), $"the hit by {word}");
}
