using System.Globalization;
using System.Text.Json;
using HdrHistogram;
using Itsm.AppHost;

namespace Itsm.Load;

/// <summary>The suite as separate processes on real engines: how many incidents a second, how soon subscribers know, how much
/// memory.</summary>
internal static class SeparateRun
{
    private const int Clients = 16;
    private const int WarmUps = 8;
    private const double LeastRate = 300;
    private const double MostLag = 500;
    private const double MostMegabytes = 120;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    /// <returns>Exit code: 0 unless there were errors; missed targets are printed.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not []
            && !(args is ["--seconds", var text]
                && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var given)
                && given is >= 1 and <= 300))
        {
            await Console.Error.WriteLineAsync("separate [--seconds 15]");
            return 2;
        }

        var seconds = args is [_, var number] ? int.Parse(number, CultureInfo.InvariantCulture) : 15;
        var data = Path.Combine(Path.GetTempPath(), $"itsm-bench-{Environment.ProcessId}");
        var prefix = $"bench-{Environment.ProcessId}";
        var processes = await SeparateSuite.StartAsync(new SeparateSuite.Options
        {
            Data = data,
            Settings = new Dictionary<string, string>
            {
                ["Storage__Prefix"] = prefix, ["Messaging__Prefix"] = prefix, ["Messaging__QueueExpiry"] = "00:05:00",
                ["RateLimits__PermitsPerSecond"] = "1000000", ["RateLimits__Burst"] = "1000000",
            },
        }, CancellationToken.None);
        try
        {
            return await MeasureAsync(processes, seconds);
        }
        finally
        {
            await processes.DisposeAsync();
            using var leftovers = new Leftovers(SeparateSuite.EngineOf("mongodb"), new Uri(SeparateSuite.EngineOf("rabbitmq")), prefix,
                SeparateSuite.FindEngine(Topology.SearchEngine));
            await leftovers.DeleteAsync();
            System.IO.Directory.Delete(data, recursive: true);
        }
    }

    private static async Task<int> MeasureAsync(SeparateSuite processes, int seconds)
    {
        await Task.Delay(Idle);
        foreach (var process in processes.Processes)
        {
            var resident = ProcessFigures.Of(process.Pid).Resident / 1048576.0;
            Console.WriteLine($"{Judge(resident < MostMegabytes)}  {process.Name,-14} idle: {resident,4:0} MB resident (< {MostMegabytes} "
                + $"MB), {ProcessFigures.Proportional(process.Pid) / 1048576.0,4:0} MB with shared pages divided by those who share them");
        }

        var options = new Options
        {
            Url = new Uri(processes.Address), Pid = processes.Processes[^1].Pid, Clients = Clients, Seconds = seconds,
            WarmUp = Math.Clamp(seconds / 2, 1, 5), Incidents = 0,
        };
        using var suite = new Suite(options);
        using var end = new CancellationTokenSource();
        var signedIn = await suite.KeepSignedInAsync(end.Token);
        var run = new Run(suite, options);
        var create = Rows.All.First(row => row.Name == "create");
        for (var round = 0; round < WarmUps; round++)
        {
            await run.WarmUpAsync(create);
        }

        var lags = new LongHistogram(120_000, 3);
        var listening = ListenAsync(suite, lags, end.Token);
        var before = CpuOf(processes);
        var result = await run.MeasureAsync(create, 0);
        var after = CpuOf(processes);
        await end.CancelAsync();
        await Task.WhenAll(signedIn, listening);
        Console.WriteLine($"{Judge(result.Rate >= LeastRate)}  create by {Clients} clients: {result.Rate:0}/s (≥ {LeastRate}/s), p50 "
            + $"{result.Latency.P50:0} ms, p99 {result.Latency.P99:0} ms");
        Console.WriteLine("      processor time of a create, ms: " + string.Join(", ", after.Keys
            .Select(name => (name, Used: (after[name] - before[name]).TotalMilliseconds / (result.Rate * seconds)))
            .OrderByDescending(one => one.Used).Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.name} {one.Used:0.0}"))));
        var lag = lags.TotalCount == 0 ? double.NaN : lags.GetValueAtPercentile(99);
        Console.WriteLine($"{Judge(lag < MostLag)}  from the save to a client of the stream: p50 {lags.GetValueAtPercentile(50)} ms, p99 "
            + $"{lag} ms of {lags.TotalCount} events (< {MostLag} ms)");
        foreach (var (what, failure) in suite.Failures)
        {
            Console.WriteLine($"{failure.Count,9:n0} × {what}, such as {failure.Example}");
        }

        return suite.Errors > 0 || lags.TotalCount == 0 ? 1 : 0;
    }

    /// <summary>Processor time so far: of each process, of this one, and of all else on the machine, engines among it.</summary>
    private static Dictionary<string, TimeSpan> CpuOf(SeparateSuite processes)
    {
        var used = processes.Processes.ToDictionary(process => process.Name, process => ProcessFigures.Of(process.Pid).Cpu);
        used["load"] = ProcessFigures.Of(Environment.ProcessId).Cpu;
        used["engines and others"] = ProcessFigures.OfMachine() - used.Values.Aggregate((one, other) => one + other);
        return used;
    }

    /// <summary>Follows the stream as a front end would: through save, relay, broker, consumer, Redis and HTTP.</summary>
    private static async Task ListenAsync(Suite suite, LongHistogram lags, CancellationToken end)
    {
        try
        {
            using var client = new HttpClient { BaseAddress = suite.Address };
            client.DefaultRequestHeaders.Add("Authorization", suite.Agent1.Authorization);
            using var reader = new StreamReader(await client.GetStreamAsync("/api/v1/stream?types=ticket", end));
            while (await reader.ReadLineAsync(end) is { } line)
            {
                if (line.StartsWith("data: {\"ticket\"", StringComparison.Ordinal))
                {
                    using var data = JsonDocument.Parse(line.AsMemory(6));
                    var lag = TimeProvider.System.GetUtcNow() - data.RootElement.GetProperty("at").GetDateTimeOffset();
                    lags.RecordValue(Math.Max(0, (long)lag.TotalMilliseconds));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the run.
        }
    }

    private static string Judge(bool met) => met ? "PASS" : "FAIL";
}
