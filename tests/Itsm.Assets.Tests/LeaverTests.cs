using System.Globalization;
using System.Text.Json.Nodes;
using Itsm.Contracts.Assets;
using Itsm.Platform.Messaging;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;
using static Itsm.Assets.Tests.AssetShortcuts;

namespace Itsm.Assets.Tests;

/// <summary>What a leaver has is asked back by their offboarding, which ends when it is back, lost or waived.</summary>
public sealed class LeaverTests(LeaverTests.Suite suite) : IClassFixture<LeaverTests.Suite>
{
    private static int _number;

    [Fact]
    public async Task An_offboarding_asks_for_each_asset_and_ends_when_all_are_back_lost_or_waived()
    {
        var leaver = await HireAsync();
        var (laptop, phone) = (await suite.BuyAsync("Laptop"), await suite.BuyAsync("Phone"));
        var (monitor, returned) = (await suite.BuyAsync("Monitor"), await suite.BuyAsync("Headset"));
        foreach (var asset in new[] { laptop, phone, returned })
        {
            await suite.GiveAsync(asset.Id, leaver);
        }

        await suite.DoAsync(returned.Id, "check-in");
        var id = await OffboardAsync(leaver);
        var begun = await UntilAsync(id, tasks => tasks.Count == 2);
        Assert.Equal([$"Return {laptop.Text("number")}: Laptop", $"Return {phone.Text("number")}: Phone"],
            begun.Select(task => task.Text("title")).Order());
        Assert.All(begun, task =>
            Assert.Equal(("open", "asset"), (task.State, task["holding"]!.AsObject().Text("kind"))));
        var key = TaskOf(begun, laptop).Text("key");
        foreach (var (action, body) in new (string, object)[] { ("complete", new { }), ("fail", new { outcome = "No." }) })
        {
            Assert.Equal("task.automatic", (await TryAsync(id, key, action, body)).Code);
        }

        Assert.Equal("task.required", (await TryAsync(id, key, "skip", new { outcome = "No." })).Code);

        // What comes back is done; what goes out to them again, or meanwhile, is asked for.
        await suite.DoAsync(laptop.Id, "check-in");
        await UntilAsync(id, tasks => TaskOf(tasks, laptop).State == "done");
        await suite.GiveAsync(laptop.Id, leaver);
        await suite.GiveAsync(monitor.Id, leaver);
        await UntilAsync(id, tasks => tasks.Count == 4 && tasks.Count(task => task.State == "open") == 3);
        await suite.DoAsync(phone.Id, "send-to-maintenance", new { reason = "The battery." });
        await suite.DoAsync(phone.Id, "report-stolen", new { reason = "At the repairer's." });
        await UntilAsync(id, tasks => TaskOf(tasks, phone).State == "done");
        var waived = TaskOf(await TasksAsync(id), monitor).Text("key");
        Assert.Equal("waived", (await suite.PostAsync(Agent, $"requests/{id}/tasks/{waived}/waive", new { outcome = "They bought it." },
            ifMatch: "*")).Ok().State);
        await suite.ActAsync(Agent, $"requests/{id}/tasks/hand-over/complete");
        var due = (await suite.GetAsync(Agent, "requests/" + id)).Ok()["tasks"]!.AsArray().Select(task => task!.AsObject())
            .Single(task => task.Text("kind") == "deactivate")["dueAt"]!.GetValue<DateTimeOffset>();
        suite.Clock.Advance(due - suite.Clock.GetUtcNow());
        await suite.UntilAsync(Admin, "people/" + leaver, person => !person["active"]!.GetValue<bool>());
        Assert.Equal("inFulfillment", (await suite.GetAsync(Agent, "requests/" + id)).Ok().State);
        await suite.DoAsync(laptop.Id, "check-in");
        await suite.UntilAsync(Agent, "requests/" + id, request => request.State == "fulfilled");
    }

    [Fact]
    public async Task Messages_that_are_late_or_come_again_ask_for_nothing_that_is_back()
    {
        var leaver = await HireAsync();
        var id = await OffboardAsync(leaver);
        var person = Guid.Parse(await suite.PersonAsync(leaver));
        var now = suite.Clock.GetUtcNow();
        var given = new AssetChanged
        {
            Id = Guid.CreateVersion7(now), Version = 2, Number = "AST9000001", Name = "Tablet", State = "deployed", Holder = person,
            CheckedOutAt = now, Changed = ["state", "holder"], At = now, Readers = ["role:agent"],
        };
        var back = given with { Version = 3, State = "inStock", Holder = null, LastHolder = person, CheckedOutAt = null };
        var again = given with { Version = 4, LastHolder = person, CheckedOutAt = now.AddSeconds(1) };
        await SayAsync(back, given, given);
        await SayAsync(again, again, given, back, again);
        await UntilAsync(id, tasks => tasks.Count == 1 && tasks[0].State == "open");
        var marker = await suite.BuyAsync("Marker");
        await suite.GiveAsync(marker.Id, leaver);
        var asked = await UntilAsync(id, tasks => tasks.Any(task => task.Text("title").EndsWith("Marker", StringComparison.Ordinal)));
        Assert.Equal(2, asked.Count);
        await SayAsync(back with { Version = 5 }, again, back);
        await UntilAsync(id, tasks => tasks.Count(task => task.State == "done") == 1);
        await suite.DoAsync(marker.Id, "check-in");
        await UntilAsync(id, tasks => tasks.Count == 2 && tasks.All(task => task.State == "done"));
    }

    /// <summary>What was fulfilled is taken up again where somebody still gets something.</summary>
    [Fact]
    public async Task An_offboarding_that_is_over_is_taken_up_again_for_what_they_get_after_it()
    {
        var leaver = await HireAsync();
        var id = await OffboardAsync(leaver);
        await suite.ActAsync(Agent, $"requests/{id}/tasks/hand-over/complete");
        (await suite.PostAsync(Agent, $"requests/{id}/tasks/deactivate/waive", new { outcome = "They stay as a guest." }, ifMatch: "*"))
            .Ok();
        await suite.UntilAsync(Agent, "requests/" + id, request => request.State == "fulfilled");
        var badge = await suite.BuyAsync("Badge");
        await suite.GiveAsync(badge.Id, leaver);
        await suite.UntilAsync(Agent, "requests/" + id, request => request.State == "inFulfillment");
        await suite.DoAsync(badge.Id, "report-missing", new { reason = "It fell into the lake." });
        await suite.UntilAsync(Agent, "requests/" + id, request => request.State == "fulfilled");
    }

    private static JsonObject TaskOf(IReadOnlyList<JsonObject> tasks, JsonObject asset) =>
        tasks.Last(task => task["holding"]!.AsObject().Text("id") == asset.Id);

    private async Task SayAsync(params AssetChanged[] messages)
    {
        foreach (var message in messages)
        {
            await suite.Modules.GetRequiredService<IMessageBus>().PublishAsync(Guid.CreateVersion7(message.At), message, default);
        }
    }

    private async Task<string> HireAsync()
    {
        var userName = $"leaver{Interlocked.Increment(ref _number)}";
        (await suite.PostAsync(Admin, "people", new { userName, name = "Lea Leaver", site = "berlin", manager = Manager })).Ok();
        await RunningSuite.UntilAsync(() => suite.GetAsync(userName, "people/me"), answer => (int)answer.Status == 200, userName);
        return userName;
    }

    private async Task<string> OffboardAsync(string leaver)
    {
        var lastDay = suite.Clock.GetUtcNow().AddDays(40).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var request = (await suite.PostAsync(
            Manager, "requests", new { item = "offboarding", answers = new { person = leaver, lastDay } })).Ok();
        var asked = request["approval"]!["approvals"]![0]!.AsObject();
        (await suite.PostAsync(Admin, $"requests/{request.Id}/approvals/{asked.Text("approvalId")}/approve",
            new { digest = asked.Text("digest"), comment = "As agreed." }, ifMatch: "*")).Ok();
        await suite.UntilAsync(Agent, "requests/" + request.Id, one => one.State == "inFulfillment");
        return request.Id;
    }

    private async Task<JsonObject> TryAsync(string id, string task, string action, object body) =>
        (await suite.PostAsync(Agent, $"requests/{id}/tasks/{task}/{action}", body, ifMatch: "*")).Problem(409);

    private async Task<IReadOnlyList<JsonObject>> TasksAsync(string id) =>
        [.. (await suite.GetAsync(Agent, "requests/" + id)).Ok()["tasks"]!.AsArray().Select(task => task!.AsObject())
            .Where(task => task["holding"] is not null)];

    private Task<IReadOnlyList<JsonObject>> UntilAsync(string id, Func<IReadOnlyList<JsonObject>, bool> condition) =>
        RunningSuite.UntilAsync(() => TasksAsync(id), condition, "the tasks for what a leaver has");

    /// <summary>With those who ask leavers for what they have.</summary>
    public sealed class Suite : AssetSuite
    {
        protected override IReadOnlyList<string> Services => ["assets", "directory", "requests"];
    }
}
