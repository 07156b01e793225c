using System.Collections.Concurrent;
using System.Diagnostics;
using Itsm.AppHost;

namespace Itsm.Load.Chaos;

/// <summary>Kills services and engines in an order that follows from the seed, and starts them again.</summary>
internal sealed class Killer(SeparateSuite suite, ChaosOptions options, Ledger ledger, HttpClient http)
{
    /// <summary>What a testbed can kill.</summary>
    public static readonly string[] Engines = ["rabbitmq", "mongodb", "redis"];

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly Random _random = new(options.Seed);
    private readonly ConcurrentBag<Task> _starts = [];

    /// <summary>Kills until the time is over and there were enough kills (a round can last half a minute on a busy machine); then everything runs again.</summary>
    public async Task RunAsync(CancellationToken giveUp)
    {
        string[] targets = [.. suite.Processes.Select(process => process.Name), .. options.Testbed is null ? [] : Engines];
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < options.Seconds || ledger.Kills < options.LeastKills)
        {
            await Task.Delay(_random.Next(1500, 5000), giveUp);
            var one = targets[_random.Next(targets.Length)];
            var other = _random.Next(5) == 0 ? targets[_random.Next(targets.Length)] : one;
            await Task.WhenAll(new[] { one, other }.Distinct().Select((target, index) => KillAsync(target, _random.Next(300, 3000) + (index * 500), started)));
        }

        await Task.WhenAll(_starts).WaitAsync(giveUp);
    }

    private async Task KillAsync(string target, int down, long started)
    {
        Console.WriteLine($"{Stopwatch.GetElapsedTime(started).TotalSeconds,6:0.0} s  kill {target} for {down / 1000.0:0.0} s");
        Interlocked.Increment(ref ledger.Kills);
        ledger.Down(target);
        if (Engines.Contains(target))
        {
            await RunAsync("kill", target);
            await Task.Delay(down);
            await RunAsync("start", target);
            ledger.Up(target);
            return;
        }

        var process = suite.Processes.First(process => process.Name == target);
        process.Kill();
        await Task.Delay(down);
        process.Start();
        _starts.Add(UntilUpAsync(process, process.Pid));
    }

    private async Task UntilUpAsync(ServiceProcess process, int pid)
    {
        while (process.Pid == pid)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri(process.Address + "/alive"));
                if (answer.IsSuccessStatusCode && process.Pid == pid)
                {
                    ledger.Up(process.Name);
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                // Not yet, or killed again.
            }

            await Task.Delay(Pause);
        }
    }

    private async Task RunAsync(string script, string engine)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(options.Testbed!, script), [engine]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            ledger.Wrong("harness", $"{script} {engine} ended with {process.ExitCode}: {said}");
        }
    }
}
