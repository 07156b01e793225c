using System.Net;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Itsm.Gateway.Tests;

/// <summary>A gateway that was told to stop.</summary>
public sealed class LeavingTests
{
    [Fact]
    public async Task It_goes_on_answering_while_it_drains_says_that_it_is_not_ready_and_asks_clients_to_leave()
    {
        await using var door = await Door.OpenAsync(app => app.MapGet("/{**path}", () => "answered"), settings: ("Host:Drain", "00:10:00"));
        Assert.False((await door.GetAsync("/api/v1/incidents")).Headers.ContainsKey("Connection"));
        Assert.Equal(HttpStatusCode.OK, (await door.GetAsync("/ready")).Status);
        using var enough = new CancellationTokenSource();

        var stopped = door.StopGatewayAsync(enough.Token);

        await RunningSuite.UntilAsync(() => door.GetAsync("/ready"), ready => ready.Status == HttpStatusCode.ServiceUnavailable, "ready");
        var answer = await door.GetAsync("/api/v1/incidents");
        Assert.Equal(("answered", "close"), (answer.Text, answer.Headers["Connection"]));
        Assert.False(stopped.IsCompleted);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped.WaitAsync(Patience.Most));
        await Assert.ThrowsAsync<HttpRequestException>(() => door.GetAsync("/ready"));
    }

    [Theory]
    [InlineData("event: ready\ndata: {}\n\n", true)]
    [InlineData("event: ready\ndata: {}\n", false)]
    public async Task Streams_of_events_come_to_a_clean_end_with_a_word_when_to_come_back_and_do_not_hold_it_up(string sent, bool whole)
    {
        await using var door = await Door.OpenAsync(app => app.MapGet("/{**path}", async (HttpContext context) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(sent);
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }));
        using var stream = await door.OpenAsync("/api/v1/stream");
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync());
        for (var read = 0; read < sent.Length; read++)
        {
            Assert.Equal(sent[read], reader.Read());
        }

        var stopped = door.StopGatewayAsync(default);

        Assert.Matches(whole ? @"^retry: [23]\d{3}\n\n$" : "^$", await reader.ReadToEndAsync().WaitAsync(Patience.Most));
        await stopped.WaitAsync(Patience.Most);
    }
}
