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
        var request = (await suite.PostAsync(Employee, "requests", new { item = "diagram-editor", description = $"For the {word} project" })).Ok();
        await stream.UntilAsync(events => events.Any(one => one.Data.ToJsonString().Contains(request.Id, StringComparison.Ordinal)));
        await RunningSuite.UntilAsync(async () => (await suite.GetAsync(Employee, $"search?q={word}")).Text, text => text.Contains(request.Id, StringComparison.Ordinal), "the search hit");
        var (formed, asked) = (await suite.PublishAsync(new { name = "Animal", form = Form(("which", new { type = "string" })) }), word.Replace("zebra", "okapi", StringComparison.Ordinal));
        var answered = await suite.OrderAsync(formed, new { which = $"An {asked}" });
        await RunningSuite.UntilAsync(async () => (await suite.GetAsync(Employee, $"search?q={asked}")).Text, text => text.Contains(answered.Id, StringComparison.Ordinal), "the hit by an answer");
        (await suite.PostAsync(Applications, $"requests/{request.Id}/comments", new { text = "On its way." })).Ok();
        await suite.UntilAsync(request.Id, one => one["firstAnsweredAt"] is not null && one["serviceLevels"] is not null);
        Assert.Equal(["approval", "serviceLevels"], (await suite.ReadAsync(request.Id + "?fields=approval,serviceLevels")).Select(member => member.Key).Where(name => name is "approval" or "serviceLevels" or "title").Order());
        Assert.Single((await suite.GetAsync(Employee, $"requests/{request.Id}/comments")).Ok().Items);
    }}
