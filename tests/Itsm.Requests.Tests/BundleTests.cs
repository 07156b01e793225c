using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Requests.Domain;
using Itsm.Requests.Fulfilling;
using Itsm.Requests.Ordering;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;
using static Itsm.Requests.Tests.ApprovalTests;
using static Itsm.Requests.Tests.Shortcuts;

namespace Itsm.Requests.Tests;

/// <summary>Plans that order other items.</summary>
public sealed class BundleTests(RequestSuite suite)
{
    [Fact]
    public async Task Items_of_a_bundle_go_their_own_ways()
    {
        var bundle = await suite.PublishAsync(new
        {
            name = "Starter kit", assignmentGroup = "service-desk", form = Form(("model", new { type = "string" })),
            plan = new object[]
            {
                new
                {
                    key = "laptop", kind = "request", title = "Order the laptop",
                    order = new { item = "laptop", answers = new { model = "{model}" } },
                }, new { key = "editor", kind = "request", title = "Order the editor", order = new { item = "diagram-editor" } },
            },
        });
        var request = await suite.OrderAsync(bundle, new { model = "standard" });
        var begun = await suite.UntilAsync(request.Id, one =>
            one.Tasks.Count == 2 && one.Tasks.All(task => task["requestNumber"] is not null));
        var editor = begun.TaskOf("editor").Text("requestNumber");
        var laptop = begun.TaskOf("laptop").Text("requestNumber");
        await suite.UntilStateAsync(editor, "inFulfillment");
        await suite.DoTaskAsync(editor, "/grant/complete");
        await suite.UntilAsync(request.Id, one => one.TaskState("editor") == "done");

        // A refused part shows in the whole, which can be gone on with.
        (await suite.DecideAsync(Manager, await suite.ReadAsync(laptop), approve: false, comment: "Too dear.")).Ok();
        var failed = await suite.UntilAsync(request.Id, one => one.TaskState("laptop") == "failed");
        Assert.Contains("Too dear.", failed.TaskOf("laptop").Text("outcome"), StringComparison.Ordinal);
        await suite.DoTaskAsync(request.Id, "/laptop/retry");
        var again = (await suite.UntilAsync(request.Id, one =>
            one.TaskOf("laptop")["requestNumber"] is { } number && number.GetValue<string>() != laptop)).TaskOf("laptop")
            .Text("requestNumber");

        var progress = (await suite.GetAsync(Agent, $"requests/{request.Id}/progress")).Ok();
        Assert.Equal(new[] { editor, laptop, again }.Order(),
            progress["requests"]!.AsArray().Select(one => one!["number"]!.GetValue<string>()).Order());
        await suite.DoAsync(request.Id, "cancel", new { reason = "All is off." });
        await suite.UntilStateAsync(again, "cancelled");
        Assert.Equal("fulfilled", (await suite.ReadAsync(editor)).Text("state"));
    }

    [Fact]
    public async Task What_is_ordered_too_late_for_a_task_that_was_skipped_is_cancelled()
    {
        var part = await suite.PublishAsync(new { name = "Part", plan = new[] { new { key = "deliver", title = "Deliver it" } } });
        var bundle = await suite.PublishAsync(new
        {
            name = "Bundle", form = Form(("size", new { type = "string" })),
            plan = new object[]
            {
                new
                {
                    key = "part", kind = "request", title = "Order the part", order = new { item = part },
                    when = new[] { new { field = "size", @in = new[] { "large" } } },
                }, new { key = "wrap", title = "Wrap it" },
            },
        });
        var request = await suite.OrderAsync(bundle, new { size = "small" });
        Assert.Equal("skipped", (await suite.UntilStateAsync(request.Id, "inFulfillment")).TaskState("part"));

        // As a node does that read the request just before the task was skipped.
        var (catalog, store, people) = (suite.Modules.GetRequiredService<Catalog>(),
            suite.Modules.GetRequiredService<AggregateStore<ServiceRequest>>(), suite.Modules.GetRequiredService<People>());
        var above = (await store.FindAsync(Guid.Parse(request.Id), default))!;
        var audit = AuditContext.OfService("requests", "order", suite.Clock);
        var late = await catalog.OrderAsync(
            new Order
            {
                Id = above.Tasks[0].ChildIn(above.Id), Item = await catalog.RequireAsync(part, caller: null, default),
                Answers = new Dictionary<string, System.Text.Json.JsonElement>(),
                Requester = (await people.FindPersonAsync(above.Requester, default))!, OpenedBy = above.OpenedBy, Parent = above.Id,
                ParentTask = "part", ParentItem = above.ItemKey,
            }, audit, default);
        await store.AddMissingAsync(late, audit, default);
        Assert.Equal("It is not needed any more.", (await suite.UntilStateAsync(late.Number, "cancelled")).Text("endReason"));
    }

    [Fact]
    public async Task What_can_not_be_ordered_fails_its_task_and_not_the_request()
    {
        var part = await suite.PublishAsync(new { name = "Part", form = Form(("size", new { type = "integer", maximum = 3 })) });
        var bundle = await suite.PublishAsync(new
        {
            name = "Bundle", form = Form(("size", new { type = "string" })),
            plan = new[]
            {
                new
                {
                    key = "part", kind = "request", title = "Order the part",
                    order = new { item = part, answers = new { size = "{size}" } },
                },
            },
        });
        var request = await suite.OrderAsync(bundle, new { size = "7" });
        var failed = await suite.UntilAsync(request.Id, one => one.TaskState("part") == "failed");
        Assert.Contains("must be at most 3", failed.TaskOf("part").Text("outcome"), StringComparison.Ordinal);
        Assert.Equal("fulfilled",
            (await suite.DoTaskAsync(request.Id, "/part/complete", new { outcome = "Found one in the cellar." })).Text("state"));
    }
}
