using System.Text.Json.Nodes;
using Itsm.Contracts;
using Itsm.Contracts.Platform;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Messaging;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Notifications.Tests;

/// <summary>Messages that no retry helped, as an administrator meets them.</summary>
public sealed class FailedMessageTests(NotificationsSuite suite)
{
    [Fact]
    public async Task A_poisoned_message_is_kept_with_its_reason_and_comes_back_when_a_retry_fails_again()
    {
        var failed = await FailAsync();
        Assert.Equal(("incidents", "incidents-write-requested-comment-incident", "TicketCommentRequested", "failed", 1),
            (failed.Text("service"), failed.Text("subscription"), failed.Text("message"), failed.Text("state"),
                failed["failures"]!.GetValue<int>()));
        Assert.EndsWith("is asked for by nobody, which is no person: comments have an author.", failed.Text("reason"),
            StringComparison.Ordinal);
        Assert.Null(failed["body"]);
        Assert.Contains("Nobody wrote this.", (await suite.GetAsync("admin", $"operations/failed-messages/{failed.Id}/body")).Text,
            StringComparison.Ordinal);

        await suite.ActAsync("admin", $"operations/failed-messages/{failed.Id}/retry", new { reason = "Deployed a fix." });
        var again = await suite.UntilAsync("admin", $"operations/failed-messages/{failed.Id}", found =>
            found["failures"]!.GetValue<int>() == 2);
        Assert.Equal("failed", again.Text("state"));
        var history = (await suite.GetAsync("admin", $"operations/failed-messages/{failed.Id}/history")).Ok();
        Assert.True(history.Items.Select(entry => entry.Text("action")).SequenceEqual(["fail", "retry", "fail"]), history.ToJsonString());
    }

    [Fact]
    public async Task A_discarded_message_is_out_of_the_list_of_what_failed_and_can_not_be_retried()
    {
        var failed = await FailAsync();
        await suite.ActAsync("admin", $"operations/failed-messages/{failed.Id}/discard", new { reason = "It was a test." });
        Assert.Equal("failed-message.state",
            (await suite.PostAsync("admin", $"operations/failed-messages/{failed.Id}/retry", new { reason = "After all." }, "*"))
                .Problem(409).Text("code"));
        Assert.DoesNotContain((await suite.GetAsync("admin", "operations/failed-messages?state=failed&limit=200")).Ok().Items, item =>
            item.Id == failed.Id);
        Assert.Contains((await suite.GetAsync("admin",
            "operations/failed-messages?state=discarded&service=incidents&message=TicketCommentRequested")).Ok().Items, item =>
                item.Id == failed.Id);
        var actions = (await suite.GetAsync("admin", $"operations/failed-messages/{failed.Id}")).Ok()["actions"]!.AsArray();
        Assert.All(actions, action => Assert.False(action!["open"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task Its_body_is_for_those_who_may_see_what_it_is_about_even_once_that_is_restricted()
    {
        (await suite.PostAsync("admin", "people",
            new { userName = "keeper", name = "Administrator only", roles = new[] { "administrator" } })).Ok();
        (await suite.PatchAsync("admin", "people/agent2", new { roles = new[] { "agent", "administrator" } }, "*")).Ok();
        var incident = await suite.OpenAsync("employee1", new { title = "Odd mail" });
        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        await suite.Modules.GetRequiredService<IMessageBus>().PublishAsync(id, new MessageFailed
        {
            Id = id, MessageId = id, Service = "incidents", Subscription = "incidents-tests", Message = "TicketCommented",
            Reason = "A test.", At = TimeProvider.System.GetUtcNow(), Attempt = 1,
            Body = $$"""{"ticket":"{{incident.Id}}","text":"A secret.","readers":["role:agent"]}""",
        }, default);
        var path = $"operations/failed-messages/{id}/body";
        await RunningSuite.UntilAsync(() => suite.GetAsync("agent2", path), answer => (int)answer.Status == 200, "The body");
        (await suite.GetAsync("keeper", path)).Problem(403);
        await suite.ActAsync("agent1", $"incidents/{incident.Id}/watch", new { person = "analyst1" });
        await suite.ActAsync("analyst1", $"incidents/{incident.Id}/mark-security",
            new { category = "phishing", severity = "high", groups = new[] { "security" }, reason = "It looks forged." });
        await RunningSuite.UntilAsync(() => suite.GetAsync("agent2", path), answer => (int)answer.Status == 403, "The end of their sight");
        Assert.Equal(incident.Id, (await suite.GetAsync("agent2", $"operations/failed-messages/{id}")).Ok().Text("about"));
    }

    [Theory, InlineData("employee1"), InlineData("agent1")]
    public async Task Only_administrators_see_and_decide(string person)
    {
        (await suite.GetAsync(person, "operations/failed-messages")).Problem(403);
        (await suite.PostAsync(person, $"operations/failed-messages/{Guid.Empty}/retry", new { reason = "Please." }, "*")).Problem(403);
    }

    [Fact]
    public async Task A_decision_needs_a_reason_and_a_version_and_happens_once()
    {
        var failed = await FailAsync();
        var path = $"operations/failed-messages/{failed.Id}/discard";
        (await suite.PostAsync("admin", path, new { reason = "" }, "*")).Problem(400);
        (await suite.PostAsync("admin", path, new { reason = "No version." })).Problem(428);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6)
            .Select(_ => suite.PostAsync("admin", path, new { reason = "At once." }, "*")));
        Assert.Single(answers, answer => (int)answer.Status == 200);
        Assert.All(answers.Where(answer => (int)answer.Status != 200), answer => answer.Problem(409));
        (await suite.PostAsync("admin", $"operations/failed-messages/{Guid.Empty}/discard", new { reason = "Nothing there." }, "*"))
            .Problem(404);
    }

    private async Task<JsonObject> FailAsync()
    {
        var incident = await suite.OpenAsync();
        var bus = suite.Modules.GetRequiredService<IMessageBus>();
        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        await bus.PublishAsync(id, new TicketCommentRequested
        {
            CommentId = id, Kind = "incident", Ticket = Guid.Parse(incident.Id), Internal = false, Text = "Nobody wrote this.",
            By = new Actor(null, "nobody"), At = TimeProvider.System.GetUtcNow(),
        }, default);
        var page = await suite.UntilAsync("admin", "operations/failed-messages?state=failed&limit=200", found =>
            found.Items.Any(item => item.Text("messageId") == id.ToString()));
        return (await suite.GetAsync("admin",
            $"operations/failed-messages/{page.Items.First(item => item.Text("messageId") == id.ToString()).Id}")).Ok();
    }
}
