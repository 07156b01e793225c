using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using static Itsm.Notifications.Tests.StreamTests;

namespace Itsm.Notifications.Tests;

/// <summary>Streams that lose events: the log keeps few of them, and its clock is moved.</summary>
public sealed class SmallLogTests(SmallLogTests.Suite suite) : IClassFixture<SmallLogTests.Suite>
{
    [Fact]
    public async Task A_timer_that_comes_due_is_told_with_the_change_that_it_makes()
    {
        var incident = await suite.OpenAsync();
        await suite.ActAsync("agent1", $"incidents/{incident.Id}/start");
        await suite.ActAsync("agent1", $"incidents/{incident.Id}/resolve", new { code = "fixedPermanently", notes = "Put out." });
        await using var stream = await EventStream.OpenAsync(suite.As("agent1"), $"?tickets={incident.Id}");
        suite.Clock.Advance(TimeSpan.FromDays(8));
        await stream.UntilAsync(events =>
            events.Any(one => one.Type == "timer") && events.Any(one => one.Data["state"]?.ToString() == "closed"));
        Assert.Equal("close", stream.Events.First(one => one.Type == "timer").Data.Text("timer"));
    }

    /// <summary>Only a log that was cut has lost what came after the beginning of time.</summary>
    [Fact]
    public async Task A_place_that_the_log_has_no_more_gives_a_reset_and_then_goes_on()
    {
        await using (var stream = await EventStream.OpenAsync(suite.As("agent1"), "?types=ticket"))
        {
            for (var number = 0; number < 15; number++)
            {
                var incident = await suite.OpenAsync();
                await stream.UntilAsync(events => Of(events, incident).Any());
            }
        }

        await using var late = await EventStream.OpenAsync(suite.As("agent1"), lastId: "1-0");
        await late.UntilAsync(events => events.Any(one => one.Type == "reset"));
        var last = await suite.OpenAsync();
        await late.UntilAsync(events => Of(events, last).Any());
        Assert.Single(late.Events, one => one.Type == "reset");
    }

    [Fact]
    [OuterTier]
    public async Task Who_reads_too_slowly_is_told_what_was_missed_and_costs_no_memory()
    {
        var incident = await suite.OpenAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/stream?types=comment");
        using var response = await suite.As("agent1").SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var (heard, line) = (0, "");
        await ReadUntilAsync(() => line == "event: ready");
        await CommentAsync("x");
        await ReadUntilAsync(() => heard == 1);

        // More than the buffers on the way hold, while nobody reads.
        var eight = new ParallelOptions { MaxDegreeOfParallelism = 8 };
        await Parallel.ForAsync(0, 800, eight, async (_, _) => await CommentAsync(new string('x', 30_000)));
        await ReadUntilAsync(() => line == "event: reset");
        Assert.InRange(heard, 1, 800);

        async Task CommentAsync(string text) =>
            (await suite.PostAsync("agent1", $"incidents/{incident.Id}/comments", new { text, @internal = true })).Ok();

        async Task ReadUntilAsync(Func<bool> condition)
        {
            using var patience = new CancellationTokenSource(Patience.Most);
            while (!condition())
            {
                line = await reader.ReadLineAsync(patience.Token)
                    ?? throw new InvalidOperationException($"The stream ended after {heard} comments, without a reset.");
                heard += line == "event: comment" ? 1 : 0;
            }
        }
    }

    public sealed class Suite : NotificationsSuite
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            builder.Configuration["Live:KeptInMemory"] = "10";
            builder.Configuration["Limits:Request"] = "00:10:00";

            // A slow machine must not look like a client that takes nothing at all.
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MinResponseDataRate = new(1, TimeSpan.FromMinutes(1)));
        }
    }
}
