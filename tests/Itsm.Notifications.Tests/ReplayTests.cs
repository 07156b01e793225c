using Itsm.Contracts;
using Itsm.Contracts.Assets;
using Itsm.Contracts.Ticketing;
using Itsm.Notifications.Live;
using Itsm.Notifications.Subscriptions;
using Itsm.Testing;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Itsm.Notifications.Tests;

/// <summary>A copy asks that all be said again while something happens: the stream may hear it first from there, where it says
/// less.</summary>
public sealed class ReplayTests : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private static readonly Actor Agent = new(Guid.CreateVersion7(Now), "Agent");
    private readonly LiveLog _log = new(Options.Create(new LiveSettings()), Supervisors.Create(), TimeProvider.System,
        NullLogger<LiveLog>.Instance);
    private readonly IOptions<JsonOptions> _json = Options.Create(new JsonOptions());

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task A_comment_is_told_to_those_who_may_read_it_though_it_was_said_again_before()
    {
        var comment = new TicketCommented
        {
            Id = Guid.CreateVersion7(Now), Version = 1, Kind = "incident", Ticket = Guid.CreateVersion7(Now), Internal = false,
            Text = "It burns.", By = Agent, At = Now, Number = "INC0001001", Readers = ["everyone"],
        };
        var tell = new TellComment(_log, _json);
        await tell.HandleAsync(comment with { Number = null, Readers = null }, default);
        await tell.HandleAsync(comment, default);
        Assert.Equal(["everyone"], Assert.Single(await ToldAsync()).Readers);
    }

    [Fact]
    public async Task A_change_is_told_with_who_made_it_though_the_ticket_was_said_again_before()
    {
        var change = new TicketChanged
        {
            Id = Guid.CreateVersion7(Now), Version = 3, Kind = "incident", Number = "INC0001001", Title = "Fire", State = "onHold",
            Category = StateCategory.Paused, Priority = 3, Impact = 2, Urgency = 2, Requester = Agent.Person!.Value,
            OpenedBy = Agent.Person.Value, ConfigurationItems = [], Watchers = [], Readers = ["everyone"], NoteReaders = [], OpenedAt = Now,
            Timeline = [], Changed = ["state"], By = Agent, Action = "hold", At = Now,
        };
        var tell = new TellTicketChanges(_log, new NewestReaders(new ConfigurationBuilder().Build(), TimeProvider.System), null!, _json);
        await tell.HandleAsync([change with { Changed = [], By = new Actor(null, "replay"), Action = "replay" }], default);
        await tell.HandleAsync([change], default);
        Assert.Contains("\"action\":\"hold\"", Assert.Single(await ToldAsync()).Data, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_state_of_a_service_is_told_once_to_all_readers_and_once_more_where_somebody_has_subscribed()
    {
        var status = new ServiceStatusChanged
        {
            Id = Guid.CreateVersion7(Now), Version = 1, Number = "CI0001001", Name = "Mail", State = "outage", Since = Now, Subscribers = [],
            Changed = ["state"], At = Now, Readers = ["everyone"],
        };
        var tell = new TellServiceStatus(_log, new NewestReaders(new ConfigurationBuilder().Build(), TimeProvider.System), _json);
        var subscribed = status with { Version = 3, Subscribers = [Agent.Person!.Value] };
        foreach (var message in new[] { status, subscribed with { Version = 2, Changed = ["name"] }, subscribed, subscribed, status })
        {
            await tell.HandleAsync(message, default);
        }

        Assert.Equal([("serviceStatus", 1, null), ("serviceStatus", 3, null), ("serviceNotice", 3, Agent.Person)],
            (await ToldAsync()).Select(told => (told.Type, told.Version, told.Only?.Single())));
    }

    private async Task<IEnumerable<LiveEvent>> ToldAsync() => (await _log.ReadAsync(default, default))!.Select(entry => entry.Event);
}
