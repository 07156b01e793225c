using System.Collections.Concurrent;
using System.Diagnostics;
using Itsm.AppHost;

namespace Itsm.Load.Chaos;

/// <summary>Kills services and engines in an order that follows from the seed, and starts them again.</summary>
internal sealed class Killer(SeparateSuite suite, ChaosOptions options, Ledger ledger, HttpClient http)
{
    /// <summary>What a testbed can kill, and writes need.</summary>
    public static readonly string[] Engines = ["rabbitmq", "mongodb", "redis"];

    /// <summary>All that a testbed can kill: search has an index of its own where no engine for it is named.</summary>
    private static readonly string[] Killed =
        [.. Engines, .. SeparateSuite.FindEngine(Topology.SearchEngine) is null ? [] : new[] { Topology.SearchEngine }];

    private const int WritesOfStart = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);
    private readonly Random _random = new(options.Seed);
    private readonly ConcurrentBag<Task> _starts = [];

    /// <summary>Kills until the time is over and there were enough kills (a round can last half a minute on a busy machine); then
    /// everything runs again.</summary>
    public async Task RunAsync(CancellationToken giveUp)
    {
        string[] targets = [.. suite.Processes.Select(process => process.Name), .. options.Testbed is null ? [] : Killed];
        foreach (var process in suite.Processes)
        {
            ledger.Down(process.Name);
            _starts.Add(UntilUpAsync(process, process.Pid));
        }

        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < options.Seconds || ledger.Kills < options.LeastKills)
        {
            await Task.Delay(_random.Next(1500, 5000), giveUp);
            var one = targets[_random.Next(targets.Length)];
            var other = _random.Next(5) == 0 ? targets[_random.Next(targets.Length)] : one;
            await Task.WhenAll(new[] { one, other }.Distinct()
                .Select((target, index) => KillAsync(target, _random.Next(300, 3000) + (index * 500), started)));
        }

        await Task.WhenAll(_starts).WaitAsync(giveUp);
    }

    private async Task KillAsync(string target, int down, long started)
    {
        Console.WriteLine($"{Stopwatch.GetElapsedTime(started).TotalSeconds,6:0.0} s  kill {target} for {down / 1000.0:0.0} s");
        Interlocked.Increment(ref ledger.Kills);
        ledger.Down(target);
        if (Killed.Contains(target))
        {
            await RunAsync("kill", target);
            await Task.Delay(down);
            await RunAsync("start", target);
            ledger.Up(target);
            Console.WriteLine($"{Stopwatch.GetElapsedTime(started).TotalSeconds,6:0.0} s  {target} is back");
            return;
        }

        var process = suite.Processes.First(process => process.Name == target);
        process.Kill();
        await Task.Delay(down);
        process.Start();
        _starts.Add(UntilUpAsync(process, process.Pid));
    }

    /// <summary>Notes the end of a start, unless the process is killed before.</summary>
    private async Task UntilUpAsync(ServiceProcess process, int pid)
    {
        while (process.Pid == pid && !await ListensAsync(process))
        {
            await Task.Delay(Pause);
        }

        var (listens, enough) = (Stopwatch.GetTimestamp(), AcknowledgedBy(process.Name) + WritesOfStart);
        while (process.Pid == pid && AcknowledgedBy(process.Name) < enough && Stopwatch.GetElapsedTime(listens) < LongestStart)
        {
            await Task.Delay(Pause);
        }

        if (process.Pid == pid && process.IsRunning)
        {
            ledger.Up(process.Name);
        }
    }

    private int AcknowledgedBy(string process) =>
        (ledger.Silences.TryGetValue(process, out var silence) ? silence : ledger.AnySilence).Acknowledged;

    private async Task<bool> ListensAsync(ServiceProcess process)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(process.Address + "/alive"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <summary>A testbed waits a minute for its engine, which is too short on a busy machine: asked again it waits on.</summary>
    private async Task RunAsync(string script, string engine)
    {
        var (said, tries) = ("", 0);
        do
        {
            using var process = Process.Start(new ProcessStartInfo(Path.Combine(options.Testbed!, script), [engine])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
            said = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            if (process.ExitCode == 0)
            {
                return;
            }
        }
        while (++tries < 3);

        ledger.Wrong("harness", $"{script} {engine} failed {tries} times: {said}");
    }
}
