using System.Collections.Concurrent;
using System.Net;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Itsm.Notifications.Tests;

/// <summary>Streams of browsers, whose EventSource sends no token.</summary>
public sealed class StreamTicketTests(NotificationsSuite suite)
{
    [Fact]
    public async Task A_ticket_opens_the_stream_of_its_person_and_opens_it_again_while_it_is_open()
    {
        var query = $"?types=ticket&ticket={await TicketAsync(suite, "employee2")}";
        await using var stream = await EventStream.OpenAsync(suite.As(""), query);
        var (hidden, seen) = (await suite.OpenAsync("employee1"), await suite.OpenAsync("employee2"));
        await stream.UntilAsync(events => StreamTests.Of(events, seen).Any());
        Assert.Empty(StreamTests.Of(stream.Events, hidden));
        Assert.Single(StreamTests.Of(stream.Events, seen), one => one.Type == "ticket");

        var id = stream.Events.First(one => one.Type == "ready").Id;
        await using var second = await EventStream.OpenAsync(suite.As(""), $"{query}&lastEventId={id}");
        await second.UntilAsync(events => StreamTests.Of(events, seen).Any());
        await using var newest = await EventStream.OpenAsync(suite.As(""), $"{query}&lastEventId={id}", stream.Events[^1].Id);
        var later = await suite.OpenAsync("employee2");
        await newest.UntilAsync(events => StreamTests.Of(events, later).Any());
        Assert.Empty(StreamTests.Of(newest.Events, seen));
    }

    [Fact]
    public async Task A_ticket_opens_nothing_but_the_stream()
    {
        var ticket = await TicketAsync(suite, "admin");
        foreach (var path in new[] { "incidents", "operations/failed-messages", "stream/tickets" })
        {
            (await suite.GetAsync("", $"{path}?ticket={ticket}")).Problem(401);
        }

        (await suite.PostAsync("", $"stream/tickets?ticket={ticket}", new { })).Problem(401);
        Assert.Contains("ticket does not go with", Detail(await suite.GetAsync("admin", $"stream?ticket={ticket}"), 400),
            StringComparison.Ordinal);
        Assert.Contains("There is no parameter \"ticket\"", Detail(await suite.GetAsync("admin", $"incidents?ticket={ticket}"), 400),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stream?ticket=", "Send a token")]
    [InlineData("stream?ticket=wrong", "get a new one with POST /api/v1/stream/tickets")]
    [InlineData("stream?ticket=one&ticket=two", "get a new one with POST /api/v1/stream/tickets")]
    public async Task What_is_no_ticket_is_refused(string path, string says) =>
        Assert.Contains(says, Detail(await suite.GetAsync("", path), 401), StringComparison.Ordinal);

    [Fact]
    public async Task A_place_that_is_none_is_named() => Assert.Contains("lastEventId can't be \"yesterday\"",
        Detail(await suite.GetAsync("agent1", "stream?lastEventId=yesterday"), 400), StringComparison.Ordinal);

    [Fact]
    public async Task The_ticket_of_somebody_who_was_deactivated_opens_nothing()
    {
        var name = "browser" + Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N")[20..];
        (await suite.PostAsync("admin", "people", new { userName = name, name = "Browser", roles = new[] { "requester" } })).Ok();
        var ticket = (await RunningSuite.UntilAsync(() => suite.PostAsync(name, "stream/tickets", new { }),
            answer => answer.Status == HttpStatusCode.Created, "The new person")).Json.Text("ticket");
        await using var stream = await EventStream.OpenAsync(suite.As(""), $"?ticket={ticket}");
        await suite.ActAsync("admin", $"people/{name}/deactivate", new { reason = "Left." });
        await suite.OpenAsync();
        await RunningSuite.UntilAsync(() => Task.FromResult(stream.HasEnded), ended => ended, "The end of the stream");
        Assert.Contains("deactivated", Detail(await suite.GetAsync("", $"stream?ticket={ticket}"), 403), StringComparison.Ordinal);
    }

    internal static async Task<string> TicketAsync(RunningSuite suite, string person)
    {
        var issued = await suite.PostAsync(person, "stream/tickets", new { });
        Assert.Equal(HttpStatusCode.Created, issued.Status);
        Assert.Matches("^[A-Za-z0-9_-]{43}$", issued.Json.Text("ticket"));
        return issued.Json.Text("ticket");
    }

    private static string Detail(Answer answer, int status) => answer.Problem(status).Text("detail");
}

/// <summary>How long a ticket lasts, and what is written down of it.</summary>
public sealed class StreamTicketEndTests(StreamTicketEndTests.Suite suite) : IClassFixture<StreamTicketEndTests.Suite>
{
    [Fact]
    public async Task A_ticket_ends_after_a_minute_unless_a_stream_holds_it_and_with_its_token()
    {
        var (unused, used) = (await TicketAsync("agent1"), await TicketAsync("agent1"));
        var person = suite.SignedIn("agent1", null, TimeSpan.FromHours(1));
        var ofToken = await TicketAsync(person);
        await using var held = await EventStream.OpenAsync(suite.As(""), $"?ticket={used}");
        await using (var left = await EventStream.OpenAsync(suite.As(""), $"?ticket={ofToken}"))
        {
            suite.Clock.Advance(TimeSpan.FromSeconds(61));
            await suite.OpenAsync();
            await held.UntilAsync(events => events.Any(one => one.Type == "ticket"));
            await left.UntilAsync(events => events.Any(one => one.Type == "ticket"));
        }

        (await suite.GetAsync("", $"stream?ticket={unused}")).Problem(401);
        await using var again = await EventStream.OpenAsync(suite.As(""), $"?ticket={used}");
        await using var last = await EventStream.OpenAsync(suite.As(""), $"?ticket={ofToken}");
        for (var minute = 0; minute < 60; minute++)
        {
            suite.Clock.Advance(TimeSpan.FromMinutes(1));
            await suite.OpenAsync();
            var seen = minute + 2;
            await held.UntilAsync(events => events.Count(one => one.Type == "ticket") >= seen);
        }

        await last.UntilAsync(events => events.Any(one => one.Type == "end"));
        Assert.Equal("The token has expired.", last.Events.Single(one => one.Type == "end").Data.Text("reason"));
        (await suite.GetAsync("", $"stream?ticket={ofToken}")).Problem(401);
        (await suite.PostAsync(person, "stream/tickets", new { })).Problem(401);
        await using var still = await EventStream.OpenAsync(suite.As(""), $"?ticket={used}");
        Assert.DoesNotContain(suite.Log, line => line.Contains(used, StringComparison.Ordinal));
        Assert.NotEmpty(suite.Log);
    }

    private Task<string> TicketAsync(string person) => StreamTicketTests.TicketAsync(suite, person);

    public sealed class Suite : NotificationsSuite
    {
        public ConcurrentQueue<string> Log { get; } = [];

        protected override void Configure(WebApplicationBuilder builder)
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Live:Heartbeat"] = "00:00:05" });
            builder.Logging.AddProvider(new Lines(Log));
        }
    }

    private sealed class Lines(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
