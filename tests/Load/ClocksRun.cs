using System.Diagnostics;
using System.Net;
using System.Text;
using HdrHistogram;

namespace Itsm.Load;

/// <summary>The clocks of service levels under load: how late breaches are noticed, how long a rebuild takes, what a change of priority
/// costs among few and many clocks.</summary>
internal sealed class ClocksRun(Suite suite, Options options)
{
    private const int PerMinute = 2_000;
    private const int Changes = 300;
    private const double MostLateness = 1_000;
    private const double MostMinutes = 1;
    private const double ClocksRebuilt = 100_000;
    private const double MostRatio = 1.3;
    private const string Levels = "/api/v1/service-levels";

    // A promise so short that it is broken while tickets still arrive.
    private const string Agreement = """
        {"key":"bench","name":"Bench","kind":"sla","edition":{"calendar":"round-the-clock","targets":[
        {"key":"bench","metric":"resolution","services":["crm"],"promise":{"kind":"elapsed","duration":"PT15S"}}]}}
        """;

    private static readonly byte[] Late = """{"title":"Breaks its promise","affectedService":"crm"}"""u8.ToArray();
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly Client[] _clients = [.. Enumerable.Range(0, options.Clients).Select(number => new Client(suite, number))];

    /// <summary>Measures and prints.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        await suite.SendAsync(HttpMethod.Post, $"{Levels}/agreements", Agreement, ct);
        var run = new Run(suite, options);
        await run.FillAsync(Sizes.Small);
        await AllCountedAsync(Sizes.Small, ct);
        var few = await ChangePrioritiesAsync(0, ct);
        await BreakPromisesAsync(ct);
        await run.FillAsync(options.Incidents);
        var (clocks, seconds) = await AllCountedAsync(options.Incidents, ct);
        var expected = MostMinutes * 60 * clocks / ClocksRebuilt;
        Console.WriteLine($"{Judge(seconds <= expected)}  rebuild of {clocks:n0} clocks: {seconds:0.0} s (≤ {expected:0.0} s, that is "
            + $"{ClocksRebuilt:n0} a minute)");
        var many = await ChangePrioritiesAsync(Changes, ct);
        Console.WriteLine($"{Judge(many < few * MostRatio)}  change of priority: p50 {many:0.0} ms among {options.Incidents:n0} tickets, "
            + $"{few:0.0} ms among {Sizes.Small:n0} (< {MostRatio})");
    }

    private async Task BreakPromisesAsync(CancellationToken ct)
    {
        var (next, start, count) = (-1, Stopwatch.GetTimestamp(), PerMinute * Math.Max(1, options.Seconds / 60));
        await Task.WhenAll(_clients.Select(async client =>
        {
            client.Begin("breach");
            for (int index; (index = Interlocked.Increment(ref next)) < count;)
            {
                var wait = TimeSpan.FromMinutes((double)index / PerMinute) - Stopwatch.GetElapsedTime(start);
                await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, ct);
                await client.PostAsync(suite.Agent1, suite.Incidents, Late, HttpStatusCode.Created, ct);
            }
        }));
        var lateness = new LongHistogram(600_000, 3);
        for (var since = Stopwatch.GetTimestamp(); lateness.TotalCount < count && Stopwatch.GetElapsedTime(since) < Patience;)
        {
            lateness.Reset();
            await ReadLatenessAsync(lateness, ct);
        }

        var p99 = lateness.GetValueAtPercentile(99);
        Console.WriteLine(
            $"{Judge(p99 < MostLateness && lateness.TotalCount == count)}  {lateness.TotalCount:n0} of {count:n0} breaches noticed while "
            + $"{PerMinute:n0} tickets a minute arrived: p50 {lateness.GetValueAtPercentile(50)} ms, p99 {p99} ms late (< {MostLateness} "
            + "ms)");
    }

    private async Task ReadLatenessAsync(LongHistogram lateness, CancellationToken ct)
    {
        for (var address = $"{Levels}/clocks?target=bench&breached=true&limit=200"; address is not null;)
        {
            using var page = await suite.SendAsync(HttpMethod.Get, address, null, ct);
            foreach (var clock in page.RootElement.GetProperty("items").EnumerateArray())
            {
                using var explanation = await suite.SendAsync(HttpMethod.Get,
                    $"{Levels}/clocks/{clock.GetProperty("id").GetString()}/explanation", null, ct);
                foreach (var notice in explanation.RootElement.GetProperty("notices").EnumerateArray()
                    .Where(notice => notice.GetProperty("name").GetString() == "breach"))
                {
                    var late = notice.GetProperty("noticedAt").GetDateTimeOffset() - notice.GetProperty("at").GetDateTimeOffset();
                    lateness.RecordValue(Math.Max(0, (long)late.TotalMilliseconds));
                }
            }

            address = page.RootElement.GetProperty("next").GetString() is { } cursor
                ? $"{Levels}/clocks?target=bench&breached=true&limit=200&cursor={Uri.EscapeDataString(cursor)}" : null;
        }
    }

    // Rebuilds until the service has heard of every ticket; the last rebuild is the one that counts.
    private async Task<(int Clocks, double Seconds)> AllCountedAsync(int tickets, CancellationToken ct)
    {
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < Patience; await Task.Delay(Pause, ct))
        {
            var start = Stopwatch.GetTimestamp();
            var rebuild = await suite.SendAsync(HttpMethod.Post, $"{Levels}/rebuilds", """{"reason":"Measured"}""", ct);
            while (rebuild.RootElement.GetProperty("state").GetString() != "done")
            {
                await Task.Delay(Pause, ct);
                var address = $"{Levels}/rebuilds/{rebuild.RootElement.GetProperty("id").GetString()}";
                rebuild.Dispose();
                rebuild = await suite.SendAsync(HttpMethod.Get, address, null, ct);
            }

            using (rebuild)
            {
                if (rebuild.RootElement.GetProperty("tickets").GetInt32() >= tickets)
                {
                    return (rebuild.RootElement.GetProperty("clocks").GetInt32(), Stopwatch.GetElapsedTime(start).TotalSeconds);
                }
            }
        }

        throw new InvalidOperationException($"The service had not heard of {tickets:n0} tickets within {Patience.TotalMinutes} minutes.");
    }

    private async Task<double> ChangePrioritiesAsync(int first, CancellationToken ct)
    {
        var client = _clients[0];
        client.Begin("priority");
        for (var index = first; index < first + Changes; index++)
        {
            var address = new Uri($"{suite.Incidents.OriginalString}/{suite.At(index)}/override-priority");
            var body = Encoding.UTF8.GetBytes($$"""{"priority":{{(index % 5) + 1}},"reason":"Measured"}""");
            await client.PostAsync(suite.Agent1, address, body, HttpStatusCode.OK, ct, ifMatch: "*");
        }

        return client.Latencies.GetValueAtPercentile(50) / 1000.0;
    }

    private static string Judge(bool met) => met ? "PASS" : "FAIL";
}
