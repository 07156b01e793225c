using System.Diagnostics.Metrics;
using Itsm.Testing;

namespace Itsm.Telemetry.Tests;

[Collection(Observed.Name)]
public sealed class TraceTests(ObservedSuite suite)
{
    private const int Sweeps = 12;

    [Fact]
    public async Task The_trace_of_a_create_is_whole_and_each_span_says_what_is_done_and_whose_it_is()
    {
        var id = await ObservedSuite.TracedAsync(() => suite.OpenAsync());
        var trace = await TraceOfCreate.UntilWholeAsync(() => suite.Spans().Where(span => span.TraceId == id));
        TraceOfCreate.RequireOnePath(trace);
        Assert.All(trace.Where(span => span.Service == "itsm"), span => Assert.Equal("POST", span.Name));
    }

    [Theory]
    [InlineData("/health"), InlineData("/ready"), InlineData("/alive")]
    public async Task Health_checks_make_no_spans(string path)
    {
        var health = await ObservedSuite.TracedAsync(() => suite.GetAsync("", path));
        var other = await ObservedSuite.TracedAsync(() => suite.GetAsync("agent1", "incidents"));

        // A request's span ends after its answer.
        var spans = await RunningSuite.UntilAsync(() => Task.FromResult(suite.Spans()),
            all => all.Any(span => span.TraceId == other && span.Service == "incidents"), "The other request's span");
        Assert.DoesNotContain(spans, span => span.TraceId == health && span.Service != "itsm");
    }

    [Fact]
    public async Task A_stream_makes_no_span_and_what_it_tells_of_does()
    {
        await using var stream = await EventStream.OpenAsync(suite.As("agent1"), "?types=ticket");
        var id = await ObservedSuite.TracedAsync(() => suite.OpenAsync());
        await stream.UntilAsync(events => events.Any(one => one.Type == "ticket"));
        await stream.DisposeAsync();
        await RunningSuite.UntilAsync(() => Task.FromResult(suite.Spans()),
            spans => spans.Any(span => span.TraceId == id && span.Service == "notifications"), "The consumer's span");
        Assert.DoesNotContain(suite.Spans(), span => span.Name.Contains("stream", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_ticket_stands_in_no_span()
    {
        var ticket = (await suite.PostAsync("agent1", "stream/tickets", new { })).Ok().Text("ticket");
        var opened = await ObservedSuite.TracedAsync(async () =>
        {
            await using var stream = await EventStream.OpenAsync(suite.As(""), $"?ticket={ticket}");
        });
        var other = await ObservedSuite.TracedAsync(() => suite.OpenAsync());
        var spans = await RunningSuite.UntilAsync(() => Task.FromResult(suite.Spans()),
            all => all.Any(span => span.TraceId == other && span.Service == "incidents"), "The other request's span");
        Assert.DoesNotContain(spans, span => span.Text.Contains(ticket, StringComparison.Ordinal));
        Assert.DoesNotContain(spans, span => span.TraceId == opened && span.Service != "itsm");
    }

    /// <summary>After its start the suite compares copies and indexes, by messages; then sweeps, polls and probes go on alone.</summary>
    [Fact]
    [OuterTier]
    public async Task The_idle_background_makes_no_spans()
    {
        var sweeps = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, own) =>
            {
                if (instrument.Name == "itsm.outbox.age")
                {
                    own.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => Interlocked.Increment(ref sweeps));
        listener.Start();
        await RunningSuite.UntilAsync(async () =>
        {
            var (before, from) = (suite.Spans().Count, Volatile.Read(ref sweeps));
            await RunningSuite.UntilAsync(() => Task.FromResult(Volatile.Read(ref sweeps)), now => now >= from + Sweeps, "Sweeps");
            return suite.Spans().Skip(before).Select(span => $"{span.Service}: {span.Name}").ToList();
        }, made => made.Count == 0, "Silence", Patience.Most * 2);
    }
}
