using System.Net;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace Itsm.Notifications.Tests;

/// <summary>How many streams there may be, and how long one lasts.</summary>
public sealed class StreamLimitTests(StreamLimitTests.Suite suite) : IClassFixture<StreamLimitTests.Suite>
{
    private const int OfAPerson = 3;
    private const int OfAll = 8;

    [Fact]
    public async Task A_person_has_some_streams_open_and_is_told_when_to_come_back()
    {
        var streams = new List<EventStream>();
        for (var number = 0; number < OfAPerson; number++)
        {
            streams.Add(await EventStream.OpenAsync(suite.As("employee1")));
        }

        var refused = await suite.GetAsync("employee1", "stream");
        refused.Problem(429);
        Assert.Equal("10", refused.Headers["Retry-After"]);
        await using var other = await EventStream.OpenAsync(suite.As("employee2"));
        await streams[0].DisposeAsync();
        streams[0] = await OpenAsync("employee1");
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_node_has_some_streams_open_whoever_they_belong_to()
    {
        string[] people = ["admin", "agent1", "agent2", "employee1", "employee2", "manager1"];
        var opened = new List<EventStream>();
        await RunningSuite.UntilAsync(async () =>
        {
            foreach (var person in people.Where(_ => opened.Count < OfAll))
            {
                if (await TryOpenAsync(person) is { } stream)
                {
                    opened.Add(stream);
                }
            }

            return opened.Count;
        }, count => count == OfAll, "The last stream");
        Assert.All(await Task.WhenAll(people.Select(person => suite.GetAsync(person, "stream"))), answer => answer.Problem(429));
        foreach (var stream in opened)
        {
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task Many_at_once_get_no_more_than_there_are()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => TryOpenAsync("manager1")));
        Assert.InRange(answers.Count(stream => stream is not null), 0, OfAPerson);
        foreach (var stream in answers.OfType<EventStream>())
        {
            await stream.DisposeAsync();
        }
    }

    private async Task<EventStream> OpenAsync(string person) =>
        (await RunningSuite.UntilAsync(() => TryOpenAsync(person), stream => stream is not null, "A place"))!;

    private async Task<EventStream?> TryOpenAsync(string person)
    {
        try
        {
            return await EventStream.OpenAsync(suite.As(person));
        }
        catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.TooManyRequests)
        {
            return null;
        }
    }

    public sealed class Suite : NotificationsSuite
    {
        protected override void Configure(WebApplicationBuilder builder) => builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Live:MostStreamsOfAPerson"] = $"{OfAPerson}", ["Live:MostStreams"] = $"{OfAll}",
        });
    }
}

/// <summary>A stream lasts as long as its token.</summary>
public sealed class StreamEndTests(StreamEndTests.Suite suite) : IClassFixture<StreamEndTests.Suite>
{
    [Fact]
    public async Task A_stream_ends_with_its_token_and_says_so()
    {
        await using var stream = await EventStream.OpenAsync(suite.As(suite.SignedIn("agent1", null, TimeSpan.FromHours(2))));
        await using var longer = await EventStream.OpenAsync(suite.As(suite.SignedIn("agent1", null, TimeSpan.FromHours(20))));
        suite.Clock.Advance(TimeSpan.FromHours(3));
        await stream.UntilAsync(events => events.Any(one => one.Type == "end"));
        Assert.Equal("The token has expired.", stream.Events.Single(one => one.Type == "end").Data.Text("reason"));
        await RunningSuite.UntilAsync(() => Task.FromResult(stream.HasEnded), ended => ended, "The end of the stream");
        Assert.False(longer.HasEnded);
    }

    public sealed class Suite : NotificationsSuite;
}
