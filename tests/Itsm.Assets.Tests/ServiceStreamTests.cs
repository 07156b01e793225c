using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Assets.Tests.Shortcuts;

namespace Itsm.Assets.Tests;

/// <summary>With the stream.</summary>
public sealed class ServiceStreamTests(ServiceStreamTests.Suite suite) : IClassFixture<ServiceStreamTests.Suite>
{
    public sealed class Suite : AssetSuite
    {
        protected override IReadOnlyList<string> Services => ["assets", "directory", "notifications"];
    }

    [Fact]
    public async Task Those_who_may_use_a_service_hear_of_its_state_and_nobody_else()
    {
        var (open, secret) = (await suite.AddServiceAsync(),
            await suite.AddServiceAsync(new { visibility = "restricted", visibleTo = new[] { "security" } }));
        await using var employee = await EventStream.OpenAsync(suite.As(Employee), "?types=serviceStatus");
        await using var analyst = await EventStream.OpenAsync(suite.As("analyst1"), "?types=serviceStatus");
        (await suite.PostAsync(Admin, "outages", new { service = secret.Id, kind = "outage" })).Ok();
        await analyst.UntilAsync(events => Of(events, secret).Any());
        var outage = await suite.RecordAsync(open, new { kind = "degradation" });
        await employee.UntilAsync(events => Of(events, open).Any());
        await suite.ActAsync(Agent, $"outages/{outage.Id}/end");
        await employee.UntilAsync(events => Of(events, open).Count() == 2);
        Assert.Equal([("operational", "degraded"), ("degraded", "operational")], Of(employee.Events, open)
            .Select(one => (one.Data.Text("previousState"), one.Data.Text("state"))));
        var first = Of(employee.Events, open).First().Data;
        Assert.Equal((open.Text("key"), outage["beginsAt"]!.GetValue<DateTimeOffset>()),
            (first.Text("key"), first["since"]!.GetValue<DateTimeOffset>()));
        Assert.Empty(Of(employee.Events, secret));
    }

    [Fact]
    public async Task A_stream_that_goes_on_tells_nothing_of_a_service_that_was_hidden_since()
    {
        var service = await suite.AddServiceAsync();
        string begin;
        await using (var stream = await EventStream.OpenAsync(suite.As(Employee), "?types=serviceStatus"))
        {
            begin = stream.LastId!;
            await suite.RecordAsync(service, new { kind = "outage" });
            await stream.UntilAsync(events => Of(events, service).Any());
        }

        (await suite.PatchAsync(Admin, $"configuration-items/{service.Id}", new { visibility = "staff" }, "*")).Ok();
        await RunningSuite.UntilAsync(async () =>
        {
            await using var again = await EventStream.OpenAsync(suite.As(Employee), "?types=serviceStatus", begin);
            var later = await suite.AddServiceAsync();
            await suite.RecordAsync(later, new { kind = "outage" });
            await again.UntilAsync(events => Of(events, later).Any());
            return Of(again.Events, service).Count();
        }, count => count == 0, "That the stream leaves it out");
    }

    private static IEnumerable<EventStream.Event> Of(IEnumerable<EventStream.Event> events, JsonObject service) =>
        events.Where(one => one.Type == "serviceStatus" && one.Data.Text("service") == service.Id);
}
