using System.Text.Json.Nodes;
using Itsm.Requests.Fulfilling;
using Itsm.Testing;
using Microsoft.AspNetCore.Http;
using static Itsm.Requests.Tests.Shortcuts;

namespace Itsm.Requests.Tests;

/// <summary>Automated steps: one suite of their own, for retries need its clock to move.</summary>
[Collection(OwnSuite.Name)]
public sealed class CallTests(OwnSuite.Suite suite)
{
    private static int _hooks;

    [Fact]
    public async Task The_demo_resets_a_password_by_itself()
    {
        var request = await suite.OrderAsync("password-reset", new { system = "mail" });
        var done = await suite.UntilStateAsync(request.Id, "fulfilled");
        Assert.Equal("The password for mail was reset; the temporary one is on its way by mail.", done.TaskOf("reset").Text("outcome"));

        // What has ended is quiet: its timers do not run again and again.
        var second = await suite.OrderAsync("password-reset", new { system = "erp" });
        await suite.UntilStateAsync(second.Id, "fulfilled");
        Assert.InRange((await suite.ReadAsync(request.Id)).Version, done.Version, 6);
    }

    [Fact]
    public async Task A_call_is_signed_and_its_answer_is_the_result()
    {
        var (hook, request) = await OrderAsync("answer", _ => Results.Text("Done, number 7."));
        var done = await suite.UntilStateAsync(request.Id, "fulfilled");
        Assert.Equal(("Done, number 7.", 1), (done.TaskOf("call").Text("outcome"), done.TaskOf("call")["attempts"]!.GetValue<int>()));
        var call = Assert.Single(suite.Receiver.Calls(hook));
        Assert.True(call.IsSigned);
        Assert.Equal((request.Text("number"), "42"), (call.Body.Text("request"), call.Body["answers"]!["size"]!.ToString()));
        Assert.StartsWith("http://gateway.test/api/v1/request-callbacks?token=", call.Body.Text("callback"), StringComparison.Ordinal);
        Assert.DoesNotContain(call.Token, (await suite.GetAsync(Admin, "requests/" + request.Id)).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("callbacks", (await suite.GetAsync(Admin, $"requests/{request.Id}/history?limit=200")).Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_fails_for_a_while_is_tried_again_as_the_same_call()
    {
        var tries = 0;
        var (hook, request) = await OrderAsync("answer", _ =>
            Interlocked.Increment(ref tries) < 3 ? Results.StatusCode(503) : Results.Text("At last."));
        await suite.UntilAsync(request.Id, one =>
            one.Tasks.Count > 0 && one.TaskOf("call")["attempts"]!.GetValue<int>() >= 1 && one.TaskOf("call")["outcome"] is not null);
        suite.Clock.Advance(TimeSpan.FromSeconds(10));
        await suite.UntilAsync(request.Id, one =>
            one.TaskOf("call")["attempts"]!.GetValue<int>() >= 2
                && one.TaskOf("call")["nextCallAt"]!.GetValue<DateTimeOffset>() < suite.Clock.GetUtcNow().AddMinutes(1));
        suite.Clock.Advance(TimeSpan.FromSeconds(30));
        await suite.UntilStateAsync(request.Id, "fulfilled");
        Assert.Single(suite.Receiver.Calls(hook).Select(call => call.Id).Distinct());
        Assert.Equal(3, suite.Receiver.Calls(hook).Count);
    }

    [Fact]
    public async Task What_the_receiver_refuses_fails_at_once_and_can_be_retried()
    {
        var refuses = true;
        var (hook, request) = await OrderAsync("answer", _ => refuses ? Results.StatusCode(422) : Results.Text("Fine now."));
        var failed = await suite.UntilAsync(request.Id, one => one.TaskState("call") == "failed");
        Assert.Equal(("It answered 422. Tried once.", "inFulfillment"), (failed.TaskOf("call").Text("outcome"), failed.Text("state")));
        refuses = false;
        await suite.DoTaskAsync(request.Id, "/call/retry");
        await suite.UntilStateAsync(request.Id, "fulfilled");

        // Another call for a receiver that knows repeats by their id.
        Assert.Equal(2, suite.Receiver.Calls(hook).Select(call => call.Id).Distinct().Count());
    }

    [Fact]
    public async Task Redirects_are_not_followed()
    {
        var (_, request) = await OrderAsync("answer", _ => Results.Redirect("http://169.254.169.254/latest/meta-data"));
        var failed = await suite.UntilAsync(request.Id, one => one.TaskState("call") == "failed");
        Assert.Equal("It answered 302; redirects are not followed. Tried once.", failed.TaskOf("call").Text("outcome"));
    }

    [Fact]
    public async Task A_call_back_ends_the_task_once()
    {
        var (hook, request) = await OrderAsync("callback", _ => Results.Accepted());
        var waiting = await suite.UntilAsync(request.Id, one => one.Tasks.Count > 0 && one.TaskOf("call")["callbackUntil"] is not null);
        Assert.Equal("inProgress", waiting.TaskState("call"));
        var token = suite.Receiver.Calls(hook)[0].Token;
        (await suite.PostAsync("", "request-callbacks?token=" + new string('a', 64), new { outcome = "succeeded" })).Problem(404);
        Assert.Equal("/outcome", (await suite.PostAsync("", "request-callbacks?token=" + token, new { })).Problem(400).Pointer);
        var taken = (await suite.PostAsync("", "request-callbacks?token=" + token, new { outcome = "succeeded", result = "Account made." }))
            .Ok();
        Assert.Equal((request.Text("number"), "call"), (taken.Text("request"), taken.Text("task")));
        Assert.Equal(("fulfilled", "Account made."),
            ((await suite.ReadAsync(request.Id)).Text("state"), (await suite.ReadAsync(request.Id)).TaskOf("call").Text("outcome")));
        Assert.Equal("callback.used",
            (await suite.PostAsync("", "request-callbacks?token=" + token, new { outcome = "failed" })).Problem(409).Code);

        // Whoever lost the answer says it again.
        Assert.Equal(taken.ToJsonString(),
            (await suite.PostAsync("", "request-callbacks?token=" + token, new { outcome = "succeeded", result = "Account made." })).Ok()
                .ToJsonString());
        Assert.Equal("?token", (await suite.PostAsync("", "request-callbacks", new { outcome = "succeeded" })).Problem(400).Pointer);
    }

    [Fact]
    public async Task Slow_receivers_make_others_wait_and_no_try_is_lost()
    {
        var free = new TaskCompletionSource();
        var (hook, first) = await OrderAsync("answer", _ => new Held(free.Task));
        var slow = new List<JsonObject> { first };
        slow.AddRange(await Task.WhenAll(Enumerable.Range(0, Calls.AtOnce + 4)
            .Select(_ => suite.OrderAsync(first.Text("itemKey"), new { size = 42 }))));
        await RunningSuite.UntilAsync(() => Task.FromResult(suite.Receiver.Calls(hook).Count), count => count == Calls.AtOnce,
            "as many calls as are made at once");
        foreach (var request in slow)
        {
            await suite.UntilAsync(request.Id, one => one.Tasks.Count > 0);
        }

        free.SetResult();
        await RunningSuite.UntilAsync(() => Task.WhenAll(slow.Select(one => suite.ReadAsync(one.Id))),
            all => all.Count(one => one.Text("state") == "fulfilled") >= Calls.AtOnce, "the end of the calls that were made");
        suite.Clock.Advance(TimeSpan.FromSeconds(10));
        foreach (var request in slow)
        {
            Assert.Equal(1, (await suite.UntilStateAsync(request.Id, "fulfilled")).TaskOf("call")["attempts"]!.GetValue<int>());
        }
    }

    [Fact]
    public async Task A_result_is_kept_as_far_as_it_goes_whatever_it_is_made_of()
    {
        var (_, request) = await OrderAsync("answer", _ => Results.Text(new string('x', 3998) + "\U0001F600 and \0 more"));
        var outcome = (await suite.UntilStateAsync(request.Id, "fulfilled")).TaskOf("call").Text("outcome");
        Assert.Equal(new string('x', 3998) + "…", outcome);
    }

    [Fact]
    public async Task A_call_back_may_come_before_the_answer_and_may_say_that_it_failed()
    {
        OwnSuite.Suite own = suite;
        var (_, request) = await OrderAsync("callback", call =>
        {
            var answer = own.PostAsync("", "request-callbacks?token=" + call.Token, new { outcome = "failed", result = "No such account." })
                .GetAwaiter().GetResult();
            return Results.StatusCode((int)answer.Status == 200 ? 202 : 500);
        });
        var failed = await suite.UntilAsync(request.Id, one => one.TaskState("call") == "failed");
        Assert.Equal("No such account.", failed.TaskOf("call").Text("outcome"));
        Assert.Equal("fulfilled",
            (await suite.DoTaskAsync(request.Id, "/call/complete", new { outcome = "Done by hand." })).Text("state"));
    }

    [Fact]
    public async Task A_token_of_an_earlier_run_is_good_for_nothing()
    {
        var (hook, request) = await OrderAsync("callback", _ => Results.Accepted());
        await suite.UntilAsync(request.Id, one => one.Tasks.Count > 0 && one.TaskOf("call")["callbackUntil"] is not null);
        Assert.Equal("task.automatic", (await suite.TryAsync(request.Id, "tasks/call/complete", new { }, 409)).Code);
        var first = suite.Receiver.Calls(hook)[0].Token;
        (await suite.PostAsync("", "request-callbacks?token=" + first, new { outcome = "failed" })).Ok();
        await suite.DoTaskAsync(request.Id, "/call/retry");
        await suite.UntilAsync(request.Id, one => one.TaskOf("call")["callbackUntil"] is not null);
        Assert.Equal("callback.used",
            (await suite.PostAsync("", "request-callbacks?token=" + first, new { outcome = "succeeded" })).Problem(409).Code);
        (await suite.PostAsync("", "request-callbacks?token=" + suite.Receiver.Calls(hook)[1].Token, new { outcome = "succeeded" })).Ok();
        Assert.Equal("fulfilled", (await suite.ReadAsync(request.Id)).Text("state"));
    }

    [Fact]
    public async Task A_request_on_hold_calls_nobody_until_it_goes_on()
    {
        var (hook, request) = await OrderAsync("answer", _ => Results.StatusCode(503));
        await suite.UntilAsync(request.Id, one =>
            one.Tasks.Count > 0 && one.TaskOf("call")["attempts"]!.GetValue<int>() >= 1 && one.TaskOf("call")["outcome"] is not null);
        var held = await suite.DoAsync(request.Id, "hold", new { reason = "vendor" });
        var made = suite.Receiver.Calls(hook).Count;
        suite.Clock.Advance(TimeSpan.FromMinutes(1));
        suite.Receiver.Answer(hook, _ => Results.Text("Back again."));

        // A timer of something later has run: that of the hold would have, too, and nothing came of it.
        var (other, second) = await OrderAsync("answer", _ => Results.Text("Done."));
        await suite.UntilStateAsync(second.Id, "fulfilled");
        Assert.Equal(held.Version, (await suite.ReadAsync(request.Id)).Version);
        Assert.Equal(made, suite.Receiver.Calls(hook).Count);
        await suite.DoAsync(request.Id, "resume");
        await suite.UntilStateAsync(request.Id, "fulfilled");
        Assert.NotEqual(hook, other);
    }

    [Fact]
    public async Task Who_never_calls_back_leaves_a_failed_task()
    {
        var (_, request) = await OrderAsync("callback", _ => Results.Accepted());
        await suite.UntilAsync(request.Id, one => one.Tasks.Count > 0 && one.TaskOf("call")["callbackUntil"] is not null);
        suite.Clock.Advance(TimeSpan.FromHours(1));
        var failed = await suite.UntilAsync(request.Id, one => one.TaskState("call") == "failed");
        Assert.Equal("The call was taken, but nobody called back in time.", failed.TaskOf("call").Text("outcome"));
    }

    [Fact]
    public async Task A_process_that_ends_while_it_calls_calls_again()
    {
        var ended = new TaskCompletionSource();
        var (hook, request) = await OrderAsync("answer", _ => ended.Task.IsCompleted ? Results.Text("Done.") : new Held(ended.Task));
        await RunningSuite.UntilAsync(() => Task.FromResult(suite.Receiver.Calls(hook).Count), calls => calls == 1, "the first call");
        await suite.RestartAsync();
        ended.SetResult();
        suite.Clock.Advance(TimeSpan.FromMinutes(2));
        await suite.UntilStateAsync(request.Id, "fulfilled");
        var calls = suite.Receiver.Calls(hook);
        Assert.Equal(2, calls.Count);
        Assert.Single(calls.Select(call => call.Id).Distinct());
    }

    /// <summary>An answer that comes when something else has happened.</summary>
    private sealed class Held(Task until) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => until;
    }

    private async Task<(string Hook, JsonObject Request)> OrderAsync(string endsWith, Func<Receiver.Call, IResult> answer)
    {
        var hook = $"hook{Interlocked.Increment(ref _hooks)}";
        suite.Receiver.Answer(hook, answer);
        var key = await suite.PublishAsync(new
        {
            name = "Automatic", assignmentGroup = "service-desk", form = ApprovalTests.Form(("size", new { type = "integer" })),
            plan = new[]
            {
                new
                {
                    key = "call", kind = "call", title = "Call the program",
                    call = new { url = $"http://receiver.test/{hook}", secret = "test", endsWith, timeout = "PT1H" },
                },
            },
        });
        return (hook, await suite.OrderAsync(key, new { size = 42 }));
    }
}
