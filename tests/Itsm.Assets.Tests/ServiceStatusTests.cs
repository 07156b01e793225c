using System.Globalization;
using System.Text.Json.Nodes;
using Itsm.Assets.Domain;
using Itsm.Assets.Subscriptions;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;
using static Itsm.Assets.Tests.Shortcuts;

namespace Itsm.Assets.Tests;

/// <summary>What holds when messages come twice, processes die in between, and several nodes compute at once.</summary>
public sealed class ServiceStatusTests(AssetSuite suite)
{
    [Fact]
    public async Task A_ticket_that_was_stored_by_who_died_then_is_looked_at_when_it_comes_again()
    {
        var (service, ticket) = (await suite.AddServiceAsync(), Guid.CreateVersion7(suite.Clock.GetUtcNow()));
        await HandleAsync(Ticket(ticket, 1, StateCategory.Open, service));
        await UntilAsync(service, "degraded");
        var resolved = Ticket(ticket, 2, StateCategory.Resolved, service);
        await suite.Modules.GetRequiredService<Projection<ItemTicket>>().UpsertAsync([ItemTicket.Of(resolved)], CancellationToken.None);
        Assert.Equal("degraded", (await suite.GetAsync(Employee, $"services/{service.Id}")).Ok().Text("state"));
        await HandleAsync(resolved);
        await UntilAsync(service, "operational");

        // An older one that comes late changes nothing.
        await HandleAsync(Ticket(ticket, 1, StateCategory.Open, service));
        Assert.Equal("operational", (await suite.GetAsync(Employee, $"services/{service.Id}")).Ok().Text("state"));
    }

    [Fact]
    public async Task Several_nodes_that_compute_at_once_agree_on_what_is_so_in_the_end()
    {
        using var one = ActivatorUtilities.CreateInstance<ServiceStatuses>(suite.Modules);
        using var other = ActivatorUtilities.CreateInstance<ServiceStatuses>(suite.Modules);
        var (service, tickets) = (await suite.AddServiceAsync(), suite.Modules.GetRequiredService<Projection<ItemTicket>>());
        var health = suite.Modules.GetRequiredService<ServiceHealth>();
        List<FollowTickets> nodes = [new(tickets, one, health), new(tickets, other, health)];
        List<Guid> ids = [.. Enumerable.Range(0, 8).Select(_ => Guid.CreateVersion7(suite.Clock.GetUtcNow()))];
        for (var version = 1; version <= 6; version++)
        {
            var category = version % 2 == 1 ? StateCategory.Open : StateCategory.Resolved;
            await Task.WhenAll(ids.Index().Select(id => nodes[id.Index % 2].HandleAsync(
                [Ticket(id.Item, version, id.Index == version ? StateCategory.Open : category, service)], CancellationToken.None)));
            Assert.Equal("degraded", (await suite.GetAsync(Employee, $"services/{service.Id}")).Ok().Text("state"));
        }

        await Task.WhenAll(ids.Index().Select(id => nodes[id.Index % 2].HandleAsync(
            [Ticket(id.Item, 7, StateCategory.Resolved, service)], CancellationToken.None)));
        Assert.Equal("operational", (await suite.GetAsync(Employee, $"services/{service.Id}")).Ok().Text("state"));
        await RunningSuite.UntilAsync(async () => (await suite.GetAsync(Agent, $"outages?service={service.Id}")).Ok(),
            list => list.Items.Count > 0 && list.Items.All(outage => outage["endsAt"] is not null), "That all outages ended");
    }

    [Fact]
    public async Task An_outage_is_stored_once_however_often_that_is_tried()
    {
        var (service, ticket) = (await suite.AddServiceAsync(), Guid.CreateVersion7(suite.Clock.GetUtcNow()));
        var (settle, id) = (suite.Modules.GetRequiredService<SettleOutages>(), Guid.Parse(service.Id));
        await Task.WhenAll(HandleAsync(Ticket(ticket, 1, StateCategory.Open, service)), SettleAsync());
        await Task.WhenAll(HandleAsync(Ticket(ticket, 2, StateCategory.Resolved, service)), SettleAsync());
        await SettleAsync();
        var outage = Assert.Single((await RunningSuite.UntilAsync(
            async () => (await suite.GetAsync(Agent, $"outages?service={service.Id}")).Ok(),
            list => list.Items.Count > 0 && list.Items.All(one => one["endsAt"] is not null), "The outage")).Items);
        Assert.Equal("degradation", outage.Text("kind"));

        Task SettleAsync() => Task.WhenAll(Enumerable.Range(0, 4).Select(_ => settle.RunAsync(id, CancellationToken.None)));
    }

    [Fact]
    public async Task Services_that_were_there_before_their_state_was_kept_are_looked_at_after_the_start()
    {
        var service = await suite.AddServiceAsync();
        await HandleAsync(Ticket(Guid.CreateVersion7(suite.Clock.GetUtcNow()), 1, StateCategory.Open, service));
        var statuses = suite.Modules.GetRequiredService<AggregateStore<ServiceStatus>>();
        await UntilAsync(service, "degraded");
        await RunningSuite.UntilAsync(async () => await statuses.FindAsync(Guid.Parse(service.Id), CancellationToken.None)
                is { Unsettled.Count: 0, Version: var version } && await statuses.Documents.DeleteAsync(
                    Guid.Parse(service.Id), version, CancellationToken.None),
            done => done, "That nothing is known of the service");
        Assert.Equal("degraded", (await suite.GetAsync(Employee, $"services/{service.Id}")).Ok().Text("state"));
        await suite.Modules.GetRequiredService<ServiceStatuses>().AddMissingAsync(CancellationToken.None);
        await RunningSuite.UntilAsync(async () => await statuses.FindAsync(Guid.Parse(service.Id), CancellationToken.None),
            status => status?.State == ServiceState.Degraded, "The state of the service");
    }

    [Fact]
    public async Task An_outage_ends_when_its_last_cause_did_however_late_that_is_learnt()
    {
        var (service, now) = (await suite.AddServiceAsync(), suite.Clock.GetUtcNow());
        var (first, second) = (Ticket(Guid.CreateVersion7(now), 1, StateCategory.Open, service, now.AddMinutes(-30)),
            Ticket(Guid.CreateVersion7(now), 1, StateCategory.Open, service, now.AddMinutes(-20)));
        await suite.Modules.GetRequiredService<FollowTickets>().HandleAsync([first, second], CancellationToken.None);
        await UntilAsync(service, "degraded");
        await suite.Modules.GetRequiredService<FollowTickets>().HandleAsync(
        [
            Ticket(first.Id, 2, StateCategory.Resolved, service, now.AddMinutes(-30)) with { ResolvedAt = now.AddMinutes(-10) },
            Ticket(second.Id, 2, StateCategory.Resolved, service, now.AddMinutes(-20)) with { ResolvedAt = now.AddMinutes(-15) },
        ], CancellationToken.None);
        var outage = Assert.Single((await RunningSuite.UntilAsync(
            async () => (await suite.GetAsync(Agent, $"outages?service={service.Id}")).Ok(),
            list => list.Items.Count > 0 && list.Items.All(one => one["endsAt"] is not null), "The outage")).Items);
        Assert.Equal((now.AddMinutes(-30).ToUnixTimeMilliseconds(), now.AddMinutes(-10).ToUnixTimeMilliseconds()),
            (At("beginsAt"), At("endsAt")));

        long At(string field) => DateTimeOffset.Parse(outage.Text(field), CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
    }

    [Fact]
    public async Task A_service_that_was_merged_is_the_other_with_its_outages_and_subscribers()
    {
        var (merged, survivor) = (await suite.AddServiceAsync(), await suite.AddServiceAsync());
        var past = await suite.RecordAsync(merged, new { kind = "outage", beginsAt = suite.Clock.GetUtcNow().AddDays(-2),
            endsAt = suite.Clock.GetUtcNow().AddDays(-1) });
        (await suite.SendAsync(Employee, HttpMethod.Put, $"services/{merged.Id}/subscription")).Ok();
        (await suite.PostAsync(Agent, $"configuration-items/{merged.Id}/merge",
            new { into = survivor.Id, reason = "They are the same." }, "*")).Ok();
        await suite.UntilAsync(Employee, $"services/{merged.Id}", one => one.Id == survivor.Id);
        var open = await suite.RecordAsync(merged, new { kind = "degradation" });
        Assert.Equal(survivor.Id, open.Text("service"));
        await UntilAsync(survivor, "degraded");

        var items = suite.Modules.GetRequiredService<AggregateStore<ConfigurationItem>>();
        var (from, to) = (await items.FindAsync(Guid.Parse(merged.Id), CancellationToken.None),
            await items.FindAsync(Guid.Parse(survivor.Id), CancellationToken.None));
        for (var twice = 0; twice < 2; twice++)
        {
            await suite.Modules.GetRequiredService<ServiceStatuses>().FollowMergeAsync(from!, to!, CancellationToken.None);
        }

        var listed = (await suite.GetAsync(Employee, $"outages?service={survivor.Id}")).Ok().Items;
        Assert.Equal([open.Id, past.Id], listed.Select(one => one.Id));
        Assert.True((await suite.GetAsync(Employee, $"services/{survivor.Id}")).Ok()["subscribed"]!.GetValue<bool>());
        await suite.ActAsync(Agent, $"outages/{open.Id}/end");
        await UntilAsync(survivor, "operational");
    }

    [Fact]
    public async Task What_is_added_with_relations_disturbs_at_once_and_a_later_change_of_it_is_seen_too()
    {
        var type = await suite.AddTypeAsync(new { impact = "onTarget" });
        var (service, server) = (await suite.AddServiceAsync(), await suite.AddItemAsync());
        await suite.ActAsync(Agent, $"configuration-items/{server.Id}/begin-maintenance");
        var between = (await suite.PostAsync(Admin, "configuration-items/reports", new
        {
            source = "discovery",
            items = new[]
            {
                new
                {
                    externalId = Fresh("between"), @class = "server", name = "Between",
                    relations = new[] { new { type = "depends-on", target = server.Id }, new { type, target = service.Id } },
                },
            },
        })).Ok();
        await UntilAsync(service, "maintenance");
        var item = between.Items[0]["item"]!["id"]!.GetValue<string>();
        (await suite.PutAsync(Agent, $"configuration-items/{item}/relations", new { relations = Array.Empty<object>() })).Ok();
        await suite.ActAsync(Agent, $"configuration-items/{server.Id}/end-maintenance");
        await UntilAsync(service, "operational");
    }

    private Task HandleAsync(TicketChanged ticket) =>
        suite.Modules.GetRequiredService<FollowTickets>().HandleAsync([ticket], CancellationToken.None);

    private Task UntilAsync(JsonObject service, string state) =>
        suite.UntilAsync(Employee, $"services/{service.Id}", one => one.Text("state") == state);

    private TicketChanged Ticket(Guid id, long version, StateCategory category, JsonObject service, DateTimeOffset? since = null)
    {
        var (now, key) = (since ?? suite.Clock.GetUtcNow(), service.Text("key"));
        return new()
        {
            Id = id, Version = version, Kind = "incident", Number = $"INC-{id}", Title = "It stands still", State = "any",
            Category = category, Priority = 1, Impact = 1, Urgency = 1, Requester = id, OpenedBy = id, AffectedService = key,
            ConfigurationItems = [], Watchers = [], Readers = [ReaderToken.Everyone], NoteReaders = [], OpenedAt = now,
            Timeline = [new(now, "any", category, 1, null, null, key, false)], Changed = [], By = new(null, "incidents"),
            Action = "update", At = now,
        };
    }
}
