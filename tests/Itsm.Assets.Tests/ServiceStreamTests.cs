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

    private const string Status = "serviceStatus";
    private const string Notice = "serviceNotice";
    private const string Both = $"?types={Status},{Notice}";

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

    [Fact]
    public async Task Who_has_subscribed_gets_a_notice_of_each_change_and_other_readers_and_former_subscribers_get_none()
    {
        var service = await suite.AddServiceAsync();
        (await suite.SendAsync(Employee, HttpMethod.Put, $"services/{service.Id}/subscription")).Ok();
        await using var subscriber = await EventStream.OpenAsync(suite.As(Employee), Both);
        await using var other = await EventStream.OpenAsync(suite.As("employee2"), Both);
        var outage = await suite.RecordAsync(service, new { kind = "outage" });
        await subscriber.UntilAsync(events => Of(events, service, Notice).Any());
        await suite.ActAsync(Agent, $"outages/{outage.Id}/end");
        await subscriber.UntilAsync(events => Of(events, service, Notice).Count() == 2);
        Assert.Equal(Of(subscriber.Events, service).Select(one => one.Data.ToJsonString()),
            Of(subscriber.Events, service, Notice).Select(one => one.Data.ToJsonString()));

        (await suite.SendAsync(Employee, HttpMethod.Delete, $"services/{service.Id}/subscription")).Ok();
        await suite.RecordAsync(service, new { kind = "degradation" });
        var later = await suite.AddServiceAsync();
        await suite.RecordAsync(later, new { kind = "outage" });
        foreach (var (stream, notices) in new[] { (subscriber, 2), (other, 0) })
        {
            await stream.UntilAsync(events => Of(events, later).Any() && Of(events, service).Count() == 3);
            Assert.Equal(notices, Of(stream.Events, service, Notice).Count());
            Assert.Empty(Of(stream.Events, later, Notice));
        }
    }

    [Fact]
    public async Task A_subscriber_who_may_not_see_the_service_any_more_gets_no_notice_also_not_of_what_was_before()
    {
        var service = await suite.AddServiceAsync();
        foreach (var person in new[] { Employee, Agent })
        {
            (await suite.SendAsync(person, HttpMethod.Put, $"services/{service.Id}/subscription")).Ok();
        }

        await using var agent = await EventStream.OpenAsync(suite.As(Agent), Both);
        var outage = await suite.RecordAsync(service, new { kind = "outage" });
        await agent.UntilAsync(events => Of(events, service, Notice).Any());
        (await suite.PatchAsync(Admin, $"configuration-items/{service.Id}", new { visibility = "staff" }, "*")).Ok();
        await RunningSuite.UntilAsync(() => suite.GetAsync(Employee, $"outages/{outage.Id}"),
            answer => answer.Status == System.Net.HttpStatusCode.NotFound, "That the outage is hidden");
        await suite.ActAsync(Agent, $"outages/{outage.Id}/end");
        await agent.UntilAsync(events => Of(events, service, Notice).Count() == 2);
        var later = await suite.AddServiceAsync();
        await suite.RecordAsync(later, new { kind = "outage" });
        await using var again = await EventStream.OpenAsync(suite.As(Employee), Both, agent.Events[0].Id);
        await again.UntilAsync(events => Of(events, later).Any());
        Assert.DoesNotContain(again.Events, one => one.Data.TextOrNull("service") == service.Id);
    }

    [Fact]
    public async Task A_stream_that_goes_on_brings_the_notice_once_wherever_it_broke_off()
    {
        var service = await suite.AddServiceAsync();
        (await suite.SendAsync(Employee, HttpMethod.Put, $"services/{service.Id}/subscription")).Ok();
        string begin;
        await using (var stream = await EventStream.OpenAsync(suite.As(Employee), Both))
        {
            begin = stream.LastId!;
            await suite.RecordAsync(service, new { kind = "outage" });
            await stream.UntilAsync(events => Of(events, service, Notice).Any());
        }

        var ids = new List<string?> { begin };
        for (var left = 2; left >= 0; left--)
        {
            var later = await suite.AddServiceAsync();
            await suite.RecordAsync(later, new { kind = "outage" });
            await using var again = await EventStream.OpenAsync(suite.As(Employee), Both, ids[^1]);
            await again.UntilAsync(events => Of(events, later).Any());
            var told = again.Events.Where(one => one.Data.TextOrNull("service") == service.Id).ToList();
            Assert.Equal(new[] { Status, Notice }.TakeLast(left), told.Select(one => one.Type));
            ids.Add(left > 0 ? told[0].Id : null);
        }
    }

    private static IEnumerable<EventStream.Event> Of(
        IEnumerable<EventStream.Event> events, JsonObject service, string type = Status) =>
        events.Where(one => one.Type == type && one.Data.Text("service") == service.Id);
}
